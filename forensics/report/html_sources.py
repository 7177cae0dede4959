"""The last part of the report: what it rests on, what was not there, and how it was reached."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.report.absent_sources import NEVER_EXAMINED, absent_sources
from forensics.report.english import count, span
from forensics.report.examined import how_it_failed
from forensics.report.limitations import limitations
from forensics.report.log_ledger import what_is_absent
from forensics.severity import ARITHMETIC

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.artifact_reading import ArtifactReading
    from forensics.pipeline import Analysis


@dataclass(frozen=True, slots=True)
class Source:
    """One artifact of the evidence and what became of it; ``troubles`` are damage and absent records."""

    evidence_id: str
    path: str
    kind: str
    size: int
    sha256: str
    told: str
    troubles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleTold:
    """A rule that was asked: ``sha256`` is the digest of its query's text."""

    rule_id: str
    title: str
    question: str
    found: int
    sha256: str
    blind_spots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceTold:
    """A service with the artifacts that tell of it, in what they differ and which are missing."""

    name: str
    device: str
    artifacts: tuple[str, ...]
    rows: tuple[int, ...]
    differs: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its lines."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """All that the last part says."""

    artifacts: tuple[Source, ...]
    unreadable: tuple[str, ...]
    absent: tuple[str, ...]
    never: tuple[str, ...]
    rules: tuple[RuleTold, ...]
    services: tuple[ServiceTold, ...]
    arithmetic: tuple[tuple[str, str], ...]
    raised: tuple[tuple[str, tuple[int, ...]], ...]
    limitations: tuple[Section, ...]


def sources(analysis: Analysis) -> Sources:
    """Return what the report says of its sources, rules and limits."""
    return Sources(
        tuple(_source(each) for each in analysis.read.readings),
        tuple(
            f"{evidence.evidence_id}: {each.path}: {each.reason}"
            for evidence in analysis.read.evidence
            for each in evidence.unreadable
        ),
        tuple(f"{name or 'a machine without a name'}: {what}" for name, what in absent_sources(analysis)),
        NEVER_EXAMINED,
        tuple(
            RuleTold(
                each.rule.rule_id,
                each.rule.title,
                each.rule.question,
                len(each.findings),
                hashlib.sha256(each.rule.query.encode("utf-8", "surrogatepass")).hexdigest(),
                each.rule.blind_spots,
            )
            for each in analysis.outcomes
        ),
        tuple(_services(analysis)),
        ARITHMETIC,
        tuple(_raised(analysis)),
        tuple(sections(limitations(analysis))),
    )


def _services(analysis: Analysis) -> Iterator[ServiceTold]:
    names = {each.device_id: each.name or "a machine without a name" for each in analysis.read.devices.all}
    numbers = {(row.rule_id, row.report_id): row.row for row in analysis.rows}
    for each in analysis.concluded.stories:
        rows = tuple(numbers[found.key] for _, found in each.found if found.key in numbers)
        yield ServiceTold(each.name, names[each.device_id], each.artifacts, rows, each.differs, each.missing)


def _source(reading: ArtifactReading) -> Source:
    artifact = reading.artifact
    return Source(
        artifact.evidence_id,
        artifact.path,
        artifact.kind.value,
        artifact.size,
        artifact.sha256,
        _told(reading),
        tuple(_troubles(reading)),
    )


def _told(reading: ArtifactReading) -> str:
    ledger = reading.ledger
    if ledger is not None:
        if ledger.first_written is None or ledger.last_written is None:
            return count(ledger.framed, "record")
        return f"{count(ledger.framed, 'record')}, {span(ledger.first_written, ledger.last_written)}"
    return count(reading.events, "event") if reading.events else "no event"


def _troubles(reading: ArtifactReading) -> Iterator[str]:
    if reading.failure is not None:
        yield how_it_failed(reading)
    if reading.not_replayed is not None:
        yield f"its transaction logs give not all of its changes ({reading.not_replayed})"
    yield from (str(each) for each in reading.damage)
    if reading.ledger is not None:
        yield from what_is_absent(reading.ledger)


def _raised(analysis: Analysis) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Give each way from a rule's base to a severity that was gone, with the rows that went it."""
    weighed = {(key.rule_id, key.report_id): each for key, each in analysis.concluded.weighed.items()}
    ways: dict[str, list[int]] = {}
    for row in analysis.rows:
        each = weighed.get((row.rule_id, row.report_id))
        if each is not None and each.steps:
            steps = "; ".join(
                step.reason if step.reason.endswith("at most") else f"{step.reason} +{step.levels}"
                for step in each.steps
            )
            ways.setdefault(f"{each.base.value} → {each.severity.value}: {steps}", []).append(row.row)
    for way, rows in ways.items():
        yield way, tuple(rows)


def sections(text: str) -> Iterator[Section]:
    """Give the sections of a plain text: a heading over a line of hyphens, and lines that begin with one."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines[1:]) if line and not line.strip("-")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        told = [line.removeprefix("- ") for line in lines[start + 2 : end] if line.strip()]
        yield Section(lines[start], tuple(told))


def row_ranges(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Return ``rows``, in order, as the ranges that they make up."""
    ranges: list[tuple[int, int]] = []
    for row in sorted(set(rows)):
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1] = ranges[-1][0], row
        else:
            ranges.append((row, row))
    return ranges
