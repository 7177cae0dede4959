"""What grounds findings is read again: what matters most first, and no more than a bound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from forensics import second_reading
from forensics.conclusions import Concluded
from forensics.finding import in_order
from forensics.report.readers import second_reading as as_document
from forensics.report.readers import what_was_read_twice
from forensics.request import NamedEvidence
from forensics.rule import Severity
from forensics.second_reading import BEYOND_BOUND, Effort, SecondReading, read_again
from forensics.severity import Weighed
from forensics.store import read_provenance
from parsers.evidence.source import FileSource
from parsers.two_readings import Verdict
from tests.builders.event_log import build_event_log
from tests.builders.evidence_reading import read_named
from tests.builders.found import event, found, rule
from tests.builders.sysmon_event import image_loaded, process_created
from tests.end_to_end.built_evidence import file_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics.event_model.provenance import EventProvenance
    from forensics.finding import Found
    from forensics.reading import ReadEvidence

EXECUTION, LOAD = rule(), rule("rustdesk_image_load", severity=Severity.CRITICAL)
CONTEXT: Final = rule("log_cleared", severity=Severity.MEDIUM)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> ReadEvidence:
    root = tmp_path_factory.mktemp("second")
    (root / "evidence").mkdir()
    file_server(root / "evidence")
    events = [process_created(record_id=n, command_line="\x01" * n) for n in range(1, 30)]
    (root / "evidence/More.evtx").write_bytes(build_event_log(events))
    return read_named([NamedEvidence(root / "evidence", "E")], root / "events")


def events_of(read: ReadEvidence) -> list[EventProvenance]:
    every = read_provenance(read.events, range(1, 1 + sum(read.event_counts.values())))
    return sorted((each for each in every if each.table != "DeviceInfo"), key=lambda each: each.report_id)


def concluded(findings: Sequence[Found]) -> Concluded:
    weighed = {each.key: Weighed(each.rule.severity, each.rule.severity, ()) for each in findings}
    return Concluded(tuple(in_order(findings)), {}, weighed, (), (), {})


def again(read: ReadEvidence, findings: Sequence[Found], effort: Effort | None = None) -> SecondReading:
    return read_again(in_order(findings), concluded(findings), read, effort or Effort())


def counts(**given: int) -> dict[str, int]:
    return {verdict.value: given.get(verdict.value, 0) for verdict in Verdict}


def test_every_record_is_read_by_two(read: ReadEvidence) -> None:
    findings = [found(EXECUTION, each) for each in events_of(read)]
    second = again(read, findings)
    assert set(second.records) == {each.event.report_id for each in findings}
    assert second.counts == counts(agree=len(findings) - 29, agree_but_for_lost_text=29)
    in_hive = [each.event.report_id for each in findings if each.event.artifact == "SYSTEM hive"]
    assert {second.of(each).cell for each in in_hive} == {"python-registry+regipy agree"}


def test_a_record_of_several_findings_is_read_once(read: ReadEvidence) -> None:
    (first, *_) = events_of(read)
    findings = [found(each, first) for each in (EXECUTION, CONTEXT, LOAD)]
    assert sum(again(read, findings).counts.values()) == 1


def test_beyond_the_bound_the_most_important_are_read(read: ReadEvidence) -> None:
    rules = {0: LOAD, 1: EXECUTION, 2: CONTEXT}
    findings = [found(rules[n % 3], each) for n, each in enumerate(events_of(read))]
    count = {each: sum(found.rule is each for found in findings) for each in rules.values()}
    second = again(read, findings, Effort(most=count[CONTEXT] + 3))
    beyond = [each.rule for each in findings if second.of(each.event.report_id).cell == BEYOND_BOUND]
    assert beyond.count(CONTEXT) == 0
    assert beyond.count(EXECUTION) == count[EXECUTION] - 3
    assert beyond.count(LOAD) == count[LOAD]
    assert second.counts["beyond_bound"] == len(beyond)
    told = " ".join(what_was_read_twice(second))
    reason = f"because no more than {count[CONTEXT] + 3} are read again"
    assert f"Records of findings read by one reader only, {reason}" in told
    assert f"image loads last: {len(beyond)}." in told


def test_executions_come_before_what_is_as_severe(read: ReadEvidence) -> None:
    one, other, *_ = events_of(read)
    trace = rule("rustdesk_trace", severity=EXECUTION.severity)
    second = again(read, [found(trace, one), found(EXECUTION, other)], Effort(most=1))
    assert second.of(one.report_id).verdict is Verdict.BEYOND_BOUND
    assert second.of(other.report_id).verdict is not Verdict.BEYOND_BOUND


def test_processes_come_to_the_same(read: ReadEvidence, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [found(EXECUTION, each) for each in events_of(read)]
    one = again(read, findings)
    monkeypatch.setattr(second_reading, "POOL_FROM_RECORDS", 0)
    assert again(read, findings, Effort(workers=2)) == one


def test_evidence_that_is_gone_hides_no_finding(read: ReadEvidence) -> None:
    source = FileSource(Path("gone"))
    readings = (replace(each, artifact=replace(each.artifact, source=source)) for each in read.readings)
    findings = [found(EXECUTION, each) for each in events_of(read)]
    second = again(replace(read, readings=tuple(readings)), findings)
    assert second.counts == counts(not_read_again=len(findings))
    assert all(each.cell.startswith("not read again (") for each in second.records.values())


@pytest.mark.parametrize(
    ("artifact", "reader"),
    [
        ("RustDesk log", "this program"),
        ("RustDesk configuration", "tomllib"),
        ("Startup link", "liblnk"),
        ("Prefetch", "libscca"),
    ],
)
def test_a_kind_with_one_reader_names_it(read: ReadEvidence, artifact: str, reader: str) -> None:
    (cell,) = again(read, [found(EXECUTION, event(1, artifact=artifact))]).records.values()
    assert cell == (Verdict.SINGLE_READER, f"single reader: {reader}", ())


def test_image_loads_are_read_like_all_else(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    (tmp_path / "e/Sysmon.evtx").write_bytes(build_event_log([image_loaded()]))
    of_load = read_named([NamedEvidence(tmp_path / "e", "E")], tmp_path / "events")
    (load,) = events_of(of_load)
    assert again(of_load, [found(LOAD, load)]).of(load.report_id).cell == "evtx+python-evtx agree"


def test_the_document_has_every_verdict_the_bound_and_the_known_defects() -> None:
    document = as_document(SecondReading(most=7))
    assert isinstance(document, dict)
    assert document["records"] == {each.value: 0 for each in Verdict}
    assert document["most_read_again"] == 7
    assert isinstance(document["known_defects"], list)
