from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forensics.conclusions import Concluded
from forensics.event_model.event import NO_TIME
from forensics.report.undated_facts import undated, undated_facts
from forensics.rule import Severity
from forensics.second_reading import SecondReading
from forensics.severity import Weighed
from tests.builders.found import event, found, rule

if TYPE_CHECKING:
    from forensics.finding import Found

TRACE = rule("rustdesk_configured", finding="rustdesk_trace")
DATED = found(TRACE, event(1))
UNDATED = found(TRACE, event(2, NO_TIME), activity="configure")


def concluded(*every: Found) -> Concluded:
    weighed = {each.key: Weighed(Severity.LOW, Severity.MEDIUM, ()) for each in every}
    return Concluded(tuple(every), roles={}, weighed=weighed, near=(), stories=(), copies={})


def test_only_findings_without_a_time_are_undated() -> None:
    assert undated(concluded(DATED, UNDATED)) == (UNDATED,)
    assert list(undated_facts(concluded(DATED), SecondReading())) == []


def test_an_undated_fact_says_what_the_timeline_would_have() -> None:
    fact: Any
    (fact,) = undated_facts(concluded(UNDATED), SecondReading())

    assert (fact["finding"], fact["activity"], fact["severity"]) == ("rustdesk_trace", "configure", "medium")
    assert (fact["rule_id"], fact["attack"]) == ("rustdesk_configured", ["T1219.002"])
    for name in ("message", "artifact", "evidence_id", "source_path", "source_sha256", "locator"):
        assert fact[name] == name
