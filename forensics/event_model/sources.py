"""Which records of event logs become events, and by which function.

Each module of this package that reads event logs names its events in a mapping of its own, ``SOURCES``.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model import (
    defender_antivirus,
    log_cleared,
    logon,
    openssh,
    powershell,
    scheduled_task,
    security_process,
    security_service,
    service_control,
    service_state,
    sysmon,
    sysmon_file,
    sysmon_network,
    sysmon_pipe,
    sysmon_registry,
    system_clock,
    system_uptime,
    task_scheduler,
    windows_firewall,
    windows_installer,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forensics.event_model.event import Event, LogSources
    from parsers.evtx.record import EvtxRecord

_ALL: Final[tuple[LogSources, ...]] = (
    sysmon.SOURCES,
    service_control.SOURCES,
    service_state.SOURCES,
    security_process.SOURCES,
    security_service.SOURCES,
    scheduled_task.SOURCES,
    task_scheduler.SOURCES,
    logon.SOURCES,
    log_cleared.SOURCES,
    system_clock.SOURCES,
    system_uptime.SOURCES,
    sysmon_network.SOURCES,
    sysmon_file.SOURCES,
    sysmon_registry.SOURCES,
    sysmon_pipe.SOURCES,
    windows_firewall.SOURCES,
    windows_installer.SOURCES,
    defender_antivirus.SOURCES,
    powershell.SOURCES,
    openssh.SOURCES,
)


def _merged(each_of: Iterable[LogSources]) -> LogSources:
    merged: LogSources = MappingProxyType({})
    for sources in each_of:
        if not merged.keys().isdisjoint(sources):
            raise ValueError(f"two functions read {sorted(merged.keys() & sources.keys())}")
        merged = MappingProxyType({**merged, **sources})
    return merged


LOG_SOURCES: Final[LogSources] = _merged(_ALL)
"""By provider in lower case and event id."""


def to_event(record: EvtxRecord) -> Event | None:
    """Return the event that ``record``, one of those asked for, is; None where it says nothing that is kept.

    A command of PowerShell that does not name what is looked for is such a record.
    """
    event = LOG_SOURCES[record.provider.lower(), record.event_id](record)
    if event is None or not record.text_altered:
        return event
    return replace(event, text_altered=True)
