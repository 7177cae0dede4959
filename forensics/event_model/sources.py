"""Which records of event logs become events, and by which function."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model import service_control, sysmon

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from forensics.event_model.event import Event
    from parsers.evtx.record import EvtxRecord

LOG_SOURCES: Final[Mapping[tuple[str, int], Callable[[EvtxRecord], Event]]] = MappingProxyType(
    {
        (sysmon.PROVIDER, sysmon.PROCESS_CREATED): sysmon.process_created,
        (sysmon.PROVIDER, sysmon.IMAGE_LOADED): sysmon.image_loaded,
        (service_control.PROVIDER, service_control.SERVICE_INSTALLED): service_control.service_installed,
    }
)
"""By provider in lower case and event id."""


def to_event(record: EvtxRecord) -> Event:
    """Return the event that ``record``, one of those asked for, is."""
    event = LOG_SOURCES[record.provider.lower(), record.event_id](record)
    return replace(event, text_altered=True) if record.text_altered else event
