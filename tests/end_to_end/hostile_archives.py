"""Archives that nobody should make: bombs, names that lead outside, links that go in circles."""

from __future__ import annotations

import struct
import tarfile
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MEBIBYTE: Final = 1 << 20
_RAW: Final = -15
_GZIP: Final = 31


def zip_bomb(name: str, mebibytes: int, *, told: int | None = None) -> bytes:
    """Return a small zip of which one member unpacks to ``mebibytes`` of zeros.

    ``told`` is the size in bytes that the archive gives for it, by default the true one.
    """
    packed = _packed_zeros(b"", mebibytes, _RAW)
    size = mebibytes * MEBIBYTE if told is None else told
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(packed), size, len(name), 0)
    member = b"PK\x03\x04" + common + name.encode() + packed
    directory = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0)
    directory += name.encode()
    return (
        member + directory + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(member), 0)
    )


def tar_bomb(mebibytes: int) -> bytes:
    """Return a small tar.gz with a member of zeros that unpacks to ``mebibytes``."""
    member = tarfile.TarInfo("pagefile.sys")
    member.size = mebibytes * MEBIBYTE
    return _packed_zeros(member.tobuf(), mebibytes, _GZIP)


def links(targets: Iterable[tuple[str, str]], kind: bytes = tarfile.SYMTYPE) -> list[tarfile.TarInfo]:
    """Return members of a tar that are links, by their names and targets."""
    made = []
    for name, target in targets:
        link = tarfile.TarInfo(name)
        link.type, link.linkname = kind, target
        made.append(link)
    return made


def _packed_zeros(head: bytes, mebibytes: int, form: int) -> bytes:
    """Compress ``head`` and zeros; a block that refers to nothing before it can be repeated as it is."""
    packer = zlib.compressobj(9, zlib.DEFLATED, form)
    first = packer.compress(head.ljust(MEBIBYTE, b"\0")) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(MEBIBYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (mebibytes - 1) + packer.flush()
