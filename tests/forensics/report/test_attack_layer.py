from __future__ import annotations

import json
from io import StringIO
from typing import Any, cast

from forensics import attack
from forensics.report.attack_layer import attack_layer
from forensics.report.json_document import write_json_document
from forensics.rule import shipped_rules
from tests.builders.timeline_rows import timeline_row

ROWS = (
    timeline_row(rule_id="rustdesk_service_installed", attack="T1543.003;T1219.002"),
    timeline_row(rule_id="rustdesk_service_installed", attack="T1543.003;T1219.002"),
    timeline_row(rule_id="rustdesk_execution", attack="T1219.002"),
    timeline_row(rule_id="mine", attack=""),
)


def layer(rows: tuple[Any, ...] = ROWS) -> dict[str, Any]:
    return cast("dict[str, Any]", attack_layer(rows, shipped_rules()))


def test_a_technique_scores_the_rows_that_name_it_and_says_which_rules_gave_them() -> None:
    techniques = [(each["techniqueID"], each["score"], each["comment"]) for each in layer()["techniques"]]

    assert techniques == [
        ("T1219.002", 3, "A RustDesk service was installed; RustDesk was executed"),
        ("T1543.003", 2, "A RustDesk service was installed"),
    ]


def test_the_layer_says_what_it_is_made_for() -> None:
    assert layer()["domain"] == "enterprise-attack"
    assert layer()["versions"] == {"attack": "18", "navigator": "5.2.0", "layer": "4.5"}
    assert layer()["gradient"]["maxValue"] == 3


def test_a_timeline_without_rows_gives_a_layer_that_the_navigator_takes() -> None:
    empty = layer(())

    assert empty["techniques"] == []
    assert empty["gradient"]["maxValue"] > empty["gradient"]["minValue"]


def test_the_order_of_the_rows_changes_no_byte() -> None:
    texts = []
    for rows in (ROWS, ROWS[::-1]):
        stream = StringIO()
        write_json_document(attack_layer(rows, shipped_rules()), stream)
        texts.append(stream.getvalue())

    assert texts[0] == texts[1]
    assert json.loads(texts[0])["name"] == "RustDesk"


def test_every_technique_of_a_shipped_rule_has_a_name() -> None:
    named = {technique for rule in shipped_rules() for technique in rule.attack}

    assert named <= set(attack.NAMES)
