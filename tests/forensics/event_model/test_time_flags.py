from __future__ import annotations

from forensics.event_model.time_flags import MEANINGS, TimeFlag, joined, with_flag


def test_every_flag_says_what_it_means() -> None:
    assert set(MEANINGS) == set(TimeFlag)


def test_flags_stand_once_each_and_in_one_order() -> None:
    assert joined(["clock_jump", "utc_differs", "clock_jump", ""]) == "utc_differs;clock_jump"
    assert joined([]) == ""


def test_a_flag_is_added_to_those_that_are_there() -> None:
    assert with_flag("", TimeFlag.CLOCK_JUMP) == "clock_jump"
    assert with_flag("no_run_time", TimeFlag.CLOCK_JUMP) == "clock_jump;no_run_time"
    assert with_flag("clock_jump", TimeFlag.CLOCK_JUMP) == "clock_jump"
