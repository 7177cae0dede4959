"""Image files as they lie on the disk: which belong together, which are missing, and what cannot be trusted.

The libraries below dfVFS open some images that they then read wrongly without an error: the base of a
snapshot is taken for the snapshot, compressed clusters of QCOW2 version 3 become zeros, a renamed VMDK is
read from the file that has its old name. Each such image is refused here, with what makes it readable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyqcow
import pyvhdi
import pyvmdk

from parsers.errors import EvidenceError
from parsers.evidence.image_access import disk_spec, library_errors, open_inside
from parsers.evidence.image_files import ewf_parts, gaps_in_split, split_files, with_its_files
from parsers.evidence.image_kind import (
    IMAGE_HEAD_SIZE,
    ImageKind,
    image_kind,
    is_later_segment,
    segment_number,
)
from parsers.evidence.qcow_clusters import find_compressed
from parsers.evidence.vhdx_header import has_pending_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parsers.evidence.image_access import ImageStream, Spec

_CONVERT: Final = "Make one plain file of it with `qemu-img convert -O raw`, and give that"
_COPY_AGAIN: Final = "Copy the image again, and compare its size or hash with the original's"
_NO_PARENT: Final = 0xFFFFFFFF
_EWF_FIRST: Final = re.compile(r".*\.(E01|Ex01|s01)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OpenedImage:
    """An image that can be read: its disk, and what was found wrong that does not prevent that."""

    path: Path
    kind: ImageKind
    disk: Spec
    problems: tuple[str, ...]


def open_image(path: Path) -> OpenedImage:
    """Look at the image whose first file is ``path``.

    A link is followed to where the image's other files are. Raises EvidenceError where it cannot be read, or
    would be read wrongly.
    """
    path = with_its_files(path)
    kind = _kind(path)
    _refuse_what_is_misread(path, kind)
    disk = disk_spec(path, kind, is_split=kind is ImageKind.RAW and len(split_files(path)) > 1)
    try:
        stream = open_inside(disk)
        start = stream.read(1)
    except OSError as error:
        raise EvidenceError(
            str(path), f"this {kind} image cannot be opened: {_why(error)}", _COPY_AGAIN
        ) from error
    if not start:
        raise EvidenceError(str(path), f"this {kind} image cannot be opened: it holds no disk", _COPY_AGAIN)
    return OpenedImage(path, kind, disk, tuple(_problems(path, kind, stream)))


def _kind(path: Path) -> ImageKind:
    try:
        with path.open("rb") as stream:
            head = stream.read(IMAGE_HEAD_SIZE)
        size = path.stat().st_size
    except OSError as error:
        reason = error.strerror or str(error)
        raise EvidenceError(str(path), reason, "Check the path and your rights") from error
    if size == 0:
        raise EvidenceError(str(path), "the file is empty, 0 bytes", _COPY_AGAIN)
    _refuse_later_segment(path, head)
    kind = image_kind(head, path.name, size)
    if kind is None:
        raise EvidenceError(
            str(path),
            "is no disk image of a kind that is read",
            "Give a raw, E01, VMDK, VHD, VHDX or QCOW2 image",
        )
    return kind


def _refuse_later_segment(path: Path, head: bytes) -> None:
    number = segment_number(head)
    if number not in {None, 1} and _EWF_FIRST.fullmatch(path.name):
        reason = f"is called the first segment, and says of itself that it is segment {number}"
        raise EvidenceError(
            str(path), reason, "Give the segments the names they had: .E01 to the first, and so on"
        )
    if number not in {None, 1} or is_later_segment(path, head):
        remedy = "Give the image's first file, such as .E01 or .001"
        raise EvidenceError(str(path), "is a later segment of an image", remedy)


def _refuse_what_is_misread(path: Path, kind: ImageKind) -> None:
    refused = {
        ImageKind.EWF: _misread_ewf,
        ImageKind.QCOW: _misread_qcow,
        ImageKind.VMDK: _misread_vmdk,
        ImageKind.VHD: _misread_vhd,
        ImageKind.VHDX: _misread_vhd,
    }.get(kind)
    if refused is None:
        return
    try:
        with library_errors():
            found = refused(path)
    except OSError as error:
        raise EvidenceError(
            str(path), f"this {kind} image cannot be opened: {_why(error)}", _COPY_AGAIN
        ) from error
    if found is not None:
        raise EvidenceError(str(path), *found)


def _misread_ewf(path: Path) -> tuple[str, str] | None:
    if _EWF_FIRST.fullmatch(path.name):
        return None
    return "is an E01 image under another name", "Rename its files to end in .E01, .E02 and so on"


def _misread_qcow(path: Path) -> tuple[str, str] | None:
    image = pyqcow.file()
    image.open(str(path))
    try:
        if image.get_backing_filename():
            return f"is a snapshot over {image.get_backing_filename()!r}, which is not read", _CONVERT
        if image.is_locked():
            return "is an encrypted QCOW2 image", _CONVERT
    finally:
        image.close()
    if find_compressed(path):
        return "has compressed clusters, which the library reads as zeros", _CONVERT
    return None


def _misread_vmdk(path: Path) -> tuple[str, str] | None:
    image = pyvmdk.handle()
    image.open(str(path))
    try:
        if image.get_parent_content_identifier() not in {None, _NO_PARENT}:
            return f"is a snapshot over {image.get_parent_filename()!r}, which is not read", _CONVERT
        is_alone = image.get_disk_type() in {
            pyvmdk.disk_types.MONOLITHIC_SPARSE,
            pyvmdk.disk_types.STREAM_OPTIMIZED,
        }
        names = [re.split(r"[\\/]", each.filename)[-1] for each in image.extent_descriptors]
    finally:
        image.close()
    missing = [name for name in names if not path.with_name(name).is_file()]
    if is_alone:
        return _misread_renamed_vmdk(path, names)
    if missing:
        return f"{missing[0]}, which it names, is missing", f"Put {', '.join(missing)} beside it"
    return None


def _misread_renamed_vmdk(path: Path, names: list[str]) -> tuple[str, str] | None:
    """Refuse a VMDK in one file that another file's name is in: it would be read from that one."""
    others = [
        name for name in names if path.with_name(name).is_file() and not path.with_name(name).samefile(path)
    ]
    if not others:
        return None
    return f"was {others[0]} before, and another file has that name now", "Move it to a folder of its own"


def _misread_vhd(path: Path) -> tuple[str, str] | None:
    image = pyvhdi.file()
    image.open(str(path))
    try:
        if not image.get_parent_identifier():
            return None
        return f"is a differencing disk over {image.get_parent_filename()!r}, which is not read", _CONVERT
    finally:
        image.close()


def _problems(path: Path, kind: ImageKind, disk: ImageStream) -> Iterator[str]:
    """Say what is wrong with an image of which parts can be read all the same."""
    if kind is ImageKind.RAW:
        for name in gaps_in_split(path):
            yield f"its segment {name} is missing. Put it beside the others; what comes before it is read"
    if kind is ImageKind.VHDX and has_pending_log(path):
        yield f"it was not closed cleanly, and changes that are only in its log are not read. {_CONVERT}"
    try:
        disk.seek(max(disk.size - 512, 0))
        disk.read(512)
    except OSError as error:
        yield f"its end cannot be read: {_why(error)}. {_missing(path, kind)}; what is there is read"


def _missing(path: Path, kind: ImageKind) -> str:
    return ewf_parts(path) if kind is ImageKind.EWF else _COPY_AGAIN


def _why(error: OSError) -> str:
    return error.strerror or str(error)
