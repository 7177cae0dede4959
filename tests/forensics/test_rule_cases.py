from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from forensics.event_model.event import Table
from forensics.rule import Rule, shipped_rules
from forensics.rule_engine import KqlEngine
from tests.builders.event_tables import event_tables

FOLDER: Final = Path(__file__).parents[1] / "rules"
KEYS: Final = {"name", "events", "expect", "near_misses", "activity", "detail", "server"}
RULES: Final = {rule.rule_id: rule for rule in shipped_rules()}


def read_cases(rule_id: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = tomllib.loads((FOLDER / f"{rule_id}.toml").read_text("utf-8"))["case"]
    return cases


CASES: Final = [
    (RULES[path.stem], case) for path in sorted(FOLDER.glob("*.toml")) for case in read_cases(path.stem)
]


@pytest.mark.parametrize(
    ("rule", "case"), CASES, ids=[f"{rule.rule_id}: {case['name']}" for rule, case in CASES]
)
def test_a_rule_gives_what_its_case_expects(rule: Rule, case: dict[str, Any]) -> None:
    tables = event_tables({Table(name): rows for name, rows in case["events"].items()})

    with KqlEngine(tables=tables) as engine:
        result = engine.run(rule.query, rule.path)

    assert sorted(result.column("ReportId").to_pylist()) == sorted(case["expect"])
    assert not set(case["expect"]) & set(case.get("near_misses", ()))
    said = {str(row["ReportId"]): row for row in result.to_pylist()}
    for report_id, activity in case.get("activity", {}).items():
        assert (said[report_id].get("Activity") or rule.activity) == activity
    for report_id, server in case.get("server", {}).items():
        assert said[report_id].get("Server", "") == server
    for report_id, detail in case.get("detail", {}).items():
        told = said[report_id].get("Detail", "")
        assert detail in told if detail else told == ""


@pytest.mark.parametrize("rule_id", RULES)
def test_every_shipped_rule_has_a_hit_and_a_near_miss_among_its_cases(rule_id: str) -> None:
    cases = read_cases(rule_id)

    assert any(case["expect"] for case in cases)
    assert any(case.get("near_misses") for case in cases)
    for case in cases:
        ids = {row["ReportId"] for rows in case["events"].values() for row in rows}
        assert set(case["expect"]) | set(case.get("near_misses", ())) <= ids
        assert set(case) <= KEYS


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_shipped_rule_gives_report_ids_so_that_its_rows_walk_home(rule: Rule) -> None:
    with KqlEngine() as engine:
        assert "ReportId" in engine.check(rule.query, rule.path).columns


def test_an_image_load_is_given_once_with_every_reason() -> None:
    load = {
        "FileName": "librustdesk.dll",
        "InitiatingProcessFileName": "rustdesk.exe",
        "InitiatingProcessUniqueId": "{A}",
    }
    tables = event_tables(
        {
            Table.PROCESS_EVENTS: [{"FileName": "rustdesk.exe", "ProcessUniqueId": "{A}"}],
            Table.IMAGE_LOAD_EVENTS: [load],
        }
    )

    with KqlEngine(tables=tables) as engine:
        rule = RULES["rustdesk_image_load"]
        reasons = engine.run(rule.query, rule.path).column("Reasons").to_pylist()

    assert reasons == ["image name; process name; process unique id"]
