"""Artifacts to events: every artifact read once, its events stored, and what became of it accounted for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from forensics.application_reading import FileLedger, read_file
from forensics.artifact_sighting import (
    hive_name,
    sighting_of_events,
    sighting_of_hive,
    sighting_of_log,
    sightings_of_recovered,
    with_loose_joined,
)
from forensics.device import find_devices
from forensics.event_model.device_info import device_info
from forensics.event_model.hive_records import hive_records
from forensics.event_model.service_key import replayed_values, service_values
from forensics.event_model.sources import LOG_SOURCES, to_event
from forensics.records_seen import RecordsSeen
from forensics.same_event import held_record_key, key_digest, record_key, value_key
from parsers.errors import ParserError
from parsers.evidence.source import ArtifactKind
from parsers.evtx.event_log import read_event_log
from parsers.evtx.record import EventLogLedger, EvtxRecord
from parsers.hive.replay_record import NamedLog, ReplayOutcome
from parsers.hive.views import read_system_hive_with_logs, undecoded_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from forensics.device import Device, Devices, Sighting
    from forensics.event_model.event import Event
    from forensics.store import EventStore
    from parsers.damage import Damage
    from parsers.evidence.source import Artifact
    from parsers.evtx.sweep import Reader
    from parsers.hive.record import SystemHive
    from parsers.hive.replay_record import Replay

WANTED: Final = frozenset(LOG_SOURCES)
_OFTEN: Final = 4 << 20
"""Bytes of a log after which is told how far it is read."""


@dataclass(frozen=True, slots=True)
class ArtifactReading:
    """What became of one artifact: its ledger, hive or file, or the reason why none could be had.

    ``events`` are those that were stored; with a ``failure`` they are those before it, none as a rule. Of a
    hive ``replay`` says what became of its transaction logs, and ``replayed`` is the hive that they make. A
    transaction log has neither ledger nor hive of its own.
    """

    artifact: Artifact
    events: int
    ledger: EventLogLedger | None = None
    hive: SystemHive | None = None
    replay: Replay | None = None
    replayed: SystemHive | None = None
    hive_logs: int = 0
    file: FileLedger | None = None
    failure: str | None = None

    @property
    def not_replayed(self) -> str | None:
        """Why transaction logs that lay beside a dirty hive do not give all of its changes, or None."""
        replay = self.replay
        if replay is None or replay.complete or replay.outcome is ReplayOutcome.NOT_NEEDED:
            return None
        return replay.reason.rstrip(".") if self.hive_logs else None

    @property
    def damage(self) -> tuple[Damage, ...]:
        """What could not be read inside the artifact."""
        if self.ledger is not None:
            return self.ledger.damage
        if self.file is not None:
            return self.file.damage
        return () if self.hive is None else (*self.hive.damage, *undecoded_values(self.hive, self.replayed))


class ArtifactReader:
    """Reads artifacts into ``store``, one after the other, and then tells their machines apart."""

    def __init__(
        self, store: EventStore, reader: Reader, executor: Executor | None, *, recover: bool = True
    ) -> None:
        self._store = store
        self._reader = reader
        self._executor = executor
        self._recover = recover
        self._readings: list[ArtifactReading] = []
        self._places: dict[tuple[int, str], int] = {}
        self._seen: list[RecordsSeen] = []

    def read(
        self,
        artifact: Artifact,
        hive_logs: Sequence[Artifact] = (),
        on_read: Callable[[int], None] = lambda _bytes: None,
    ) -> ArtifactReading:
        """Store the events of ``artifact``; a failure costs this artifact only.

        ``hive_logs`` are the transaction logs that lay beside it, if it is a hive. ``on_read`` is told every
        now and then how far a long log is read, in bytes.
        """
        match artifact.kind:
            case ArtifactKind.EVENT_LOG:
                reading = self._read_log(artifact, on_read)
            case ArtifactKind.SYSTEM_HIVE:
                reading = self._read_hive(artifact, hive_logs)
            case ArtifactKind.HIVE_LOG:
                reading = ArtifactReading(artifact, events=0)
            case _:
                reading = self._read_file(artifact)
        self._readings.append(reading)
        return reading

    def finish(self) -> Devices:
        """Write the event tables, now that all that names a machine has been read."""
        devices = find_devices(with_loose_joined(self._sightings()))
        owners = [devices.of(key, computer) for key, computer in self._places]
        for device in devices.all:
            self._add_device(device, devices, len(owners))
            owners.append(device)
        self._store.finish([each.device_id for each in owners], [each.name for each in owners])
        return devices

    def seen(self, devices: Devices) -> Mapping[str, RecordsSeen]:
        """Return which records were read of each machine, by DeviceId."""
        seen = {device.device_id: RecordsSeen() for device in devices.all}
        for (key, computer), place in self._places.items():
            seen[devices.of(key, computer).device_id].extend(self._seen[place])
        return seen

    def _read_log(self, artifact: Artifact, on_read: Callable[[int], None]) -> ArtifactReading:
        events = told = 0
        ledger: EventLogLedger | None = None
        try:
            for item in read_event_log(artifact, WANTED, self._reader, self._executor, recover=self._recover):
                if isinstance(item, EventLogLedger):
                    ledger = item
                else:
                    events += self._add_record(item, artifact)
                    if item.location.offset - told >= _OFTEN:
                        told = item.location.offset
                        on_read(told)
        except (ParserError, OSError) as error:
            return ArtifactReading(artifact, events, failure=_reason(error))
        return ArtifactReading(artifact, events, ledger=ledger)

    def _read_hive(self, artifact: Artifact, hive_logs: Sequence[Artifact]) -> ArtifactReading:
        try:
            logs = [NamedLog(each.path, _read(each)) for each in hive_logs]
            views = read_system_hive_with_logs(_read(artifact), logs, artifact.path)
        except (ParserError, OSError) as error:
            return ArtifactReading(artifact, events=0, failure=_reason(error))
        name = hive_name(views.base)
        rows = chain(
            *(service_values(each, name) for each in views.base.control_sets), replayed_values(views, name)
        )
        events = 0
        for event, held in rows:
            key = value_key(held.path, held.value, held.last_written, "", event.table)
            self._add(event, artifact, key_digest(key))
            events += 1
        for event, record in hive_records(views, name):
            self._add(event, artifact, key_digest(held_record_key(record, "", event.table)))
            events += 1
        replay = replace(views.replay, data=None)
        return ArtifactReading(
            artifact, events, hive=views.base, replay=replay, replayed=views.replayed, hive_logs=len(logs)
        )

    def _read_file(self, artifact: Artifact) -> ArtifactReading:
        events = 0
        ledger: FileLedger | None = None
        try:
            for item in read_file(artifact):
                if isinstance(item, FileLedger):
                    ledger = item
                else:
                    self._add(item.event, artifact, item.same_event)
                    events += 1
        except (ParserError, OSError) as error:
            return ArtifactReading(artifact, events, failure=_reason(error))
        return ArtifactReading(artifact, events, file=ledger)

    def _add_record(self, record: EvtxRecord, artifact: Artifact) -> int:
        """Store the event that a record is; return how many that are, 1 or 0."""
        event = to_event(record)
        if event is None:
            return 0
        self._add(event, artifact, key_digest(record_key(record, "", event.table)))
        return 1

    def _add(self, event: Event, artifact: Artifact, same_event: str) -> None:
        key = len(self._readings), event.origin.device_name
        place = self._places.setdefault(key, len(self._places))
        if place == len(self._seen):
            self._seen.append(RecordsSeen())
        self._seen[place].add(event)
        self._store.add(event, artifact, place, same_event)

    def _sightings(self) -> Iterator[Sighting]:
        """Give what each artifact says of its machine; one that says nothing is of none."""
        names_of: dict[int, list[str]] = defaultdict(list)
        for key, name in self._places:
            names_of[key].append(name)
        for key, reading in enumerate(self._readings):
            names = names_of[key]
            sighting = self._sighting(key, reading, names)
            if any(sighting.names) or names or reading.file is not None:
                yield sighting
            if reading.ledger is not None:
                yield from sightings_of_recovered(sighting, reading.ledger)

    def _sighting(self, key: int, reading: ArtifactReading, names: Sequence[str]) -> Sighting:
        if reading.ledger is not None:
            return sighting_of_log(key, reading.artifact, reading.ledger)
        if reading.hive is not None:
            return sighting_of_hive(key, reading.artifact, reading.hive)
        # Where reading broke off there is no ledger, but the events before that are stored.
        return sighting_of_events(key, reading.artifact, names)

    def _add_device(self, device: Device, devices: Devices, place: int) -> None:
        """Add the DeviceInfo row of ``device``; the first of its artifacts stands for all."""
        own = [self._readings[key] for key in devices.artifacts_of(device)]
        last_seen = max((_last_seen(reading) for reading in own), default=0)
        channels = [channel for each in own if each.ledger is not None for channel in each.ledger.channels]
        count = f"{len(own)} {'artifact' if len(own) == 1 else 'artifacts'}"
        event = device_info(device, last_seen, count, channels)
        self._store.add(event, own[0].artifact, place, f"machine {device.device_id}")


def _read(artifact: Artifact) -> bytes:
    with artifact.source.open_() as stream:
        return stream.read()


def _last_seen(reading: ArtifactReading) -> int:
    """Return the latest time that the artifact has, in ticks; 0 where it has none."""
    if reading.ledger is not None:
        return reading.ledger.last_written or 0
    if reading.file is not None:
        return reading.file.latest
    sets = reading.hive.control_sets if reading.hive is not None else ()
    return max((service.last_written for each in sets for service in each.services), default=0)


def _reason(error: ParserError | OSError) -> str:
    if isinstance(error, ParserError):
        return error.reason
    return error.strerror or str(error)
