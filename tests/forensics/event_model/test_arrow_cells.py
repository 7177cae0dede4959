from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.arrow_cells import to_array, without_surrogates
from forensics.event_model.schema import ARROW_TYPES, KqlType
from parsers import filetime

TEXT = pa.field("text", ARROW_TYPES[KqlType.STRING], nullable=False)
INT = pa.field("int", ARROW_TYPES[KqlType.INT])
LONG = pa.field("long", ARROW_TYPES[KqlType.LONG])
BOOL = pa.field("bool", ARROW_TYPES[KqlType.BOOL])
MOMENT = pa.field("moment", ARROW_TYPES[KqlType.DATETIME])


def test_text_is_never_null() -> None:
    assert to_array(TEXT, ["a", None, ""]).to_pylist() == ["a", "", ""]


@pytest.mark.parametrize("field", [INT, LONG, BOOL, MOMENT])
def test_anything_else_may_be_absent(field: pa.Field) -> None:
    assert to_array(field, [None]).to_pylist() == [None]


@pytest.mark.parametrize("field", [TEXT, INT, LONG, BOOL, MOMENT])
def test_no_values_are_an_array_of_the_type(field: pa.Field) -> None:
    array = to_array(field, [])
    assert (len(array), array.type) == (0, field.type)


@pytest.mark.parametrize(("field", "bits"), [(INT, 31), (LONG, 63)])
def test_a_number_that_does_not_fit_is_absent(field: pa.Field, bits: int) -> None:
    numbers = [2**bits - 1, 2**bits, -(2**bits), -(2**bits) - 1, 2**64 - 1]
    assert to_array(field, numbers).to_pylist() == [2**bits - 1, None, -(2**bits), None, None]


def test_a_session_of_all_ones_does_not_fit_an_int_and_fits_a_long() -> None:
    assert to_array(INT, [4_294_967_295]).to_pylist() == [None]
    assert to_array(LONG, [4_294_967_295]).to_pylist() == [4_294_967_295]


def test_a_time_has_the_microsecond_that_holds_its_ticks() -> None:
    ticks = filetime.from_text("2024-03-01T00:00:00.1234567Z")
    assert to_array(MOMENT, [ticks]).to_pylist() == [datetime(2024, 3, 1, 0, 0, 0, 123_456)]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("ticks", "moment"),
    [
        (0, datetime(1601, 1, 1)),  # noqa: DTZ001
        (filetime.MAX_TICKS, datetime(9999, 12, 31, 23, 59, 59, 999_999)),  # noqa: DTZ001
        (filetime.MAX_TICKS + 1, datetime(9999, 12, 31, 23, 59, 59, 999_999)),  # noqa: DTZ001
        (2**64 - 1, datetime(9999, 12, 31, 23, 59, 59, 999_999)),  # noqa: DTZ001
        (-1, datetime(1600, 12, 31, 23, 59, 59, 999_999)),  # noqa: DTZ001
    ],
)
def test_the_ends_of_time_can_be_written(ticks: int, moment: datetime) -> None:
    assert to_array(MOMENT, [ticks]).to_pylist() == [moment]


def test_an_unpaired_surrogate_is_named() -> None:
    assert to_array(TEXT, ["a\ud800b", "plain", None]).to_pylist() == ["a<U+D800>b", "plain", ""]


def test_a_text_with_a_surrogate_is_escaped_whole_so_that_it_can_be_had_back() -> None:
    assert without_surrogates("<U+202E>\ud800\u202e") == "<U+003C>U+202E><U+D800><U+202E>"


def test_a_text_without_surrogates_stays_as_it_is() -> None:
    assert without_surrogates("<U+202E>\u202e😀") == "<U+202E>\u202e😀"


@given(st.text(st.characters()))
def test_any_text_can_be_written(text: str) -> None:
    (cell,) = to_array(TEXT, [text]).to_pylist()
    assert cell == without_surrogates(text)


@given(st.integers(-(10**17), filetime.MAX_TICKS))
def test_times_keep_their_order(ticks: int) -> None:
    first, second = to_array(MOMENT, [ticks, ticks + 10]).to_pylist()
    assert first <= second
