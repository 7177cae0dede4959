"""A hive with its transaction logs: what its file shows, what only the replay shows, what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from pyarrow import parquet

from forensics.errors import AnalysisError
from forensics.event_model.event import Table
from forensics.report.context import context
from forensics.report.limitations import limitations
from forensics.request import NamedEvidence
from forensics.store import read_provenance
from parsers.evidence.source import ArtifactKind
from tests.builders.analysis import analysis_of
from tests.builders.artifacts import artifact_of, write_evidence
from tests.builders.dirty_hive import BASE, FIRST, LOG1, LOG2, NUMBER, SECOND
from tests.builders.evidence_reading import read_named
from tests.builders.held_records import WRITTEN, hive_with
from tests.builders.hive_artifacts import compatibility_cache, last_runs, run_data
from tests.builders.hive_log import build_hive_log, build_old_hive_log

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.artifact_reading import ArtifactReading
    from forensics.event_model.provenance import EventProvenance
    from forensics.reading import ReadEvidence

HIVE: Final = "Windows/System32/config/SYSTEM"
RUN: Final = 133_490_000_000_000_007
LOGS: Final = {f"{HIVE}.LOG1": LOG1.data, f"{HIVE}.LOG2": LOG2.data}


def read(folder: Path, files: dict[str, bytes]) -> ReadEvidence:
    artifacts = [artifact_of(content, path) for path, content in files.items()]
    named = NamedEvidence(write_evidence(folder / "evidence", artifacts), "E-1")
    return read_named([named], folder / "events")


def values(found: ReadEvidence) -> list[EventProvenance]:
    table = parquet.read_table(found.events / Table.REGISTRY_EVENTS / "part-0.parquet")
    return list(read_provenance(found.events, table.column("ReportId").to_pylist()))


def of_services(found: ReadEvidence) -> dict[str, set[str]]:
    """Return the names of the services by the state of their rows."""
    states: dict[str, set[str]] = {}
    for each in values(found):
        states.setdefault(each.record_state, set()).add(each.service_name)
    return states


def hive_reading(found: ReadEvidence) -> ArtifactReading:
    (reading,) = (each for each in found.readings if each.artifact.kind is ArtifactKind.SYSTEM_HIVE)
    return reading


def document(found: ReadEvidence) -> dict[str, Any]:
    made: Any = context(analysis_of(found))
    return next(each for each in made["artifacts"] if each["path"] == HIVE)


def test_the_replay_adds_rows_and_takes_none_away(tmp_path: Path) -> None:
    alone, with_logs = read(tmp_path / "a", {HIVE: BASE}), read(tmp_path / "b", {HIVE: BASE, **LOGS})
    live = of_services(alone)["live"]
    found = of_services(with_logs)
    assert found["live"] == live
    assert "RustDesk" not in live
    assert {"Banana", "RustDesk", "Service39"} <= found["log_replayed"] - live
    kept = [each for each in values(with_logs) if each.record_state == "live"]
    assert [each.locator for each in kept] == [each.locator for each in values(alone)]


def test_a_replayed_row_says_which_entry_of_which_log_it_is_from(tmp_path: Path) -> None:
    found = read(tmp_path, {HIVE: BASE, **LOGS})
    (image_path,) = (
        each
        for each in values(found)
        if each.service_name == "RustDesk" and "value ImagePath at" in each.locator
    )
    assert image_path.record_state == "log_replayed"
    page = hive_reading(found).replay
    assert page is not None
    written = page.page_at(image_path.offset)
    assert written is not None
    assert image_path.locator.endswith(
        " of the replayed copy, "
        f"written by entry {written.sequence} of {written.log} at {written.log_offset:#x}"
    )
    assert written.log in LOGS


def test_the_outcome_of_the_replay_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, {HIVE: BASE, **LOGS})
    replay = hive_reading(found).replay
    assert replay is not None
    assert (replay.outcome.value, replay.entries, replay.complete, replay.data) == ("applied", 3, True, None)
    told = document(found)["transaction_logs"]
    assert (told["outcome"], told["entries"], told["complete"]) == ("applied", 3, True)
    assert "Replayed on a copy" in limitations(analysis_of(found))
    assert found.complete


@pytest.mark.parametrize(
    ("logs", "outcome"),
    [
        ({}, "no_logs"),
        ({f"{HIVE}.LOG1": b""}, "no_logs"),
        ({f"{HIVE}.LOG1": build_hive_log(BASE, FIRST, NUMBER - 2)}, "logs_do_not_match"),
        ({f"{HIVE}.LOG": build_old_hive_log(BASE, SECOND)}, "old_format"),
        ({f"{HIVE}.LOG1": b"no log at all" * 100}, "damaged"),
    ],
)
def test_logs_that_cannot_be_replayed_are_said_and_the_hive_is_used_as_it_is(
    tmp_path: Path, logs: dict[str, bytes], outcome: str
) -> None:
    found = read(tmp_path, {HIVE: BASE, **logs})
    told = document(found)["transaction_logs"]
    assert (told["outcome"], told["applied"], told["complete"]) == (outcome, [], False)
    assert told["reason"].rstrip(".") in limitations(analysis_of(found))
    assert of_services(found).keys() == {"live"}
    assert hive_reading(found).failure is None


def test_a_replay_that_may_lack_entries_is_said_to_be_incomplete(tmp_path: Path) -> None:
    found = read(tmp_path, {HIVE: BASE, f"{HIVE}.LOG2": LOG2.data})
    told = document(found)["transaction_logs"]
    assert (told["outcome"], told["complete"]) == ("applied", False)
    assert told["reason"].rstrip(".") in limitations(analysis_of(found))


def test_logs_of_another_folder_are_not_taken(tmp_path: Path) -> None:
    other = {path.replace("config/", "config/RegBack/"): content for path, content in LOGS.items()}
    assert document(read(tmp_path, {HIVE: BASE, **other}))["transaction_logs"]["outcome"] == "no_logs"


def test_logs_alone_are_no_evidence_to_conclude_from(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="no event log"):
        read(tmp_path, LOGS)


@pytest.mark.parametrize(
    "logs", [{f"{HIVE}.LOG1": b""}, {f"{HIVE}.LOG1": b"no log at all" * 100}, {f"{HIVE}.LOG2": LOG2.data}]
)
def test_logs_that_do_not_give_all_changes_make_the_evidence_incomplete(
    tmp_path: Path, logs: dict[str, bytes]
) -> None:
    found = read(tmp_path, {HIVE: BASE, **logs})

    assert not found.complete
    assert "its transaction logs give not all of its changes" in limitations(analysis_of(found))


def test_a_dirty_hive_without_its_logs_is_complete_and_the_logs_are_absent(tmp_path: Path) -> None:
    found = read(tmp_path, {HIVE: BASE})

    assert found.complete
    assert f"no transaction logs of {HIVE}, which was not written out" in limitations(analysis_of(found))


def programs(found: ReadEvidence) -> dict[str, EventProvenance]:
    """Return the rows of programs that ran, by the program."""
    table = parquet.read_table(found.events / Table.EVENTS / "part-0.parquet")
    rows = read_provenance(found.events, table.column("ReportId").to_pylist())
    return {each.image_path: each for each in rows if each.time_means.startswith("Program last run")}


def hive_of_runs(written: int, **runs: int) -> bytes:
    data = {f"{name}.exe": run_data(run) for name, run in runs.items()}
    return hive_with(last_runs(written, "S-1-5-18", data), dirty=True)


def test_a_run_that_only_a_log_holds_is_a_row_and_the_others_are_as_they_were(tmp_path: Path) -> None:
    base = hive_of_runs(WRITTEN, notepad=RUN)
    changed = hive_of_runs(WRITTEN + 5, notepad=RUN, rustdesk=RUN + 1)
    found = read(tmp_path, {HIVE: base, f"{HIVE}.LOG1": build_hive_log(base, changed, NUMBER)})
    rows = programs(found)
    assert {name: row.record_state for name, row in rows.items()} == {
        "notepad.exe": "live",
        "rustdesk.exe": "log_replayed",
    }
    assert (rows["rustdesk.exe"].ticks, rows["rustdesk.exe"].user) == (RUN + 1, "S-1-5-18")


def test_one_run_in_two_copies_of_a_hive_is_one_row_and_a_later_run_another(tmp_path: Path) -> None:
    backup = HIVE.replace("config/", "config/RegBack/")
    found = read(
        tmp_path,
        {HIVE: hive_of_runs(WRITTEN + 5, a=RUN, b=RUN + 2), backup: hive_of_runs(WRITTEN, a=RUN, b=RUN + 1)},
    )
    table = parquet.read_table(found.events / Table.EVENTS / "part-0.parquet")
    rows = list(read_provenance(found.events, table.column("ReportId").to_pylist()))
    assert sorted((each.image_path, each.ticks - RUN, each.copies) for each in rows) == [
        ("a.exe", 0, 2),
        ("b.exe", 1, 1),
        ("b.exe", 2, 1),
    ]


def test_a_cache_that_cannot_be_decoded_makes_the_evidence_incomplete(tmp_path: Path) -> None:
    found = read(tmp_path, {HIVE: hive_with(compatibility_cache(WRITTEN, b"\x99" * 200))})
    assert not found.complete
    assert "AppCompatCache\\AppCompatCache are lost" in limitations(analysis_of(found))
