from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.filetime import (
    EPOCH,
    MAX_TICKS,
    TICKS_PER_MICROSECOND,
    TICKS_PER_SECOND,
    from_datetime,
    from_text,
    to_datetime,
    to_text,
)

ticks_of_four_digit_years = st.integers(0, MAX_TICKS)
digit_counts = st.integers(0, 7)


@given(ticks_of_four_digit_years)
def test_text_and_back_is_the_same_tick(ticks: int) -> None:
    assert from_text(to_text(ticks)) == ticks


@given(st.integers(0, MAX_TICKS // TICKS_PER_SECOND - 1), st.integers(0, TICKS_PER_SECOND - 1))
def test_every_part_of_a_second_survives(second: int, fraction: int) -> None:
    ticks = second * TICKS_PER_SECOND + fraction
    assert to_text(ticks)[19:] == f".{fraction:07d}Z"
    assert from_text(to_text(ticks)) == ticks


@given(ticks_of_four_digit_years, digit_counts)
def test_fewer_digits_are_cut_and_never_rounded(ticks: int, digits: int) -> None:
    unit = 10 ** (7 - digits)
    assert from_text(to_text(ticks, digits)) == ticks // unit * unit


def test_a_second_that_is_nearly_over_stays_the_second_that_it_is() -> None:
    ticks = from_text("2023-12-31T23:59:59.9999999Z")
    assert [to_text(ticks, digits) for digits in (0, 1, 3, 6, 7)] == [
        "2023-12-31T23:59:59Z",
        "2023-12-31T23:59:59.9Z",
        "2023-12-31T23:59:59.999Z",
        "2023-12-31T23:59:59.999999Z",
        "2023-12-31T23:59:59.9999999Z",
    ]


@given(ticks_of_four_digit_years)
def test_the_order_of_texts_is_the_order_of_times(ticks: int) -> None:
    later = min(ticks + 1, MAX_TICKS)
    assert to_text(ticks) <= to_text(later)


@given(ticks_of_four_digit_years)
def test_a_datetime_is_the_microsecond_that_contains_the_tick(ticks: int) -> None:
    moment = to_datetime(ticks)
    assert from_datetime(moment) == ticks - ticks % TICKS_PER_MICROSECOND
    assert moment.utcoffset() == timedelta(0)


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: moment >= EPOCH))
def test_a_datetime_and_back_is_the_same_datetime(moment: datetime) -> None:
    assert to_datetime(from_datetime(moment)) == moment


def test_the_first_tick_is_the_first_moment_of_1601() -> None:
    assert to_text(0) == "1601-01-01T00:00:00.0000000Z"
    assert to_datetime(0) == EPOCH
    assert from_text("1601-01-01T00:00:00Z") == 0


def test_the_unix_epoch_is_where_microsoft_says_it_is() -> None:
    assert from_text("1970-01-01T00:00:00Z") == 116_444_736_000_000_000


def test_the_last_tick_ends_the_year_9999() -> None:
    assert to_text(MAX_TICKS) == "9999-12-31T23:59:59.9999999Z"


@pytest.mark.parametrize("ticks", [MAX_TICKS + 1, 2**63 - 1, 2**64 - 1])
def test_later_years_are_refused(ticks: int) -> None:
    with pytest.raises(OverflowError):
        to_text(ticks)
    with pytest.raises(OverflowError):
        to_datetime(ticks)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01 12:34:56.5",
        "2024-03-01T12:34:56.5Z",
        "2024-03-01 12:34:56.5000000 UTC",
        "2024-03-01 12:34:56.50UTC",
    ],
)
def test_the_spellings_of_windows_and_of_readers_are_understood(text: str) -> None:
    assert to_text(from_text(text), 1) == "2024-03-01T12:34:56.5Z"


def test_nine_digits_of_which_two_are_zeros_are_a_time_of_windows() -> None:
    assert from_text("2024-03-01T12:34:56.123456700Z") == from_text("2024-03-01T12:34:56.1234567Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "2024-03-01",
        "2024-03-01T12:34",
        "2024-03-01T12:34:56.",
        "2024-03-01T12:34:56.12345678Z",
        "2024-03-01T12:34:56.123456701Z",
        "2024-03-01T12:34:56.12345600Z",
        "2024-03-01T12:34:56.1234567000Z",
        "2024-03-01T12:34:56+02:00",
        "2024-03-01T12:34:56 CET",
        "2024-02-30T12:34:56Z",
        "2024-03-01T24:00:00Z",
        "2023-12-31T23:59:60Z",
        " 2024-03-01T12:34:56Z",
        "2024-03-01T12:34:56Z\n",
        "\u0662\u0660\u0662\u0664-03-01T12:34:56Z",
        "1600-12-31T23:59:59.9999999Z",
        "0001-01-01 00:00:00",
    ],
)
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a UTC time|before FILETIME|day is out|hour must|second must"):
        from_text(text)


@given(st.text(max_size=30))
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    try:
        ticks = from_text(text)
    except ValueError:
        return
    assert 0 <= ticks <= MAX_TICKS


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(TypeError):
        from_datetime(datetime(2024, 3, 1))  # noqa: DTZ001 - the point


def test_another_time_zone_is_taken_for_what_it_is() -> None:
    cairo = timezone(timedelta(hours=2))
    assert to_text(from_datetime(datetime(2024, 3, 1, 14, tzinfo=cairo)), 0) == "2024-03-01T12:00:00Z"
