"""limitations.txt: what this case can and cannot say, in plain English, made from this case alone."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Final

from forensics.report.absent_sources import NEVER_EXAMINED, absent_sources
from forensics.report.log_ledger import what_is_absent
from forensics.report.undated_facts import undated
from forensics.report.verbatim import escape
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from forensics.artifact_reading import ArtifactReading
    from forensics.finding import Found
    from forensics.pipeline import Analysis
    from forensics.request import Period
    from parsers.evtx.record import EventLogLedger

RECOVERED_FROM: Final = "recovered from slack or from chunks without their header"
NOTHING_FOUND: Final = "No RustDesk indicator was found in the sources examined."
NOTHING_FOUND_IN_PERIOD: Final = (
    "No RustDesk indicator of the time that was asked for was found in the sources examined."
)

_RUSTDESK: Final = "rustdesk_"
"""What the names of findings that are RustDesk's begin with."""

_ALWAYS: Final = """\
A finding says what a record holds. It does not say who sat at the keyboard, nor whether the use was allowed.
That nothing was found is no proof that RustDesk was never there: logs are overwritten and cleared, \
services are deleted, files are renamed.
A registry key's time is when the key last changed in any way. It is not the time of an installation.
All times are as the machine's own clock had them. Sysmon's UtcTime has milliseconds; other times have \
100 nanoseconds, which is how they are stored, not how well the clock was set.
Rows with the same time are in an order that carries no meaning.
RustDesk under another name is found only where its version information, its libraries, or the structure of \
its service, installer and files still say what it is. Findings of structure are inferred, and say what they \
rest on. A build that changes all of these is not found by these rules.
Context (tunnels, tasks, services, cleared logs, changed clocks) is told where it is near a finding of \
RustDesk. Near is not because of: nothing here says that one led to the other.
Severity orders rows for reading. context.json has its arithmetic; it is no measure of proof.
The shipped rule joins process starts with image loads by machine alone. How often it repeats a row \
(multiplicity) says nothing about that process.
Machines are told apart by their names. Two that have one name are taken for one; one that was renamed is \
taken for two where nothing in its evidence shows both names.
A recovered record stands in bytes that no checksum of its log covers. That it is whole, names itself and \
finds its templates does not show that no byte of it changed.
The decoder of event records drops unpaired surrogates and whatever follows a NUL inside a text. Where it \
may have done so, altered_fields names every cell of the row that may lack something.
""".splitlines()


def limitations(analysis: Analysis) -> str:
    """Return the text for ``analysis``, a section a heading, lines ended by LF."""
    sections = {
        "What was found": what_was_found(analysis),
        "What was examined": chain(map(_examined, analysis.read.readings), _holding_nothing(analysis)),
        "What could not be read": _unread(analysis),
        "What was expected and is not in the evidence": (
            f"{name or 'a machine without a name'}: {what}." for name, what in absent_sources(analysis)
        ),
        "What is never examined, whatever the evidence holds": (f"{each}." for each in NEVER_EXAMINED),
        "What holds for every case": _ALWAYS,
    }
    return "\n".join(_section(heading, lines) for heading, lines in sections.items())


def what_was_found(analysis: Analysis) -> Iterator[str]:
    """Give a sentence for each kind of finding, and for what was not found, left out or undecided."""
    counts = Counter(row.finding for row in analysis.rows)
    without_time = undated(analysis.concluded)
    if not any(finding.startswith(_RUSTDESK) for finding in [*counts, *_findings(without_time)]):
        yield NOTHING_FOUND_IN_PERIOD if analysis.left_out else NOTHING_FOUND
    for finding in sorted(counts):
        yield f"{finding}: {counts[finding]:,}."
    if without_time:
        yield f"Without a time, so not in the timeline: {_told(without_time)}. context.json lists them."
    if analysis.period.bounded:
        outside = _count(analysis.left_out, "finding")
        yield f"The timeline was asked for {_bounds(analysis.period)}; {outside} outside of it left out."
    undecided = sum(len(outcome.open_rows) for outcome in analysis.outcomes)
    if undecided:
        silent = "how often they are results the documentation of KQL does not say"
        yield f"Undecided rows of the shipped rule, {silent}: {undecided:,}. context.json lists them."


def _findings(found: Iterable[Found]) -> list[str]:
    return sorted(each.rule.finding for each in found)


def _told(found: Iterable[Found]) -> str:
    counts = Counter(_findings(found))
    return ", ".join(f"{_count(number, 'finding')} of {name}" for name, number in counts.items())


def how_it_failed(reading: ArtifactReading) -> str:
    """Return what became of an artifact that could not be read to its end, without a full stop."""
    if not reading.events:
        return f"not read, {reading.failure}"
    return f"only read as far as its first {_count(reading.events, 'event')}, then: {reading.failure}"


def _section(heading: str, lines: Iterable[str]) -> str:
    body = "".join(f"- {escape(line)}\n" for line in lines) or "- Nothing.\n"
    return f"{heading}\n{'-' * len(heading)}\n{body}"


def _holding_nothing(analysis: Analysis) -> Iterator[str]:
    for evidence in analysis.read.evidence:
        if not evidence.artifacts:
            yield f"{evidence.evidence_id}: holds no file of a kind that is examined."


def _examined(reading: ArtifactReading) -> str:
    artifact = reading.artifact
    start = f"{artifact.evidence_id}: {artifact.path} ({artifact.size:,} bytes, SHA-256 {artifact.sha256})"
    if reading.ledger is not None:
        return f"{start}: {_log(reading.ledger)}."
    if reading.hive is not None:
        return f"{start}: {_count(reading.events, 'value')} of services{_hive_state(reading)}."
    if reading.file is not None:
        return f"{start}: {reading.file.holds}."
    if reading.failure is None:
        return f"{start}: a transaction log of a SYSTEM hive, which is of use only beside its hive."
    return f"{start}: {how_it_failed(reading)}."


def _log(ledger: EventLogLedger) -> str:
    span = f"written from {_time(ledger.first_written)} to {_time(ledger.last_written)}"
    open_ = "; the log was not closed, its header lags behind" if ledger.dirty else ""
    copied = "; it is an export or a forwarded log" if ledger.ids_differ else ""
    used = f"{_count(ledger.framed, 'record')}, {ledger.emitted:,} of kinds that are used"
    more = f", and {_count(ledger.recovered, 'record')} {RECOVERED_FROM}" if ledger.recovered else ""
    return "; ".join([f"{used}{more}", f"{span}{open_}{copied}", *what_is_absent(ledger)])


def _hive_state(reading: ArtifactReading) -> str:
    """Say whether the hive waits for its transaction logs, and what became of these."""
    if reading.hive is None or reading.replay is None or not reading.hive.base_block.dirty:
        return ""
    return f"; not written out completely ({reading.replay.reason.rstrip('.')})"


def _unread(analysis: Analysis) -> Iterator[str]:
    for evidence in analysis.read.evidence:
        for each in evidence.unreadable:
            yield f"{evidence.evidence_id}: {each.path}: {each.reason}."
    for reading in analysis.read.readings:
        where = f"{reading.artifact.evidence_id}: {reading.artifact.path}"
        if reading.failure is not None:
            yield f"{where}: {how_it_failed(reading)}."
        if reading.not_replayed is not None:
            yield f"{where}: its transaction logs give not all of its changes ({reading.not_replayed})."
        for damage in reading.damage:
            lost = "" if damage.records_lost is None else f" ({_count(damage.records_lost, 'record')})"
            yield f"{where}, {damage}{lost}."
    for artifact in analysis.changed:
        reason = "changed while it was being read; what was read of it cannot be relied on"
        yield f"{artifact.evidence_id}: {artifact.path}: {reason}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _bounds(period: Period) -> str:
    since = "the beginning" if period.since is None else _time(period.since)
    until = "the end" if period.until is None else _time(period.until)
    return f"from {since} to {until}"


def _time(ticks: int | None) -> str:
    if ticks is None:
        return "an unknown time"
    return filetime.to_text(ticks) if ticks <= filetime.MAX_TICKS else f"{ticks:#x} (no date)"
