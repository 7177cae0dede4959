from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.case_reading import document, timeline_objects
from tests.end_to_end.command_line import DC01

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.command_line import Run
    from tests.end_to_end.shared_folder import SharedFolder

SYSMON: Final = "Windows/System32/winevt/Logs/Microsoft-Windows-Sysmon%4Operational.evtx"
CHUNK: Final = range(0x71000, 0x81000)
"""A chunk of the Sysmon log with two executions in it."""


@pytest.fixture(scope="session")
def headless(shared: SharedFolder) -> Path:
    """The fixture case with a chunk whose header is overwritten: its records are no part of the log now."""

    def make(folder: Path) -> None:
        shutil.copytree(DC01, folder / "DC01")
        log = folder / "DC01" / SYSMON
        content = log.read_bytes()
        log.write_bytes(content[: CHUNK.start] + b"\xff" * 128 + content[CHUNK.start + 128 :])

    return shared.once("headless", make) / "DC01"


@pytest.fixture(scope="session")
def with_recovered(shared: SharedFolder, headless: Path) -> Run:
    return shared.analyzed("with-recovered", headless)


@pytest.fixture(scope="session")
def without_recovered(shared: SharedFolder, headless: Path) -> Run:
    return shared.analyzed("without-recovered", headless, options=("--no-recovered",))


def in_the_chunk(run: Run) -> list[dict[str, object]]:
    return [
        row for row in timeline_objects(run.output) if row["source_path"] == SYSMON and row["offset"] in CHUNK
    ]


def test_a_finding_that_rests_on_a_recovered_record_says_so(dc01: Run, with_recovered: Run) -> None:
    expected, found = in_the_chunk(dc01), in_the_chunk(with_recovered)

    assert len(found) == len(expected) >= 2
    assert {row["record_state"] for row in found} == {"recovered"}
    note = " [recovered record: from slack, or from a chunk without its header]"
    for row, live in zip(found, expected, strict=True):
        assert note in str(row["message"])
        assert str(row["message"]).replace(note, "") == live["message"]
        assert row["command_line"] == live["command_line"]


def test_what_is_recovered_is_counted_apart_and_the_damage_is_told(with_recovered: Run) -> None:
    artifacts = document(with_recovered.output, "context.json")["artifacts"]
    (log,) = [each["log"] for each in artifacts if each["path"] == SYSMON]

    assert with_recovered.code == 3
    assert "0x71000-0x81000" in with_recovered.stderr
    assert log["records_recovered"] >= 2
    assert log["records_framed"] == sum(
        log[f"records_{name}"] for name in ("emitted", "irrelevant", "failed")
    )


def places(rows: list[dict[str, object]]) -> set[tuple[object, ...]]:
    return {(row["finding"], row["source_path"], row["offset"]) for row in rows}


def test_recovered_records_are_left_out_where_that_is_asked(dc01: Run, without_recovered: Run) -> None:
    """Of a process that Sysmon's record was lost of, the Security log's record speaks in its place."""
    lost = in_the_chunk(dc01)
    kept = [row for row in timeline_objects(dc01.output) if row not in lost]
    found = timeline_objects(without_recovered.output)
    others = {each["record_id"] for row in lost for each in row["other_copies"]}  # type: ignore[attr-defined]
    in_place = [row for row in found if row["event_id"] == "4688" and row["record_id"] in others]

    assert without_recovered.code == 3
    assert {row["event_id"] for row in lost} >= {"1"}
    assert places(found) - places(in_place) == places(kept)
    assert {row["command_line"] for row in in_place} == {
        row["command_line"] for row in lost if row["event_id"] == "1"
    }
