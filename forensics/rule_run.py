"""Rules over the event tables of a case: what each results in, and which events it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from forensics.errors import RuleError, RuleLocation
from forensics.finding import Finding
from forensics.independent_evaluator import confirm, evaluate
from forensics.rule import Rule, shipped_rules
from forensics.rule_engine import KqlEngine
from forensics.shipped_rule import RULE_ID, RuleResult, expand_rule_bag, rule_results

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from forensics.case_folder import CaseFolder
    from forensics.independent_evaluator import OpenRow

REPORT_ID: Final = "ReportId"
SAID: Final = {"Activity": "activity", "Detail": "detail", "Server": "server"}
"""Columns besides ReportId by which a rule may say more of an event, and what of its finding they fill."""

BAG_NAME: Final = "rule_bag.parquet"

_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What one rule came to. ``table`` is its result; ``findings`` the events it found, each once.

    For the shipped rule ``results`` are its distinct rows with their multiplicity, confirmed by the
    independent evaluator, and ``open_rows`` those that the documentation of KQL leaves undecided.
    """

    rule: Rule
    findings: tuple[Finding, ...]
    table: pa.Table | None = None
    results: tuple[RuleResult, ...] = ()
    open_rows: tuple[OpenRow, ...] = ()


def checked_rules(own: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the shipped rules and the user's ``own``, each of these known to run over the tables.

    Raises RuleError with file, line and column where one cannot, or where two have one name.
    """
    shipped = shipped_rules()
    seen = {rule.rule_id: rule.path for rule in shipped}
    for rule in own:
        if rule.rule_id in seen:
            reason = f"there is a rule called {rule.rule_id} already: {seen[rule.rule_id]}"
            raise RuleError(RuleLocation(rule.path), reason, "Rename the file")
        seen[rule.rule_id] = rule.path
    if own:
        with KqlEngine(query_now=_ANY_TIME) as engine:
            for rule in own:
                engine.check(rule.query, rule.path)
    return (*shipped, *own)


def run_rules(rules: Sequence[Rule], engine: KqlEngine, events: Path) -> tuple[RuleOutcome, ...]:
    """Run ``rules`` over the event tables below ``events``.

    Raises RuleDisagreement where the engine and the independent evaluator of the shipped rule differ.
    """
    return tuple(
        _run_shipped(rule, engine, events) if rule.rule_id == RULE_ID else _run(rule, engine)
        for rule in rules
    )


def expand_bag(engine: KqlEngine, folder: CaseFolder) -> int:
    """Write the literal bag of the shipped rule to the case folder; return how many rows it has."""
    with folder.writing(BAG_NAME) as path:
        return expand_rule_bag(engine, path)


def _run_shipped(rule: Rule, engine: KqlEngine, events: Path) -> RuleOutcome:
    results = rule_results(engine)
    open_rows = confirm(results, evaluate(events))
    found = sorted({result.report_id for result in results})
    findings = tuple(Finding(rule, report_id) for report_id in found)
    return RuleOutcome(rule, findings, results=results, open_rows=open_rows)


def _run(rule: Rule, engine: KqlEngine) -> RuleOutcome:
    table = engine.run(rule.query, rule.path)
    return RuleOutcome(rule, _findings(rule, table), table=table)


def _findings(rule: Rule, table: pa.Table) -> tuple[Finding, ...]:
    """Return one finding for each event that a row leads to, in order; of several rows the first speaks."""
    if REPORT_ID not in table.column_names or not pa.types.is_integer(table.schema.field(REPORT_ID).type):
        return ()
    found: dict[int, Finding] = {}
    told = [name for name in SAID if name in table.column_names]
    for row in table.select([REPORT_ID, *told]).to_pylist():
        report_id = row.pop(REPORT_ID)
        if report_id is not None and report_id not in found:
            said = {SAID[name]: str(text) for name, text in row.items() if text}
            found[report_id] = Finding(rule, report_id, **said)
    return tuple(found[report_id] for report_id in sorted(found))
