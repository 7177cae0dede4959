"""Findings with their events, for the tests of what is concluded from them."""

from __future__ import annotations

from typing import Final

from forensics.event_model.provenance import EventProvenance
from forensics.finding import Finding, Found
from forensics.rule import Basis, Rule, RuleKind, Severity
from parsers.filetime import TICKS_PER_SECOND

TICKS: Final = 133_537_248_001_234_567
HOUR: Final = 3600 * TICKS_PER_SECOND
DEVICE_ID: Final = "d" * 40


def rule(  # noqa: PLR0913 - a value with this many parts
    rule_id: str = "rustdesk_execution",
    *,
    finding: str = "",
    severity: Severity = Severity.LOW,
    kind: RuleKind = RuleKind.FINDING,
    near: str = "",
    activity: str = "",
) -> Rule:
    """Return a rule whose finding is called as it is, unless another is given."""
    return Rule(
        rule_id=rule_id,
        title=rule_id,
        question=rule_id,
        finding=finding or rule_id,
        severity=severity,
        attack=("T1219.002",),
        references=(),
        blind_spots=(),
        false_positives=(),
        query="",
        path=f"{rule_id}.kql",
        kind=kind,
        basis=Basis.OBSERVED,
        activity=activity,
        near=near,
    )


def context_rule(rule_id: str = "ssh_tunnel", severity: Severity = Severity.MEDIUM, near: str = "") -> Rule:
    """Return a rule that gives candidates for context."""
    return rule(rule_id, severity=severity, kind=RuleKind.CONTEXT, near=near)


def event(report_id: int = 1, ticks: int = TICKS, **changes: str | int) -> EventProvenance:
    """Return an event whose texts are the names of their columns, but for ``changes``."""
    texts = {name: name for name, kind in EventProvenance.__annotations__.items() if kind == "str"}
    plain = {"copies": 1, "digits": 7, "offset": 0x1200, "device_id": DEVICE_ID}
    return EventProvenance(**{**texts, **plain, "report_id": report_id, "ticks": ticks, **changes})  # type: ignore[arg-type]


def found(
    of: Rule | None = None, event_of: EventProvenance | None = None, activity: str = "", server: str = ""
) -> Found:
    """Return a finding of rule ``of`` for ``event_of``."""
    made = event_of or event()
    return Found(Finding(of or rule(), made.report_id, activity=activity, server=server), made)
