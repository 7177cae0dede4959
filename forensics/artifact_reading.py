"""Artifacts to events: every artifact read once, its events stored, and what became of it accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from forensics.device import Sighting, find_devices
from forensics.event_model.device_info import device_info
from forensics.event_model.service_key import host_name, service_values
from forensics.event_model.sources import LOG_SOURCES, to_event
from parsers.errors import ParserError
from parsers.evidence.source import ArtifactKind
from parsers.evtx.event_log import read_event_log
from parsers.evtx.record import EventLogLedger
from parsers.hive.system_hive import read_system_hive

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from forensics.device import Device, Devices
    from forensics.event_model.event import Event
    from forensics.store import EventStore
    from parsers.damage import Damage
    from parsers.evidence.source import Artifact
    from parsers.evtx.sweep import Reader
    from parsers.hive.record import ControlSet, SystemHive

WANTED: Final = frozenset(LOG_SOURCES)


@dataclass(frozen=True, slots=True)
class ArtifactReading:
    """What became of one artifact: its ledger or its hive, or the reason why neither could be had.

    ``events`` is how many were stored; with a ``failure`` they are those before it, none as a rule.
    """

    artifact: Artifact
    events: int
    ledger: EventLogLedger | None = None
    hive: SystemHive | None = None
    failure: str | None = None

    @property
    def damage(self) -> tuple[Damage, ...]:
        """What could not be read inside the artifact."""
        if self.ledger is not None:
            return self.ledger.damage
        return self.hive.damage if self.hive is not None else ()


class ArtifactReader:
    """Reads artifacts into ``store``, one after the other, and then tells their machines apart."""

    def __init__(self, store: EventStore, reader: Reader, executor: Executor | None) -> None:
        self._store = store
        self._reader = reader
        self._executor = executor
        self._readings: list[ArtifactReading] = []
        self._places: dict[tuple[int, str], int] = {}

    def read(self, artifact: Artifact) -> ArtifactReading:
        """Store the events of ``artifact``; a failure costs this artifact only."""
        read = self._read_log if artifact.kind is ArtifactKind.EVENT_LOG else self._read_hive
        reading = read(artifact)
        self._readings.append(reading)
        return reading

    def finish(self) -> Devices:
        """Write the event tables, now that all that names a machine has been read."""
        devices = find_devices(self._sighting(key, each) for key, each in enumerate(self._readings))
        owners = [devices.of(key, computer).device_id for key, computer in self._places]
        for device in devices.all:
            self._add_device(device, devices, len(owners))
            owners.append(device.device_id)
        self._store.finish(owners)
        return devices

    def _read_log(self, artifact: Artifact) -> ArtifactReading:
        events = 0
        ledger: EventLogLedger | None = None
        try:
            for item in read_event_log(artifact, WANTED, self._reader, self._executor):
                if isinstance(item, EventLogLedger):
                    ledger = item
                else:
                    self._add(to_event(item), artifact)
                    events += 1
        except (ParserError, OSError) as error:
            return ArtifactReading(artifact, events, failure=_reason(error))
        return ArtifactReading(artifact, events, ledger=ledger)

    def _read_hive(self, artifact: Artifact) -> ArtifactReading:
        events = 0
        try:
            with artifact.source.open_() as stream:
                hive = read_system_hive(stream.read(), artifact.path)
        except (ParserError, OSError) as error:
            return ArtifactReading(artifact, events, failure=_reason(error))
        for control_set in hive.control_sets:
            for event in service_values(control_set, _hive_name(hive)):
                self._add(event, artifact)
                events += 1
        return ArtifactReading(artifact, events, hive=hive)

    def _add(self, event: Event, artifact: Artifact) -> None:
        place = len(self._readings), event.origin.device_name
        self._store.add(event, artifact, self._places.setdefault(place, len(self._places)))

    def _sighting(self, key: int, reading: ArtifactReading) -> Sighting:
        if reading.ledger is not None:
            return _sighting_of_log(key, reading.artifact, reading.ledger)
        if reading.hive is not None:
            return _sighting_of_hive(key, reading.artifact, reading.hive)
        # Where reading broke off there is no ledger, but the events before that are stored.
        return _sighting_of_events(key, reading.artifact, [name for at, name in self._places if at == key])

    def _add_device(self, device: Device, devices: Devices, place: int) -> None:
        """Add the DeviceInfo row of ``device``; the first of its artifacts stands for all."""
        own = [self._readings[key] for key in devices.artifacts_of(device)]
        last_seen = max((_last_seen(reading) for reading in own), default=0)
        event = device_info(device, last_seen, f"{len(own)} {'artifact' if len(own) == 1 else 'artifacts'}")
        self._store.add(event, own[0].artifact, place)


def _sighting_of_log(key: int, artifact: Artifact, ledger: EventLogLedger) -> Sighting:
    return Sighting(
        key=key,
        evidence_id=artifact.evidence_id,
        source_path=artifact.path,
        names=ledger.computers,
        latest=ledger.last_computer,
        one_machine=not ledger.ids_differ,
    )


def _sighting_of_hive(key: int, artifact: Artifact, hive: SystemHive) -> Sighting:
    described = _described(hive)
    name = _hive_name(hive)
    return Sighting(
        key=key,
        evidence_id=artifact.evidence_id,
        source_path=artifact.path,
        names=(name,),
        latest=name,
        one_machine=True,
        is_hive=True,
        product_type=None if described is None else described.product_type,
    )


def _sighting_of_events(key: int, artifact: Artifact, names: Sequence[str]) -> Sighting:
    return Sighting(
        key=key,
        evidence_id=artifact.evidence_id,
        source_path=artifact.path,
        names=tuple(names),
        latest=names[-1] if names else "",
        one_machine=len(names) < 2,  # noqa: PLR2004 - which of several is the latest cannot be told
    )


def _described(hive: SystemHive) -> ControlSet | None:
    """Return the control set to describe the machine by: the current one, or else the first."""
    return hive.current or next(iter(hive.control_sets), None)


def _hive_name(hive: SystemHive) -> str:
    described = _described(hive)
    return "" if described is None else host_name(described)


def _last_seen(reading: ArtifactReading) -> int:
    """Return the latest time that the artifact has, in ticks; 0 where it has none."""
    if reading.ledger is not None:
        return reading.ledger.last_written or 0
    sets = reading.hive.control_sets if reading.hive is not None else ()
    return max((service.last_written for each in sets for service in each.services), default=0)


def _reason(error: ParserError | OSError) -> str:
    if isinstance(error, ParserError):
        return error.reason
    return error.strerror or str(error)
