"""Analyses of evidence that was read, as far as what is written of them needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.conclusions import Concluded, conclude
from forensics.device_role import decide_roles
from forensics.pipeline import Analysis
from forensics.request import Period, Request
from forensics.rule_engine import KqlEngine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics.reading import ReadEvidence
    from forensics.timeline_row import TimelineRow


def analysis_of(
    read: ReadEvidence, rows: Sequence[TimelineRow] = (), period: Period | None = None
) -> Analysis:
    """Return an analysis of ``read`` in which no rule ran, with ``rows`` for its timeline."""
    return Analysis(read, (), concluded_of(read), tuple(rows), period or Period(), left_out=0, changed=())


def concluded_of(read: ReadEvidence) -> Concluded:
    """Return what is concluded where no rule found anything: the machines' roles."""
    with KqlEngine(read.events) as engine:
        roles = decide_roles(read.devices.all, engine)
    return conclude((), read, roles, Request(evidence=(), output=read.events))
