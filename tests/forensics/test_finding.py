from __future__ import annotations

from dataclasses import replace
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from forensics.device import Device, DeviceRole
from forensics.event_model.provenance import EventProvenance
from forensics.finding import Finding, to_timeline
from forensics.rule import Rule, Severity, shipped_rules
from parsers import filetime

TICKS: Final = 133_537_248_001_234_567
DEVICE: Final = Device("d" * 40, "DC01", ("DC01",), DeviceRole.DOMAIN_CONTROLLER, "")
RULES_BY_ID: Final = {rule.rule_id: rule for rule in shipped_rules()}
EXECUTION: Final = RULES_BY_ID["rustdesk_execution"]
INSTALLED: Final = RULES_BY_ID["rustdesk_service_installed"]


def event(report_id: int = 1, ticks: int = TICKS, **changes: str | int) -> EventProvenance:
    """Return an event whose texts are the names of their columns, but for ``changes``."""
    texts = {name: name for name, kind in EventProvenance.__annotations__.items() if kind == "str"}
    plain = {"copies": 1, "digits": 7, "offset": 0x1200, "device_id": "d" * 40}
    return EventProvenance(**{**texts, **plain, "report_id": report_id, "ticks": ticks, **changes})  # type: ignore[arg-type]


def order_of(*findings: Finding, events: list[EventProvenance]) -> list[tuple[int, str]]:
    rows = to_timeline(findings, {each.report_id: each for each in events}, {}, [DEVICE])
    assert [row.row for row in rows] == list(range(1, len(rows) + 1))
    return [(row.report_id, row.rule_id) for row in rows]


def test_a_row_says_what_the_rule_says_and_what_the_record_says() -> None:
    (row,) = to_timeline([Finding(EXECUTION, 1)], {1: event()}, {}, [DEVICE])
    assert (row.finding, row.rule_id) == ("rustdesk_execution", "rustdesk_execution")
    assert (row.severity, row.attack) == (EXECUTION.severity.value, ";".join(EXECUTION.attack))
    assert (row.basis, row.device_role) == ("observed", "domain_controller")
    assert (row.datetime, row.ticks) == ("2024-03-01T00:00:00.1234567Z", TICKS)
    verbatim = (
        *(
            "message",
            "device_name",
            "user",
            "artifact",
            "channel_or_key",
            "provider",
            "event_id",
            "record_id",
        ),
        *("service_name", "image_path", "command_line", "parent_image", "parent_command_line", "process_id"),
        *("process_guid", "hashes", "raw_time", "time_flags", "record_state", "altered_fields", "locator"),
        *("source_sha256", "source_path", "evidence_id"),
    )
    assert [name for name in verbatim if getattr(row, name) != name] == []
    assert row.timestamp_desc == "time_means"


def test_a_time_has_the_digits_that_its_source_has() -> None:
    (row,) = to_timeline([Finding(EXECUTION, 1)], {1: event(digits=3)}, {}, [DEVICE])
    assert row.datetime == "2024-03-01T00:00:00.123Z"


def test_a_time_beyond_the_calendar_has_no_date_and_comes_last() -> None:
    events = {1: event(1, ticks=filetime.MAX_TICKS + 1), 2: event(2, ticks=filetime.MAX_TICKS)}
    rows = to_timeline([Finding(EXECUTION, 1), Finding(EXECUTION, 2)], events, {}, [DEVICE])
    assert [row.datetime for row in rows] == ["9999-12-31T23:59:59.9999999Z", ""]


def test_rows_are_ordered_by_time_evidence_path_offset_finding_and_rule() -> None:
    own = replace(EXECUTION, rule_id="a_rule_of_mine")
    events = [
        event(1, ticks=TICKS, offset=2),
        event(2, ticks=TICKS, offset=1),
        event(3, ticks=TICKS, offset=1, source_path="A.evtx"),
        event(4, ticks=TICKS, offset=1, evidence_id="A"),
        event(5, ticks=TICKS - 1, offset=9),
    ]
    findings = [Finding(rule, each.report_id) for each in events for rule in (INSTALLED, EXECUTION, own)]
    assert [report_id for report_id, _ in order_of(*findings, events=events)[::3]] == [5, 4, 3, 2, 1]
    assert [rule_id for _, rule_id in order_of(*findings, events=events)[:3]] == [
        "a_rule_of_mine",
        "rustdesk_execution",
        "rustdesk_service_installed",
    ]


def test_events_of_one_place_are_ordered_by_their_numbers() -> None:
    events = [event(10), event(9)]
    assert order_of(Finding(EXECUTION, 10), Finding(EXECUTION, 9), events=events) == [
        (9, "rustdesk_execution"),
        (10, "rustdesk_execution"),
    ]


RULES = st.sampled_from([EXECUTION, INSTALLED, replace(EXECUTION, rule_id="own")])
EVENTS = st.lists(
    st.builds(
        event,
        report_id=st.integers(1, 20),
        ticks=st.sampled_from([TICKS, TICKS + 1]),
        evidence_id=st.sampled_from("AB"),
        source_path=st.sampled_from("ab"),
        offset=st.integers(0, 2),
    ),
    unique_by=lambda each: each.report_id,
)


@given(EVENTS.flatmap(lambda events: st.tuples(st.just(events), _findings(events))), st.randoms())
def test_the_order_is_total_whatever_the_findings_come_in(
    drawn: tuple[list[EventProvenance], list[Finding]], random: st.DataObject
) -> None:
    events, findings = drawn
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert order_of(*shuffled, events=events) == order_of(*findings, events=events)


def _findings(events: list[EventProvenance]) -> st.SearchStrategy[list[Finding]]:
    ids = [each.report_id for each in events]
    if not ids:
        return st.just([])
    pairs = st.tuples(RULES, st.sampled_from(ids))
    return st.lists(pairs, unique_by=lambda pair: (pair[0].rule_id, pair[1])).map(
        lambda chosen: [Finding(*pair) for pair in chosen]
    )


def test_severity_is_the_rule_s() -> None:
    rule: Rule = replace(EXECUTION, severity=Severity.CRITICAL)
    (row,) = to_timeline([Finding(rule, 1)], {1: event()}, {}, [DEVICE])
    assert row.severity == "critical"
