from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.built_evidence import file_server, large_log
from tests.end_to_end.case_reading import repeatable_files
from tests.end_to_end.command_line import DC01, analyze

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.shared_folder import SharedFolder

WORTH_PROCESSES: Final = 8 << 20
"""Bytes from which on several processes read: less is read sooner than they start."""

OPTIONS: Final = ("--expand-rule-bag", "--excel")
PLAIN: Final = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
ELSEWHERE: Final = (
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "1"},
    {"TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "4711"},
)


@pytest.fixture(scope="session")
def evidence(shared: SharedFolder) -> list[Path]:
    """A large log, a folder that holds one, and the fixture case."""

    def make(folder: Path) -> None:
        (folder / "fs02").mkdir()
        large_log(folder / "Large.evtx")
        file_server(folder / "fs02")

    built = shared.once("evidence-of-determinism", make)
    return [built / "Large.evtx", built / "fs02", DC01]


@pytest.fixture(scope="session")
def expected(shared: SharedFolder, evidence: list[Path]) -> dict[str, str]:
    """The digests of what one process writes in a plain environment."""

    def make(folder: Path) -> None:
        options = (*OPTIONS, "--workers", "1")
        run = analyze(*evidence, output=folder / "case", options=options, changes=PLAIN)
        assert (run.code, run.stderr) == (0, "")

    return repeatable_files(shared.once("determinism", make) / "case")


def test_many_workers_write_the_same_bytes(
    evidence: list[Path], expected: dict[str, str], tmp_path: Path
) -> None:
    assert evidence[0].stat().st_size > WORTH_PROCESSES

    run = analyze(*evidence, output=tmp_path / "case", options=(*OPTIONS, "--workers", "4"), changes=PLAIN)

    assert (run.code, run.stderr) == (0, "")
    assert repeatable_files(run.output) == expected


def test_the_order_in_which_evidence_is_given_does_not_matter(
    evidence: list[Path], expected: dict[str, str], tmp_path: Path
) -> None:
    run = analyze(*reversed(evidence), output=tmp_path / "case", options=OPTIONS, changes=PLAIN)

    assert repeatable_files(run.output) == expected


@pytest.mark.parametrize("place", ELSEWHERE, ids=lambda place: place["TZ"])
def test_time_zone_language_and_hash_seed_do_not_matter(
    evidence: list[Path], expected: dict[str, str], tmp_path: Path, place: dict[str, str]
) -> None:
    run = analyze(*evidence, output=tmp_path / "case", options=OPTIONS, changes=place)

    assert repeatable_files(run.output) == expected


def test_where_evidence_and_output_lie_does_not_matter(
    evidence: list[Path], expected: dict[str, str], tmp_path: Path
) -> None:
    moved = tmp_path / "another place é"
    moved.mkdir()
    shutil.copy(evidence[0], moved)
    shutil.copytree(evidence[1], moved / "server")
    shutil.copytree(evidence[2], moved / "controller")

    run = analyze(
        "Large.evtx", "server", "controller", output=tmp_path / "a" / "b" / "c", options=OPTIONS, cwd=moved
    )

    assert repeatable_files(run.output) == expected


def test_a_second_run_replaces_a_case_by_the_same_bytes(
    evidence: list[Path], expected: dict[str, str], tmp_path: Path
) -> None:
    output = tmp_path / "case"
    shutil.copytree(analyze(evidence[1], output=output).output, tmp_path / "first")

    run = analyze(*evidence, output=output, options=(*OPTIONS, "--overwrite"))

    assert repeatable_files(tmp_path / "first") != expected
    assert repeatable_files(run.output) == expected
