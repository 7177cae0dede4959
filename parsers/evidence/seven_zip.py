"""Members of 7z archives, encrypted ones too.

The library reads the archive's header and unpacks its blocks (7z calls them folders: members packed in one
go). Members are cut out of the blocks here, not by the library's own extraction: that one refuses an
archive for one strange name, gives up all of it for one bad checksum, and holds up to 128 MB at once.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.evidence.archive_member import (
    LOCKED_OTHERWISE,
    ArchiveUnopenable,
    Member,
    MemberDamaged,
    MemberRefused,
    Trouble,
    library_errors,
)
from parsers.evidence.archive_stream import READ_SIZE
from parsers.evidence.seven_zip_library import Foreign, is_encrypted, open_decompressor, read_header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.evidence.archive_limits import Budget
    from parsers.evidence.archive_stream import ArchiveStream

_FEED: Final = 1 << 11
"""Bytes that a decompressor is given at once: it hoards what it does not need yet, and where
these are damaged it gives nothing of what lies before."""
_REMEDY: Final = "Check that it was copied to its end; if it is the first of several parts, join them"
_LINK: Final = "a link to another file"


class _Entry(NamedTuple):
    """What the archive's header says of one file. ``block`` holds its bytes, None where it has none."""

    name: str
    size: int
    crc: int | None
    link: str | None
    block: _Block | None


def seven_zip_members(
    stream: ArchiveStream, budget: Budget, password: str | None
) -> Iterator[Member | Trouble]:
    """Give the files of a 7z in order. Raises ArchiveUnopenable if its header cannot be read."""
    try:
        entries = _open(stream, budget, password)
    except MemberRefused as refused:
        yield Trouble(refused.reason)
        return
    for entry in entries:
        budget.count_member()
        if entry.block is None:
            yield Member(entry.name, 0, _Nothing, entry.link)
            continue
        reader = _Reader(entry.block, entry.size, entry.crc)
        yield Member(entry.name, entry.size, reader.open_, entry.link)
        if (reason := reader.skip()) is not None:
            yield Trouble(reason, entry.name)


def _open(stream: ArchiveStream, budget: Budget, password: str | None) -> list[_Entry]:
    """Return the archive's files. Raises MemberRefused if its header is encrypted, not with ``password``."""
    try:
        with library_errors():
            return _entries(stream, budget, password)
    except MemberDamaged as error:
        if password is not None and _is_header_encrypted(stream, budget):
            raise MemberRefused(LOCKED_OTHERWISE) from error
        raise ArchiveUnopenable(f"is no whole 7z archive: it {error.reason}", _REMEDY) from error


def _is_header_encrypted(stream: ArchiveStream, budget: Budget) -> bool:
    try:
        with library_errors():
            read_header(stream, None, budget.limits.members)
    except MemberRefused:
        return True
    except MemberDamaged:
        return False
    return False


def _entries(stream: ArchiveStream, budget: Budget, password: str | None) -> list[_Entry]:
    archive = read_header(stream, password, budget.limits.members)
    blocks = _blocks(stream, archive, budget)
    return [_to_entry(info, blocks) for info in archive.files if not info.is_directory]


def _to_entry(info: Foreign, blocks: dict[int, _Block]) -> _Entry:
    link = _LINK if info.is_symlink or info.is_junction or info.is_socket else None
    if info.emptystream:
        return _Entry(info.filename, 0, None, link, None)
    if info.uncompressed < 0:
        raise ValueError("a member is smaller than nothing")
    return _Entry(info.filename, info.uncompressed, info.crc32, link, blocks[id(info.folder)])


def _blocks(stream: ArchiveStream, archive: Foreign, budget: Budget) -> dict[int, _Block]:
    """Return the archive's blocks by the identity of what the library calls a folder."""
    streams = archive.header.main_streams
    if streams is None:
        return {}
    first = archive.afterheader + streams.packinfo.packpos
    packed = streams.packinfo
    layout = zip(streams.unpackinfo.folders, packed.packpositions, packed.packsizes, strict=False)
    return {
        id(folder): _Block(folder, _Feed(stream, first + offset, size), budget)
        for folder, offset, size in layout
    }


class _Nothing:
    """An empty member."""

    def read(self, _size: int, /) -> bytes:
        return b""


@dataclass(slots=True)
class _Feed:
    """The packed bytes of one block, in small pieces whatever is asked for."""

    stream: ArchiveStream
    position: int
    left: int

    def read(self, size: int, /) -> bytes:
        self.stream.seek(self.position)
        data = self.stream.read(min(size, self.left, _FEED))
        self.position += len(data)
        self.left -= len(data)
        return data


class _Block:
    """One block that is unpacked from its start. Once that fails, all that lies behind is lost."""

    def __init__(self, folder: Foreign, feed: _Feed, budget: Budget) -> None:
        self._folder = folder
        self._feed = feed
        self._budget = budget
        self._decompressor: Foreign = None
        self._unpacked = memoryview(b"")
        self.is_encrypted = is_encrypted(folder)
        self.failure: MemberRefused | None = None

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes, at least one. Raises MemberUnreadable and ArchiveLimitReached."""
        if not self._unpacked:
            # Much at once: a decompressor that is asked for little hoards what it was fed.
            self._unpacked = memoryview(self._unpack_more())
            self._budget.count_decompressed(len(self._unpacked))
        data, self._unpacked = self._unpacked[:size], self._unpacked[size:]
        return bytes(data)

    def fail(self, reason: str) -> MemberRefused:
        """Refuse everything that lies behind, and return what is said of it."""
        behind = (
            f"{LOCKED_OTHERWISE} ({reason})" if self.is_encrypted else "lies behind damage in the archive"
        )
        self.failure = MemberRefused(behind)
        return self.failure

    def _unpack_more(self) -> bytes:
        if self.failure is not None:
            raise self.failure
        try:
            with library_errors():
                return self._unpack()
        except MemberRefused as error:
            self.failure = error
            raise
        except MemberDamaged as error:
            refused = self.fail(error.reason)
            if self.is_encrypted:
                raise refused from error
            raise

    def _unpack(self) -> bytes:
        if self._decompressor is None:
            memory = self._budget.limits.memory
            self._decompressor = open_decompressor(self._folder, self._feed.left, memory)
        while True:
            left = self._feed.left
            if data := bytes(self._decompressor.decompress(self._feed, READ_SIZE)):
                return data
            if left == self._feed.left:
                raise EOFError("the archive holds less than it says")


class _Reader:
    """Reads one member of a block, and checks its CRC-32 at its end."""

    def __init__(self, block: _Block, size: int, expected: int | None) -> None:
        self._block = block
        self._left = size
        self._expected = expected
        self._crc = 0

    def open_(self) -> _Reader:
        if self._block.failure is not None:
            raise self._block.failure
        return self

    def read(self, size: int, /) -> bytes:
        if not self._left:
            return b""
        data = self._block.read(min(size, self._left))
        self._left -= len(data)
        self._crc = zlib.crc32(data, self._crc)
        if not self._left and self._expected is not None and self._crc != self._expected:
            self._refuse()
        return data

    def skip(self) -> str | None:
        """Go to the member's end, where the next one begins; return what is wrong on the way."""
        try:
            while self._left and self._block.failure is None:
                self.read(READ_SIZE)
        except MemberDamaged as error:
            return error.reason
        except MemberRefused:
            # The block remembers, and the next member is told.
            return None
        return None

    def _refuse(self) -> None:
        reason = "is not what was packed: its CRC-32 differs"
        if self._block.is_encrypted:
            raise self._block.fail(reason)
        raise MemberDamaged(reason)
