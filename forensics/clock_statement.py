"""The clock of each machine: what its evidence says of how it was set, and what that puts in doubt.

A statement there is of every machine, also where nothing was found: it then says in which logs, of what span,
nothing was found. It says nothing of the true time: no evidence that is read here knows it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.clock_change import ClockJumps
from forensics.clock_events import BOOTS, read_clock_events
from forensics.records_seen import RecordsSeen, Stretch
from parsers.evtx.record_order import TOLERANCE_TICKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from forensics.artifact_reading import ArtifactReading
    from forensics.clock_change import ClockChange
    from forensics.clock_events import ClockEvent
    from forensics.device import Device
    from forensics.event_model.action_type import ActionType
    from forensics.reading import ReadEvidence
    from parsers.evtx.continuity import Continuity
    from parsers.evtx.record import EventLogLedger
    from parsers.evtx.record_runs import StepBack
    from parsers.hive.record import TimeZone

CLOCK_CHANNELS: Final = ("System", "Security")
"""The logs in which a change of the clock is recorded."""


class Named(NamedTuple):
    """A text and how often, and from when to when, the evidence has it."""

    text: str
    stretch: Stretch


class HiveZone(NamedTuple):
    """The time zone of one control set of one hive; ``replayed`` where transaction logs were applied."""

    evidence_id: str
    path: str
    control_set: int
    current: bool
    replayed: bool
    zone: TimeZone


class LogSpan(NamedTuple):
    """One event log that is of the machine: from when to when its records were written, in ticks."""

    evidence_id: str
    path: str
    channels: tuple[str, ...]
    records: int
    first: int | None
    last: int | None


class LogBackwards(NamedTuple):
    """One event log in which times run backwards, from one record id to the next: ``steps`` times.

    ``listed`` are the largest of these that are more than a second, largest first; there are more where
    ``all_listed`` is false.
    """

    evidence_id: str
    path: str
    steps: int
    listed: tuple[StepBack, ...]
    all_listed: bool


@dataclass(frozen=True, slots=True)
class ClockStatement:
    """What is known of the clock of one machine.

    ``changes`` are all records of a changed clock, in order of time. ``boots`` are the events of starts and
    stops, ``zone_texts`` the time zones that uptime events (6013) name, ``names`` what records call the
    machine, ``log_offsets`` the offsets from UTC that lines of RustDesk's logs state, each with its span.
    """

    zones: tuple[HiveZone, ...] = ()
    zone_texts: tuple[Named, ...] = ()
    boots: Mapping[ActionType, Stretch] = field(default_factory=dict)
    changes: tuple[ClockChange, ...] = ()
    backwards: tuple[LogBackwards, ...] = ()
    names: tuple[Named, ...] = ()
    log_offsets: tuple[Named, ...] = ()
    spans: tuple[LogSpan, ...] = ()

    @property
    def jumps(self) -> tuple[ClockChange, ...]:
        """The changes that are known to have moved the clock by a second or more, in order of time."""
        return tuple(change for change in self.changes if change.is_jump)

    @property
    def largest_jump(self) -> ClockChange | None:
        """The jump that moved the clock the furthest, the earliest of several."""
        return max(self.jumps, key=lambda each: abs(each.shift or 0), default=None)

    @property
    def untold(self) -> tuple[ClockChange, ...]:
        """The changes of which the record does not say in UTC by how much."""
        return tuple(change for change in self.changes if change.shift is None)

    def cover(self, channel: str) -> Stretch:
        """Return from when to when the machine's logs of ``channel`` were written, and how many there are."""
        cover = Stretch()
        for span in self.spans:
            if channel.casefold() in {each.casefold() for each in span.channels}:
                cover.extend(Stretch(1, span.first, span.last))
        return cover


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clock of each machine by DeviceId, and which times are in doubt because it jumped."""

    statements: Mapping[str, ClockStatement] = field(default_factory=dict)
    jumps: ClockJumps = field(default_factory=ClockJumps)


def read_clocks(read: ReadEvidence) -> Clocks:
    """Return what all evidence says of the clocks of its machines."""
    events = read_clock_events(read.events)
    by_device: dict[str, list[ClockEvent]] = defaultdict(list)
    for each in events:
        by_device[each.device_id].append(each)
    statements = {
        device.device_id: clock_statement(
            device,
            [read.readings[key] for key in read.devices.artifacts_of(device)],
            by_device[device.device_id],
            read.seen.get(device.device_id, RecordsSeen()),
        )
        for device in read.devices.all
    }
    return Clocks(statements, ClockJumps(each.change for each in events if each.change is not None))


def clock_statement(
    device: Device, readings: Sequence[ArtifactReading], events: Iterable[ClockEvent], seen: RecordsSeen
) -> ClockStatement:
    """Return the statement for ``device`` from its artifacts, its clock's events and what its records say."""
    zone_texts: defaultdict[str, Stretch] = defaultdict(Stretch)
    boots: defaultdict[ActionType, Stretch] = defaultdict(Stretch)
    changes: list[ClockChange] = []
    for each in events:
        if each.change is not None:
            changes.append(each.change)
        elif each.time_zone:
            zone_texts[each.time_zone].add(each.ticks)
        boots[each.action].add(each.ticks)
    own = {name.casefold() for name in (device.name, *device.names)}
    names = {name: stretch for name, stretch in seen.names.items() if name.casefold() in own}
    return ClockStatement(
        zones=tuple(zone for each in readings for zone in _zones(each)),
        zone_texts=_in_order(zone_texts),
        boots={action: boots[action] for action in BOOTS if action in boots},
        changes=tuple(sorted(changes, key=lambda each: (each.ticks, each.channel, each.number))),
        backwards=tuple(each for reading in readings for each in _backwards(reading)),
        names=_in_order(names),
        log_offsets=_in_order(seen.offsets),
        spans=tuple(each for reading in readings for each in _span(reading)),
    )


def _in_order(named: Mapping[str, Stretch]) -> tuple[Named, ...]:
    every = (Named(text, stretch) for text, stretch in named.items())
    return tuple(sorted(every, key=lambda each: (each.stretch.first or 0, each.text)))


def _zones(reading: ArtifactReading) -> Iterator[HiveZone]:
    """Give the time zone of each control set; of a replayed hive only where it is another."""
    artifact = reading.artifact
    file_zones: list[tuple[int, bool, TimeZone]] = []
    for hive, replayed in ((reading.hive, False), (reading.replayed, True)):
        for each in () if hive is None else hive.control_sets:
            if each.time_zone is not None and (each.number, each.current, each.time_zone) not in file_zones:
                file_zones.append((each.number, each.current, each.time_zone))
                place = artifact.evidence_id, artifact.path
                yield HiveZone(*place, each.number, each.current, replayed, each.time_zone)


def _continuity(ledger: EventLogLedger) -> Continuity:
    """Return that of the records' own ids; in a log of several computers' forwarded records the headers'."""
    forwarded = ledger.ids_differ and len(ledger.computers) > 1
    return ledger.completeness.in_file if forwarded else ledger.completeness.own


def _span(reading: ArtifactReading) -> Iterator[LogSpan]:
    ledger, artifact = reading.ledger, reading.artifact
    if ledger is not None:
        span = ledger.first_written, ledger.last_written
        yield LogSpan(artifact.evidence_id, artifact.path, ledger.channels, ledger.framed, *span)


def _backwards(reading: ArtifactReading) -> Iterator[LogBackwards]:
    """Give a log in which a record is more than a second earlier than the one with the id before."""
    if reading.ledger is None:
        return
    own, artifact = _continuity(reading.ledger), reading.artifact
    listed = tuple(each for each in own.largest_steps_back if each.ticks > TOLERANCE_TICKS)
    if listed:
        all_listed = len(listed) < len(own.largest_steps_back) or own.steps_back == len(listed)
        yield LogBackwards(artifact.evidence_id, artifact.path, own.steps_back, listed, all_listed)
