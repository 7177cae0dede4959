"""A folder that all processes of one test session share: what takes long to make is made once in it."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Final

from tests.end_to_end.command_line import LONGEST_RUN, Run, analyze, load, save

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_LOOK_EVERY: Final = 0.05
_LONGEST_WAIT: Final = 2 * LONGEST_RUN


class SharedFolder:
    """Things by name below ``root``, each made by whichever process asks for it first."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def once(self, name: str, make: Callable[[Path], None]) -> Path:
        """Return the folder ``name``; ``make`` fills it if nobody has. Raises TimeoutError."""
        done, lock = self._root / name, self._root / f"{name}.lock"
        deadline = time.monotonic() + _LONGEST_WAIT
        while not done.exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{lock}: another process began {name} and never finished")
            try:
                lock.mkdir(parents=True)
            except FileExistsError:
                time.sleep(_LOOK_EVERY)
                continue
            try:
                self._make(done, make)
            finally:
                lock.rmdir()
        return done

    def analyzed(self, name: str, *evidence: str | Path, options: Sequence[str | Path] = ()) -> Run:
        """Return the run of ``analyze`` that goes by ``name``."""
        return load(
            self.once(
                name, lambda folder: save(analyze(*evidence, output=folder / "case", options=options), folder)
            )
        )

    def _make(self, done: Path, make: Callable[[Path], None]) -> None:
        if done.exists():  # made between the look and the lock
            return
        unfinished = done.with_name(f"{done.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        make(unfinished)
        unfinished.rename(done)
