"""Which files are archives that are looked into, told by their first bytes."""

from __future__ import annotations

import io
import re
from enum import StrEnum
from typing import Final

from parsers.evidence.archive_member import MemberDamaged, library_errors
from parsers.evidence.archive_stream import read_fully
from parsers.evidence.decompression import MAGIC, Compression, open_decompressed


class ArchiveKind(StrEnum):
    """What kind of archive a file is."""

    ZIP = "zip"
    SEVEN_ZIP = "7z"
    TAR = "tar"
    TAR_GZIP = "tar.gz"
    TAR_BZIP2 = "tar.bz2"
    TAR_XZ = "tar.xz"
    TAR_ZSTANDARD = "tar.zst"


COMPRESSION: Final = {
    ArchiveKind.TAR_GZIP: Compression.GZIP,
    ArchiveKind.TAR_BZIP2: Compression.BZIP2,
    ArchiveKind.TAR_XZ: Compression.XZ,
    ArchiveKind.TAR_ZSTANDARD: Compression.ZSTANDARD,
}
"""How each kind of compressed tar is compressed."""

_SEVEN_ZIP: Final = b"7z\xbc\xaf\x27\x1c"
_ZIP: Final = re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)")
_ZIP_NAME: Final = slice(30, 30 + 32)

# Documents and programs are zip files too. None is a collection, and a disk is full of them.
_DOCUMENT_NAME: Final = re.compile(
    r".*\.(?:docx|docm|dotx|xlsx|xlsm|xltx|pptx|pptm|ppsx|vsdx|od[tspg]|epub|jar|war|ear|aar|apk|ipa|nupkg|vsix"
    r"|whl|egg|xpi|crx|appx|msix|appxbundle|msixbundle|kmz|xps|oxps|3mf|cbz|thmx)",
    re.IGNORECASE | re.DOTALL,
)
_DOCUMENT_START: Final = (
    b"[Content_Types].xml",
    b"_rels/",
    b"docProps/",
    b"mimetype",
    b"META-INF/",
    b"AndroidMan",
)

_TAR_NAME: Final = re.compile(r".*\.(?:tar\.\w+|t[gbxz]z2?|tb2|tzst|tbz)", re.IGNORECASE | re.DOTALL)
_TAR_HEADER: Final = 512
_TAR_CHECKSUM: Final = slice(148, 156)
_PEEK_MEMORY: Final = 128 << 20


def archive_kind(head: bytes, name: str) -> ArchiveKind | None:
    """Return which archive the file called ``name`` is, that begins with ``head``; None for any other file.

    HEAD_SIZE bytes are enough. The name is asked in two cases: a zip that it calls a document or a program
    is not looked into, and a compressed stream of which ``head`` shows too little (bzip2 and Zstandard are
    compressed in large blocks) is a tar where its name says so. With 1 MiB of head the name is not asked
    for a stream.
    """
    if head.startswith(_SEVEN_ZIP):
        return ArchiveKind.SEVEN_ZIP
    if _ZIP.match(head):
        return None if _is_document(head, name) else ArchiveKind.ZIP
    for kind, compression in COMPRESSION.items():
        if head.startswith(MAGIC[compression]):
            return kind if _holds_tar(head, compression, name) else None
    return ArchiveKind.TAR if _is_tar(head) else None


def _is_document(head: bytes, name: str) -> bool:
    return head[_ZIP_NAME].startswith(_DOCUMENT_START) or _DOCUMENT_NAME.fullmatch(name) is not None


def _holds_tar(head: bytes, compression: Compression, name: str) -> bool:
    try:
        with library_errors():
            start = read_fully(open_decompressed(compression, io.BytesIO(head), _PEEK_MEMORY), _TAR_HEADER)
    except MemberDamaged:
        start = b""
    if len(start) < _TAR_HEADER:
        return _TAR_NAME.fullmatch(name) is not None
    return _is_tar(start)


def _is_tar(head: bytes) -> bool:
    """Whether ``head`` begins with a tar header whose checksum is right (POSIX.1-2017, pax, ustar)."""
    header = head[:_TAR_HEADER]
    digits = header[_TAR_CHECKSUM].strip(b"\0 ")
    if len(header) < _TAR_HEADER or not re.fullmatch(rb"[0-7]+", digits):
        return False
    blanked = header[: _TAR_CHECKSUM.start] + b" " * 8 + header[_TAR_CHECKSUM.stop :]
    # Some old programs added the bytes as signed numbers.
    signed = sum(blanked) - 256 * sum(byte > 0x7F for byte in blanked)  # noqa: PLR2004 - the largest signed byte
    return int(digits, 8) in {sum(blanked), signed}
