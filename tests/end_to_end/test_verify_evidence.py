"""``verify`` with evidence: what changed there is named, and the same evidence gives the same case."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.builders.archive import zip_of
from tests.end_to_end.command_line import DC01, Run, run_program
from tests.end_to_end.signed_case import copy_of, edit_run, failed, signed_case, verify
from tests.fixture_reading import SYSMON_LOG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.shared_folder import SharedFolder

SYSTEM_LOG = "Windows/System32/winevt/Logs/System.evtx"


@pytest.fixture(scope="session")
def signed(shared: SharedFolder) -> Run:
    return signed_case(shared)


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """A copy of the evidence that a test may harm."""
    return shutil.copytree(DC01, tmp_path / "evidence")


@pytest.fixture(scope="session")
def zipped(shared: SharedFolder) -> Run:
    """A case of a zip with one log in it; the zip lies in the folder ``zip``."""

    def make(folder: Path) -> None:
        (folder / "C.zip").write_bytes(zip_of({f"C/{SYSTEM_LOG}": (DC01 / SYSTEM_LOG).read_bytes()}))

    folder = shared.once("zip", make)
    return shared.analyzed("zipped", f"Z1={folder / 'C.zip'}")


def test_evidence_that_is_as_it_was_has_its_recorded_digests(signed: Run, evidence: Path) -> None:
    run = verify(signed.output, "--evidence", evidence)

    assert (run.code, failed(run)) == (0, [])
    assert "4 artifacts have their recorded digests" in run.stdout


def test_a_changed_a_missing_and_a_new_artifact_are_named(signed: Run, evidence: Path) -> None:
    log = bytearray((evidence / SYSTEM_LOG).read_bytes())
    log[-1] ^= 1
    (evidence / SYSTEM_LOG).write_bytes(log)
    (evidence / SYSMON_LOG).rename(evidence / "Moved.evtx")

    run = verify(signed.output, "--evidence", evidence)

    assert run.code == 1
    told = "\n".join(failed(run))
    assert f"{SYSTEM_LOG}: was sha256 " in told
    assert f"{SYSMON_LOG}: is not there any more" in told
    assert "Moved.evtx: was not there" in told
    assert len(failed(run)) == 3


def test_evidence_that_is_gone_is_a_failure(signed: Run, tmp_path: Path) -> None:
    run = verify(signed.output, "--evidence", tmp_path / "nowhere")

    assert run.code == 1
    assert "there is no such file or folder" in failed(run)[0]


def test_a_zip_is_known_by_its_own_digest_and_those_inside(zipped: Run, shared: SharedFolder) -> None:
    archive = shared.once("zip", lambda _folder: None) / "C.zip"

    run = run_program("verify", zipped.output, "--evidence", f"Z1={archive}")

    assert (run.code, failed(run)) == (0, [])
    assert "1 artifact has its recorded digest, and 1 files of archives and images" in run.stdout


def test_a_zip_that_was_packed_anew_is_named_and_its_artifact_is_not(zipped: Run, tmp_path: Path) -> None:
    archive = tmp_path / "C.zip"
    files = {f"C/{SYSTEM_LOG}": (DC01 / SYSTEM_LOG).read_bytes(), "note.txt": b"later"}
    archive.write_bytes(zip_of(files))

    lines = failed(verify(zipped.output, "--evidence", archive))

    assert len(lines) == 1
    assert "C.zip: was sha256 " in lines[0]


def test_the_same_evidence_gives_the_same_files_to_the_byte(
    signed: Run, evidence: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()

    run = run_program(
        "verify", signed.output, "--evidence", evidence, "--rederive", "--work", work, cwd=tmp_path
    )

    assert (run.code, failed(run)) == (0, [])
    assert "files are the same to the byte" in run.stdout
    assert list(work.iterdir()) == []


def test_changed_evidence_gives_another_case_and_the_first_difference_is_named(
    zipped: Run, tmp_path: Path
) -> None:
    log = (DC01 / SYSTEM_LOG).read_bytes()
    changed = log.replace("RustDesk".encode("utf-16-le"), "RustDusk".encode("utf-16-le"))
    archive = tmp_path / "C.zip"
    archive.write_bytes(zip_of({f"C/{SYSTEM_LOG}": changed}))

    lines = failed(verify(zipped.output, "--evidence", archive, "--rederive"))

    told = [line for line in lines if line.startswith("FAILED  second analysis: ")]
    assert any(line.startswith("FAILED  second analysis: timeline.csv: line 2, column ") for line in told)
    assert any(line.startswith("FAILED  second analysis: timeline.jsonl: line 1, ") for line in told)
    assert any("events/DeviceEvents/part-0.parquet: byte " in line for line in told)


def test_a_case_of_another_schema_is_not_compared(zipped: Run, tmp_path: Path) -> None:
    case = copy_of(zipped.output, tmp_path)
    edit_run(case, lambda run: run.update(schema=1))

    run = verify(case, "--evidence", DC01, "--rederive")

    assert any("not comparable: the case has schema 1" in line for line in failed(run))


def test_a_rule_that_was_taken_from_the_case_is_missed(signed: Run, tmp_path: Path) -> None:
    case = copy_of(signed.output, tmp_path)
    (case / "rules/netsh.kql").unlink()

    run = verify(case, "--evidence", DC01, "--rederive")

    assert run.code == 1
    assert any(line.startswith("FAILED  second analysis: ") and "netsh.kql" in line for line in failed(run))
