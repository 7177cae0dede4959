"""The account of a log: what is absent from the file is said, and never what became of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from forensics.artifact_reading import WANTED
from forensics.report.limitations import limitations
from forensics.report.log_ledger import absent_records, cleared_sentence, log_ledger
from forensics.request import NamedEvidence
from parsers.evtx.event_log import read_event_log
from parsers.evtx.record import Cleared, EventLogLedger
from tests.builders.analysis import analysis_of
from tests.builders.artifacts import artifact_of, log_of, write_evidence
from tests.builders.event_log import build_event_log
from tests.builders.evidence_reading import read_named
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.evidence.source import Artifact
    from tests.builders.event_to_write import EventToWrite

TIME: Final = 133_537_248_001_234_567
SECOND: Final = 10_000_000


def at(*record_ids: int) -> list[EventToWrite]:
    return [process_created(record_id=number, time_created=TIME + number * SECOND) for number in record_ids]


def clears(event_id: int, record_id: int) -> EventToWrite:
    channel = "Security" if event_id == 1102 else "System"
    event = replace(
        at(record_id)[0], provider="Microsoft-Windows-Eventlog", event_id=event_id, channel=channel
    )
    return replace(event, data=(("SubjectUserName", "user"),))


def ledger_of(log: Artifact) -> EventLogLedger:
    (ledger,) = (each for each in read_event_log(log, WANTED) if isinstance(each, EventLogLedger))
    return ledger


def document_of(log: Artifact) -> dict[str, Any]:
    found: Any = log_ledger(ledger_of(log))
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def examined(folder: Path, log: Artifact) -> str:
    named = NamedEvidence(write_evidence(folder / "evidence", [log]), "E-1")
    read = read_named([named], folder / "events")
    return limitations(analysis_of(read))


def test_a_log_without_gaps_says_nothing_of_any() -> None:
    log = log_of(*at(5, 6, 7))
    assert absent_records(ledger_of(log)) is None
    assert document_of(log)["record_ids"] == {
        "lowest": 5,
        "highest": 7,
        "absent_from_this_file": 0,
        "gaps": 0,
        "largest_gaps": [],
        "repeated": 0,
        "numbering_began_again": 0,
        "time_runs_backwards": 0,
        "largest_steps_back": [],
    }


def test_gaps_stand_with_their_numbers_and_the_times_around_them() -> None:
    told = document_of(log_of(*at(1, 2, 6, 7, 9)))["record_ids"]
    assert (told["absent_from_this_file"], told["gaps"]) == (4, 2)
    assert told["largest_gaps"] == [
        {
            "first_missing": 3,
            "last_missing": 5,
            "time_before": "2024-03-01T00:00:02.1234567Z",
            "time_after": "2024-03-01T00:00:06.1234567Z",
        },
        {
            "first_missing": 8,
            "last_missing": 8,
            "time_before": "2024-03-01T00:00:07.1234567Z",
            "time_after": "2024-03-01T00:00:09.1234567Z",
        },
    ]


def test_what_is_absent_is_said_in_a_sentence_and_never_called_deleted(tmp_path: Path) -> None:
    log = log_of(*at(1, 2, 1006, 1008))
    sentence = "1,004 record numbers in 2 gaps are absent from this file, the largest from 3 to 1,005"
    assert absent_records(ledger_of(log)) == sentence
    text = examined(tmp_path, log)
    assert f"; {sentence}." in text
    assert not re.search(r"records? (numbers? )?(was|were|have been) (deleted|removed|erased)", text)
    (line,) = (each for each in text.splitlines() if sentence in each)
    assert "deleted" not in line


def test_a_single_absent_record_is_said_in_the_singular() -> None:
    assert absent_records(ledger_of(log_of(*at(1, 3)))) == (
        "1 record number in 1 gap is absent from this file, the largest from 2 to 2"
    )


def test_a_numbering_that_began_again_is_told() -> None:
    events = [*at(500, 501), *(replace(each, time_created=TIME + 900 * SECOND) for each in at(1, 2))]
    told = document_of(log_of(*events))["record_ids"]
    assert (told["numbering_began_again"], told["gaps"]) == (1, 0)


def test_a_clock_that_was_set_back_is_told() -> None:
    events = [*at(1, 2), replace(at(3)[0], time_created=TIME)]
    told = document_of(log_of(*events))["record_ids"]
    assert told["time_runs_backwards"] == 1
    assert told["largest_steps_back"] == [
        {
            "seconds": 2,
            "from_record": 2,
            "from_time": "2024-03-01T00:00:02.1234567Z",
            "to_record": 3,
            "to_time": "2024-03-01T00:00:00.1234567Z",
        }
    ]


def test_records_that_tell_of_a_cleared_log_are_told(tmp_path: Path) -> None:
    log = log_of(clears(1102, 1), clears(104, 2), *at(3))
    ledger = ledger_of(log)
    assert ledger.cleared == (Cleared(1102, 1, TIME + SECOND), Cleared(104, 2, TIME + 2 * SECOND))
    assert (ledger.framed, ledger.emitted, ledger.irrelevant) == (3, 3, 0)
    assert document_of(log)["cleared"] == [
        {"event_id": 1102, "record_id": 1, "written": "2024-03-01T00:00:01.1234567Z"},
        {"event_id": 104, "record_id": 2, "written": "2024-03-01T00:00:02.1234567Z"},
    ]
    text = examined(tmp_path, log)
    assert (
        "; record 1, written 2024-03-01T00:00:01.1234567Z, says that the Security log was cleared"
        "; record 2, written 2024-03-01T00:00:02.1234567Z, says that a log was cleared."
    ) in text


def test_another_provider_s_104_tells_of_no_cleared_log() -> None:
    assert ledger_of(log_of(replace(clears(104, 1), provider="Somebody-Else"))).cleared == ()


def test_a_cleared_log_of_no_known_time_is_said_without_one() -> None:
    assert "None" not in cleared_sentence(Cleared(104, 7, 0))
    assert cleared_sentence(Cleared(104, 7, 0)).startswith("record 7, written at an unknown time, says")


def test_in_an_export_the_numbers_of_the_first_log_tell_what_is_absent() -> None:
    events = [service_installed(record_id=n, header_record_id=place) for place, n in enumerate((40, 44), 1)]
    ledger = ledger_of(log_of(*events))
    assert ledger.ids_differ
    assert absent_records(ledger) == (
        "3 record numbers in 1 gap are absent from this file, the largest from 41 to 43"
    )
    assert ledger.completeness.in_file.gap_count == 0


def test_a_record_that_cannot_be_decoded_is_not_absent() -> None:
    log = bytearray(build_event_log(at(1, 2, 3, 4)))
    second = log.index(b"**\0\0", 4096 + 513)
    log[second + 24 : second + 40] = b"\xff" * 16
    ledger = ledger_of(artifact_of(bytes(log)))
    assert (ledger.framed, ledger.failed) == (4, 1)
    assert ledger.completeness.in_file.gap_count == 0


def test_recovered_records_are_counted_apart(tmp_path: Path) -> None:
    content = build_event_log(at(1, 2, 3))
    log = artifact_of(content[:4096] + bytes(8) + content[4104:])
    told = document_of(log)
    assert (told["records_framed"], told["records_emitted"], told["records_recovered"]) == (0, 0, 3)
    assert told["computers_of_recovered_records"] == ["WORKSTATION-1"]
    assert "0 records, 0 of kinds that are used, and 3 records recovered from slack" in examined(
        tmp_path, log
    )
