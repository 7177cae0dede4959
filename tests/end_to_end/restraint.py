"""Ways to start the program with less than this process has: rights, or room on the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_WITHOUT_RIGHTS: Final = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
_LIMIT: Final = 'ulimit -f 16; exec "$@"'
_MOUNT: Final = 'mount -t tmpfs -o size="$1" tmpfs "$2" || exit 99; list="$3"; folder="$2"; shift 3; '
_ONLY_LOOPBACK: Final = '[ "$(tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " ")" = lo ]'
_SMALL_DISK: Final = _MOUNT + '"$@"; code=$?; ls -A "$folder" > "$list"; exit $code'


def bound_by_file_modes() -> tuple[str, ...]:
    """Return what to put before a command so that file modes bind it. Skips the test where nothing does."""
    if os.name == "nt":
        pytest.skip("Windows has no file modes")
    if os.geteuid() != 0:
        return ()
    if not _works((*_WITHOUT_RIGHTS, "true")):
        pytest.skip("root reads everything, and setpriv cannot take that right away here")
    return _WITHOUT_RIGHTS


def with_small_files_only() -> tuple[str, ...]:
    """Return what to put before a command so that it cannot write files of more than eight KiB."""
    if os.name == "nt":
        pytest.skip("Windows has no limit on the size of files")
    return ("sh", "-c", _LIMIT, "sh")


def on_a_small_disk(size: str, folder: Path, listing: Path) -> tuple[str, ...]:
    """Return what to put before a command so that ``folder`` is a disk of ``size`` bytes while it runs.

    What is left in ``folder`` afterwards is listed in the file ``listing``. Skips the test where this
    process may not mount anything, not even for itself.
    """
    for unshare in (("unshare", "--mount"), ("unshare", "--mount", "--user", "--map-root-user")):
        if _works((*unshare, "sh", "-c", _SMALL_DISK, "sh", "64k", str(folder), os.devnull, "true")):
            return (*unshare, "sh", "-c", _SMALL_DISK, "sh", size, str(folder), str(listing))
    pytest.skip("no disk can be mounted here, so none can be full")


def offline() -> tuple[str, ...] | None:
    """Return what to put before a command so that it has no network; None where nothing does.

    It runs in a network namespace of its own, in which there is no interface but a loopback that is down.
    """
    for unshare in (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net")):
        if _works((*unshare, "sh", "-c", _ONLY_LOOPBACK)):
            return unshare
    return None


@cache
def _works(command: tuple[str, ...]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - ours
