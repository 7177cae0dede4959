r"""What collectors put in the place of a volume: the names to take out of a path to see the path on it.

Every row of MARKERS says who writes it. Where a name could be a volume's or a person's choice (a folder
``C``, a folder ``p2``), it is taken for a volume's, once in a path: hosts in folders of one letter each are
taken for drives of one host.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Marker(StrEnum):
    """What a name stands for."""

    DRIVE = "drive"
    PARTITION = "partition"
    SNAPSHOT = "snapshot"
    ROOT = "root"
    COLLECTION = "collection"


class _Pattern(NamedTuple):
    """``names`` is how many neighbouring names of a path the expression is for."""

    marker: Marker
    expression: re.Pattern[str]
    names: int = 1


def _pattern(marker: Marker, expression: str, names: int = 1) -> _Pattern:
    return _Pattern(marker, re.compile(expression, re.IGNORECASE), names)


MARKERS: Final = (
    # KAPE ("Log files": the drive letter below --tdest) and CyLR (its Archive takes the colon out of each
    # name): C. Velociraptor's auto accessor: C%3A, which is C: decoded. Administrative shares: C$.
    _pattern(Marker.DRIVE, r"[a-z][:$]?"),
    # Partitions as dfVFS names them, and with it plaso and this program; volumes as Windows numbers them.
    _pattern(Marker.PARTITION, r"(?:p|HarddiskVolume)\d+"),
    # dfVFS, plaso's image_export and this program: vss1. KAPE ("Log files"): VSS and the copy's number. The
    # samples of the evtx library: vss_7.
    _pattern(Marker.SNAPSHOT, r"vss_?\d+"),
    # Windows' own device names, which Velociraptor keeps; shortened in the samples of the evtx library.
    _pattern(Marker.SNAPSHOT, r"(?:(?:Harddisk)?Volume)?ShadowCopy\d+"),
    # Previous versions as Windows serves them over SMB: [MS-SMB] 2.2.1.1.1.
    _pattern(Marker.SNAPSHOT, r"@GMT-\d{4}\.\d\d\.\d\d-\d\d\.\d\d\.\d\d"),
    # UAC, "Output file format": what its file collector took.
    _pattern(Marker.ROOT, r"\[root\]"),
    # Velociraptor, "How do I use the files inside the offline collector ZIP?": uploads, then the accessor.
    _pattern(Marker.ROOT, r"uploads/(?:auto|file|ntfs|lazy_ntfs|ntfs_vss|mft|vfs)", names=2),
    # Velociraptor's server keeps the collections of a client side by side; they are of one machine.
    _pattern(Marker.COLLECTION, r"collections/F\.[0-9A-Z.]+", names=2),
)

_ESCAPE: Final = re.compile(r"%(25|2E|3A|3F|5C)", re.IGNORECASE)
r"""What Velociraptor escapes in names that concern us: ``% . : ? \``. ``%4Operational`` is none of them."""

_DEVICE: Final = re.compile(r"\\\\[.?]\\(?:GLOBALROOT\\Device\\)?([^\\]+)", re.IGNORECASE)
r"""A raw device as Velociraptor's ntfs accessor names it: ``\\.\C:``, ``\\?\GLOBALROOT\Device\…``."""


class Name(NamedTuple):
    """One name of a path: as it stands in the evidence, and as it was on the machine."""

    verbatim: str
    decoded: str


def names_of(path: str) -> tuple[Name, ...]:
    r"""Return the names in ``path``, between which ``/`` stands or, but for those of devices, ``\``."""
    return tuple(name for piece in path.split("/") for name in _split(piece) if name.decoded not in {"", "."})


def _split(piece: str) -> Iterator[Name]:
    decoded = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), piece)
    device = _DEVICE.match(decoded)
    if device is not None:
        yield Name(piece, device[1])
        yield from (Name(name, name) for name in decoded[device.end() :].split("\\"))
    elif "\\" in piece:
        for each in piece.split("\\"):
            yield from _split(each)
    else:
        yield Name(piece, decoded)


def strip_markers(names: Sequence[Name]) -> tuple[Sequence[Name], dict[Marker, str]]:
    """Take the markers off the end of ``names``; return what is left, and the markers, each found once.

    Above what a collector makes its root are no volumes any more.
    """
    found: dict[Marker, str] = {}
    while (pattern := _last_marker(names, found)) is not None:
        found[pattern.marker] = _tail(names, pattern.names)
        names = names[: -pattern.names]
    return names, found


def _last_marker(names: Sequence[Name], found: dict[Marker, str]) -> _Pattern | None:
    over = {*Marker} - {Marker.COLLECTION} if Marker.ROOT in found else set(found)
    for pattern in MARKERS:
        possible = len(names) >= pattern.names and pattern.marker not in over | found.keys()
        if possible and pattern.expression.fullmatch(_tail(names, pattern.names)):
            return pattern
    return None


def _tail(names: Sequence[Name], count: int) -> str:
    return "/".join(name.decoded for name in names[-count:])
