"""What files are like before and after: evidence is read, and must not change."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def state_of(folder: Path) -> dict[str, tuple[str, int]]:
    """Return the digest and modification time of every file and folder below ``folder``."""
    found = {}
    for path in sorted([folder, *folder.rglob("*")]):
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(folder))] = (digest, path.stat().st_mtime_ns)
    return found


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Fail where what is done inside changes anything below ``folder``."""
    before = state_of(folder)
    yield
    assert state_of(folder) == before
