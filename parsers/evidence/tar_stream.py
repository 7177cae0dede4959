"""The bytes of a tar, compressed or not, as the tar library gets them: forwards only and within bounds."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Final

from parsers.evidence.archive_limits import ArchiveLimitReached
from parsers.evidence.archive_stream import READ_SIZE, read_fully

if TYPE_CHECKING:
    from parsers.evidence.archive_limits import Budget
    from parsers.evidence.archive_stream import ArchiveStream, Readable

BLOCK_SIZE: Final = 512
_LONGEST_HEADER: Final = 1 << 16
"""A long name, or the attributes that pax adds. Real ones are a few KB."""
_LONGEST_HEADERS: Final = 1 << 24
"""All headers of one member, with the map of a sparse file."""


class TarStream(io.RawIOBase):
    """A tar as it is when it is unpacked. The library believes what headers say of their size; this does not.

    ``last_header`` is the last whole or cut block that was read as a header, empty at the end of the stream.
    Reading raises what reading ``stream`` does, and ArchiveLimitReached.
    """

    def __init__(self, stream: Readable, plain: ArchiveStream | None, budget: Budget) -> None:
        super().__init__()
        self._stream = stream
        self._plain = plain
        self._budget = budget
        self._position = 0
        self._headers_left = 0
        self._failure: Exception | None = None
        self.last_header = b""

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def seekable(self) -> bool:
        """Whether there is any skipping: yes, ahead."""
        return True

    def expect_header(self) -> None:
        """Take what is read from now on as headers of one member."""
        self._headers_left = _LONGEST_HEADERS

    def expect_data(self) -> None:
        """Take what is read from now on as a member's bytes."""
        self._headers_left = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Return ``size`` bytes, fewer only at the end."""
        count = READ_SIZE if size is None or size < 0 else size
        if self._headers_left:
            self._check_header(count)
        block = self._take(count)
        if self._headers_left and count == BLOCK_SIZE:
            self.last_header = block
        return block

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Skip to ``offset``, which must lie ahead. Raises ValueError where it does not."""
        if whence != os.SEEK_SET or offset < self._position:
            raise ValueError("a header points backwards")
        if self._plain is not None:
            self._position = self._plain.seek(offset)
        while self._position < offset and self._take(min(READ_SIZE, offset - self._position)):
            pass
        return self._position

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._position

    def _take(self, count: int) -> bytes:
        if self._failure is not None:
            raise self._failure
        try:
            block = read_fully(self._stream, count)
        except Exception as error:
            # What a decompressor gives after it has failed once is not to be trusted.
            self._failure = error
            raise
        self._position += len(block)
        self._budget.count_decompressed(len(block))
        return block

    def _check_header(self, count: int) -> None:
        self._headers_left -= count
        if count > _LONGEST_HEADER or self._headers_left <= 0:
            raise ArchiveLimitReached(f"has a header of more than {min(count, _LONGEST_HEADER):,} bytes")
