from __future__ import annotations

import pytest

from forensics.report.english import clock_time, count, day_and_time, how_long, listed, short_date, span
from parsers.filetime import MAX_TICKS, TICKS_PER_SECOND, from_text

TIME = from_text("2025-09-03T20:02:18.655Z")
HOUR = 3600 * TICKS_PER_SECOND


def test_a_time_is_said_to_the_second_with_its_zone() -> None:
    assert day_and_time(TIME) == "3 September 2025 at 20:02:18 UTC"
    assert clock_time(TIME) == "20:02:18"


@pytest.mark.parametrize("ticks", [0, MAX_TICKS + 1])
def test_a_time_that_has_no_date_is_not_made_one(ticks: int) -> None:
    assert day_and_time(ticks) == clock_time(ticks) == "a time without a date"


def test_a_span_names_its_day_once() -> None:
    assert span(TIME, TIME + HOUR) == "3 September 2025, 20:02:18 to 21:02:18 UTC"
    assert span(TIME, TIME + 24 * HOUR) == (
        "3 September 2025 at 20:02:18 UTC to 4 September 2025 at 20:02:18 UTC"
    )
    assert span(TIME, TIME) == "3 September 2025 at 20:02:18 UTC"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "less than 1 s"), (59, "59 s"), (5622, "1 h 33 min"), (86400 * 2 + 60, "2 d 1 min")],
)
def test_a_length_of_time_is_said_in_two_units_at_most(seconds: int, said: str) -> None:
    assert how_long(seconds * TICKS_PER_SECOND) == said


def test_numbers_and_lists_are_said_as_in_english() -> None:
    assert [count(1, "row"), count(1234, "row"), count(2, "row is", "rows are")] == [
        "1 row",
        "1,234 rows",
        "2 rows are",
    ]
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_a_date_on_the_axis_names_the_year_where_it_is_news() -> None:
    assert short_date("2025-09-03", "2025") == "3 Sep"
    assert short_date("2025-09-03", "2024") == "3 Sep 2025"
