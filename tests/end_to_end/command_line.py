"""The program as its users start it: one process a run, and all that came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fixtures.build import HERE as FIXTURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT: Final = Path(__file__).parent.parent.parent
DC01: Final = FIXTURES / "case-dc01"
CLEAN: Final = FIXTURES / "case-clean"
AKIRA: Final = FIXTURES / "case-akira"
PROGRAM: Final = (sys.executable, "-m", "forensics")
LONGEST_RUN: Final = 300
"""Seconds after which a run is taken to hang."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its exit code, what it printed, and the case folder that it was to write."""

    code: int
    stdout: str
    stderr: str
    output: Path


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment with the project to be found from any folder, and ``changes``.

    A table is as wide as 160 columns allow, whatever terminal the tests run in.
    """
    inherited = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join(part for part in (str(ROOT), inherited) if part)
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "160", **(changes or {})}


def run_program(
    *arguments: str | Path,
    output: Path = Path("none"),
    cwd: Path | None = None,
    changes: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
) -> Run:
    """Run the program with ``arguments``; both streams are pipes and hold UTF-8.

    ``prefix`` is a command that starts it, such as one that takes rights away.
    """
    done = subprocess.run(  # noqa: S603 - it is this very program
        [*prefix, *PROGRAM, *map(str, arguments)],
        cwd=cwd,
        env=environment(changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LONGEST_RUN,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode(), output)


def analyze(
    *evidence: str | Path,
    output: Path,
    options: Sequence[str | Path] = (),
    cwd: Path | None = None,
    changes: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
) -> Run:
    """Run ``analyze`` over ``evidence`` into ``output``."""
    arguments = ("analyze", *evidence, "--output", output, *options)
    return run_program(*arguments, output=output, cwd=cwd, changes=changes, prefix=prefix)


def query(source: Path, kql: str, form: str = "jsonl", cwd: Path | None = None) -> Run:
    """Run ``query`` over ``source``."""
    return run_program("query", source, kql, "--format", form, cwd=cwd)


def save(run: Run, folder: Path) -> None:
    """Keep ``run`` in ``folder`` for :func:`load`."""
    told = {"code": run.code, "stdout": run.stdout, "stderr": run.stderr, "output": run.output.name}
    (folder / "run-as-seen.json").write_text(json.dumps(told), "utf-8")


def load(folder: Path) -> Run:
    """Return the run that was kept in ``folder``, which may have been moved since."""
    told = json.loads((folder / "run-as-seen.json").read_text("utf-8"))
    return Run(told["code"], told["stdout"], told["stderr"], folder / told["output"])
