"""Searching an archive as the program does, and reading what was found before the spool is closed."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, Final

from parsers.evidence.archive import find_in_archive
from parsers.evidence.archive_limits import ArchiveLimits
from parsers.evidence.found import FoundFile, Unreadable
from parsers.evidence.spool import Spool

if TYPE_CHECKING:
    from parsers.evidence.source import ByteSource

CASE: Final = Path(__file__).parents[3] / "fixtures" / "case-dc01"
CASE_FILES: Final = {
    path.relative_to(CASE).as_posix(): path.read_bytes() for path in sorted(CASE.rglob("*")) if path.is_file()
}


@dataclass(frozen=True, slots=True)
class BytesSource:
    """Bytes in memory."""

    content: bytes

    def open_(self) -> BinaryIO:
        return io.BytesIO(self.content)


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search gave: the bytes of each found file, in order, and what was said."""

    files: dict[str, bytes]
    found: tuple[FoundFile, ...]
    said: tuple[Unreadable, ...]

    def reasons(self, path: str) -> str:
        return " / ".join(each.reason for each in self.said if each.path == path)


def search(
    archive: bytes | Path | ByteSource,
    password: str | None = None,
    limits: ArchiveLimits | None = None,
    inside: str = "",
) -> Searched:
    """Search ``archive``, and fail where anything is left in the spool's folder afterwards."""
    source = BytesSource(archive) if isinstance(archive, bytes) else archive
    with TemporaryDirectory() as folder:
        with Spool(Path(folder)) as spool:
            given = list(find_in_archive(source, spool, limits or ArchiveLimits(), password, inside))
            found = tuple(each for each in given if isinstance(each, FoundFile))
            files = {each.path: _read(each) for each in found}
        assert list(Path(folder).iterdir()) == []
    return Searched(files, found, tuple(each for each in given if isinstance(each, Unreadable)))


def _read(found: FoundFile) -> bytes:
    with found.source.open_() as stream:
        return stream.read()
