"""What the terminal shows: progress while it runs, and a summary at the end."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Final

from forensics.case_report import counts
from forensics.device_role import DeviceRole
from forensics.report.absent_sources import absent_in_short
from forensics.report.json_document import to_json
from forensics.report.limitations import how_it_failed, what_was_found
from forensics.report.log_ledger import what_is_absent
from forensics.report.summary_table import findings_table
from forensics.report.undated_facts import undated
from forensics.report.verbatim import escape
from forensics.rule import Rule, shipped_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.device import Device
    from forensics.pipeline import Analysis, Case
    from forensics.reading import Progress, ReadEvidence

_MEBIBYTE: Final = 1 << 20
_WIDEST: Final = 200
_MOST_LINES: Final = 8
_UNNAMED: Final = "a machine without a name"


def progress(*, show: bool) -> Progress:
    """Return what to tell of progress: a line on stderr that is written over, on a terminal only."""
    if not show or not sys.stderr.isatty():
        return lambda _what, _done, _total: None

    def tell(what: str, done: int, total: int) -> None:
        of = f" of {total // _MEBIBYTE:,}" if total else ""
        line = f"{escape(what)}: {done // _MEBIBYTE:,}{of} MiB"
        sys.stderr.write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}")
        sys.stderr.flush()

    return tell


def as_text(case: Case) -> str:
    """Return the findings as a table and what else has to be known, ended by LF."""
    analysis = case.analysis
    table = findings_table(analysis.rows, min(shutil.get_terminal_size((120, 0)).columns, _WIDEST))
    found = table or "".join(f"{line}\n" for line in what_was_found(analysis))
    return found + "\n" + "".join(f"{line}\n" for line in _told(case))


def as_json(case: Case) -> str:
    """Return the summary for scripts: counts, devices, where the case is and whether all was read."""
    analysis = case.analysis
    return to_json(
        {
            "output": str(case.output),
            "manifest_sha256": case.manifest_sha256,
            "complete": analysis.read.complete,
            "inputs_unchanged": not analysis.changed,
            "devices": [
                {
                    "device_id": each.device_id,
                    "name": each.name,
                    "role": analysis.concluded.roles[each.device_id].role.value,
                }
                for each in analysis.read.devices.all
            ],
            "counts": counts(analysis),
        },
        indent=2,
    )


def warn(analysis: Analysis) -> None:
    """Say on stderr what could not be read, one line each, and what changed."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    for host in analysis.unknown_hosts:
        sys.stderr.write(f"rustdesk-forensics: no machine of the evidence is called {escape(host)}\n")
    for line in troubles(analysis.read):
        sys.stderr.write(f"rustdesk-forensics: {escape(line)}\n")
    for artifact in analysis.changed:
        reason = "changed while it was being read; the result cannot be relied on"
        sys.stderr.write(f"rustdesk-forensics: {escape(artifact.path)}: {reason}\n")


def rules_text() -> str:
    """Return the shipped rules for people to read."""
    return "\n".join(_rule_text(rule) for rule in shipped_rules())


def _told(case: Case) -> Iterator[str]:
    analysis = case.analysis
    numbers = counts(analysis)
    yield from _first([_machine(each, analysis) for each in analysis.read.devices.all], "context.json")
    framed, used, failed = (numbers[f"records_{each}"] for each in ("framed", "emitted", "failed"))
    recovered = f", {numbers['records_recovered']:,} recovered" if numbers["records_recovered"] else ""
    yield f"Records  {framed:,} framed, {used:,} used, {failed:,} could not be read{recovered}"
    yield from _first(list(_incomplete(analysis.read)), "limitations.txt")
    yield f"Rule     as written it gives {numbers['rule_rows_as_written']:,} rows"
    if without_time := undated(analysis.concluded):
        yield f"Undated  {len(without_time):,} findings without a time, all in context.json"
    absent = [f"Absent   {escape(name) or _UNNAMED}: {what}" for name, what in absent_in_short(analysis)]
    yield from _first(absent, "limitations.txt")
    for evidence in analysis.read.evidence:
        yield f"Evidence {evidence.evidence_id} is {escape(str(evidence.path))}"
    yield f"Case     {case.output}"
    yield f"Manifest sha256 {case.manifest_sha256}"


def _incomplete(read: ReadEvidence) -> Iterator[str]:
    """Give a line for each log from which records are absent, or that tells of a cleared log."""
    for reading in read.readings:
        if reading.ledger is not None and (told := what_is_absent(reading.ledger)):
            artifact = reading.artifact
            yield f"Log      {artifact.evidence_id}: {escape(artifact.path)}: {'; '.join(told)}"


def _machine(device: Device, analysis: Analysis) -> str:
    decision = analysis.concluded.roles[device.device_id]
    role = "role unknown" if decision.role is DeviceRole.UNKNOWN else decision.role.value.replace("_", " ")
    return f"Machine  {escape(device.name) or _UNNAMED} ({role}): {escape(decision.reason)}"


def _first(lines: Sequence[str], where: str) -> Iterator[str]:
    """Give the first of ``lines``, and how many more stand in the case's file ``where``."""
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield f"         and {len(lines) - _MOST_LINES} more, all in {where}"


def troubles(read: ReadEvidence) -> Iterator[str]:
    """Give a line for everything that could not be read: file, place and remedy."""
    for evidence in read.evidence:
        for each in evidence.unreadable:
            remedy = f". {each.remedy}" if each.remedy else ""
            yield f"{evidence.path}: {each.path}: {each.reason}{remedy}"
    for reading in read.readings:
        path = reading.artifact.path
        if reading.failure is not None:
            yield f"{path}: {how_it_failed(reading)}. Check how it was copied"
        if reading.not_replayed is not None:
            yield f"{path}: {reading.not_replayed}. Copy the hive and its logs again, together"
        yield from _first([f"{path}: {damage}" for damage in reading.damage], "limitations.txt")


def _rule_text(rule: Rule) -> str:
    lines = [
        f"{rule.rule_id} ({rule.severity}; {rule.kind}, {rule.basis}; {', '.join(rule.attack)})",
        f"  {rule.title}",
        f"  Question: {rule.question}",
        *(f"  Blind spot: {each}" for each in rule.blind_spots),
        *(f"  False positive: {each}" for each in rule.false_positives),
        *(f"  Reference: {each}" for each in rule.references),
    ]
    return "".join(f"{line}\n" for line in lines)
