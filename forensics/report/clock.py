"""The clock statement of each machine as context.json has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.clock_statement import CLOCK_CHANNELS
from forensics.report.clock_sentences import BOOT_WORDS, STATE
from forensics.report.words import seconds
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forensics.clock_change import ClockChange
    from forensics.clock_statement import ClockStatement, HiveZone, LogBackwards, Named
    from forensics.records_seen import Stretch
    from forensics.report.json_document import JsonValue
    from parsers.evtx.record_runs import StepBack

MOST_JUMPS: Final = 100
"""How many jumps context.json lists, the first in time; all are counted."""


def clock(statement: ClockStatement) -> JsonValue:
    """Return the statement as context.json has it."""
    jumps = statement.jumps
    return {
        "time_zones": [_zone(each) for each in statement.zones],
        "time_zone_texts": _named(statement.zone_texts),
        "starts_and_stops": [
            {"what": words, **_stretch(statement.boots[action])}
            for action, words in BOOT_WORDS.items()
            if action in statement.boots
        ],
        "clock_changes": {
            "records": len(statement.changes),
            "of_a_second_or_more": len(jumps),
            "of_unknown_amount": len(statement.untold),
            "largest": None if statement.largest_jump is None else _change(statement.largest_jump),
            "jumps": [_change(each) for each in jumps[:MOST_JUMPS]],
            "logs_that_would_show_them": {
                channel: _stretch(statement.cover(channel)) for channel in CLOCK_CHANNELS
            },
        },
        "times_run_backwards": [_backwards(each) for each in statement.backwards],
        "names": _named(statement.names),
        "rustdesk_log_offsets": _named(statement.log_offsets),
        "logs": [
            {
                "evidence_id": each.evidence_id,
                "path": each.path,
                "channels": list(each.channels),
                "records": each.records,
                "first_written": _time(each.first),
                "last_written": _time(each.last),
            }
            for each in statement.spans
        ],
    }


def _zone(zone: HiveZone) -> JsonValue:
    return {
        "evidence_id": zone.evidence_id,
        "path": zone.path,
        "control_set": zone.control_set,
        "current": zone.current,
        "replayed": zone.replayed,
        "key_name": zone.zone.key_name,
        "bias_minutes": zone.zone.bias,
        "active_bias_minutes": zone.zone.active_bias,
        "says": f"state {STATE}",
    }


def _named(named: Iterable[Named]) -> list[JsonValue]:
    return [{"text": each.text, **_stretch(each.stretch)} for each in named]


def _stretch(stretch: Stretch) -> dict[str, JsonValue]:
    return {"count": stretch.count, "first": _time(stretch.first), "last": _time(stretch.last)}


def _change(change: ClockChange) -> JsonValue:
    shift = change.shift
    return {
        "channel": change.channel,
        "record_id": change.number,
        "recorded": _time(change.ticks),
        "old": _time(change.old),
        "new": _time(change.new),
        "shift": None if shift is None else seconds(shift),
    }


def _backwards(log: LogBackwards) -> JsonValue:
    return {
        "evidence_id": log.evidence_id,
        "path": log.path,
        "steps": log.steps,
        "of_more_than_a_second": len(log.listed),
        "all_listed": log.all_listed,
        "largest": _step(log.listed[0]),
    }


def _step(step: StepBack) -> JsonValue:
    return {
        "from_record": step.id_before,
        "from_time": _time(step.time_before),
        "to_record": step.id_after,
        "to_time": _time(step.time_after),
    }


def _time(ticks: int | None) -> str | None:
    return None if ticks is None or ticks > filetime.MAX_TICKS else filetime.to_text(ticks)
