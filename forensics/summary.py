"""What the terminal shows at the end: the case in words, its findings, and what else has to be known.

Whatever comes from evidence or from the command line is escaped before it is shown.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Final

from forensics.case_report import counts
from forensics.colour import paint_severity, plain
from forensics.device_role import DeviceRole
from forensics.progress import ProgressLine
from forensics.report.absent_sources import absent_in_short
from forensics.report.examined import how_it_failed, stored_hashes
from forensics.report.json_document import to_json
from forensics.report.limitations import what_was_found
from forensics.report.log_ledger import what_is_absent
from forensics.report.summary_table import findings_table, shortened, wrapped
from forensics.report.undated_facts import undated
from forensics.report.verbatim import escape
from forensics.report.words import UNNAMED
from forensics.rule import Rule, shipped_rules
from forensics.summary_words import case_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.device import Device
    from forensics.pipeline import Analysis, Case
    from forensics.reading import Progress, ReadEvidence

JSON_SCHEMA: Final = 1
MOST_ROWS: Final = 40
"""Lines of the table of findings; timeline.csv has all."""

_WIDEST: Final = 200
_LONGEST_LINE: Final = 5000
"""Columns; no path is as long, but a name in a record may be."""

_MOST_LINES: Final = 8


def progress(*, show: bool) -> Progress:
    """Return what to tell of the bytes that are done: a line on stderr, on a terminal only."""
    return ProgressLine(sys.stderr, show=show).of_bytes


def as_text(case: Case, *, colour: bool = False) -> str:
    """Return the case in words, its severest findings as a table, and what else has to be known."""
    analysis = case.analysis
    width = min(shutil.get_terminal_size((120, 0)).columns, _WIDEST)
    paint = paint_severity if colour else plain
    words = [wrapped(escape(line), width) for line in case_in_words(analysis)]
    table = findings_table(analysis.rows, width, most=MOST_ROWS, paint=paint)
    found = table or "".join(f"{line}\n" for line in what_was_found(analysis))
    parts = ["".join(words), found, "".join(f"{shortened(line, _LONGEST_LINE)}\n" for line in _told(case))]
    return "\n".join(part for part in parts if part)


def as_json(case: Case) -> str:
    """Return the summary for scripts: counts, devices, where the case is and whether all was read.

    Keys are only added; ``schema`` is raised where one is renamed, removed or given another meaning.
    """
    analysis = case.analysis
    return to_json(
        {
            "schema": JSON_SCHEMA,
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
    yield from _images(analysis.read)
    yield f"Rule     as written it gives {numbers['rule_rows_as_written']:,} rows"
    if without_time := undated(analysis.concluded):
        yield f"Undated  {len(without_time):,} findings without a time, all in context.json"
    absent = [f"Absent   {escape(name) or UNNAMED}: {what}" for name, what in absent_in_short(analysis)]
    yield from _first(absent, "limitations.txt")
    for evidence in analysis.read.evidence:
        yield f"Evidence {evidence.evidence_id} is {escape(str(evidence.path))}"
    yield f"Case     {escape(str(case.output))}"
    yield f"Manifest sha256 {case.manifest_sha256}"


def _images(read: ReadEvidence) -> Iterator[str]:
    """Give a line for each E01 image: the hashes that it stores of its disk, and whether they are equal."""
    for evidence in read.evidence:
        for each in evidence.containers:
            if each.ewf is not None:
                yield f"Image    {evidence.evidence_id}: {escape(each.name)}: {stored_hashes(each.ewf)}"


def _incomplete(read: ReadEvidence) -> Iterator[str]:
    """Give a line for each log from which records are absent, or that tells of a cleared log."""
    for reading in read.readings:
        if reading.ledger is not None and (told := what_is_absent(reading.ledger)):
            artifact = reading.artifact
            yield f"Log      {artifact.evidence_id}: {escape(artifact.path)}: {'; '.join(told)}"


def _machine(device: Device, analysis: Analysis) -> str:
    decision = analysis.concluded.roles[device.device_id]
    role = "role unknown" if decision.role is DeviceRole.UNKNOWN else decision.role.value.replace("_", " ")
    return f"Machine  {escape(device.name) or UNNAMED} ({role}): {escape(decision.reason)}"


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
    return "".join(f"{escape(line)}\n" for line in lines)
