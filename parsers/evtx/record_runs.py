"""Runs: the ids of a log's records in file order, kept as stretches in which ids go up one by one.

A log has few of them: one more for each gap, and one where a circular log goes on at its oldest record. So
memory does not grow with the records. Where ids are far apart, as in a log exported by a query, each run
takes 32 bytes.

Runs of neighbouring stretches of a file are joined by ``extend``, which is associative: it does not matter
where the file was cut into batches, nor which are joined first.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from heapq import nlargest
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTED: Final = 100
"""How many gaps, and how many steps back, are kept with their ids and times: the largest. All are counted."""


class StepBack(NamedTuple):
    """Two records, of which the second has the higher id and a time that is ``ticks`` earlier."""

    ticks: int
    id_before: int
    time_before: int
    id_after: int
    time_after: int


class Run(NamedTuple):
    """Records whose ids go up by one. Times are ticks, or 0 where a record has none."""

    first_id: int
    first_time: int
    last_id: int
    last_time: int


def _ids() -> array[int]:
    return array("Q")


@dataclass(slots=True)
class RecordRuns:
    """The runs of one stretch of a log; ``steps_back`` are those inside of runs, ``largest`` the largest."""

    records: int = 0
    first_ids: array[int] = field(default_factory=_ids)
    first_times: array[int] = field(default_factory=_ids)
    last_ids: array[int] = field(default_factory=_ids)
    last_times: array[int] = field(default_factory=_ids)
    steps_back: int = 0
    largest: list[StepBack] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.first_ids)

    def __getitem__(self, place: int) -> Run:
        return Run(
            self.first_ids[place], self.first_times[place], self.last_ids[place], self.last_times[place]
        )

    def __iter__(self) -> Iterator[Run]:
        return map(Run, self.first_ids, self.first_times, self.last_ids, self.last_times)

    def add(self, record_id: int, time: int) -> None:
        """Add the next record of the file; both are 0 or more and less than 2 to the 64th."""
        self.records += 1
        if self._goes_on(record_id, time):
            self.last_ids[-1], self.last_times[-1] = record_id, time
            return
        self._append(Run(record_id, time, record_id, time))

    def extend(self, later: RecordRuns) -> None:
        """Add the records of the stretch of the file that follows."""
        self.records += later.records
        self.steps_back += later.steps_back
        self.largest = nlargest(LISTED, self.largest + later.largest)
        joined = bool(later) and self._goes_on(later.first_ids[0], later.first_times[0])
        if joined:
            self.last_ids[-1], self.last_times[-1] = later.last_ids[0], later.last_times[0]
        self.first_ids.extend(later.first_ids[joined:])
        self.first_times.extend(later.first_times[joined:])
        self.last_ids.extend(later.last_ids[joined:])
        self.last_times.extend(later.last_times[joined:])

    def _goes_on(self, record_id: int, time: int) -> bool:
        """Tell whether a record is the next by its id, and note if it is earlier by its time."""
        if not self.last_ids or record_id != self.last_ids[-1] + 1:
            return False
        if 0 < time < self.last_times[-1]:
            self._note(
                StepBack(self.last_times[-1] - time, record_id - 1, self.last_times[-1], record_id, time)
            )
        return True

    def _note(self, step: StepBack) -> None:
        self.steps_back += 1
        if len(self.largest) < LISTED or step > self.largest[-1]:
            self.largest = nlargest(LISTED, [*self.largest, step])

    def _append(self, run: Run) -> None:
        self.first_ids.append(run.first_id)
        self.first_times.append(run.first_time)
        self.last_ids.append(run.last_id)
        self.last_times.append(run.last_time)
