"""Findings of which the evidence gives no time: they are no rows of the timeline, and context.json has them.

These are settings of RustDesk's and links whose files lay in a folder or an archive: what those say of a
file's time is the time of copying as often as not. A disk image has its file system's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.conclusions import Concluded
    from forensics.finding import Found
    from forensics.report.json_document import JsonValue
    from forensics.second_reading import SecondReading


def undated(concluded: Concluded) -> tuple[Found, ...]:
    """Return what was found and has no time, in order of its place in the evidence."""
    return tuple(each for each in concluded.found if not each.is_dated)


def undated_facts(concluded: Concluded, second: SecondReading) -> Iterator[JsonValue]:
    """Give what was found and has no time, with the names that the timeline's columns have."""
    for each in undated(concluded):
        event = each.event
        detail = each.finding.detail.rstrip(". ")
        yield {
            "timestamp_desc": event.time_means,
            "message": event.message + (f" [{detail}]" if detail else ""),
            "finding": each.rule.finding,
            "activity": each.activity,
            "severity": concluded.weighed[each.key].severity.value,
            "basis": each.rule.basis.value,
            "rule_id": each.rule.rule_id,
            "attack": list(each.rule.attack),
            "device_name": event.device_name,
            "device_id": event.device_id,
            "artifact": event.artifact,
            "channel_or_key": event.channel_or_key,
            "image_path": event.image_path,
            "command_line": event.command_line,
            "record_state": event.record_state,
            "altered_fields": event.altered_fields,
            "readers": second.of(event.report_id).cell,
            "copies": event.copies,
            "evidence_id": event.evidence_id,
            "source_path": event.source_path,
            "source_sha256": event.source_sha256,
            "locator": event.locator,
        }
