"""What could not have been seen of a machine although its logs and hives are there, and for which span.

A log that is there and has no record of a kind says either that nothing of the kind happened or that it was
not recorded: Sysmon records what its configuration asks for, the Security log what the audit policy does.
Which of the two it was, no record says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.records_seen import Kind, RecordsSeen, Stretch
from forensics.report.absent_sources import CHANNELS, readings_of
from forensics.report.words import UNNAMED, count, span, time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.artifact_reading import ArtifactReading
    from forensics.clock_statement import ClockStatement
    from forensics.device import Device
    from forensics.pipeline import Analysis
    from forensics.timeline_row import TimelineRow


class Unrecorded(NamedTuple):
    """Events that a log may have, and what cannot be seen in a log that has none of them."""

    channel: str
    provider: str
    event_ids: tuple[int, ...]
    unseen: str


SYSMON: Final = "Microsoft-Windows-Sysmon/Operational"
_SYSMON: Final = "microsoft-windows-sysmon"
_AUDITING: Final = "microsoft-windows-security-auditing"
_CONFIGURED: Final = "either there were none, or Sysmon's configuration does not ask for them"
_AUDITED: Final = "either there were none, or the audit policy does not ask for them"

UNRECORDED: Final = (
    Unrecorded(SYSMON, _SYSMON, (1,), f"process starts cannot be seen in it: {_CONFIGURED}"),
    Unrecorded(SYSMON, _SYSMON, (7,), f"image loads cannot be seen: {_CONFIGURED}"),
    Unrecorded(SYSMON, _SYSMON, (3,), f"network connections cannot be seen: {_CONFIGURED}"),
    Unrecorded(SYSMON, _SYSMON, (11,), f"files as they were created cannot be seen: {_CONFIGURED}"),
    Unrecorded(SYSMON, _SYSMON, (12, 13, 14), f"changes of the registry cannot be seen: {_CONFIGURED}"),
    Unrecorded(SYSMON, _SYSMON, (22,), f"DNS queries cannot be seen: {_CONFIGURED}"),
    Unrecorded("Security", _AUDITING, (4688,), f"process starts cannot be seen in it: {_AUDITED}"),
    Unrecorded("Security", _AUDITING, (4697,), f"services as they were installed cannot be seen: {_AUDITED}"),
    Unrecorded(
        "Security", _AUDITING, (4698, 4699, 4700, 4701, 4702), f"tasks cannot be seen in it: {_AUDITED}"
    ),
    Unrecorded(
        "System",
        "service control manager",
        (7036,),
        "starts and stops of services cannot be seen in it: Windows 10 and later mostly do not record them",
    ),
)

_FILE_TIME: Final = "last modified"
"""Part of what a time means that is a file's own and may be older than its machine."""


def unseen(analysis: Analysis) -> Iterator[str]:
    """Give a sentence, with its machine and span, for everything that its sources could not have shown."""
    for device in analysis.read.devices.all:
        name = device.name or UNNAMED
        yield from (f"{name}: {what}." for what in _of_machine(analysis, device))


def _of_machine(analysis: Analysis, device: Device) -> Iterator[str]:
    statement = analysis.concluded.clocks.statements[device.device_id]
    seen = analysis.read.seen.get(device.device_id, RecordsSeen())
    yield from _unrecorded(statement, seen)
    yield from _without_command_line(seen)
    yield from _begun_late(statement, [row for row in analysis.rows if row.device_id == device.device_id])
    for reading in readings_of(analysis, device):
        yield from _without_runs(reading)


def _unrecorded(statement: ClockStatement, seen: RecordsSeen) -> Iterator[str]:
    for each in UNRECORDED:
        cover = statement.cover(each.channel)
        if cover.count and not seen.of(each.provider, *each.event_ids).count:
            ids = _either(each.event_ids)
            log = _log_name(each.channel)
            yield f"its {log} log, {span(cover.first, cover.last)}, has no event {ids}, so {each.unseen}"


def _without_command_line(seen: RecordsSeen) -> Iterator[str]:
    """Say whether audited process starts have no command line, which is a setting of its own."""
    starts = seen.of(_AUDITING, 4688)
    without = starts.count - seen.command_lines.get(Kind(_AUDITING, "4688"), Stretch()).count
    if without:
        audited = f"its {count(starts.count, 'audited process start')} (4688)"
        told = f"none of {audited} has a" if without == starts.count else f"{without:,} of {audited} have no"
        yield (
            f"{told} command line ({span(starts.first, starts.last)}): what such a process was told to do "
            "cannot be seen; Windows records it only where a policy of its own asks for it"
        )


def _begun_late(statement: ClockStatement, rows: Sequence[TimelineRow]) -> Iterator[str]:
    """Say which logs begin later than the machine's first finding."""
    moments = [
        row for row in rows if row.finding.startswith("rustdesk_") and _FILE_TIME not in row.timestamp_desc
    ]
    if not moments:
        return
    first = moments[0]
    for channel in (each.name for each in CHANNELS):
        begin = statement.cover(channel).first
        if begin is not None and begin > first.ticks:
            yield (
                f"its {_log_name(channel)} log begins on {time(begin)}, later than its first finding (row "
                f"{first.row:,}, {time(first.ticks)}): what it may have held of the time before cannot be "
                "seen"
            )


def _without_runs(reading: ArtifactReading) -> Iterator[str]:
    hives = [each for each in (reading.hive, reading.replayed) if each is not None]
    if hives and not any(each.last_runs for hive in hives for each in hive.control_sets):
        artifact = reading.artifact
        yield (
            f"the hive {artifact.evidence_id}: {artifact.path} has no entries of BAM or DAM, so the last "
            "runs of programs, which these keep for some days, cannot be seen"
        )


def _log_name(channel: str) -> str:
    return channel.removeprefix("Microsoft-Windows-").partition("/")[0]


def _either(event_ids: Sequence[int]) -> str:
    *others, last = map(str, event_ids)
    return f"{', '.join(others)} or {last}" if others else last
