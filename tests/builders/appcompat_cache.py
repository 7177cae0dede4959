"""Builds the data of an AppCompatCache value: the bytes that each Windows would have written.

Written from the published layouts alone (libyal winreg-kb, "Application compatibility cache"; for the package
names of Windows 8.1 Mandiant's ShimCacheParser), independent of the reader under test.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack
from typing import TYPE_CHECKING, Final, Literal
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Sequence

CacheKind = Literal["xp", "2003_32", "2003_64", "7_32", "7_64", "8.0", "8.1", "10", "10_1703"]
KINDS: Final[tuple[CacheKind, ...]] = (
    "xp", "2003_32", "2003_64", "7_32", "7_64", "8.0", "8.1", "10", "10_1703",
)  # fmt: skip

_XP_ENTRIES: Final = 96
_XP_PATH_SIZE: Final = 528


@dataclass(frozen=True, slots=True)
class CacheEntryToWrite:
    """One entry; ``file_modified`` in FILETIME ticks. ``package`` is kept by Windows 8.1 alone.

    ``flags`` are the insertion flags of Windows 7 and 8; ``data`` is what follows an entry since Windows 7.
    """

    path: str
    file_modified: int
    package: str = ""
    flags: int = 0
    data: bytes = b""


def build_cache(kind: CacheKind, entries: Sequence[CacheEntryToWrite]) -> bytes:
    """Return the cache of ``entries``, the first of which is the latest, as Windows ``kind`` writes it."""
    match kind:
        case "xp":
            return _xp(entries)
        case "2003_32" | "2003_64" | "7_32" | "7_64":
            return _table(kind, entries)
        case "8.0" | "8.1":
            header = pack("<I", 0x80).ljust(0x80, b"\0")
        case "10":
            header = pack("<I32xI8x", 0x30, len(entries))
        case "10_1703":
            header = pack("<I36xI8x", 0x34, len(entries))
    return header + b"".join(_chained(kind, each) for each in entries)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _xp(entries: Sequence[CacheEntryToWrite]) -> bytes:
    lru = b"".join(pack("<I", number) for number in range(len(entries)))
    header = pack("<4sIII", b"\xef\xbe\xad\xde", len(entries), len(entries), 0) + lru
    made = [
        _utf16(f"{each.path}\0").ljust(_XP_PATH_SIZE, b"\0")
        + pack("<QQQ", each.file_modified, 4096, each.file_modified + 1)
        for each in entries
    ]
    return header.ljust(16 + 4 * _XP_ENTRIES, b"\0") + b"".join(made)


def _table(kind: CacheKind, entries: Sequence[CacheEntryToWrite]) -> bytes:
    is_7, wide = kind.startswith("7"), kind.endswith("64")
    signature, header_size = (b"\xee\x0f\xdc\xba", 128) if is_7 else (b"\xfe\x0f\xdc\xba", 8)
    entry_size = {"2003_32": 24, "2003_64": 32, "7_32": 32, "7_64": 48}[kind]
    texts_at = header_size + entry_size * len(entries)
    table, texts = b"", b""
    for each in entries:
        path = _utf16(each.path)
        place = texts_at + len(texts)
        texts += path + b"\0\0"
        table += pack("<HH4xQ" if wide else "<HHI", len(path), len(path) + 2, place)
        table += pack("<QII", each.file_modified, each.flags, 0)
        if is_7:
            table += pack("<QQ" if wide else "<II", len(each.data), texts_at + len(texts))
            texts += each.data
    header = pack("<4sII" if is_7 else "<4sI", signature, len(entries), *([120] if is_7 else []))
    return header.ljust(header_size, b"\0") + table + texts


def _chained(kind: CacheKind, entry: CacheEntryToWrite) -> bytes:
    body = _counted(entry.path)
    if kind == "8.1":
        body += _counted(entry.package)
    if kind.startswith("8"):
        body += pack("<II", entry.flags, 0)
    body += pack("<QI", entry.file_modified, len(entry.data)) + entry.data
    return pack("<4sII", b"00ts" if kind == "8.0" else b"10ts", crc32(body), len(body)) + body


def _counted(text: str) -> bytes:
    return pack("<H", len(_utf16(text))) + _utf16(text)
