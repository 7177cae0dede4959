"""An archive's own bytes, as the libraries that take archives apart are given them."""

from __future__ import annotations

import io
import os
from typing import BinaryIO, Protocol

READ_SIZE = 1 << 20
"""How many bytes are asked for at once."""


class Readable(Protocol):
    """Anything that gives bytes one after the other."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, and none only at the end."""
        ...


class ArchiveStream(io.RawIOBase):
    """The bytes of an archive: read only, counted, and never more than there are.

    Libraries ask for as many bytes as a header tells them to, and memory is set aside before any is read:
    so what is asked for is first cut down to what is there. ``bytes_read`` is how many bytes were read so
    far.
    """

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source = source
        self.length = source.seek(0, os.SEEK_END)
        self.bytes_read = 0
        source.seek(0)

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def seekable(self) -> bool:
        """Whether it can be read in any order: yes."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return ``size`` bytes, or all that are left. Raises OSError."""
        left = max(self.length - self._source.tell(), 0)
        block = self._source.read(left if size is None or size < 0 else min(size, left))
        self.bytes_read += len(block)
        return block

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to ``offset``. Raises OSError or ValueError where there is no such place."""
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._source.tell()


def read_fully(stream: Readable, size: int) -> bytes:
    """Return ``size`` bytes of ``stream``, fewer only where it ends."""
    blocks: list[bytes] = []
    while size > 0 and (block := stream.read(size)):
        blocks.append(block)
        size -= len(block)
    return b"".join(blocks)
