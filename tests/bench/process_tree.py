"""The memory of a process and all processes below it, by looking at them while they run (Linux)."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import subprocess

_PROC: Final = Path("/proc")
_LOOK_EVERY: Final = 0.02
_PARENT, _RESIDENT_PAGES = 1, 21
"""Fields of /proc/PID/stat behind the program's name, which may hold spaces (proc(5), counted from 0)."""


def peak_memory_of(process: subprocess.Popen[bytes]) -> int:
    """Wait for ``process`` and return the most bytes that it and its descendants held at once.

    Returns 0 on a system without /proc.
    """
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(process.pid))
        time.sleep(_LOOK_EVERY)
    return peak


def _resident(root: int) -> int:
    processes = dict(_stats())
    family, grown = {root}, True
    while grown:
        members = {pid for pid, stat in processes.items() if int(stat[_PARENT]) in family} | family
        grown, family = members != family, members
    pages = sum(int(processes[pid][_RESIDENT_PAGES]) for pid in family if pid in processes)
    return pages * os.sysconf("SC_PAGE_SIZE")


def _stats() -> list[tuple[int, list[str]]]:
    found: list[tuple[int, list[str]]] = []
    for folder in _PROC.glob("[0-9]*"):
        try:
            text = (folder / "stat").read_text("utf-8", "replace")
        except OSError:  # it has ended meanwhile
            continue
        found.append((int(folder.name), text.rpartition(")")[2].split()))
    return found
