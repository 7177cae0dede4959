"""Runs that may touch nothing but their output: evidence, temporary folders and memory are looked at."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tests.builders.evidence_state import unchanged
from tests.end_to_end.command_line import Run, analyze

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MEMORY: Final = 1_000_000_000
"""Bytes that no process of a run may go beyond."""

_MEASURE: Final = """\
import subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
try:
    import resource
except ImportError:  # Windows
    peak = 0
else:
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
with open(sys.argv[1], "x") as report:
    report.write(str(peak * (1 if sys.platform == "darwin" else 1024)))
sys.exit(code)
"""
"""Runs a command and reports the memory of its largest process, in bytes; 0 where that cannot be known."""


class Confinement:
    """A folder whose ``evidence`` has to stay as it is, beside which only case folders may appear."""

    def __init__(self, root: Path) -> None:
        self.evidence = root / "evidence"
        self.cases = root / "cases"
        self._elsewhere = root / "elsewhere"
        self._reports = root / "reports"
        for folder in (self.evidence, self.cases, self._reports, *self._places()):
            folder.mkdir(parents=True)

    def analyze(self, *evidence: str | Path, options: Sequence[str | Path] = (), name: str = "case") -> Run:
        """Analyze ``evidence``, by default the whole folder, into the case ``name``."""
        report = self._reports / name
        prefix = (sys.executable, "-c", _MEASURE, str(report))
        with self.unharmed(name):
            run = analyze(
                *(evidence or (self.evidence,)),
                output=self.cases / name,
                options=options,
                cwd=self._elsewhere / "cwd",
                changes=self._changes(),
                prefix=prefix,
            )
        assert int(report.read_text()) < MEMORY
        return run

    @contextmanager
    def unharmed(self, name: str) -> Iterator[None]:
        """Fail where anything but the case ``name`` appears, or evidence or another case changes."""
        cases = {path.name for path in self.cases.iterdir()}
        with unchanged(self.evidence), unchanged(self._elsewhere):
            yield
        assert {path.name for path in self.cases.iterdir()} <= cases | {name}

    def _places(self) -> tuple[Path, ...]:
        return tuple(self._elsewhere / name for name in ("cwd", "home", "tmp"))

    def _changes(self) -> dict[str, str]:
        """Return the environment in which the program looks for its home and temporary folders here."""
        _, home, temporary = map(str, self._places())
        return {"HOME": home, "XDG_CACHE_HOME": home} | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary)
