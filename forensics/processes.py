"""Processes to read with, where what there is to read is worth their start."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from forensics.errors import AnalysisError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

MOST_PROCESSES: Final = 61
"""Windows cannot wait for more of them (``concurrent.futures``, "ProcessPoolExecutor")."""


@contextmanager
def processes(workers: int, *, worth_it: bool) -> Iterator[Executor | None]:
    """Give ``workers`` processes, or None where one is asked for or it is not ``worth_it``.

    Raises AnalysisError where one of them dies.
    """
    if workers < 2 or not worth_it:  # noqa: PLR2004 - one worker is this process
        yield None
        return
    # Spawned, not forked: a fork of a process with threads may hang.
    with ProcessPoolExecutor(min(workers, MOST_PROCESSES), get_context("spawn")) as executor:
        try:
            yield executor
        except BrokenProcessPool as error:
            reason = "a process that read evidence was ended from outside"
            raise AnalysisError(reason, "Give it more memory, or fewer --workers") from error
