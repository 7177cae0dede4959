"""The volumes of a disk: what each partition holds, unlocked where it is encrypted, and its shadow copies.

The only importer of pyvshadow.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import pyvshadow

from parsers.evidence.file_system import VOLUME_HEAD_SIZE, FileSystem, tell_file_system
from parsers.evidence.image_access import (
    is_unlocked,
    library_errors,
    open_inside,
    range_spec,
    snapshot_spec,
    unlocked_spec,
)
from parsers.evidence.image_partitions import find_partitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.evidence.image_access import ImageStream, Spec
    from parsers.evidence.volume_keys import VolumeKeys

_EXPORT: Final = "Only NTFS is read: export its files with another tool and give them as a folder"
_GIVE_KEY: Final = "Give its recovery key or password with --bitlocker-key"


@dataclass(frozen=True, slots=True)
class ImageVolume:
    """One partition of a disk, or the disk itself where it has none.

    ``name`` is ``p`` and the number in the partition table, ``p1`` for a disk without one; ``offset`` and
    ``size`` are bytes, no further than the disk goes. ``file_system`` is what lies in it, as far as that is
    known. ``ntfs`` opens it where it can be read, and is else None. ``problems`` say what is wrong;
    ``boot_purpose`` is why a partition that is not read is no loss.
    """

    name: str
    offset: int
    size: int
    file_system: FileSystem | None = None
    ntfs: Spec | None = field(default=None, repr=False)
    problems: tuple[str, ...] = ()
    boot_purpose: str | None = None
    is_encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One volume shadow copy; ``number`` from 1, oldest first; ``created`` in ticks."""

    number: int
    created: int
    ntfs: Spec = field(repr=False)


def find_volumes(disk: Spec, keys: VolumeKeys) -> tuple[ImageVolume, ...]:
    """Return every volume of ``disk``; none where it has neither partitions nor a known file system.

    Raises OSError where the disk's start cannot be read.
    """
    stream = open_inside(disk)
    head = _read_head(stream)
    if (file_system := tell_file_system(head)) is not None:
        return (_look_at(ImageVolume("p1", 0, stream.size, file_system), disk, keys),)
    return tuple(_look_at_partition(volume, disk, stream, keys) for volume in _partitions(stream))


def find_snapshots(volume: Spec) -> tuple[Snapshot, ...]:
    """Return the shadow copies of the NTFS volume ``volume``, none where it has none. Raises OSError."""
    stream = open_inside(volume)
    with library_errors():
        if not pyvshadow.check_volume_signature_file_object(stream):
            return ()
        shadow = pyvshadow.volume()
        shadow.open_file_object(stream)
        created = [store.get_creation_time_as_integer() for store in shadow.stores]
    return tuple(
        Snapshot(index + 1, ticks, snapshot_spec(volume, index)) for index, ticks in enumerate(created)
    )


def _partitions(stream: ImageStream) -> Iterator[ImageVolume]:
    for each in find_partitions(stream):
        size = max(min(each.size, stream.size - each.offset), 0)
        problems = () if size == each.size else (_beyond(each.offset + each.size, stream.size),)
        yield ImageVolume(
            f"p{each.number}", each.offset, size, problems=problems, boot_purpose=each.boot_purpose
        )


def _beyond(end: int, disk_size: int) -> str:
    return (
        f"the partition table has it end at byte {end}, the image ends at {disk_size}: the image was cut "
        "short, or the table is wrong. What lies inside is read; compare the image's size with the disk's"
    )


def _look_at_partition(volume: ImageVolume, disk: Spec, stream: ImageStream, keys: VolumeKeys) -> ImageVolume:
    if volume.size == 0:
        return volume
    where = range_spec(disk, volume.offset, volume.size)
    try:
        stream.seek(volume.offset)
        file_system = tell_file_system(stream.read(min(VOLUME_HEAD_SIZE, volume.size)))
    except OSError as error:
        return _with_problem(volume, f"its start cannot be read: {error.strerror}")
    return _look_at(replace(volume, file_system=file_system), where, keys)


def _look_at(volume: ImageVolume, where: Spec, keys: VolumeKeys) -> ImageVolume:
    match volume.file_system:
        case FileSystem.NTFS:
            return replace(volume, ntfs=where)
        case FileSystem.BITLOCKER:
            return _unlock(replace(volume, is_encrypted=True), where, keys)
        case None if volume.boot_purpose is None:
            return _with_problem(volume, f"it holds no file system that is known. {_EXPORT}")
        case FileSystem() if volume.boot_purpose is None:
            return _with_problem(volume, f"its file system is {volume.file_system}. {_EXPORT}")
        case _:
            return volume


def _unlock(volume: ImageVolume, where: Spec, keys: VolumeKeys) -> ImageVolume:
    """Open a BitLocker volume with the first key that does; one whose protection is suspended needs none."""
    bare = unlocked_spec(where)
    try:
        if is_unlocked(bare):
            return _look_inside(volume, bare)
    except OSError as error:
        return _with_problem(volume, f"its BitLocker encryption cannot be read: {error.strerror}")
    credentials = list(keys.as_credentials())
    for credential in credentials:
        inside = unlocked_spec(where, **credential)
        if _opens(inside):
            return _look_inside(volume, inside)
    wrong = (
        "no key was given"
        if not credentials
        else f"no key that was given opens it ({len(credentials)} tried)"
    )
    return _with_problem(volume, f"it is encrypted with BitLocker, and {wrong}. {_GIVE_KEY}")


def _opens(inside: Spec) -> bool:
    try:
        return is_unlocked(inside)
    except OSError:
        return False  # the volume itself can be read: it is the key that is refused, such as a mistyped one


def _look_inside(volume: ImageVolume, inside: Spec) -> ImageVolume:
    try:
        file_system = tell_file_system(_read_head(open_inside(inside)))
    except OSError as error:
        return _with_problem(volume, f"what its BitLocker encryption holds cannot be read: {error.strerror}")
    if file_system is not FileSystem.NTFS:
        held = file_system or "unknown"
        return _with_problem(volume, f"the file system inside its BitLocker encryption is {held}. {_EXPORT}")
    return replace(volume, file_system=file_system, ntfs=inside)


def _read_head(stream: ImageStream) -> bytes:
    stream.seek(0)
    return stream.read(min(VOLUME_HEAD_SIZE, stream.size)) or b""


def _with_problem(volume: ImageVolume, problem: str) -> ImageVolume:
    return replace(volume, problems=(*volume.problems, problem))
