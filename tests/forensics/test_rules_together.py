from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from forensics.event_model.event import Table
from forensics.rule import RuleKind, shipped_rules
from forensics.rule_engine import KqlEngine
from tests.builders.event_tables import event_tables

FOLDER: Final = Path(__file__).parents[1] / "rules"
PER_CASE: Final = 1000
"""More than any ReportId of a case."""


def every_event() -> dict[Table, list[dict[str, Any]]]:
    """Return the events of all cases, each case on machines of its own and with ReportIds of its own."""
    events: dict[Table, list[dict[str, Any]]] = defaultdict(list)
    cases = [case for path in sorted(FOLDER.glob("*.toml")) for case in read(path)]
    for number, case in enumerate(cases):
        for table, rows in case["events"].items():
            for row in rows:
                own = {
                    "ReportId": number * PER_CASE + row["ReportId"],
                    "DeviceId": f"{number} {row.get('DeviceId', '')}",
                }
                events[Table(table)].append(row | own)
    return events


def read(path: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["case"]
    return cases


def test_an_event_is_given_by_one_rule_of_a_finding_alone() -> None:
    given: dict[tuple[str, int], set[str]] = defaultdict(set)
    with KqlEngine(tables=event_tables(every_event())) as engine:
        for rule in shipped_rules():
            if rule.kind is RuleKind.FINDING:
                for report_id in engine.run(rule.query, rule.path).column("ReportId").to_pylist():
                    given[rule.finding, report_id].add(rule.rule_id)

    assert given
    assert {key: rules for key, rules in given.items() if len(rules) > 1} == {}
