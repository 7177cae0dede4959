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

from dataclasses import dataclass
from heapq import nlargest
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.evtx.record_runs import LISTED, Run, StepBack, step_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parsers.evtx.record_runs import RecordRuns


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


class _Neighbours(NamedTuple):
    """Two runs that follow one another by their numbers; they may have some in common."""

    before: Run
    after: Run

    @property
    def common(self) -> int:
        return max(0, min(self.before.last_id, self.after.last_id) - self.after.first_id + 1)

    @property
    def gap(self) -> Gap | None:
        if self.after.first_id <= self.before.last_id + 1:
            return None
        return Gap(
            self.before.last_id + 1, self.after.first_id - 1, self.before.last_time, self.after.first_time
        )

    @property
    def step_back(self) -> StepBack | None:
        return None if self.common else step_back(self.before, self.after)


def continuity(runs: RecordRuns) -> Continuity:
    """Return what follows from the runs of a whole log."""
    falls = [place for place in range(1, len(runs)) if runs[place].first_id < runs[place - 1].last_id]
    resets = [place for place in falls if _begins_again(runs[place - 1], runs[place])]
    neighbours = _Order(runs, resets)
    steps = [step for each in neighbours if (step := each.step_back) is not None]
    return Continuity(
        records=runs.records,
        lowest_id=min(runs.first_ids, default=None),
        highest_id=max(runs.last_ids, default=None),
        gap_count=sum(each.gap is not None for each in neighbours),
        missing=sum(gap.missing for each in neighbours if (gap := each.gap) is not None),
        gaps=_largest_gaps(neighbours),
        repeated=sum(each.common for each in neighbours),
        reset_count=len(resets),
        resets=tuple(_reset(runs[place - 1], runs[place]) for place in resets[:LISTED]),
        turns=len(falls) - len(resets),
        steps_back=runs.steps_back + len(steps),
        largest_steps_back=tuple(nlargest(LISTED, [*runs.largest, *steps])),
    )


class _Order:
    """The runs of a log in pairs, in order of their numbers between resets. Can be gone through again."""

    def __init__(self, runs: RecordRuns, resets: Sequence[int]) -> None:
        self._runs = runs
        bounds = [0, *resets, len(runs)]
        self._stretches: Final = [
            sorted(range(start, end), key=runs.first_ids.__getitem__) for start, end in pairwise(bounds)
        ]

    def __iter__(self) -> Iterator[_Neighbours]:
        for places in self._stretches:
            before: Run | None = None
            for after in map(self._runs.__getitem__, places):
                if before is not None:
                    yield _Neighbours(before, after)
                before = after if before is None or after.last_id > before.last_id else before


def _largest_gaps(neighbours: _Order) -> tuple[Gap, ...]:
    gaps = (gap for each in neighbours if (gap := each.gap) is not None)
    return tuple(sorted(nlargest(LISTED, gaps, key=lambda gap: (gap.missing, gap))))


def _begins_again(before: Run, after: Run) -> bool:
    return 0 < before.last_time < after.first_time


def _reset(before: Run, after: Run) -> Reset:
    return Reset(before.last_id, before.last_time, after.first_id, after.first_time)
