from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forensics.report.time_scale import GAP, MOST_BREAKS, time_scale
from parsers.filetime import TICKS_PER_SECOND, from_text

BEGIN = from_text("2025-09-03T20:00:00Z")
MINUTE = 60 * TICKS_PER_SECOND
DAY = 24 * 60 * MINUTE


def busy(begin: int) -> list[int]:
    return [begin + minute * MINUTE for minute in range(0, 31, 5)]


def test_no_times_have_no_scale() -> None:
    assert time_scale([], 0, 800) is None


def test_one_moment_is_a_segment_with_some_width() -> None:
    scale = time_scale([BEGIN], 0, 800)

    assert scale is not None
    (segment,) = scale.segments
    assert (segment.left, segment.right) == (0, 800)
    assert scale.position(BEGIN) == 400


def test_the_axis_is_broken_at_a_long_silence() -> None:
    scale = time_scale([*busy(BEGIN), *busy(BEGIN + DAY)], 0, 800)

    assert scale is not None
    first, second = scale.segments
    assert second.left - first.right == GAP
    assert (first.begin < BEGIN, first.end > BEGIN + 30 * MINUTE) == (True, True)


def test_a_silence_of_weeks_does_not_hide_one_of_hours() -> None:
    scale = time_scale([BEGIN - 36 * DAY, *busy(BEGIN), *busy(BEGIN + DAY)], 0, 800)

    assert scale is not None
    assert len(scale.segments) == 3


def test_even_times_are_not_broken() -> None:
    scale = time_scale([BEGIN + number * DAY for number in range(30)], 0, 800)

    assert scale is not None
    assert len(scale.segments) == 1


@given(st.lists(st.integers(1, 2_650_467_743_999_999_999), min_size=1, max_size=40))
def test_the_order_of_times_is_the_order_on_the_axis(times: list[int]) -> None:
    scale = time_scale(times, 196, 960)

    assert scale is not None
    assert len(scale.segments) <= MOST_BREAKS + 1
    positions = [scale.position(each) for each in sorted(times)]
    assert positions == sorted(positions)
    assert all(196 <= each <= 961 for each in positions)
