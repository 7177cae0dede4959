"""Continuity: gaps, repeats and resets in a log's numbers, and steps back in its times.

Rules:

1. A circular log goes on at its oldest record somewhere in the file, so gaps are looked for in order of the
   numbers, not of the file. Numbers and times fall together there: a turn, which is as it should be.
2. Where numbers fall while times go on, numbering began again: a reset. Gaps and repeated numbers are looked
   for between resets only.
3. A record with a higher number and an earlier time than the one before it is a step back: the clock was set,
   or the events were not written in the order in which they were raised.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappush, heappushpop, nlargest
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from parsers.evtx.record_runs import LISTED, Run, StepBack

if TYPE_CHECKING:
    from parsers.evtx.record_runs import RecordRuns


_Ordered = TypeVar("_Ordered", StepBack, "tuple[int, Gap]")


class Gap(NamedTuple):
    """Numbers that no record of the file has. Times are those of the records on both sides, 0 if unknown."""

    first_missing: int
    last_missing: int
    time_before: int
    time_after: int

    @property
    def missing(self) -> int:
        """How many numbers there are in the gap."""
        return self.last_missing - self.first_missing + 1


class Reset(NamedTuple):
    """Two neighbours in the file, of which the second has the lower number and the later time."""

    id_before: int
    time_before: int
    id_after: int
    time_after: int


@dataclass(frozen=True, slots=True)
class Continuity:
    """What one of the two numbers of a log's records says.

    There are ``gap_count`` gaps with ``missing`` numbers together; ``gaps`` are the largest, in order of
    their numbers. ``repeated`` records have a number that another has already. ``resets`` are the first of
    ``reset_count``. ``turns`` are places where the file goes on with older records. Of all ``steps_back``,
    ``largest_steps_back`` are the largest, largest first.
    """

    records: int
    lowest_id: int | None
    highest_id: int | None
    gap_count: int
    missing: int
    gaps: tuple[Gap, ...]
    repeated: int
    reset_count: int
    resets: tuple[Reset, ...]
    turns: int
    steps_back: int
    largest_steps_back: tuple[StepBack, ...]


def continuity(runs: RecordRuns) -> Continuity:
    """Return what follows from the runs of a whole log."""
    falls = [place for place in range(1, len(runs)) if runs.first_ids[place] < runs.last_ids[place - 1]]
    resets = [place for place in falls if _begins_again(runs, place)]
    found = _Found()
    for start, end in pairwise([0, *resets, len(runs)]):
        found.look_through(runs, start, end)
    return Continuity(
        records=runs.records,
        lowest_id=min(runs.first_ids, default=None),
        highest_id=max(runs.last_ids, default=None),
        gap_count=found.gap_count,
        missing=found.missing,
        gaps=tuple(sorted(gap for _, gap in found.gaps)),
        repeated=found.repeated,
        reset_count=len(resets),
        resets=tuple(_reset(runs[place - 1], runs[place]) for place in resets[:LISTED]),
        turns=len(falls) - len(resets),
        steps_back=runs.steps_back + found.steps_back,
        largest_steps_back=tuple(nlargest(LISTED, [*runs.largest, *found.largest_steps])),
    )


@dataclass(slots=True)
class _Found:
    """What is found between runs. ``gaps``, by their sizes, and ``largest_steps`` are heaps."""

    gap_count: int = 0
    missing: int = 0
    repeated: int = 0
    steps_back: int = 0
    gaps: list[tuple[int, Gap]] = field(default_factory=list)
    largest_steps: list[StepBack] = field(default_factory=list)

    def look_through(self, runs: RecordRuns, start: int, end: int) -> None:
        """Look at the runs from ``start`` to ``end`` in order of their numbers; no reset is among them."""
        before: Run | None = None
        for place in sorted(range(start, end), key=runs.first_ids.__getitem__):
            after = runs[place]
            if before is not None:
                self._compare(before, after)
            if before is None or after.last_id > before.last_id:
                before = after

    def _compare(self, before: Run, after: Run) -> None:
        """Compare two runs of which the second begins at a higher number, or at the same."""
        if after.first_id <= before.last_id:
            self.repeated += min(before.last_id, after.last_id) - after.first_id + 1
            return
        if after.first_id > before.last_id + 1:
            gap = Gap(before.last_id + 1, after.first_id - 1, before.last_time, after.first_time)
            self.gap_count += 1
            self.missing += gap.missing
            _keep_largest(self.gaps, (gap.missing, gap))
        if 0 < after.first_time < before.last_time:
            ticks = before.last_time - after.first_time
            step = StepBack(ticks, before.last_id, before.last_time, after.first_id, after.first_time)
            self.steps_back += 1
            _keep_largest(self.largest_steps, step)


def _keep_largest(heap: list[_Ordered], item: _Ordered) -> None:
    if len(heap) < LISTED:
        heappush(heap, item)
    else:
        heappushpop(heap, item)


def _begins_again(runs: RecordRuns, place: int) -> bool:
    return 0 < runs.last_times[place - 1] < runs.first_times[place]


def _reset(before: Run, after: Run) -> Reset:
    return Reset(before.last_id, before.last_time, after.first_id, after.first_time)
