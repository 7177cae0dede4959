"""Which sources a machine's evidence does not hold, and what can therefore not be seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.artifact_reading import ArtifactReading
    from forensics.device import Device
    from forensics.pipeline import Analysis


class Channel(NamedTuple):
    """A channel of event logs that is expected, what its log is called, and what is said of its absence."""

    name: str
    log: str
    absent: str


NO_SYSMON: Final = (
    "no record of a Sysmon log, so image loads cannot be seen, nor process starts that the Security log "
    "does not have"
)
NO_SYSTEM: Final = "no record of a System log, so service installations cannot be seen"
NO_SECURITY: Final = (
    "no record of a Security log, so audited process starts and services, tasks, logons and the clearing of "
    "that log cannot be seen"
)
NO_TASKS: Final = "no record of a Task Scheduler log, so tasks that were created or run cannot be seen in it"
NO_FIREWALL: Final = "no record of a Windows Firewall log, so rules that were added or deleted cannot be seen"
NO_APPLICATION: Final = "no record of an Application log, so installations by MSI cannot be seen"
NO_LOGS: Final = "no transaction logs of {}, which was not written out: its latest changes cannot be seen"
NO_HIVE: Final = (
    "no SYSTEM hive, so service keys, firewall rules, program runs that it keeps and the edition of Windows "
    "cannot be seen"
)
NO_FILES: Final = "no file of RustDesk's own, so its logs and configuration cannot be seen"

CHANNELS: Final = (
    Channel("Microsoft-Windows-Sysmon/Operational", "Sysmon log", NO_SYSMON),
    Channel("System", "System log", NO_SYSTEM),
    Channel("Security", "Security log", NO_SECURITY),
    Channel("Microsoft-Windows-TaskScheduler/Operational", "Task Scheduler log", NO_TASKS),
    Channel(
        "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",
        "Windows Firewall log",
        NO_FIREWALL,
    ),
    Channel("Application", "Application log", NO_APPLICATION),
)
"""The channels without which much cannot be seen; PowerShell's, Defender's and OpenSSH's are a bonus."""

NEVER_EXAMINED: Final = (
    "deleted keys and values of the SYSTEM hive",
    "files on disk but for RustDesk's own logs and configuration, startup links and Prefetch",
    "the file system's own records (MFT, USN journal)",
    "the SOFTWARE hive and users' hives",
    "network captures, memory and the operator's own machine",
)
"""What this version never looks at, whatever the evidence holds."""


def absent_sources(analysis: Analysis) -> Sequence[tuple[str, str]]:
    """Return, machine by machine, the sources that were expected and are not in the evidence.

    Of a log that several machines share it is not known which of its channels each of them filled; it counts
    for all of them.
    """
    machines = [(each.name, readings_of(analysis, each)) for each in analysis.read.devices.all]
    # Where no artifact names a machine or holds an event of one, the whole evidence counts as one's.
    return [
        (name, what)
        for name, readings in machines or [("", analysis.read.readings)]
        for what in _absent(readings)
    ]


def absent_in_short(analysis: Analysis) -> Sequence[tuple[str, str]]:
    """Return, for each machine that lacks sources, what these are called, in one line."""
    names: dict[str, list[str]] = {}
    for machine, what in absent_sources(analysis):
        names.setdefault(machine, []).append(_SHORT.get(what, what))
    return [(machine, ", ".join(each)) for machine, each in names.items()]


def _absent(readings: Sequence[ArtifactReading]) -> Iterator[str]:
    channels = {channel.casefold() for each in readings if each.ledger for channel in each.ledger.channels}
    yield from (expected.absent for expected in CHANNELS if expected.name.casefold() not in channels)
    yield from (NO_LOGS.format(each.artifact.path) for each in readings if _waits(each))
    if not any(each.hive for each in readings):
        yield NO_HIVE
    if not any(each.artifact.kind in _OWN_FILES for each in readings):
        yield NO_FILES


def _waits(reading: ArtifactReading) -> bool:
    """Whether a hive is dirty and none of its transaction logs is in the evidence."""
    return reading.hive is not None and reading.hive.base_block.dirty and not reading.hive_logs


def readings_of(analysis: Analysis, device: Device) -> tuple[ArtifactReading, ...]:
    """Return the artifacts that are of ``device``."""
    return tuple(analysis.read.readings[key] for key in analysis.read.devices.artifacts_of(device))


_OWN_FILES: Final = frozenset({"application_log", "application_configuration"})
_SHORT: Final = {
    **{channel.absent: channel.log for channel in CHANNELS},
    NO_HIVE: "SYSTEM hive",
    NO_FILES: "RustDesk's own files",
}
