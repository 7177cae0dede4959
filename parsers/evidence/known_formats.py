"""Files that evidence is kept in and that are not read: each is named, with what makes it readable.

A host whose only file is one of these would else be missing from a case, and nobody told. Signatures: RAR
("RAR 5.0 archive format"), EWF logical evidence (libewf, "Expert Witness Compression Format"), VDI
(VirtualBox, "VDI.h"), WIM (Microsoft, "Windows Imaging File Format"), AD1 and AFF (libad1, AFFLIB), AFF4
("AFF4 Standard"). Names decide where a signature says too little, as of a part of an archive.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.evidence.archive_kind import archive_kind
from parsers.evidence.archive_member import MemberDamaged, library_errors
from parsers.evidence.archive_stream import read_fully
from parsers.evidence.artifact_kind import HEAD_SIZE, tell_kind
from parsers.evidence.decompression import MAGIC, Compression, open_decompressed
from parsers.evidence.image_kind import image_kind

if TYPE_CHECKING:
    from pathlib import Path


class KnownFormat(NamedTuple):
    """Why a file of a known format is not read, as the rest of a sentence its name begins; and a remedy."""

    reason: str
    remedy: str


class _Row(NamedTuple):
    """One format: the bytes that its files begin with, or ``None``; the names that they have, or ``None``."""

    head: re.Pattern[bytes] | None
    name: re.Pattern[str] | None
    format: KnownFormat


def _named(pattern: str) -> re.Pattern[str]:
    return re.compile(rf".*\.(?:{pattern})", re.IGNORECASE | re.DOTALL)


_UNPACK: Final = "Unpack it and give the folder"
_TO_RAW: Final = "Make a plain file of it with `qemu-img convert -O raw`, and give that"
_EXPORT: Final = "Export its files with the program that wrote it, and give the folder"

_FORMATS: Final = (
    _Row(re.compile(rb"Rar!\x1a\x07"), _named("rar"), KnownFormat("is a RAR archive", _UNPACK)),
    _Row(
        re.compile(rb"LVF\x09\r\n\xff\0|LEF2\r\n\x81\0"),
        _named("l01|lx01"),
        KnownFormat("is a logical evidence file (L01)", _EXPORT),
    ),
    _Row(
        re.compile(rb"<<< [^>]*Disk Image|.{64}\x7f\x10\xda\xbe", re.DOTALL),
        _named("vdi"),
        KnownFormat("is a VirtualBox disk (VDI)", _TO_RAW),
    ),
    _Row(
        re.compile(rb"ADSEGMENTEDFILE|ADCRYPT"),
        _named("ad1"),
        KnownFormat("is an AccessData image (AD1)", _EXPORT),
    ),
    _Row(
        re.compile(rb"AFF10\r\n\0|PK\x03\x04.{26}container\.description", re.DOTALL),
        _named("aff4"),
        KnownFormat("is an AFF image", "Make a raw or E01 image of it, and give that"),
    ),
    _Row(re.compile(rb"MSWIM\0\0\0"), None, KnownFormat("is a Windows image file (WIM)", _UNPACK)),
)

_OF_WINDOWS: Final = re.compile(r"(?:winre|boot|install)\.(?:wim|esd)", re.IGNORECASE)
"""Windows keeps its own recovery and installation in these: no host's files are there."""

_COMPRESSED: Final = re.compile(r"(.+)\.(?:gz|bz2|xz|zst)", re.IGNORECASE | re.DOTALL)
_ANY_IMAGE: Final = _named(r"dd|raw|img|e01|ex01|vmdk|a?vhdx?|qcow2?")
_ARCHIVE: Final = _named(r"zip|7z|tar|tar\.\w+|t[gbx]z|tzst")
_PART: Final = re.compile(r"(.*\.(?:zip|7z|tar|tar\.\w+|rar)\.)(\d{3})", re.IGNORECASE | re.DOTALL)
_SPANNED: Final = _named("z01")
_LATER: Final = (
    (_PART, r"\g<1>001"),
    (re.compile(r"(.*\.Lx?)\d\d", re.IGNORECASE | re.DOTALL), r"\g<1>01"),
    (re.compile(r"(.*\.ad)\d+", re.IGNORECASE | re.DOTALL), r"\g<1>1"),
    (re.compile(r"(.*\.part)\d(\.rar)", re.IGNORECASE | re.DOTALL), r"\g<1>1\g<2>"),
    (re.compile(r"(.*\.part)\d\d(\.rar)", re.IGNORECASE | re.DOTALL), r"\g<1>01\g<2>"),
    (re.compile(r"(.*\.r)\d\d", re.IGNORECASE | re.DOTALL), r"\g<1>ar"),
)
"""Names of later parts, and the first part's."""

_EMPTY: Final = KnownFormat(
    "is empty, 0 bytes", "Copy it again, and compare its size or hash with the original's"
)
_JOIN: Final = KnownFormat(
    "is one part of an archive", "Join its parts to one file or unpack them, and give that"
)
_DECOMPRESS: Final = KnownFormat("is a compressed file", "Unpack it and give what is in it")
_NO_ARCHIVE: Final = KnownFormat(
    "is called an archive, and does not begin as one", "Copy it again, or unpack it and give the folder"
)
_ZIP_START: Final = b"PK"
_PEEK_MEMORY: Final = 128 << 20
_LARGE: Final = 1 << 40


def known_format(name: str, head: bytes, size: int, *, is_alone: bool = False) -> KnownFormat | None:
    """Return why the file called ``name``, of ``size`` bytes, is not read; else None.

    ``head`` is its first HEAD_SIZE bytes or more. ``is_alone`` says that it is all of the evidence: then a
    compressed file is named whatever it holds. Files that are read, or refused, as artifacts and images by
    their names are for others to tell first.
    """
    if size == 0:
        return _EMPTY if _is_container_name(name) else None
    if _PART.fullmatch(name) or (_SPANNED.fullmatch(name) and head.startswith(_ZIP_START)):
        return _JOIN
    for row in _FORMATS:
        if (row.head and row.head.match(head)) or (row.name and row.name.fullmatch(name)):
            return None if _OF_WINDOWS.fullmatch(name) else row.format
    if any(head.startswith(magic) for magic in MAGIC.values()):
        return _DECOMPRESS if _is_compressed_evidence(name, head, is_alone=is_alone) else None
    is_other = _named("zip|7z").fullmatch(name) and not head.startswith(_ZIP_START)
    return _NO_ARCHIVE if is_other and archive_kind(head, name) is None else None


def known_file(path: Path, head: bytes, size: int, *, is_alone: bool) -> KnownFormat | None:
    """Return :func:`known_format` of a file on the disk; None too for a first part without a second."""
    part = _PART.fullmatch(path.name)
    is_first = part is not None and int(part[2]) == 1
    if part and is_first and archive_kind(head, path.name) and not path.with_name(f"{part[1]}002").exists():
        return None
    return known_format(path.name, head, size, is_alone=is_alone)


def is_later_part(path: Path) -> bool:
    """Whether ``path`` continues a file of such a format whose first part lies beside it."""
    found = ((pattern.fullmatch(path.name), first) for pattern, first in _LATER)
    firsts = [match.expand(first) for match, first in found if match is not None]
    return any(first != path.name and path.with_name(first).exists() for first in firsts)


def _is_container_name(name: str) -> bool:
    patterns = (_ANY_IMAGE, _ARCHIVE, _PART, _named("wim"), *(row.name for row in _FORMATS if row.name))
    inner = _COMPRESSED.fullmatch(name)
    return any(pattern.fullmatch(name) for pattern in patterns) or (
        inner is not None and _is_evidence_name(inner[1])
    )


def _is_evidence_name(name: str) -> bool:
    return tell_kind(name, b"") is not None or _ANY_IMAGE.fullmatch(name) is not None


def _is_compressed_evidence(name: str, head: bytes, *, is_alone: bool) -> bool:
    """Whether a compressed file is no tar, and holds evidence by its inner name or its inner start."""
    if archive_kind(head, name) is not None:
        return False
    match = _COMPRESSED.fullmatch(name)
    inner = match[1] if match else name
    start = _decompressed(head)
    is_evidence = tell_kind(inner, start) is not None or image_kind(start, inner, _LARGE) is not None
    return is_alone or _is_evidence_name(inner) or is_evidence


def _decompressed(head: bytes) -> bytes:
    compression = next(each for each in Compression if head.startswith(MAGIC[each]))
    try:
        with library_errors():
            return read_fully(open_decompressed(compression, io.BytesIO(head), _PEEK_MEMORY), HEAD_SIZE)
    except MemberDamaged:
        return b""  # the start shows too little of a large block: the name decides
