"""What was examined of each machine, as far as conclusions rest on it: which logs from when, which hives."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from forensics.artifact_reading import ArtifactReading
    from forensics.reading import ReadEvidence
    from parsers.hive.record import ControlSet


@dataclass(frozen=True, slots=True)
class MachineSources:
    """The sources of one machine. Times are ticks.

    ``first_written`` is by channel when the earliest of its logs begins, None where that is not known;
    ``hive_written`` when a key of each hive was last written; ``display_names`` are by the key's name in
    lower case what the hives' services are called, in lower case.
    """

    first_written: Mapping[str, int | None]
    hive_written: tuple[int, ...]
    display_names: Mapping[str, frozenset[str]]


def machine_sources(read: ReadEvidence) -> Mapping[str, MachineSources]:
    """Return the sources of each machine by DeviceId."""
    return {
        device.device_id: _sources([read.readings[key] for key in read.devices.artifacts_of(device)])
        for device in read.devices.all
    }


def _sources(readings: Iterable[ArtifactReading]) -> MachineSources:
    begins: dict[str, int | None] = {}
    written: list[int] = []
    names: dict[str, set[str]] = defaultdict(set)
    for reading in readings:
        if reading.ledger is not None:
            for channel in reading.ledger.channels:
                known = [
                    each for each in (begins.get(channel), reading.ledger.first_written) if each is not None
                ]
                begins[channel] = min(known, default=None)
        for hive in filter(None, (reading.hive, reading.replayed)):
            services = [service for each in hive.control_sets for service in each.services]
            written.append(max((service.last_written for service in services), default=0))
            _add_display_names(names, hive.control_sets)
    return MachineSources(begins, tuple(written), {name: frozenset(each) for name, each in names.items()})


def _add_display_names(names: dict[str, set[str]], control_sets: Iterable[ControlSet]) -> None:
    for each in control_sets:
        for service in each.services:
            if display_name := service.text("DisplayName"):
                names[service.name.casefold()].add(display_name.casefold())
