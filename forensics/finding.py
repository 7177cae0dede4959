"""A finding: a rule that held for an event, and what RustDesk did there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.event_model.event import NO_TIME
from forensics.rule import RuleKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from forensics.event_model.provenance import EventProvenance
    from forensics.rule import Rule

_RUSTDESK: Final = "rustdesk_"
"""What the names of findings that are RustDesk's begin with."""

_ANY_EXECUTION: Final = "run"
"""What a process of RustDesk did of which no annotation says more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``rule`` held for the event whose ReportId is ``report_id``.

    ``activity`` is what RustDesk did, in the contract's words; ``detail`` what the rule concludes beyond the
    record's own words, for the reader; ``server`` the host or address at the other end.
    """

    rule: Rule
    report_id: int
    activity: str = ""
    detail: str = ""
    server: str = ""


class FoundKey(NamedTuple):
    """What tells the rows of a timeline apart, in whatever order they stand."""

    rule_id: str
    report_id: int


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the event that it rests on."""

    finding: Finding
    event: EventProvenance

    @property
    def key(self) -> FoundKey:
        """What tells it apart."""
        return FoundKey(self.rule.rule_id, self.event.report_id)

    @property
    def rule(self) -> Rule:
        """The rule that held."""
        return self.finding.rule

    @property
    def is_dated(self) -> bool:
        """Whether the evidence says when it was."""
        return self.event.ticks != NO_TIME

    @property
    def activity(self) -> str:
        """What RustDesk did, or ``""``."""
        return self.finding.activity or self.rule.activity

    @property
    def is_of_rustdesk(self) -> bool:
        """Whether it says something of RustDesk itself, and not of what happened around it."""
        return self.rule.kind is RuleKind.FINDING and self.rule.finding.startswith(_RUSTDESK)


def annotated(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings without annotations, each with what annotations of its event say.

    What a rule itself says of an event is not overridden. A process that only the shipped rule tells of has
    run, whatever it did.
    """
    every = tuple(findings)
    said = {each.report_id: each for each in every if each.rule.kind is RuleKind.ANNOTATION}
    return tuple(_annotated(each, said) for each in every if each.rule.kind is not RuleKind.ANNOTATION)


def _annotated(finding: Finding, said: dict[int, Finding]) -> Finding:
    annotation = said.get(finding.report_id)
    if annotation is not None and annotation.rule.finding == finding.rule.finding:
        finding = replace(
            finding,
            activity=finding.activity or annotation.activity,
            detail=finding.detail or annotation.detail,
            server=finding.server or annotation.server,
        )
    if finding.rule.finding == "rustdesk_execution" and not finding.activity:
        return replace(finding, activity=_ANY_EXECUTION)
    return finding


def in_order(found: Iterable[Found]) -> Iterator[Found]:
    """Give what was found in the contract's order: time, evidence, path, offset, finding.

    Rows of one time have an order so that two runs agree; it says nothing about which of them came first.
    """
    yield from sorted(found, key=_order)


def _order(found: Found) -> tuple[int, str, str, int, str, str, int]:
    event = found.event
    place = event.ticks, event.evidence_id, event.source_path, event.offset
    # Machines known from one log have one offset, and a damaged hive may show one value twice.
    return *place, found.rule.finding, found.rule.rule_id, event.report_id
