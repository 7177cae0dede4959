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


@pytest.fixture
def evidence(tmp_path: Path) -> Iterator[Path]:
    """The fixture case in files and folders that cannot be written."""
    root = tmp_path / "evidence"
    shutil.copytree(DC01, root)
    make_read_only(root)
    yield root
    make_writable(root)


def test_evidence_is_left_as_it_was_and_nothing_is_written_but_the_output(
    evidence: Path, dc01: Run, tmp_path: Path
) -> None:
    prefix = bound_by_file_modes()
    elsewhere, cases = tmp_path / "elsewhere", tmp_path / "cases"
    for name in ("cwd", "home", "tmp"):
        (elsewhere / name).mkdir(parents=True)
    cases.mkdir()
    places = {name: str(elsewhere / "tmp") for name in ("TMPDIR", "TEMP", "TMP")}
    places |= {"HOME": str(elsewhere / "home"), "XDG_CACHE_HOME": str(elsewhere / "home")}
    before = look_at(evidence)

    run = analyze(evidence, output=cases / "case", cwd=elsewhere / "cwd", changes=places, prefix=prefix)

    assert (run.code, run.stderr) == (0, "")
    assert findings(run.output) == findings(dc01.output)
    assert look_at(evidence) == before
    assert [path.name for path in cases.iterdir()] == ["case"]
    assert sorted(path.name for path in elsewhere.rglob("*")) == ["cwd", "home", "tmp"]
