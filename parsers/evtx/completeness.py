"""Completeness: which records are absent from an event log, as far as its records' numbers and times say.

Windows numbers the records of a log one by one. A number that no record of a file has says that the record is
absent from this file, and not why: a full log overwrites its oldest records, a query exports some and not
others, a damaged chunk loses those it held.

A record has two numbers. Its header's counts the records of this file. EventRecordID, its own, counts those
of the log in which it was first written. They are equal but in exports and forwarded logs, where
EventRecordID tells what is absent of the first log and the header's number what is absent of this file. A
record that cannot be decoded is known by its header's number alone; it is not absent.

In a forwarded log EventRecordIDs are each computer's: tally each computer apart, and take ``own`` from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers import filetime
from parsers.evtx.continuity import Continuity, Gap, Reset, continuity
from parsers.evtx.record_runs import RecordRuns, StepBack

if TYPE_CHECKING:
    from collections.abc import Iterable

_UINT64_END: Final = 1 << 64


class RecordFacts(NamedTuple):
    """What is counted of one record. Times are ticks; None and 0 are no time.

    ``event_record_id`` is None, or negative, where the record has none or cannot be decoded.
    """

    header_record_id: int
    event_record_id: int | None
    written: int | None
    time_created: int | None


@dataclass(frozen=True, slots=True)
class Completeness:
    """What is known of all records of one log. ``first`` and ``last`` are the earliest and the latest time.

    ``own`` is told by EventRecordIDs, ``in_file`` by record headers; they are the same where ``ids_differ``,
    the number of records of which the two differ, is 0. ``without_id`` records have no EventRecordID.
    """

    records: int
    ids_differ: int
    without_id: int
    first_written: int | None
    last_written: int | None
    first_created: int | None
    last_created: int | None
    own: Continuity
    in_file: Continuity


@dataclass(slots=True)
class Span:
    """The earliest and the latest of some times, or None where there was none."""

    first: int | None = None
    last: int | None = None

    def add(self, time: int | None) -> None:
        """Add a time; None and 0 are none."""
        if not time:
            return
        if self.first is None or time < self.first:
            self.first = time
        if self.last is None or time > self.last:
            self.last = time

    def extend(self, other: Span) -> None:
        """Add all times of ``other``."""
        self.add(other.first)
        self.add(other.last)


@dataclass(slots=True)
class Tally:
    """Counts the records of one stretch of a log, in file order. Small, to be sent between processes."""

    in_file: RecordRuns = field(default_factory=RecordRuns)
    own: RecordRuns = field(default_factory=RecordRuns)
    ids_differ: int = 0
    written: Span = field(default_factory=Span)
    created: Span = field(default_factory=Span)

    def add(self, facts: RecordFacts) -> None:
        """Count the next record of the file.

        The time that goes with its numbers is the event's or, where that is not known, that of its writing.
        """
        written, created = _number(facts.written), _number(facts.time_created)
        own = _number(facts.event_record_id)
        self.in_file.add(facts.header_record_id, created or written or 0)
        if own is not None:
            self.own.add(own, created or written or 0)
            self.ids_differ += own != facts.header_record_id
        self.written.add(written)
        self.created.add(created)

    def extend(self, later: Tally) -> None:
        """Add what was counted in the stretch of the file that follows."""
        self.in_file.extend(later.in_file)
        self.own.extend(later.own)
        self.ids_differ += later.ids_differ
        self.written.extend(later.written)
        self.created.extend(later.created)

    def completeness(self) -> Completeness:
        """Return what follows from all records counted."""
        in_file = continuity(self.in_file)
        return Completeness(
            records=self.in_file.records,
            ids_differ=self.ids_differ,
            without_id=self.in_file.records - self.own.records,
            first_written=self.written.first,
            last_written=self.written.last,
            first_created=self.created.first,
            last_created=self.created.last,
            own=continuity(self.own) if self.ids_differ else in_file,
            in_file=in_file,
        )


def tally(records: Iterable[RecordFacts]) -> Tally:
    """Count records in file order."""
    counted = Tally()
    for facts in records:
        counted.add(facts)
    return counted


def merge(earlier: Tally, later: Tally) -> Tally:
    """Return the count of two stretches of a file, of which the second follows the first.

    Associative: it does not matter where the file was cut, nor which stretches are merged first.
    """
    merged = Tally()
    merged.extend(earlier)
    merged.extend(later)
    return merged


def gap_text(gap: Gap) -> str:
    """Say a gap as it can be read out: what is absent from the file, never what became of it."""
    if gap.missing == 1:
        absent = f"Record {gap.first_missing} is absent from this file"
    else:
        numbers = f"Records {gap.first_missing} to {gap.last_missing} ({gap.missing:,})"
        absent = f"{numbers} are absent from this file"
    return f"{absent}; the record before is of {_when(gap.time_before)}, the next of {_when(gap.time_after)}"


def reset_text(reset: Reset) -> str:
    """Say a reset as it can be read out."""
    return (
        f"After record {reset.id_before} of {_when(reset.time_before)} this file goes on "
        f"with record {reset.id_after} of {_when(reset.time_after)}: numbering began again"
    )


def step_back_text(step: StepBack) -> str:
    """Say a step back of the times as it can be read out."""
    whole, fraction = divmod(step.ticks, filetime.TICKS_PER_SECOND)
    return (
        f"Record {step.id_after} of {_when(step.time_after)} is {whole:,}.{fraction:07d} s earlier "
        f"than record {step.id_before} of {_when(step.time_before)}"
    )


def _when(ticks: int) -> str:
    if not ticks:
        return "an unknown time"
    return filetime.to_text(ticks) if ticks <= filetime.MAX_TICKS else f"the time {ticks:#018x}"


def _number(value: int | None) -> int | None:
    """Return a value that 64 bits can hold, or None: a damaged record may have any."""
    return value if value is not None and 0 <= value < _UINT64_END else None
