"""limitations.txt: what this case can and cannot say, in plain English, made from this case alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.report.context import absent_sources
from forensics.report.verbatim import escape
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from forensics.pipeline import Analysis
    from forensics.reading import ArtifactReading

NOTHING_FOUND: Final = "No RustDesk indicator was found in the sources examined."

_ALWAYS: Final = """\
A finding says what a record holds. It does not say who sat at the keyboard, nor whether the use was allowed.
That nothing was found is no proof that RustDesk was never there: logs are overwritten and cleared, \
services are deleted, files are renamed.
A registry key's time is when the key last changed in any way. It is not the time of an installation.
All times are as the machine's own clock had them. Sysmon's UtcTime has milliseconds; other times have \
100 nanoseconds, which is how they are stored, not how well the clock was set.
Rows with the same time are in an order that carries no meaning.
RustDesk under another name, and builds that call themselves something else, are not found by these rules.
The shipped rule joins process starts with image loads by machine alone. How often it repeats a row \
(multiplicity) says nothing about that process.
Unpaired surrogates and whatever follows a NUL inside a text are dropped by the decoder of event records.
""".splitlines()


def limitations(analysis: Analysis) -> str:
    """Return the text for ``analysis``, a section a heading, lines ended by LF."""
    sections = {
        "What was found": _found(analysis),
        "What was examined": map(_examined, analysis.read.readings),
        "What could not be read": _unread(analysis),
        "What was expected and is not in the evidence": (
            f"{name or 'a machine without a name'}: {what}." for name, what in absent_sources(analysis)
        ),
        "What holds for every case": _ALWAYS,
    }
    return "\n".join(_section(heading, lines) for heading, lines in sections.items())


def _section(heading: str, lines: Iterable[str]) -> str:
    body = "".join(f"- {escape(line)}\n" for line in lines) or "- Nothing.\n"
    return f"{heading}\n{'-' * len(heading)}\n{body}"


def _found(analysis: Analysis) -> Iterator[str]:
    if not analysis.rows:
        yield NOTHING_FOUND
        return
    counts: dict[str, int] = {}
    for row in analysis.rows:
        counts[row.finding] = counts.get(row.finding, 0) + 1
    for finding in sorted(counts):
        yield f"{finding}: {counts[finding]}."


def _examined(reading: ArtifactReading) -> str:
    artifact = reading.artifact
    start = f"{artifact.evidence_id}: {artifact.path} ({artifact.size:,} bytes, SHA-256 {artifact.sha256})"
    if reading.failure is not None:
        return f"{start}: not read, {reading.failure}."
    if reading.ledger is not None:
        ledger = reading.ledger
        span = f"written from {_time(ledger.first_written)} to {_time(ledger.last_written)}"
        open_ = "; the log was not closed, its header lags behind" if ledger.dirty else ""
        return (
            f"{start}: {ledger.framed:,} records, {ledger.emitted:,} of kinds that are used; {span}{open_}."
        )
    hive = reading.hive
    dirty = hive is not None and hive.base_block.dirty
    state = "; not written out completely, later changes are in its transaction logs" if dirty else ""
    return f"{start}: {reading.events:,} values of services{state}."


def _unread(analysis: Analysis) -> Iterator[str]:
    for evidence in analysis.read.evidence:
        for each in evidence.unreadable:
            yield f"{evidence.evidence_id}: {each.path}: {each.reason}."
    for reading in analysis.read.readings:
        where = f"{reading.artifact.evidence_id}: {reading.artifact.path}"
        if reading.failure is not None:
            yield f"{where}: {reading.failure}."
        for damage in reading.damage:
            lost = "" if damage.records_lost is None else f" ({damage.records_lost} records)"
            yield f"{where}, {damage}{lost}."


def _time(ticks: int | None) -> str:
    if ticks is None:
        return "an unknown time"
    return filetime.to_text(ticks) if ticks <= filetime.MAX_TICKS else f"{ticks:#x} (no date)"
