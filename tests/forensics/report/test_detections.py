from __future__ import annotations

from pathlib import Path

import pytest

from forensics.report.detections import detections, literals
from forensics.rule import Rule, shipped_rules

CHECKED_IN = Path(__file__).parents[3] / "docs" / "detections.md"


def test_what_is_checked_in_is_what_the_rules_say() -> None:
    assert CHECKED_IN.read_text("utf-8") == detections(shipped_rules()), "run make docs"


@pytest.mark.parametrize("rule", shipped_rules(), ids=lambda rule: rule.rule_id)
def test_every_rule_says_what_it_looks_for_and_how_far_its_rows_may_be_trusted(rule: Rule) -> None:
    text = detections([rule])

    assert literals(rule.query)
    for each in (*rule.blind_spots, *rule.false_positives, *rule.references, *literals(rule.query)):
        assert each in text


def test_literals_are_what_a_query_compares_with() -> None:
    query = """
        // "a comment"
        DeviceEvents
        | where FileName has "rustdesk" and FolderPath matches regex @'(?i)\\\\rustdesk\\\\'
        | where FileName has "rustdesk"
        | extend Note = iff(FileName == "", "this is said to the reader and to nobody else", "")
        | project ReportId, Detail = strcat("called ", FileName), Activity = "run"
    """
    assert literals(query) == ('"rustdesk"', "@'(?i)\\\\rustdesk\\\\'", '"run"')
