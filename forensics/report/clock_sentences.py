"""The clock statement of each machine in sentences, as limitations.txt has it."""

from __future__ import annotations

from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.clock_statement import CLOCK_CHANNELS
from forensics.event_model.action_type import ActionType
from forensics.report.words import count, seconds, span, time, times

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from forensics.clock_statement import ClockStatement, HiveZone, LogBackwards
    from parsers.hive.record import TimeZone

NO_CHANGE: Final = "no clock-change record was found in the logs supplied"
NO_CHANGE_LOG: Final = (
    "no System log and no Security log was supplied, so whether its clock was changed cannot be seen"
)
STATE: Final = "as the hive was last written, which is a state and no history"

BOOT_WORDS: Final[Mapping[ActionType, str]] = MappingProxyType(
    {
        ActionType.SYSTEM_STARTED: "system started (Kernel-General 12)",
        ActionType.SYSTEM_STOPPED: "system stopped (Kernel-General 13)",
        ActionType.EVENT_LOG_STARTED: "event log started (6005)",
        ActionType.EVENT_LOG_STOPPED: "event log stopped (6006)",
        ActionType.UNEXPECTED_SHUTDOWN: "unexpected shutdown noticed (6008)",
    }
)


def clock_sentences(statement: ClockStatement) -> Iterator[str]:
    """Give the statement in sentences without a full stop, each to stand behind the machine's name."""
    yield from _time_zone(statement)
    yield _boots(statement)
    yield _changes(statement)
    yield _order(statement)
    yield from _names(statement)
    yield from _log_offsets(statement)
    yield _spans(statement)


def _time_zone(statement: ClockStatement) -> Iterator[str]:
    if not statement.zones:
        yield "no hive was supplied that says its time zone"
    alike: dict[tuple[str, str, TimeZone, bool], list[HiveZone]] = defaultdict(list)
    for each in statement.zones:
        alike[each.evidence_id, each.path, each.zone, each.replayed].append(each)
    for (evidence_id, path, zone, replayed), group in alike.items():
        sets = " and ".join(f"{each.control_set}{' (current)' * each.current}" for each in group)
        logs = ", with its transaction logs applied" if replayed else ""
        name = zone.key_name or "a zone without a name"
        biases = f"bias {_minutes(zone.bias)}, active bias {_minutes(zone.active_bias)}"
        yield (
            f"time zone {name}, {biases} (minutes from local time to UTC), in control set {sets} of "
            f"{evidence_id}: {path}{logs}, {STATE}; by it no time of this case was converted"
        )
    if statement.zone_texts:
        texts = "; ".join(f'"{each.text}" in {times(each.stretch)}' for each in statement.zone_texts)
        yield f"time zone as its uptime records (6013) name it, which is a history: {texts}"
    else:
        yield "no uptime record (6013) was found in the logs supplied: they give no history of the time zone"


def _boots(statement: ClockStatement) -> str:
    told = [
        f"{words} in {times(statement.boots[action])}"
        for action, words in BOOT_WORDS.items()
        if action in statement.boots
    ]
    if not told:
        return "no record of a start or a stop was found in the logs supplied"
    return f"starts and stops: {'; '.join(told)}"


def _changes(statement: ClockStatement) -> str:
    cover = _cover(statement)
    if not statement.changes:
        return NO_CHANGE_LOG if cover is None else f"{NO_CHANGE}; {cover}"
    first, last = statement.changes[0].ticks, statement.changes[-1].ticks
    told = (
        f"{count(len(statement.changes), 'record')} of a change of the clock {span(first, last)} "
        "(Kernel-General 1, Security 4616; one change may have a record in each log)"
    )
    return "; ".join([told, *_jumps(statement), *([] if cover is None else [cover])])


def _jumps(statement: ClockStatement) -> Iterator[str]:
    largest = statement.largest_jump
    if largest is None:
        yield "none of these is known to have moved it by a second or more"
    else:
        yield (
            f"{len(statement.jumps):,} of these moved it by a second or more, the furthest by "
            f"{seconds(largest.shift or 0)}, from {time(largest.old)} to {time(largest.new)} (record "
            f"{largest.number:,} of {largest.channel}); rows near a jump, and rows at times that the clock "
            "passed twice, are flagged clock_jump"
        )
    if statement.untold:
        yield f"{len(statement.untold):,} of these do not say in UTC by how much it was moved"


def _cover(statement: ClockStatement) -> str | None:
    """Say from when to when the logs go in which changes would be, or return None where there are none."""
    covers = {channel: statement.cover(channel) for channel in CLOCK_CHANNELS}
    known = {channel: each for channel, each in covers.items() if each.count}
    if not known:
        return None
    first = min((each.first for each in known.values() if each.first is not None), default=None)
    last = max((each.last for each in known.values() if each.last is not None), default=None)
    parts = (f"{channel} {span(each.first, each.last)}" for channel, each in known.items())
    detail = f" ({'; '.join(parts)})" if len(known) > 1 else f" (the {next(iter(known))} log alone)"
    return f"they cover {time(first)} to {time(last)}{detail}"


def _order(statement: ClockStatement) -> str:
    if not statement.spans:
        return "no event log was supplied, so nothing tells in which order its clock's times came"
    if not statement.backwards:
        return "in none of its logs do times run backwards by more than a second"
    told = "; ".join(_backwards_sentence(each) for each in statement.backwards)
    return f"times run backwards in {count(len(statement.backwards), 'log')}: {told}"


def _backwards_sentence(log: LogBackwards) -> str:
    largest = log.listed[0]
    often = f"{'' if log.all_listed else 'at least '}{count(len(log.listed), 'time')}"
    return (
        f"in {log.evidence_id}: {log.path} {often} by more than a second, the furthest by "
        f"{seconds(-largest.ticks)}, from record {largest.id_before:,} of "
        f"{time(largest.time_before)} to record {largest.id_after:,} of {time(largest.time_after)}"
    )


def _names(statement: ClockStatement) -> Iterator[str]:
    if len(statement.names) > 1:
        told = "; ".join(f"{each.text} in {times(each.stretch)}" for each in statement.names)
        yield f"its records have {len(statement.names)} names for it (renamed, or spelled anew): {told}"
    elif statement.names:
        (only,) = statement.names
        yield f"all of its records that name it call it {only.text}, in {times(only.stretch)}"


def _log_offsets(statement: ClockStatement) -> Iterator[str]:
    """Say by what the times of RustDesk's logs were made UTC."""
    if statement.log_offsets:
        told = "; ".join(f"{each.text} in {times(each.stretch, 'line')}" for each in statement.log_offsets)
        yield (
            "RustDesk's own logs have local times, each with its offset from UTC; they are given in UTC, by "
            f"the offset that each line states: {told}"
        )


def _spans(statement: ClockStatement) -> str:
    if not statement.spans:
        return "it has no event log here, so nothing covers any span"
    told = "; ".join(
        f"{', '.join(each.channels) or each.path} {span(each.first, each.last)}" for each in statement.spans
    )
    return f"its logs cover: {told}"


def _minutes(bias: int | None) -> str:
    return "not recorded" if bias is None else str(bias)
