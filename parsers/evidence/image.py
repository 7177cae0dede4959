"""Artifacts in a disk image: every NTFS volume, and each of its shadow copies as a set of its own.

What is read: raw (also split), E01, VMDK, VHD, VHDX, QCOW2; a master boot record, a GUID partition table or a
bare volume; NTFS, also inside BitLocker. Nothing is mounted, nothing is written, and no rights are needed but
to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from parsers.errors import EvidenceError
from parsers.evidence.found import Unreadable
from parsers.evidence.image_container import open_image
from parsers.evidence.image_ntfs import NtfsVolume, find_in_ntfs
from parsers.evidence.image_volumes import find_snapshots, find_volumes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parsers.evidence.found import Found
    from parsers.evidence.image_container import OpenedImage
    from parsers.evidence.image_volumes import ImageVolume
    from parsers.evidence.volume_keys import VolumeKeys

_NO_VOLUME: Final = (
    "Check that it is the image of a whole disk or volume, and that it is not encrypted as a whole"
)


def find_in_image(path: Path, keys: VolumeKeys, on_bytes: Callable[[int], None]) -> Iterator[Found]:
    """Give every artifact of the image whose first file is ``path``: volume by volume, the live files first.

    Paths begin with the partition: ``p2/Windows/…`` for live files, ``p2/vss1/Windows/…`` for those of its
    first shadow copy. ``on_bytes`` is told how much was read. Raises EvidenceError where the image cannot be
    opened at all; what else cannot be read is an Unreadable, and the rest goes on.
    """
    image = open_image(path)
    for problem in image.problems:
        yield Unreadable(path.name, problem)
    for volume in list_volumes(image, keys):
        yield from _find_in_volume(image, volume, on_bytes)


def list_volumes(image: OpenedImage, keys: VolumeKeys) -> tuple[ImageVolume, ...]:
    """Return every volume of ``image``, also those that are not read.

    Raises EvidenceError where there is none.
    """
    try:
        volumes = find_volumes(image.disk, keys)
    except OSError as error:
        raise EvidenceError(
            str(image.path), f"its start cannot be read: {error.strerror}", _NO_VOLUME
        ) from error
    if not volumes:
        raise EvidenceError(
            str(image.path), "has no partition table and no file system that is known", _NO_VOLUME
        )
    return volumes


def _find_in_volume(
    image: OpenedImage, volume: ImageVolume, on_bytes: Callable[[int], None]
) -> Iterator[Found]:
    for problem in volume.problems:
        yield Unreadable(volume.name, problem)
    if volume.ntfs is None:
        return
    yield from find_in_ntfs(NtfsVolume(image.path, volume.ntfs, volume.name), on_bytes)
    try:
        snapshots = find_snapshots(volume.ntfs)
    except OSError as error:
        yield Unreadable(volume.name, f"its shadow copies cannot be read: {error.strerror}")
        return
    for each in snapshots:
        prefix = f"{volume.name}/vss{each.number}"
        yield from find_in_ntfs(NtfsVolume(image.path, each.ntfs, prefix, each.created), on_bytes)
