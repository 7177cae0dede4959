"""Which kinds of records a machine's evidence holds, how many and of what span: what could be seen at all.

Counted while evidence is read, before copies of one record are told apart; so that a kind counts as seen
whether or not one of its records speaks for others.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.event_model.event import NO_TIME, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forensics.event_model.event import Event

_APPLICATION_LOG: Final = "RustDesk log"
_RECOVERED: Final = "recovered"
_OFFSET_LENGTH: Final = len("+01:00")


class Kind(NamedTuple):
    """A kind of record of an event log: provider in lower case, and event id as text."""

    provider: str
    event_id: str


@dataclass(slots=True)
class Stretch:
    """How many there are, and the earliest and the latest time among them in ticks; None without any."""

    count: int = 0
    first: int | None = None
    last: int | None = None

    def add(self, ticks: int) -> None:
        """Count one more; :data:`NO_TIME` is no time."""
        self.count += 1
        if ticks != NO_TIME:
            self._span(ticks, ticks)

    def extend(self, other: Stretch) -> None:
        """Count all of ``other``."""
        self.count += other.count
        if other.first is not None and other.last is not None:
            self._span(other.first, other.last)

    def _span(self, first: int, last: int) -> None:
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)


def _stretches() -> defaultdict[str, Stretch]:
    return defaultdict(Stretch)


@dataclass(slots=True)
class RecordsSeen:
    """What was seen of one machine.

    ``kinds`` are the records of event logs, ``command_lines`` those process starts among them that have a
    command line. ``names`` are what live records call the machine, ``offsets`` the offsets from UTC that
    lines of RustDesk's logs state.
    """

    kinds: defaultdict[Kind, Stretch] = field(default_factory=lambda: defaultdict(Stretch))
    command_lines: defaultdict[Kind, Stretch] = field(default_factory=lambda: defaultdict(Stretch))
    names: defaultdict[str, Stretch] = field(default_factory=_stretches)
    offsets: defaultdict[str, Stretch] = field(default_factory=_stretches)

    def add(self, event: Event) -> None:
        """Count an event."""
        origin = event.origin
        if origin.event_id:
            kind = Kind(origin.provider.lower(), origin.event_id)
            self.kinds[kind].add(origin.ticks)
            if event.table is Table.PROCESS_EVENTS and event.facts.command_line:
                self.command_lines[kind].add(origin.ticks)
            if origin.record_state != _RECOVERED and origin.device_name:
                self.names[origin.device_name].add(origin.ticks)
        elif origin.artifact == _APPLICATION_LOG:
            self.offsets[origin.raw_time[-_OFFSET_LENGTH:]].add(origin.ticks)

    def extend(self, other: RecordsSeen) -> None:
        """Count all of ``other``."""
        for kind, stretch in other.kinds.items():
            self.kinds[kind].extend(stretch)
        for kind, stretch in other.command_lines.items():
            self.command_lines[kind].extend(stretch)
        for name, stretch in other.names.items():
            self.names[name].extend(stretch)
        for offset, stretch in other.offsets.items():
            self.offsets[offset].extend(stretch)

    def of(self, provider: str, *event_ids: int) -> Stretch:
        """Return the stretch of all records of ``provider`` that have one of ``event_ids``."""
        found = Stretch()
        for event_id in event_ids:
            found.extend(self.kinds.get(Kind(provider, str(event_id)), Stretch()))
        return found


def joined(seen: Iterable[RecordsSeen]) -> RecordsSeen:
    """Return what all of ``seen`` come to."""
    total = RecordsSeen()
    for each in seen:
        total.extend(each)
    return total
