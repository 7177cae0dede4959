"""Where a machine's clock jumped, and which times are in doubt because of it.

A jump is a record of a changed clock (System, Kernel-General 1, and Security, 4616) by a second or more. A
time of the machine is in doubt where

1. it is within five minutes of what the clock showed before or after a jump; or
2. the clock went over it more than once. Between two jumps it ran from the new time of the first to the old
   time of the second. Where two such stretches share a time, nothing in the time says which of them it is of:
   its place before or after other times proves nothing.

The stretches follow from the order of the records of one log. Where that order cannot be right (a stretch
would end before it begins: a jump is not in the evidence, or ids began again) each jump back around it counts
for itself: all times from its new time to its old one are in doubt.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.event_model.time_flags import JUMP_TICKS, NEAR_JUMP_TICKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_END: Final = 1 << 64
"""Later than any FILETIME."""

Interval = tuple[int, int]
"""Two times in ticks, both included."""


class ClockChange(NamedTuple):
    """One record of a changed clock.

    ``ticks`` is the record's own time, ``old`` and ``new`` what the clock showed before and after, None where
    the record does not say it in UTC. ``number`` is the record's id in ``channel``, -1 where it has none.
    """

    device_id: str
    channel: str
    number: int
    ticks: int
    old: int | None
    new: int | None

    @property
    def shift(self) -> int | None:
        """By how many ticks the clock was moved, or None."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def is_jump(self) -> bool:
        """Whether it is known to have moved the clock by a second or more."""
        return self.shift is not None and abs(self.shift) >= JUMP_TICKS


class ClockJumps:
    """Which times of which machine are in doubt."""

    def __init__(self, changes: Iterable[ClockChange] = ()) -> None:
        by_device: dict[str, list[ClockChange]] = defaultdict(list)
        for change in changes:
            if change.is_jump:
                by_device[change.device_id].append(change)
        self._intervals = {device_id: _in_doubt(jumps) for device_id, jumps in by_device.items()}

    def hold(self, device_id: str, ticks: int) -> bool:
        """Return whether ``ticks`` of the machine ``device_id`` is in doubt."""
        intervals = self._intervals.get(device_id, [])
        place = bisect_right(intervals, (ticks, _END)) - 1
        return place >= 0 and ticks <= intervals[place][1]


def _in_doubt(jumps: Sequence[ClockChange]) -> list[Interval]:
    """Return the intervals of one machine, in order and apart from each other."""
    by_channel: dict[str, list[ClockChange]] = defaultdict(list)
    for jump in jumps:
        by_channel[jump.channel].append(jump)
    near = (_around(each) for jump in jumps for each in (jump.old, jump.new) if each is not None)
    twice = (each for log in by_channel.values() for each in _passed_twice(log))
    return list(_merged([*near, *twice]))


def _around(ticks: int) -> Interval:
    return ticks - NEAR_JUMP_TICKS, ticks + NEAR_JUMP_TICKS


def _passed_twice(jumps: Iterable[ClockChange]) -> Iterator[Interval]:
    """Give the times that the clock showed more than once, as one log tells."""
    ordered = sorted(jumps, key=lambda each: (each.number, each.ticks))
    begins = [-1, *(each.new or 0 for each in ordered)]
    ends = [*(each.old or 0 for each in ordered), _END]
    stretches: list[Interval] = []
    for place, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        if begin <= end:
            stretches.append((begin, end))
        else:
            yield from (_set_back(each) for each in ordered[max(place - 1, 0) : place + 1])
    yield from _shared(stretches)


def _set_back(jump: ClockChange) -> Interval:
    """Return the times from the new one to the old one; none of a jump forward."""
    return jump.new or 0, jump.old or 0


def _shared(stretches: Iterable[Interval]) -> Iterator[Interval]:
    """Give what is in two of ``stretches`` or more."""
    edges = sorted((place, step) for begin, end in stretches for place, step in ((begin, -1), (end, 1)))
    depth = 0
    for (place, step), (following, _) in pairwise(edges):
        depth -= step
        if depth > 1:
            yield place, following


def _merged(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Give ``intervals`` in order, those that touch as one; an empty one is none."""
    begin, end = 0, -1
    for first, last in sorted(each for each in intervals if each[0] <= each[1]):
        if first > end:
            if begin <= end:
                yield begin, end
            begin, end = first, last
        else:
            end = max(end, last)
    if begin <= end:
        yield begin, end
