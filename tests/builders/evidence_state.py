"""What files are like before and after: evidence is read, and must not change."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def state_of(folder: Path) -> dict[str, tuple[str, int]]:
    """Return the digest and modification time of all below ``folder``; of links the target."""
    found = {}
    for path in sorted([folder, *folder.rglob("*")]):
        found[str(path.relative_to(folder))] = (_content(path), path.lstat().st_mtime_ns)
    return found


def _content(path: Path) -> str:
    if path.is_symlink():
        return str(path.readlink())
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Fail where what is done inside changes anything below ``folder``."""
    before = state_of(folder)
    yield
    assert state_of(folder) == before
