"""The typed values of an event and the bytes that stand for them.

Specification: [MS-EVEN6] 2.2.12 (BinXml value types); "Windows XML Event Log (EVTX) format", libyal/libevtx,
Value types.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, TypeAlias
from uuid import UUID


class ValueType(IntEnum):
    """The byte by which BinXML names the type of a value."""

    NULL = 0x00
    STRING = 0x01
    ANSI_STRING = 0x02
    UINT8 = 0x04
    UINT16 = 0x06
    UINT32 = 0x08
    UINT64 = 0x0A
    REAL64 = 0x0C
    BOOLEAN = 0x0D
    BINARY = 0x0E
    GUID = 0x0F
    FILETIME = 0x11
    SID = 0x13
    HEX_INT32 = 0x14
    HEX_INT64 = 0x15
    BINARY_XML = 0x21
    STRING_ARRAY = 0x81


def text_bytes(text: str) -> bytes:
    """Return ``text`` in UTF-16 little-endian; a lone surrogate stays the unit that it is."""
    return text.encode("utf-16-le", "surrogatepass")


def sid_bytes(text: str) -> bytes:
    """Return a security identifier as [MS-DTYP] 2.4.2.2 lays it out.

    Raises ValueError where ``text`` is no ``S-revision-authority-...``.
    """
    mark, revision, authority, *parts = text.split("-")
    if mark != "S":
        raise ValueError(f"not a security identifier: {text!r}")
    head = struct.pack("BB", int(revision), len(parts)) + int(authority).to_bytes(6, "big")
    return head + struct.pack(f"<{len(parts)}I", *map(int, parts))


@dataclass(frozen=True, slots=True)
class _Number:
    """A number by its type byte and its layout in bytes."""

    TYPE: ClassVar[ValueType]
    LAYOUT: ClassVar[str]
    value: int

    def to_bytes(self) -> bytes:
        return struct.pack(self.LAYOUT, self.value)


@dataclass(frozen=True, slots=True)
class UInt8(_Number):
    TYPE = ValueType.UINT8
    LAYOUT = "<B"


@dataclass(frozen=True, slots=True)
class UInt16(_Number):
    TYPE = ValueType.UINT16
    LAYOUT = "<H"


@dataclass(frozen=True, slots=True)
class UInt32(_Number):
    TYPE = ValueType.UINT32
    LAYOUT = "<I"


@dataclass(frozen=True, slots=True)
class UInt64(_Number):
    TYPE = ValueType.UINT64
    LAYOUT = "<Q"


@dataclass(frozen=True, slots=True)
class HexInt32(_Number):
    """A 32-bit number that readers show in hexadecimal."""

    TYPE = ValueType.HEX_INT32
    LAYOUT = "<I"


@dataclass(frozen=True, slots=True)
class HexInt64(_Number):
    """A 64-bit number that readers show in hexadecimal."""

    TYPE = ValueType.HEX_INT64
    LAYOUT = "<Q"


@dataclass(frozen=True, slots=True)
class Real64:
    """A floating-point number of 64 bits."""

    TYPE: ClassVar = ValueType.REAL64
    value: float

    def to_bytes(self) -> bytes:
        return struct.pack("<d", self.value)


@dataclass(frozen=True, slots=True)
class AnsiString:
    """A text of one byte a character, in Windows-1252."""

    TYPE: ClassVar = ValueType.ANSI_STRING
    text: str

    def to_bytes(self) -> bytes:
        return self.text.encode("cp1252")


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false, in 32 bits."""

    TYPE: ClassVar = ValueType.BOOLEAN
    value: bool

    def to_bytes(self) -> bytes:
        return struct.pack("<I", self.value)


@dataclass(frozen=True, slots=True)
class Guid:
    """A GUID by its text, with or without braces."""

    TYPE: ClassVar = ValueType.GUID
    text: str

    def to_bytes(self) -> bytes:
        return UUID(self.text).bytes_le


@dataclass(frozen=True, slots=True)
class Sid:
    """A security identifier by its text: ``S-1-5-18``."""

    TYPE: ClassVar = ValueType.SID
    text: str

    def to_bytes(self) -> bytes:
        return sid_bytes(self.text)


@dataclass(frozen=True, slots=True)
class FileTime:
    """A moment in FILETIME ticks."""

    TYPE: ClassVar = ValueType.FILETIME
    ticks: int

    def to_bytes(self) -> bytes:
        return struct.pack("<Q", self.ticks)


@dataclass(frozen=True, slots=True)
class Binary:
    """Bytes as they are."""

    TYPE: ClassVar = ValueType.BINARY
    data: bytes

    def to_bytes(self) -> bytes:
        return self.data


@dataclass(frozen=True, slots=True)
class Strings:
    """Texts in one value, each ended by a NUL, as in the events of classic providers."""

    TYPE: ClassVar = ValueType.STRING_ARRAY
    texts: tuple[str, ...]

    def to_bytes(self) -> bytes:
        return b"".join(text_bytes(text + "\0") for text in self.texts)


@dataclass(frozen=True, slots=True)
class Blank:
    """A null that takes up ``size`` bytes all the same: a place that Windows kept and did not fill."""

    TYPE: ClassVar = ValueType.NULL
    size: int

    def to_bytes(self) -> bytes:
        return bytes(self.size)


Value: TypeAlias = (
    str
    | UInt8
    | UInt16
    | UInt32
    | UInt64
    | HexInt32
    | HexInt64
    | Real64
    | AnsiString
    | Boolean
    | Guid
    | Sid
    | FileTime
    | Binary
    | Strings
    | Blank
    | None
)
"""A field's content: ``str`` is a Unicode string (``""`` one without characters), ``None`` the null type."""


def type_of(value: Value) -> ValueType:
    """Return the type byte of ``value``."""
    if value is None:
        return ValueType.NULL
    return ValueType.STRING if isinstance(value, str) else value.TYPE


def value_bytes(value: Value) -> bytes:
    """Return the bytes of ``value``: strings without a terminator, null without any byte."""
    if value is None:
        return b""
    return text_bytes(value) if isinstance(value, str) else value.to_bytes()
