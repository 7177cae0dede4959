"""The files of a case folder, written in order; SHA256SUMS last."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from forensics.case_folder import RUN_NAME
from forensics.recorded_request import write_rules
from forensics.report.attack_layer import LAYER_NAME, attack_layer
from forensics.report.context import context
from forensics.report.html_report import REPORT_NAME, write_report
from forensics.report.json_document import write_json_document
from forensics.report.limitations import limitations
from forensics.report.manifest import MANIFEST_NAME, write_manifest
from forensics.report.signature import sign_manifest
from forensics.report.table_csv import rows_of, write_rows_csv
from forensics.report.timeline_csv import write_timeline_csv
from forensics.report.timeline_excel import write_timeline_excel
from forensics.report.timeline_jsonl import write_timeline_jsonl
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.case_folder import CaseFolder
    from forensics.pipeline import Analysis
    from forensics.report.json_document import JsonValue
    from forensics.request import Request
    from forensics.rule_run import RuleOutcome
    from forensics.run_record import RunRecord

EVENTS_NAME: Final = "events"
"""The folder of the event tables."""

PROJECTED: Final = ("Timestamp", "DeviceName", "FileName", "ProcessCommandLine", "FolderPath", "ReportId")
"""The shipped rule's columns, as its text names them."""

_UNIX_EPOCH: Final = filetime.from_text("1970-01-01T00:00:00Z") // filetime.TICKS_PER_MICROSECOND
_MICROSECOND_DIGITS: Final = 6


def write_case(folder: CaseFolder, request: Request, analysis: Analysis, record: RunRecord) -> str:
    """Write all files of the case but its events; return the digest of SHA256SUMS."""
    with folder.open_text("timeline.csv") as stream:
        write_timeline_csv(analysis.rows, stream)
    with folder.open_text("timeline.jsonl") as stream:
        write_timeline_jsonl(analysis.rows, stream)
    if request.excel:
        with folder.open_text("timeline.excel.csv") as stream:
            write_timeline_excel(analysis.rows, stream)
    for outcome in analysis.outcomes:
        _write_results(folder, outcome)
    write_rules(folder, request.rules)
    with folder.open_text("context.json") as stream:
        write_json_document(context(analysis), stream)
    with folder.open_text(LAYER_NAME) as stream:
        rules = (outcome.rule for outcome in analysis.outcomes)
        write_json_document(attack_layer(analysis.rows, rules), stream)
    with folder.open_text("limitations.txt") as stream:
        stream.write(limitations(analysis))
    with folder.open_text(REPORT_NAME) as stream:
        write_report(analysis, stream)
    run = record.finish(analysis.read.evidence, analysis.changed, counts(analysis))
    with folder.open_text(RUN_NAME) as stream:
        write_json_document(run, stream)
    with folder.writing(MANIFEST_NAME):
        sha256 = write_manifest(folder.path)
        sign_manifest(folder.path, request.signer, query=request.timestamp_query)
    return sha256


def counts(analysis: Analysis) -> dict[str, JsonValue]:
    """Return the numbers that sum up a run: records accounted for, events, findings."""
    ledgers = [each.ledger for each in analysis.read.readings if each.ledger is not None]
    shipped = [each for each in analysis.outcomes if each.table is None]
    return {
        "artifacts": len(analysis.read.readings),
        "artifacts_not_read": sum(each.failure is not None for each in analysis.read.readings),
        "files_unreadable": sum(len(each.unreadable) for each in analysis.read.evidence),
        "damage": sum(len(each.damage) for each in analysis.read.readings),
        "hives_not_replayed": sum(each.not_replayed is not None for each in analysis.read.readings),
        "records_framed": sum(each.framed for each in ledgers),
        "records_emitted": sum(each.emitted for each in ledgers),
        "records_irrelevant": sum(each.irrelevant for each in ledgers),
        "records_failed": sum(each.failed for each in ledgers),
        "records_recovered": sum(each.recovered for each in ledgers),
        "events": dict(analysis.read.event_counts),
        "devices": len(analysis.read.devices.all),
        "findings": dict(sorted(Counter(row.finding for row in analysis.rows).items())),
        "findings_outside_period": analysis.left_out,
        "records_of_findings": dict(analysis.second.counts),
        "rule_rows_as_written": sum(row.multiplicity for each in shipped for row in each.results),
    }


def _write_results(folder: CaseFolder, outcome: RuleOutcome) -> None:
    """Write the shipped rule's rows to rule_results.csv, and any other rule's to a file of its own."""
    table = outcome.table
    if table is None:
        with folder.open_text("rule_results.csv") as stream:
            write_rows_csv((*PROJECTED, "multiplicity"), _shipped_rows(outcome), stream)
        return
    with folder.open_text(f"rule_results/{outcome.rule.rule_id}.csv") as stream:
        write_rows_csv(table.column_names, rows_of(table), stream)


def _shipped_rows(outcome: RuleOutcome) -> Iterator[tuple[object, ...]]:
    """Give the rows as projected: the time in microseconds, which is what the engine's clock has."""
    for result in outcome.results:
        ticks = (result.timestamp + _UNIX_EPOCH) * filetime.TICKS_PER_MICROSECOND
        yield (filetime.to_text(ticks, _MICROSECOND_DIGITS), *result[1:])
