"""The account of one event log, as context.json has it: its records, its gaps, its times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from parsers import filetime

if TYPE_CHECKING:
    from forensics.report.json_document import JsonValue
    from parsers.evtx.continuity import Continuity, Gap
    from parsers.evtx.record import Cleared, EventLogLedger


SECURITY_CLEARED: Final = 1102


def log_ledger(ledger: EventLogLedger) -> JsonValue:
    """Return the ledger of one log."""
    complete = ledger.completeness
    return {
        "channels": list(ledger.channels),
        "computers": list(ledger.computers),
        "computers_of_recovered_records": list(ledger.recovered_computers),
        "chunks": ledger.chunks,
        "records_framed": ledger.framed,
        "records_emitted": ledger.emitted,
        "records_irrelevant": ledger.irrelevant,
        "records_failed": ledger.failed,
        "records_recovered": ledger.recovered,
        "first_written": _time(ledger.first_written),
        "last_written": _time(ledger.last_written),
        "dirty": ledger.dirty,
        "header_checksum_ok": ledger.header_crc_ok,
        "header_chunk_count": ledger.header_chunk_count,
        "chunks_with_bad_checksum": ledger.chunks_crc_bad,
        "record_ids_differ_from_headers": ledger.ids_differ,
        "record_ids": _continuity(complete.own),
        "cleared": [_cleared(each) for each in ledger.cleared],
    }


def what_is_absent(ledger: EventLogLedger) -> list[str]:
    """Return a sentence for the record numbers that are absent, and one for each record of a clearing."""
    absent = absent_records(ledger)
    return [*([absent] if absent else []), *map(cleared_sentence, ledger.cleared)]


def absent_records(ledger: EventLogLedger) -> str | None:
    """Say in a sentence which record numbers are absent from the file, or None where none is."""
    own = ledger.completeness.own
    if not own.gap_count:
        return None
    largest = max(own.gaps, key=lambda gap: gap.missing)
    where = f"the largest from {largest.first_missing:,} to {largest.last_missing:,}"
    numbers = f"{own.missing:,} record number{'s' * (own.missing != 1)}"
    gaps = f"{own.gap_count:,} gap{'s' * (own.gap_count != 1)}"
    return f"{numbers} in {gaps} {'are' if own.missing != 1 else 'is'} absent from this file, {where}"


def cleared_sentence(cleared: Cleared) -> str:
    """Say that a record tells of a cleared log."""
    what = "the Security log was cleared" if cleared.event_id == SECURITY_CLEARED else "a log was cleared"
    when = _time(cleared.written) or "at an unknown time"
    return f"record {cleared.record_id:,}, written {when}, says that {what}"


def _continuity(own: Continuity) -> JsonValue:
    return {
        "lowest": own.lowest_id,
        "highest": own.highest_id,
        "absent_from_this_file": own.missing,
        "gaps": own.gap_count,
        "largest_gaps": [_gap(each) for each in own.gaps],
        "repeated": own.repeated,
        "numbering_began_again": own.reset_count,
        "time_runs_backwards": own.steps_back,
        "largest_steps_back": [
            {
                "seconds": each.ticks // filetime.TICKS_PER_SECOND,
                "from_record": each.id_before,
                "from_time": _time(each.time_before),
                "to_record": each.id_after,
                "to_time": _time(each.time_after),
            }
            for each in own.largest_steps_back
        ],
    }


def _gap(gap: Gap) -> JsonValue:
    return {
        "first_missing": gap.first_missing,
        "last_missing": gap.last_missing,
        "time_before": _time(gap.time_before),
        "time_after": _time(gap.time_after),
    }


def _cleared(cleared: Cleared) -> JsonValue:
    return {
        "event_id": cleared.event_id,
        "record_id": cleared.record_id,
        "written": _time(cleared.written),
    }


def _time(ticks: int | None) -> str | None:
    if not ticks or ticks > filetime.MAX_TICKS:
        return None
    return filetime.to_text(ticks)
