from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.end_to_end.case_reading import findings
from tests.end_to_end.command_line import DC01, Run, analyze
from tests.end_to_end.restraint import bound_by_file_modes

if TYPE_CHECKING:
    from collections.abc import Iterator


class Seen(NamedTuple):
    """What a file or folder was like; ``content`` is None for a folder."""

    mode: int
    modified: int
    content: bytes | None


class Watched(NamedTuple):
    """A run, with what the evidence was like around it and the folders that it must not use."""

    run: Run
    before: dict[str, Seen]
    after: dict[str, Seen]
    elsewhere: Path
    expected_output: set[str]


def look_at(root: Path) -> dict[str, Seen]:
    return {
        path.relative_to(root).as_posix(): Seen(
            path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None
        )
        for path in (root, *root.rglob("*"))
    }


def make_read_only(root: Path) -> None:
    for path in (*root.rglob("*"), root):
        path.chmod(path.stat().st_mode & ~0o222)


def make_writable(root: Path) -> None:
    for folder in (root, *(Path(each) for each, _, _ in os.walk(root))):
        folder.chmod(0o755)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A run over evidence that cannot be written, from a folder and with a home that stay empty."""
    prefix = bound_by_file_modes()
    root = tmp_path_factory.mktemp("watched")
    evidence, elsewhere = root / "evidence", root / "elsewhere"
    shutil.copytree(DC01, evidence)
    for name in ("cwd", "home", "tmp"):
        (elsewhere / name).mkdir(parents=True)
    (root / "cases").mkdir()
    make_read_only(evidence)
    before = look_at(evidence)
    places = {name: str(elsewhere / "tmp") for name in ("TMPDIR", "TEMP", "TMP")}
    places |= {"HOME": str(elsewhere / "home"), "XDG_CACHE_HOME": str(elsewhere / "home")}
    run = analyze(
        evidence, output=root / "cases" / "case", cwd=elsewhere / "cwd", changes=places, prefix=prefix
    )
    yield Watched(
        run, before, look_at(evidence), elsewhere, {path.name for path in (root / "cases").iterdir()}
    )
    make_writable(evidence)


def test_evidence_that_cannot_be_written_is_read_as_any_other(watched: Watched, dc01: Run) -> None:
    assert (watched.run.code, watched.run.stderr) == (0, "")
    assert findings(watched.run.output) == findings(dc01.output)


def test_bytes_times_modes_and_listing_of_the_evidence_stay(watched: Watched) -> None:
    assert watched.after == watched.before


def test_nothing_is_written_outside_of_the_output(watched: Watched) -> None:
    assert watched.expected_output == {"case"}
    assert sorted(path.name for path in watched.elsewhere.rglob("*")) == ["cwd", "home", "tmp"]
