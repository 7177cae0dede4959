"""Members of tar archives: plain or compressed; ustar, pax, GNU.

Format: POSIX.1-2017, pax, "ustar Interchange Format", and the GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

import tarfile
from typing import IO, TYPE_CHECKING, Final, cast

from parsers.evidence.archive_kind import COMPRESSION, ArchiveKind
from parsers.evidence.archive_member import (
    ArchiveUnopenable,
    Member,
    MemberDamaged,
    Trouble,
    library_errors,
)
from parsers.evidence.archive_stream import READ_SIZE
from parsers.evidence.decompression import open_decompressed
from parsers.evidence.tar_stream import BLOCK_SIZE, TarStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.evidence.archive_limits import Budget
    from parsers.evidence.archive_stream import ArchiveStream, Readable

_REMEDY: Final = "Compare its size or digest with the original's"


def tar_members(stream: ArchiveStream, kind: ArchiveKind, budget: Budget) -> Iterator[Member | Trouble]:
    """Give what is in a tar, in order. Raises ArchiveUnopenable where nothing is, and ArchiveLimitReached."""
    try:
        with library_errors():
            unpacked = _unpack(stream, kind, budget)
            unpacked.expect_header()
            tar = tarfile.TarFile(fileobj=cast("IO[bytes]", unpacked), encoding="utf-8")
    except MemberDamaged as error:
        raise ArchiveUnopenable(f"holds no tar archive that {error.reason}", _REMEDY) from error
    try:
        yield from _walk(tar, unpacked, budget)
        yield from _check_end(unpacked, plain=kind is ArchiveKind.TAR)
    except MemberDamaged as error:
        yield Trouble(f"is cut off or damaged, and {error.reason}. What lies behind is lost. {_REMEDY}")


def _unpack(stream: ArchiveStream, kind: ArchiveKind, budget: Budget) -> TarStream:
    if kind is ArchiveKind.TAR:
        return TarStream(stream, stream, budget)
    raw = cast("IO[bytes]", stream)
    return TarStream(open_decompressed(COMPRESSION[kind], raw, budget.limits.memory), None, budget)


def _walk(tar: tarfile.TarFile, unpacked: TarStream, budget: Budget) -> Iterator[Member]:
    while True:
        unpacked.expect_header()
        with library_errors():
            info = tar.next()
        unpacked.expect_data()
        if info is None:
            return
        # The library would remember every one.
        tar.members.clear()  # type: ignore[attr-defined]  # the stubs leave it out
        budget.count_member()
        if not info.isdir():
            yield Member(info.name, info.size, _Opener(tar, info), _link(info))


def _link(info: tarfile.TarInfo) -> str | None:
    """Return what a member is that holds no bytes; None for a file, of whatever type."""
    if info.islnk() or info.issym():
        return f"a link to '{info.linkname}'"
    return "a device or a pipe" if info.isdev() else None


class _Opener:
    """Opens one member."""

    def __init__(self, tar: tarfile.TarFile, info: tarfile.TarInfo) -> None:
        self._tar = tar
        self._info = info

    def __call__(self) -> Readable:
        with library_errors():
            file = self._tar.extractfile(self._info)
        if file is None:
            raise MemberDamaged("has no bytes")
        return _TarReader(file)


class _TarReader:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int, /) -> bytes:
        with library_errors():
            return self._file.read(size)


def _check_end(unpacked: TarStream, *, plain: bool) -> Iterator[Trouble]:
    """Say where a tar does not end as it should; the library takes any end for the end.

    A compressed stream is read to its end: only there is the checksum of all that was read.
    """
    header = unpacked.last_header
    if not header:
        yield Trouble(f"ends without the mark of its end: more may have belonged to it. {_REMEDY}")
    elif header.strip(b"\0"):
        cut = "is cut off" if len(header) < BLOCK_SIZE else "is damaged"
        yield Trouble(f"{cut} in a header. What lies behind is lost. {_REMEDY}")
        return
    with library_errors():
        more = False
        while (block := unpacked.read(READ_SIZE)) and not (plain and more):
            more = more or bool(block.strip(b"\0"))
    if more:
        yield Trouble("goes on behind the mark of its end. What lies there was not read")
