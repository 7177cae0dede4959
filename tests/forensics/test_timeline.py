from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hypothesis import given
from hypothesis import strategies as st

from forensics.conclusions import Concluded
from forensics.correlation import near
from forensics.device_role import DeviceRole, RoleDecision
from forensics.event_model.provenance import EventCopy
from forensics.finding import Finding, Found, annotated, in_order
from forensics.machine_sources import MachineSources
from forensics.rule import RuleKind
from forensics.second_reading import SecondReading
from forensics.service_story import service_stories
from forensics.severity import weigh
from forensics.timeline import to_timeline
from parsers import filetime
from tests.builders.found import DEVICE_ID, HOUR, TICKS, context_rule, event, found, rule

if TYPE_CHECKING:
    from forensics.event_model.provenance import EventProvenance
    from forensics.timeline_row import TimelineRow

EXECUTION, INSTALLED = rule(), rule("rustdesk_service_installed")
DAY: Final = 24 * HOUR


def concluded(*findings: Found, copies: dict[int, tuple[EventCopy, ...]] | None = None) -> Concluded:
    selected = near(findings, DAY)
    roles = {each.event.device_id: RoleDecision(DeviceRole.DOMAIN_CONTROLLER, ()) for each in findings}
    sources = {each.event.device_id: MachineSources({}, (), {}) for each in findings}
    return Concluded(
        tuple(in_order(findings)),
        roles,
        weigh(findings, selected, roles, DAY),
        selected,
        service_stories(findings, sources),
        copies or {},
    )


def rows_of(
    *findings: Found, copies: dict[int, tuple[EventCopy, ...]] | None = None
) -> tuple[TimelineRow, ...]:
    every = concluded(*findings, copies=copies)
    return to_timeline(every.found, every, SecondReading())


def test_a_row_says_what_the_rule_says_and_what_the_record_says() -> None:
    (row,) = rows_of(found())
    assert (row.finding, row.rule_id) == ("rustdesk_execution", "rustdesk_execution")
    assert (row.severity, row.attack) == ("high", ";".join(EXECUTION.attack))
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
    (row,) = rows_of(found(event_of=event(digits=3)))
    assert row.datetime == "2024-03-01T00:00:00.123Z"


def test_a_time_beyond_the_calendar_has_no_date_and_comes_last() -> None:
    late = found(event_of=event(1, ticks=filetime.MAX_TICKS + 1))
    rows = rows_of(late, found(event_of=event(2, ticks=filetime.MAX_TICKS)))
    assert [row.datetime for row in rows] == ["9999-12-31T23:59:59.9999999Z", ""]


def test_what_a_rule_concludes_stands_behind_the_records_own_words() -> None:
    told = Found(Finding(EXECUTION, 1, "inbound_session", "somebody connected in."), event(message="It ran"))
    (row,) = rows_of(told)
    assert (row.message, row.activity) == ("It ran [somebody connected in]", "inbound_session")


def test_context_names_the_row_that_it_is_near_and_the_distance() -> None:
    ran = found(event_of=event(1, device_name="DC01"))
    tunnel = found(context_rule(), event(2, TICKS - HOUR, message="ssh -R"))
    first, second = rows_of(ran, tunnel)
    assert first.message == "ssh -R [1 h before row 2, rustdesk_execution on DC01: same machine]"
    assert [tuple(each) for each in first.related] == [(2, "same machine", -HOUR)]
    assert second.related == ()


def test_a_row_outside_of_the_period_is_named_as_such() -> None:
    every = concluded(found(event_of=event(1)), found(context_rule(), event(2, TICKS - HOUR)))
    (row,) = to_timeline(every.found[:1], every, SecondReading())
    assert "before a finding outside the period" in row.message
    assert row.related[0].row is None


def test_the_rows_of_one_service_name_each_other_and_the_first_what_is_missing() -> None:
    logged = found(INSTALLED, event(1, event_id="7045", service_name="RustDesk Service", message="Installed"))
    key = found(
        rule("rustdesk_service_key"),
        event(2, TICKS + 1, artifact="SYSTEM hive", service_name="RustDesk", message="Key"),
    )
    first, second = rows_of(logged, key)
    assert first.message.startswith("Installed [service RustDesk: also service key (row 2); no Security 4697")
    assert second.message == "Key [service RustDesk: also System 7045 (row 1)]"
    assert [tuple(each) for each in second.related] == [(1, "same service: System 7045", 1)]


def test_the_same_process_in_another_log_is_named() -> None:
    texts = {name: name for name, kind in EventCopy.__annotations__.items() if kind == "str"}
    other = EventCopy(**{**texts, "report_id": 1, "offset": 0, "relation": "same_process"})  # type: ignore[arg-type]
    (row,) = rows_of(found(event_of=event(message="It ran")), copies={1: (other,)})
    assert row.message == "It ran [the same process is in provider event_id, record record_id]"


def test_the_operators_server_in_a_file_name_is_told() -> None:
    image = "C:\\Users\\amy\\Downloads\\rustdesk-host=203.0.113.9,key=abc=.exe"
    (row,) = rows_of(found(event_of=event(image_path=image, command_line=image)))
    assert "203.0.113.9" in row.message.removeprefix("message")


def order_of(*findings: Found) -> list[tuple[int, str]]:
    rows = rows_of(*findings)
    assert [row.row for row in rows] == list(range(1, len(rows) + 1))
    return [(row.report_id, row.rule_id) for row in rows]


def test_rows_are_ordered_by_time_evidence_path_offset_finding_and_rule() -> None:
    own = replace(EXECUTION, rule_id="a_rule_of_mine")
    events = [
        event(1, ticks=TICKS, offset=2),
        event(2, ticks=TICKS, offset=1),
        event(3, ticks=TICKS, offset=1, source_path="A.evtx"),
        event(4, ticks=TICKS, offset=1, evidence_id="A"),
        event(5, ticks=TICKS - 1, offset=9),
    ]
    findings = [found(each, made) for made in events for each in (INSTALLED, EXECUTION, own)]
    assert [report_id for report_id, _ in order_of(*findings)[::3]] == [5, 4, 3, 2, 1]
    assert [rule_id for _, rule_id in order_of(*findings)[:3]] == [
        "a_rule_of_mine",
        "rustdesk_execution",
        "rustdesk_service_installed",
    ]


def test_events_of_one_place_are_ordered_by_their_numbers() -> None:
    assert order_of(found(event_of=event(10)), found(event_of=event(9))) == [
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
    drawn: tuple[list[EventProvenance], list[Found]], random: st.DataObject
) -> None:
    _, findings = drawn
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert order_of(*shuffled) == order_of(*findings)


def _findings(events: list[EventProvenance]) -> st.SearchStrategy[list[Found]]:
    if not events:
        return st.just([])
    pairs = st.tuples(RULES, st.sampled_from(events))
    return st.lists(pairs, unique_by=lambda pair: (pair[0].rule_id, pair[1].report_id)).map(
        lambda chosen: [found(*pair) for pair in chosen]
    )


ANNOTATION = rule("rustdesk_activity", finding="rustdesk_execution", kind=RuleKind.ANNOTATION)


def test_an_annotation_says_what_was_done_and_is_no_finding() -> None:
    (only,) = annotated([Finding(EXECUTION, 1), Finding(ANNOTATION, 1, "tray", "at logon")])
    assert (only.rule, only.activity, only.detail) == (EXECUTION, "tray", "at logon")


def test_what_a_rule_says_itself_is_kept_and_other_findings_are_not_annotated() -> None:
    own, other = annotated(
        [Finding(EXECUTION, 1, "server"), Finding(INSTALLED, 1), Finding(ANNOTATION, 1, "tray")]
    )
    assert (own.activity, other.activity) == ("server", "")


def test_a_process_of_which_nothing_more_is_known_has_run() -> None:
    assert [each.activity for each in annotated([Finding(EXECUTION, 1)])] == ["run"]


def test_devices_are_told_by_their_id() -> None:
    (row,) = rows_of(found())
    assert row.device_id == DEVICE_ID
