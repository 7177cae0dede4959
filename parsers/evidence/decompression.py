"""What compressed streams hold: gzip, bzip2, xz and Zstandard, one block at a time."""

from __future__ import annotations

import bz2
import gzip
import lzma
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Final, cast

import zstandard

if TYPE_CHECKING:
    from parsers.evidence.archive_stream import Readable

_FEED: Final = 1 << 12
_LARGEST_WINDOW: Final = 1 << 31
"""The largest that the Zstandard library can be allowed."""


class Compression(StrEnum):
    """How a stream is compressed."""

    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTANDARD = "zstd"


MAGIC: Final = {
    Compression.GZIP: b"\x1f\x8b\x08",
    Compression.BZIP2: b"BZh",
    Compression.XZ: b"\xfd7zXZ\0",
    Compression.ZSTANDARD: b"\x28\xb5\x2f\xfd",
}
"""The first bytes: RFC 1952 2.3.1, the bzip2 manual, the .xz file format 2.1.1, RFC 8878 3.1.1."""


def open_decompressed(compression: Compression, stream: IO[bytes], memory: int) -> Readable:
    """Return what ``stream`` holds; the decompressor's dictionary takes no more than ``memory`` bytes.

    Reading raises EOFError where the stream is cut off, though not for Zstandard, and OSError, ValueError,
    zlib.error, lzma.LZMAError or zstandard.ZstdError where it is damaged.
    """
    match compression:
        case Compression.GZIP:
            return gzip.GzipFile(fileobj=stream)
        case Compression.BZIP2:
            return bz2.BZ2File(stream)
        case Compression.XZ:
            return _XzReader(stream, memory)
        case Compression.ZSTANDARD:
            decompressor = zstandard.ZstdDecompressor(max_window_size=min(memory, _LARGEST_WINDOW))
            reader = decompressor.stream_reader(stream, read_across_frames=True, closefd=False)
            return cast("Readable", reader)


class _XzReader:
    """Reads .xz streams, one behind the other; unlike lzma.LZMAFile with a bound on memory."""

    def __init__(self, stream: IO[bytes], memory: int) -> None:
        self._stream = stream
        self._memory = memory
        self._unused = b""
        self._decompressor = self._new()

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, and none only at the end."""
        while True:
            if self._decompressor.eof and not self._next_stream():
                return b""
            data = self._feed() if self._decompressor.needs_input else b""
            if block := self._decompressor.decompress(data, size):
                return block

    def _new(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=self._memory)

    def _feed(self) -> bytes:
        data, self._unused = self._unused, b""
        data = data or self._stream.read(_FEED)
        if not data:
            raise EOFError("the compressed stream is cut off")
        return data

    def _next_stream(self) -> bool:
        """Whether another stream follows; between streams there may be padding of zeros."""
        rest = self._decompressor.unused_data
        while not rest.strip(b"\0"):
            rest = self._stream.read(_FEED)
            if not rest:
                return False
        self._unused = rest.lstrip(b"\0")
        self._decompressor = self._new()
        return True
