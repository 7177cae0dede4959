"""Builds Shell Links, as Windows writes them for a file on a local disk.

Layout: [MS-SHLLINK] 2.1 (header), 2.3 (LinkInfo), 2.4 (StringData), 2.5.10 (TrackerDataBlock).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final
from uuid import UUID

_CLSID: Final = UUID("00021401-0000-0000-C000-000000000046").bytes_le
_HEADER: Final = struct.Struct("<I16sIIQQQIiIHHII")
_HAS_LINK_INFO: Final = 1 << 1
_HAS_WORKING_DIRECTORY: Final = 1 << 4
_HAS_ARGUMENTS: Final = 1 << 5
_IS_UNICODE: Final = 1 << 7
_ARCHIVE: Final = 0x20
_SHOW_NORMAL: Final = 1
_DRIVE_FIXED: Final = 3
_LINK_INFO_HEADER: Final = 0x1C
_VOLUME_AND_LOCAL_PATH: Final = 1
_TRACKER: Final = 0xA000_0003


@dataclass(frozen=True, slots=True)
class ShortcutToWrite:
    """What a link says. Times are ticks, 0 where it has none; they and ``size`` are of its target.

    ``machine`` is the NetBIOS name of the machine that the target was on.
    """

    target: str = r"C:\Program Files\RustDesk\RustDesk.exe"
    arguments: str = "--tray"
    working_directory: str = ""
    created: int = 133_700_000_000_000_000
    accessed: int = 133_700_000_010_000_000
    modified: int = 133_600_000_000_000_000
    size: int = 1_048_576
    machine: str = "ws07"


def build_shortcut(written: ShortcutToWrite | None = None) -> bytes:
    """Return the bytes of a link; a text that is empty is left out."""
    written = written or ShortcutToWrite()
    texts = ((_HAS_WORKING_DIRECTORY, written.working_directory), (_HAS_ARGUMENTS, written.arguments))
    flags = _IS_UNICODE | sum(flag for flag, text in texts if text)
    info = _link_info(written.target) if written.target else b""
    header = _HEADER.pack(
        _HEADER.size,
        _CLSID,
        flags | (_HAS_LINK_INFO if info else 0),
        _ARCHIVE,
        written.created,
        written.accessed,
        written.modified,
        written.size,
        0,
        _SHOW_NORMAL,
        0,
        0,
        0,
        0,
    )
    strings = b"".join(_string(text) for _, text in texts if text)
    return header + info + strings + (_tracker(written.machine) if written.machine else b"") + bytes(4)


def _link_info(target: str) -> bytes:
    label = b"System\0"
    volume = struct.pack("<4I", 16 + len(label), _DRIVE_FIXED, 0x7A1B_2C3D, 16) + label
    path = target.encode("cp1252") + b"\0"
    path_at = _LINK_INFO_HEADER + len(volume)
    suffix_at = path_at + len(path)
    offsets = (_VOLUME_AND_LOCAL_PATH, _LINK_INFO_HEADER, path_at, 0, suffix_at)
    return struct.pack("<7I", suffix_at + 1, _LINK_INFO_HEADER, *offsets) + volume + path + b"\0"


def _string(text: str) -> bytes:
    units = text.encode("utf-16-le")
    return struct.pack("<H", len(units) // 2) + units


def _tracker(machine: str) -> bytes:
    name = machine.encode("ascii").ljust(16, b"\0")
    return struct.pack("<4I", 0x60, _TRACKER, 0x58, 0) + name + bytes(range(64))
