from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.clock_change import ClockChange, ClockJumps
from parsers.filetime import TICKS_PER_SECOND

DEVICE: Final = "d" * 40
SECOND: Final = TICKS_PER_SECOND
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
NOON: Final = 133_537_680_000_000_000


def change(old: int, new: int, number: int = 1, channel: str = "System") -> ClockChange:
    return ClockChange(DEVICE, channel, number, new, old, new)


def doubtful(jumps: ClockJumps, *times: int) -> list[bool]:
    return [jumps.hold(DEVICE, time) for time in times]


def test_without_a_change_no_time_is_in_doubt() -> None:
    assert doubtful(ClockJumps(), 0, NOON, 2**63) == [False, False, False]


@pytest.mark.parametrize(
    ("shift", "is_jump"), [(0, False), (SECOND - 1, False), (SECOND, True), (-SECOND, True)]
)
def test_a_change_of_a_second_or_more_is_a_jump(shift: int, is_jump: bool) -> None:
    jumps = ClockJumps([change(NOON, NOON + shift)])
    assert jumps.hold(DEVICE, NOON) is is_jump


def test_times_within_five_minutes_of_either_side_are_in_doubt() -> None:
    jumps = ClockJumps([change(NOON, NOON + DAY)])
    near, far = 5 * MINUTE, 5 * MINUTE + 1
    assert doubtful(jumps, NOON - near, NOON + near, NOON + DAY - near, NOON + DAY + near) == [True] * 4
    assert doubtful(jumps, NOON - far, NOON + far, NOON + DAY - far, NOON + DAY + far) == [False] * 4


def test_a_jump_forward_puts_nothing_in_between_in_doubt() -> None:
    assert doubtful(ClockJumps([change(NOON, NOON + DAY)]), NOON + 12 * HOUR) == [False]


def test_times_that_the_clock_passed_twice_are_in_doubt() -> None:
    jumps = ClockJumps([change(NOON, NOON - DAY)])
    assert doubtful(jumps, NOON - 12 * HOUR, NOON - 2 * DAY, NOON + DAY) == [True, False, False]


def test_a_clock_that_ran_ahead_for_an_hour_puts_that_hour_in_doubt_and_not_the_days_between() -> None:
    ahead = change(NOON, NOON + 60 * DAY, 1)
    back = change(NOON + 60 * DAY + HOUR, NOON + HOUR, 2)
    jumps = ClockJumps([back, ahead])
    assert doubtful(jumps, NOON + 30 * DAY, NOON + 60 * DAY + HOUR // 2) == [False, True]


def test_where_the_jump_ahead_is_not_in_the_evidence_all_times_between_are_in_doubt() -> None:
    back = change(NOON + 60 * DAY + HOUR, NOON + HOUR, 2)
    assert doubtful(ClockJumps([back]), NOON + 30 * DAY) == [True]


def test_an_order_that_cannot_be_right_hides_no_jump_back() -> None:
    first = change(NOON, NOON - HOUR, 1)
    impossible = change(NOON - 10 * DAY, NOON - 11 * DAY, 2)
    jumps = ClockJumps([first, impossible])
    assert doubtful(jumps, NOON - HOUR // 2, NOON - 10 * DAY - HOUR) == [True, True]


def test_the_same_change_in_both_logs_is_no_order_of_its_own() -> None:
    both = [
        *(change(NOON, NOON + 60 * DAY, 1, each) for each in ("System", "Security")),
        *(change(NOON + 60 * DAY + HOUR, NOON + HOUR, 2, each) for each in ("System", "Security")),
    ]
    assert doubtful(ClockJumps(both), NOON + 30 * DAY) == [False]


def test_another_machine_s_times_are_not_in_doubt() -> None:
    assert not ClockJumps([change(NOON, NOON - DAY)]).hold("e" * 40, NOON)


def test_a_change_without_times_in_utc_is_no_jump() -> None:
    untold = ClockChange(DEVICE, "Security", 1, NOON, None, None)
    assert (untold.shift, untold.is_jump) == (None, False)
    assert not ClockJumps([untold]).hold(DEVICE, NOON)


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=6), st.integers(0, 100))
def test_every_time_that_a_clock_showed_twice_is_in_doubt(sides: list[tuple[int, int]], time: int) -> None:
    changes = [change(old * HOUR, new * HOUR, number) for number, (old, new) in enumerate(sides)]
    begins, ends = [0, *(new for _, new in sides)], [*(old for old, _ in sides), 100]
    shown = sum(begin <= time <= end for begin, end in zip(begins, ends, strict=True))
    jumped = [each for each in changes if each.is_jump]
    if shown > 1 and len(jumped) == len(changes):
        assert ClockJumps(changes).hold(DEVICE, time * HOUR)
    if jumped:
        assert ClockJumps(changes).hold(DEVICE, jumped[0].old or 0)
