"""What follows from findings: what they are near, how much they matter, which of them are of one service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forensics.clock_statement import Clocks, read_clocks
from forensics.correlation import near, told
from forensics.finding import Found, annotated, in_order
from forensics.machine_sources import machine_sources
from forensics.service_story import service_stories
from forensics.severity import weigh
from forensics.store import read_copies, read_provenance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forensics.correlation import Near
    from forensics.device_role import RoleDecision
    from forensics.event_model.provenance import EventCopy
    from forensics.finding import FoundKey
    from forensics.reading import ReadEvidence
    from forensics.request import Request
    from forensics.rule_run import RuleOutcome
    from forensics.service_story import ServiceStory
    from forensics.severity import Weighed


@dataclass(frozen=True, slots=True)
class Concluded:
    """What was ``found``, in the contract's order, and what else is known of it.

    ``roles`` are the machines' by DeviceId, ``weighed`` the severities by finding, ``near`` what the context
    among ``found`` is near, ``stories`` the services, ``copies`` by ReportId the records that do not speak
    because another one does, ``clocks`` what is known of the machines' clocks.
    """

    found: tuple[Found, ...]
    roles: Mapping[str, RoleDecision]
    weighed: Mapping[FoundKey, Weighed]
    near: Sequence[Near]
    stories: Sequence[ServiceStory]
    copies: Mapping[int, Sequence[EventCopy]]
    clocks: Clocks = field(default_factory=Clocks)


def conclude(
    outcomes: Sequence[RuleOutcome],
    read: ReadEvidence,
    roles: Mapping[str, RoleDecision],
    request: Request,
) -> Concluded:
    """Return what the rules' ``outcomes`` come to. A ReportId that a rule made up leads to no event."""
    every = annotated(finding for outcome in outcomes for finding in outcome.findings)
    events = {
        each.report_id: each for each in read_provenance(read.events, {each.report_id for each in every})
    }
    candidates = [Found(each, events[each.report_id]) for each in every if each.report_id in events]
    selected = near(candidates, request.window)
    found = tuple(in_order(told(selected, candidates)))
    return Concluded(
        found,
        roles,
        weigh(found, selected, roles, request.window),
        selected,
        service_stories(found, machine_sources(read)),
        read_copies(read.events, [each.event.report_id for each in found]),
        read_clocks(read),
    )
