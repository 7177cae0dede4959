"""Builds Prefetch files of Windows 10 (format version 30), plain or compressed as Windows writes them.

Layout: libscca's "Windows Prefetch File (PF) format"; compression: [MS-XCA] 2.1 (LZ77+Huffman).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

MOST_RUN_TIMES: Final = 8
_VERSION: Final = 30
_HEADER_SIZE: Final = 84
_INFORMATION_SIZE: Final = 220
_METRICS: Final = struct.Struct("<6IQ")
_VOLUME_SIZE: Final = 96
_LARGEST: Final = 0x10000
"""A block of compressed data; one is enough here."""

_CODE_LENGTHS: Final = (1, *([9] * 256), *([0] * 255))
"""Bits of the codes of 512 symbols: one for NUL, nine for each other byte and the end, none for matches."""

VOLUME: Final = r"\VOLUME{01d9a8f3c2b41e70-7a1b2c3d}"


@dataclass(frozen=True, slots=True)
class PrefetchToWrite:
    """What a Prefetch file says. ``run_times`` are ticks, the latest first; ``files`` the paths it lists."""

    executable: str = "RUSTDESK.EXE"
    prefetch_hash: int = 0x1A2B3C4D
    run_count: int = 2
    run_times: tuple[int, ...] = (133_800_000_000_000_000, 133_700_000_000_000_000)
    files: tuple[str, ...] = (
        rf"{VOLUME}\WINDOWS\SYSTEM32\NTDLL.DLL",
        rf"{VOLUME}\PROGRAM FILES\RUSTDESK\RUSTDESK.EXE",
    )


def build_prefetch(written: PrefetchToWrite | None = None) -> bytes:
    """Return the bytes of an uncompressed Prefetch file, as Windows writes it where compression is off."""
    written = written or PrefetchToWrite()
    metrics_at = _HEADER_SIZE + _INFORMATION_SIZE
    metrics, strings = _files(written.files)
    chains_at = metrics_at + len(metrics)
    chains = struct.pack("<II", 0, 1)
    strings_at = chains_at + len(chains)
    volumes_at = strings_at + len(strings)
    volumes = _volume()
    times = struct.pack("<8Q", *written.run_times, *([0] * (MOST_RUN_TIMES - len(written.run_times))))
    information = struct.pack(
        "<9I8x",
        metrics_at,
        len(written.files),
        chains_at,
        1,
        strings_at,
        len(strings),
        volumes_at,
        1,
        len(volumes),
    )
    information += times + bytes(16) + struct.pack("<I", written.run_count)
    body = information.ljust(_INFORMATION_SIZE, b"\0") + metrics + chains + strings + volumes
    name = written.executable.encode("utf-16-le")[:58].ljust(60, b"\0")
    header = struct.pack("<I4sII", _VERSION, b"SCCA", 0x11, _HEADER_SIZE + len(body)) + name
    return header + struct.pack("<II", written.prefetch_hash, 0) + body


def compress_prefetch(plain: bytes) -> bytes:
    """Return ``plain``, of no more than 64 KiB, as Windows 10 keeps it: MAM, here without matches.

    Half of a Prefetch file is NUL, so that one short code makes it smaller.
    """
    assert len(plain) <= _LARGEST
    bits = "".join("0" if byte == 0 else f"{0xFF + byte:09b}" for byte in plain) + "0" * 47
    words = (int(bits[at : at + 16], 2) for at in range(0, len(bits) - 15, 16))
    lengths = bytes(
        one | other << 4 for one, other in zip(_CODE_LENGTHS[::2], _CODE_LENGTHS[1::2], strict=True)
    )
    packed = b"".join(struct.pack("<H", word) for word in words)
    return b"MAM\x04" + struct.pack("<I", len(plain)) + lengths + packed


def _files(files: tuple[str, ...]) -> tuple[bytes, bytes]:
    """Return the entries of the files and the strings that they lead to."""
    metrics, strings = b"", b""
    for number, path in enumerate(files):
        metrics += _METRICS.pack(number, 1, 1, len(strings), len(path), 2, 0x0001_0000_0000_0100 + number)
        strings += path.encode("utf-16-le") + b"\0\0"
    return metrics, strings


def _volume() -> bytes:
    path = VOLUME.encode("utf-16-le") + b"\0\0"
    references = struct.pack("<IIQQ", 3, 1, 0, 0x0001_0000_0000_0100)
    folder = rf"{VOLUME}\WINDOWS"
    folders = struct.pack("<H", len(folder)) + folder.encode("utf-16-le") + b"\0\0"
    references_at = _VOLUME_SIZE + len(path)
    entry = struct.pack(
        "<IIQIIIII",
        _VOLUME_SIZE,
        len(VOLUME),
        0x01D9_A8F3_C2B4_1E70,
        0x7A1B_2C3D,
        references_at,
        len(references),
        references_at + len(references),
        1,
    )
    return entry.ljust(_VOLUME_SIZE, b"\0") + path + references + folders
