"""``show``: the record behind a row, its bytes and headers, and what it says where the evidence is not."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest
from typer.testing import CliRunner

from forensics.cli import app
from tests.builders.archive import zip_of
from tests.end_to_end.case_reading import timeline_objects
from tests.end_to_end.command_line import DC01, Run, run_program
from tests.end_to_end.signed_case import copy_of, edit_run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.shared_folder import SharedFolder

SYSTEM_LOG: Final = "Windows/System32/winevt/Logs/System.evtx"


def show(case: Path, row: int, *options: str | Path) -> Run:
    """Run ``show`` inside this process."""
    done = CliRunner().invoke(app, ["show", str(case), str(row), *map(str, options)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Run(done.exit_code, done.stdout, done.stderr, case)


def shown(case: Path, row: int, *options: str | Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(show(case, row, "--format", "json", *options).stdout)
    return document


def one_of_each(run: Run) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return one row of each finding, artifact and event."""
    return {(row["finding"], row["artifact"], row["event_id"]): row for row in timeline_objects(run.output)}


@pytest.fixture(scope="session")
def zipped(shared: SharedFolder) -> Run:
    """A case of a zip with one log in it; the zip lies in the folder ``show-zip``."""

    def make(folder: Path) -> None:
        (folder / "C.zip").write_bytes(zip_of({f"C/{SYSTEM_LOG}": (DC01 / SYSTEM_LOG).read_bytes()}))

    folder = shared.once("show-zip", make)
    return shared.analyzed("show-zipped", folder / "C.zip")


@pytest.fixture
def gone(dc01: Run, tmp_path: Path) -> Path:
    """A copy of the case whose evidence is not where it was."""
    case = copy_of(dc01.output, tmp_path)
    edit_run(case, lambda run: run["inputs"][0].update(path="/evidence/that/was/put/away"))
    return case


def test_a_row_of_each_finding_leads_to_its_bytes_and_two_views_that_agree(dc01: Run) -> None:
    rows = one_of_each(dc01)
    assert {artifact for _, artifact, _ in rows} == {"EVTX", "SYSTEM hive"}
    for row in rows.values():
        document = shown(dc01.output, row["row"])
        content = (DC01 / row["source_path"]).read_bytes()
        cells = ("record",) if row["artifact"] == "EVTX" else ("key_cell", "value_cell")
        for cell in cells:
            part = document[cell]
            raw = bytes.fromhex(part["hex"])
            assert content[part["offset"] :].startswith(raw)
        assert document["warnings"] == []
        assert document["readers"]["compared"] is True
        assert document["readers"]["differences"] == []
        assert document["readers"]["same"] > 8


def test_an_event_is_shown_in_both_readers_xml_with_all_checksums(dc01: Run) -> None:
    row = one_of_each(dc01)["rustdesk_service_installed", "EVTX", "7045"]

    document = shown(dc01.output, row["row"])

    assert document["record"]["offset"] == row["offset"]
    for reader in ("xml_evtx", "xml_python_evtx"):
        assert "<EventID" in document[reader]["xml"]
        assert row["service_name"] in document[reader]["xml"]
    assert [each["ok"] for each in document["checksums"]] == [True, True, True]
    assert document["headers"]["chunk_offset"] == 4096


def test_a_registry_value_is_shown_with_the_cells_of_key_value_and_data(dc01: Run) -> None:
    row = one_of_each(dc01)["rustdesk_service_key", "SYSTEM hive", ""]

    text = show(dc01.output, row["row"]).stdout

    for part in ("nk", "vk", "last written: 0x", "list of values: 0x", "type: REG_EXPAND_SZ"):
        assert part in text
    assert "ImagePath (data): " in text
    assert 'RECmd.exe -f "SYSTEM" --kn "ControlSet001\\Services\\RustDesk" --vn "ImagePath"' in text
    assert "Registry Explorer: ROOT\\ControlSet001\\Services\\RustDesk" in text


def test_how_others_find_an_event_is_told(dc01: Run) -> None:
    row = one_of_each(dc01)["rustdesk_service_installed", "EVTX", "7045"]

    run = run_program("show", dc01.output, row["row"])

    assert (run.code, run.stderr) == (0, "")
    assert f"*[System[(EventRecordID={row['record_id']})]]" in run.stdout
    assert f"xxd -s {row['offset']} -l " in run.stdout
    assert f"skip={row['offset']} count=" in run.stdout
    assert f"offset     {row['offset']:#x} (decimal {row['offset']})" in run.stdout


def test_without_the_evidence_the_case_still_tells_what_it_keeps(gone: Path) -> None:
    run = show(gone, 1)

    assert (run.code, run.stderr) == (0, "")
    assert (
        "Not shown: both readers' views and the bytes, since the evidence is not at /evidence" in run.stdout
    )
    assert "command_line " in run.stdout
    assert "source_sha256 " in run.stdout
    assert "How to find it with other tools" in run.stdout
    assert "XML by evtx" not in run.stdout


def test_evidence_that_was_put_elsewhere_is_given_by_name(gone: Path) -> None:
    document = shown(gone, 1, "--evidence", DC01)

    assert document["missing"] == ""
    assert document["record"]["hex"].startswith("2a2a0000")


def test_another_file_than_was_analyzed_is_said_loudly(dc01: Run, gone: Path, tmp_path: Path) -> None:
    row = one_of_each(dc01)["rustdesk_service_installed", "EVTX", "7045"]
    evidence = shutil.copytree(DC01, tmp_path / "evidence")
    log = bytearray((evidence / SYSTEM_LOG).read_bytes())
    log[row["offset"] + 300] ^= 1
    (evidence / SYSTEM_LOG).write_bytes(log)

    run = show(gone, row["row"], "--evidence", evidence)

    assert run.code == 1
    assert run.stdout.startswith("!!! THIS IS NOT THE FILE THAT WAS ANALYZED")
    assert "THIS IS NOT THE FILE THAT WAS ANALYZED" in run.stderr
    assert any(
        "chunk's records" in line and line.endswith("DIFFERENT") for line in run.stdout.splitlines()
    ), "the patched record's stored and computed checksum"


def test_evidence_that_does_not_hold_the_file_is_said_loudly(gone: Path, tmp_path: Path) -> None:
    shutil.copy(DC01 / SYSTEM_LOG, tmp_path / "Other.evtx")

    run = show(gone, 1, "--evidence", tmp_path / "Other.evtx")

    assert run.code == 1
    assert "holds no Windows/System32/winevt/Logs/" in run.stderr


def test_a_row_that_was_changed_in_the_case_is_said_loudly(gone: Path) -> None:
    content = (gone / "timeline.jsonl").read_bytes()
    (gone / "timeline.jsonl").write_bytes(content.replace(b"da.keller", b"da.kellen"))

    run = show(gone, 1)

    assert run.code == 1
    assert "timeline.jsonl is not as SHA256SUMS lists it" in run.stderr


def test_a_record_inside_a_zip_is_shown(zipped: Run) -> None:
    (row, *_) = timeline_objects(zipped.output)

    document = shown(zipped.output, 1)

    raw = bytes.fromhex(document["record"]["hex"])
    assert (DC01 / SYSTEM_LOG).read_bytes()[row["offset"] :].startswith(raw)
    assert document["readers"]["differences"] == []


def test_a_record_with_a_wrong_checksum_shows_both_checksums(tmp_path: Path) -> None:
    log = bytearray((DC01 / SYSTEM_LOG).read_bytes())
    at = log.find("Program Files\\RustDesk".encode("utf-16-le"))
    log[at] ^= 0x20
    (tmp_path / "System.evtx").write_bytes(log)
    case = run_program("analyze", tmp_path / "System.evtx", "--output", tmp_path / "case")
    assert case.code == 3

    document = shown(tmp_path / "case", 1)

    (row, *_) = timeline_objects(tmp_path / "case")
    assert row["record_state"] == "crc_bad"
    wrong = [each for each in document["checksums"] if not each["ok"]]
    assert len(wrong) == 1
    assert wrong[0]["stored"] != wrong[0]["computed"]
    assert document["warnings"] == []


@pytest.mark.parametrize("row", ["9999", "0", "first"])
def test_a_row_that_is_not_there_is_wrong_usage(dc01: Run, row: str) -> None:
    run = run_program("show", dc01.output, row)

    assert (run.code, run.stdout) == (2, "")


def test_a_folder_that_is_no_case_is_wrong_usage(tmp_path: Path) -> None:
    run = run_program("show", tmp_path, "1")

    assert run.code == 2
    assert "is no case folder" in run.stderr
