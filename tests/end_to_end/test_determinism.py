from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.built_evidence import file_server, large_log
from tests.end_to_end.case_reading import findings, repeatable_files
from tests.end_to_end.command_line import DC01, analyze

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.shared_folder import SharedFolder

WORTH_PROCESSES: Final = 8 << 20
"""Bytes from which on several processes read: less is read sooner than they start."""

OPTIONS: Final = ("--expand-rule-bag", "--excel")
HERE: Final = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
ELSEWHERE: Final = (
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "1"},
    {"TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "4711"},
)


@pytest.fixture(scope="session")
def file_server_folder(shared: SharedFolder) -> Path:
    """A second evidence beside the fixture case."""
    return shared.once("file-server", file_server)


@pytest.fixture(scope="session")
def usual(shared: SharedFolder, file_server_folder: Path) -> Path:
    """The case folder that two evidences give here."""

    def make(folder: Path) -> None:
        run = analyze(file_server_folder, DC01, output=folder / "case", options=OPTIONS, changes=HERE)
        assert (run.code, run.stderr) == (0, "")

    return shared.once("determinism", make) / "case"


def test_many_workers_write_the_same_bytes_as_one_in_any_place(tmp_path: Path) -> None:
    log = tmp_path / "Sysmon.evtx"
    large_log(log)
    assert log.stat().st_size > WORTH_PROCESSES

    one = analyze(log, output=tmp_path / "one", options=(*OPTIONS, "--workers", "1"), changes=HERE)
    many = analyze(log, output=tmp_path / "many", options=(*OPTIONS, "--workers", "4"), changes=ELSEWHERE[0])

    assert [(run.code, run.stderr) for run in (one, many)] == [(0, ""), (0, "")]
    assert repeatable_files(many.output) == repeatable_files(one.output)
    assert findings(many.output) == {"rustdesk_execution": 10}


def test_the_order_in_which_evidence_is_given_does_not_matter(
    file_server_folder: Path, usual: Path, tmp_path: Path
) -> None:
    run = analyze(DC01, file_server_folder, output=tmp_path / "case", options=OPTIONS, changes=HERE)

    assert repeatable_files(run.output) == repeatable_files(usual)


@pytest.mark.parametrize("place", ELSEWHERE, ids=lambda place: place["TZ"])
def test_time_zone_language_and_hash_seed_do_not_matter(
    file_server_folder: Path, usual: Path, tmp_path: Path, place: dict[str, str]
) -> None:
    run = analyze(file_server_folder, DC01, output=tmp_path / "case", options=OPTIONS, changes=place)

    assert repeatable_files(run.output) == repeatable_files(usual)


def test_where_evidence_and_output_lie_does_not_matter(
    file_server_folder: Path, usual: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "another place é"
    shutil.copytree(file_server_folder, moved / "server")
    shutil.copytree(DC01, moved / "controller")

    run = analyze("server", "controller", output=tmp_path / "a" / "b" / "c", options=OPTIONS, cwd=moved)

    assert repeatable_files(run.output) == repeatable_files(usual)


def test_a_second_run_replaces_the_first_by_the_same_bytes(
    file_server_folder: Path, usual: Path, tmp_path: Path
) -> None:
    output = tmp_path / "case"
    shutil.copytree(usual, output)

    run = analyze(file_server_folder, DC01, output=output, options=(*OPTIONS, "--overwrite"))

    assert run.code == 0
    assert (output / "run.json").read_bytes() != (usual / "run.json").read_bytes()
    assert repeatable_files(output) == repeatable_files(usual)
