"""A finding: a rule that held for an event. And its row on the timeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from forensics.timeline_row import TimelineRow
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from forensics.device import Device
    from forensics.event_model.provenance import EventCopy, EventProvenance
    from forensics.rule import Rule


_RESTS_ON: Final = {
    "recovered": "recovered record: from slack, or from a chunk without its header",
    "log_replayed": "only in the hive's transaction logs",
}
"""What is said of a row by the state of its record."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``rule`` held for the event whose ReportId is ``report_id``.

    ``activity`` is what RustDesk did, in the contract's words; ``detail`` what the rule concludes beyond the
    record's own words, for the reader; ``server`` the host or address at the other end.
    """

    rule: Rule
    report_id: int
    activity: str = ""
    detail: str = ""
    server: str = ""


def to_timeline(
    findings: Iterable[Finding],
    events: Mapping[int, EventProvenance],
    copies: Mapping[int, Sequence[EventCopy]],
    devices: Sequence[Device],
) -> tuple[TimelineRow, ...]:
    """Return one row for each finding, in the contract's order, numbered from 1.

    ``copies`` are those of each event's record that do not speak.

    Rows of one time have an order (evidence, path, offset, finding, rule, event) so that two runs agree; it
    says nothing about which of them came first.
    """
    by_id = {device.device_id: device for device in devices}
    drafts = [
        _row(finding, events[finding.report_id], copies.get(finding.report_id, ()), by_id)
        for finding in findings
    ]
    drafts.sort(key=_order)
    return tuple(_numbered(row, number) for number, row in enumerate(drafts, start=1))


def _order(row: TimelineRow) -> tuple[int, str, str, int, str, str, int]:
    place = row.ticks, row.evidence_id, row.source_path, row.offset
    # Machines known from one log have one offset, and a damaged hive may show one value twice.
    return *place, row.finding, row.rule_id, row.report_id


def _numbered(row: TimelineRow, number: int) -> TimelineRow:
    return replace(row, row=number)


def _row(
    finding: Finding, event: EventProvenance, copies: Sequence[EventCopy], devices: Mapping[str, Device]
) -> TimelineRow:
    rule = finding.rule
    return TimelineRow(
        datetime=_datetime(event),
        timestamp_desc=event.time_means,
        message=_message(event),
        row=0,
        finding=rule.finding,
        activity="",
        severity=rule.severity.value,
        basis="observed",
        rule_id=rule.rule_id,
        attack=";".join(rule.attack),
        device_name=event.device_name,
        device_id=event.device_id,
        device_role=devices[event.device_id].role.value,
        user=event.user,
        artifact=event.artifact,
        channel_or_key=event.channel_or_key,
        provider=event.provider,
        event_id=event.event_id,
        record_id=event.record_id,
        service_name=event.service_name,
        image_path=event.image_path,
        command_line=event.command_line,
        parent_image=event.parent_image,
        parent_command_line=event.parent_command_line,
        process_id=event.process_id,
        process_guid=event.process_guid,
        hashes=event.hashes,
        raw_time=event.raw_time,
        time_flags=event.time_flags,
        record_state=event.record_state,
        altered_fields=event.altered_fields,
        readers="",
        copies=event.copies,
        evidence_id=event.evidence_id,
        source_path=event.source_path,
        source_sha256=event.source_sha256,
        locator=event.locator,
        ticks=event.ticks,
        offset=event.offset,
        report_id=event.report_id,
        other_copies=tuple(copies),
    )


def _message(event: EventProvenance) -> str:
    """Return the event's message, and say where it rests on what is in its source no more, or not yet."""
    said = _RESTS_ON.get(event.record_state)
    return event.message if said is None else f"{event.message} [{said}]"


def _datetime(event: EventProvenance) -> str:
    """Return the event's time with the digits that its source has, or ``""`` beyond the year 9999."""
    if event.ticks > filetime.MAX_TICKS:
        return ""
    return filetime.to_text(event.ticks, event.digits)
