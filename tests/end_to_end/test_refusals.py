from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.case_reading import files_of, findings, sha256_of, timeline
from tests.end_to_end.command_line import CLEAN, DC01, Run, analyze, run_program
from tests.end_to_end.restraint import bound_by_file_modes, on_a_small_disk, with_small_files_only

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SYSTEM_LOG: Final = "Windows/System32/winevt/Logs/System.evtx"


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """The fixture case, with a log and a folder beside it that may not be read."""
    evidence = tmp_path / "evidence"
    shutil.copytree(DC01, evidence)
    shutil.copytree(CLEAN, evidence / "secret")
    shutil.copy(CLEAN / SYSTEM_LOG, evidence / "Locked.evtx")
    for path in (evidence / "secret", evidence / "Locked.evtx"):
        path.chmod(0)
    yield evidence
    (evidence / "secret").chmod(stat.S_IRWXU)


def test_what_may_not_be_read_is_named_and_all_else_is_found(locked: Path, dc01: Run, tmp_path: Path) -> None:
    run = analyze(locked, output=tmp_path / "case", prefix=bound_by_file_modes())

    assert run.code == 3
    assert findings(run.output) == findings(dc01.output)
    for name in ("Locked.evtx", "secret"):
        (line,) = [line for line in run.stderr.splitlines() if name in line]
        assert "Permission denied" in line
        assert "Check its permissions" in line
        assert name in (run.output / "limitations.txt").read_text("utf-8")


def test_evidence_that_may_not_be_read_at_all_is_no_success(tmp_path: Path) -> None:
    log = tmp_path / "System.evtx"
    shutil.copy(DC01 / SYSTEM_LOG, log)
    log.chmod(0)

    run = analyze(log, output=tmp_path / "case", prefix=bound_by_file_modes())

    assert run.code == 2
    assert f"{log}: System.evtx: Permission denied. Check its permissions" in run.stderr
    assert not run.output.exists()


@pytest.mark.parametrize("size", ["60k", "250k"])
def test_a_full_disk_ends_the_run_and_leaves_nothing(tmp_path: Path, size: str) -> None:
    disk, listing = tmp_path / "disk", tmp_path / "listing"
    disk.mkdir()

    run = analyze(DC01, output=disk / "case", prefix=on_a_small_disk(size, disk, listing))

    assert (run.code, run.stdout) == (1, "")
    assert f"rustdesk-forensics: {disk / 'case'}" in run.stderr
    assert "No space left on device" in run.stderr
    assert "Free space there, or name an --output on a larger disk" in run.stderr
    assert listing.read_text() == ""


def test_a_file_that_grows_too_large_ends_the_run_and_leaves_nothing(tmp_path: Path) -> None:
    prefix = with_small_files_only()

    run = analyze(DC01, output=tmp_path / "case", prefix=prefix)

    assert (run.code, run.stdout) == (1, "")
    assert f"rustdesk-forensics: {tmp_path / 'case'}" in run.stderr
    assert "File too large" in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_artifacts_is_no_evidence(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    run = analyze(empty, output=tmp_path / "cases" / "case")

    assert (run.code, run.stdout) == (1, "")
    assert f"no event log (EVTX) and no SYSTEM hive in {empty}. Name the folder" in run.stderr
    assert files_of(tmp_path) == set()


def test_evidence_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    run = analyze(tmp_path / "nowhere", output=tmp_path / "case")

    assert (run.code, run.stdout) == (2, "")
    assert f"{tmp_path / 'nowhere'}: there is no such file or folder. Check the path" in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_artifact_is_wrong_usage(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("hello")

    run = analyze(note, output=tmp_path / "case")

    assert run.code == 2
    assert f"{note}: is no event log (EVTX), no SYSTEM hive, no archive and no disk image" in run.stderr
    assert "Give one of these, or a folder that holds them" in run.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("analyze", "evidence"),
        ("analyze", "evidence", "--output", "case", "--since", "yesterday"),
        ("analyze", "evidence", "--output", "case", "--reader", "perl"),
        ("analyze", "A=one", "A=two", "--output", "case"),
        ("analyse", "evidence"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_on_stderr_only(arguments: tuple[str, ...]) -> None:
    run = run_program(*arguments)

    assert (run.code, run.stdout) == (2, "")
    assert run.stderr


def test_an_existing_case_is_kept_unless_it_is_to_be_replaced(clean: Run, tmp_path: Path) -> None:
    log, output = DC01 / SYSTEM_LOG, tmp_path / "case"
    shutil.copytree(clean.output, output)
    before = {name: sha256_of(output / name) for name in files_of(output)}

    refused = analyze(log, output=output)
    kept = {name: sha256_of(output / name) for name in files_of(output)}
    replaced = analyze(log, output=output, options=("--overwrite",))

    assert (refused.code, replaced.code) == (1, 0)
    assert "there is a case folder already. Name another --output, or give --overwrite" in refused.stderr
    assert kept == before
    assert findings(output)["rustdesk_service_installed"] == 2
    assert {row["source_path"] for row in timeline(output)} == {"System.evtx"}
    assert [path.name for path in tmp_path.iterdir()] == ["case"]


def test_a_folder_that_is_no_case_is_never_replaced(tmp_path: Path) -> None:
    output = tmp_path / "photos"
    output.mkdir()
    (output / "holiday.jpg").write_bytes(b"sun")

    run = analyze(DC01 / SYSTEM_LOG, output=output, options=("--overwrite",))

    assert run.code == 1
    assert "--overwrite replaces case folders only" in run.stderr
    assert files_of(tmp_path) == {"photos/holiday.jpg"}


def test_an_output_inside_the_evidence_is_refused(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    shutil.copytree(DC01, evidence)
    before = files_of(tmp_path)

    run = analyze(evidence, output=evidence / "Windows" / "case")

    assert run.code == 1
    assert f"it lies in the evidence {evidence}, which is never written to" in run.stderr
    assert files_of(tmp_path) == before


def test_an_output_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    prefix = bound_by_file_modes()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)

    run = analyze(DC01 / SYSTEM_LOG, output=closed / "case", prefix=prefix)

    assert run.code == 1
    assert f"{os.fspath(closed / 'case')}: Permission denied. Allow writing there" in run.stderr
    assert list(closed.iterdir()) == []
