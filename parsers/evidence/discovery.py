"""All artifacts of an evidence: a file, a folder, an archive, a disk image, or these in a folder.

An archive or image inside a folder gives its artifacts under its own path (``hosts/DC01.zip/C/Windows/…``).
What cannot be opened there is named, and the rest goes on; an evidence that is nothing known is an error.
"""

from __future__ import annotations

import errno
import glob
import os
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from parsers.errors import EvidenceError
from parsers.evidence.archive import archive_kind, find_in_archive
from parsers.evidence.archive_limits import ArchiveLimits
from parsers.evidence.artifact_kind import HEAD_SIZE, tell_kind, tell_kind_by_name
from parsers.evidence.ewf_hash import ewf_segments
from parsers.evidence.found import Found, FoundFile, Unreadable, unreadable
from parsers.evidence.image import find_in_image
from parsers.evidence.image_files import split_files, with_its_files
from parsers.evidence.image_kind import ImageKind, image_kind, is_later_segment
from parsers.evidence.known_formats import is_later_part, known_file
from parsers.evidence.source import FileSource
from parsers.evidence.volume_keys import VolumeKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parsers.evidence.spool import Spool

_HEAD_SIZE: Final = 65_536
"""Enough to tell an image too, whose partition table and boot sector come first."""

_LEADS_NOWHERE: Final = frozenset({errno.ENOENT, errno.ELOOP})
"""Errors of a link whose target is not there. On a mounted disk there are many, and none is evidence."""


@dataclass(frozen=True, slots=True)
class Container:
    """An archive or image that artifacts were found in: its place in the evidence, and its ``files``.

    ``path`` is ``""`` where it is the evidence itself, whose name on the examiner's disk is no part of it.
    """

    path: str
    files: tuple[Path, ...]
    is_ewf: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """How evidence may be opened: where copies out of archives go, what these may ask for, and keys.

    ``on_bytes`` is told how much of an image was read.
    """

    spool: Spool
    limits: ArchiveLimits = field(default_factory=ArchiveLimits)
    password: str | None = None
    keys: VolumeKeys = field(default_factory=VolumeKeys)
    on_bytes: Callable[[int], None] = lambda _count: None


def find_artifacts(evidence: Path, opening: Opening) -> Iterator[Found | Container]:
    """Give every artifact of ``evidence`` with each container before its own, and what cannot be read.

    Raises EvidenceError where there is no such file or folder, or where it is a single file of no kind that
    is read; and OSError where the spool cannot be written.
    """
    if evidence.is_dir():
        for path in _files_below(evidence):
            yield from [path] if isinstance(path, Unreadable) else _look_at(evidence, path, opening)
        return
    if not evidence.is_file():
        raise EvidenceError(str(evidence), "there is no such file or folder", "Check the path")
    try:
        found = list(_open_file(evidence, evidence.name, "", opening))
    except OSError as error:
        if _is_of_spool(error, evidence):
            raise
        found = [unreadable(evidence.name, error)]
    if not found:
        raise EvidenceError(
            str(evidence),
            "is no event log (EVTX), no SYSTEM hive, no archive and no disk image that is known",
            "Give one of these, or a folder that holds them",
        )
    yield from found


def _open_file(path: Path, inside: str, prefix: str, opening: Opening) -> Iterator[Found | Container]:
    """Give what one file is or holds; nothing where it is of no kind that is known.

    Raises EvidenceError where its kind is known and not read, or it cannot be opened; and OSError.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_SIZE)
        size = os.fstat(stream.fileno()).st_size
    kind = tell_kind(path.name, head[:HEAD_SIZE], inside)
    if kind is not None:
        yield FoundFile(inside, kind, FileSource(path))
    elif is_later_segment(path, head) or is_later_part(path):
        return
    elif (known := known_file(path, head, size, is_alone=not prefix)) is not None:
        raise EvidenceError(str(path), *known)
    elif archive_kind(head, path.name) is not None:
        yield Container(prefix.rstrip("/"), (path,), is_ewf=False)
        where = prefix.rstrip("/")
        yield from find_in_archive(path, opening.spool, opening.limits, opening.password, where)
    elif (image := image_kind(head, path.name, size)) is not None:
        yield Container(prefix.rstrip("/"), _files_of(path, image), is_ewf=image is ImageKind.EWF)
        yield from (_under(prefix, each) for each in find_in_image(path, opening.keys, opening.on_bytes))


def _files_of(path: Path, image: ImageKind) -> tuple[Path, ...]:
    """Return all files of an image, which are hashed with it; those a link leads to, not the link's."""
    path = with_its_files(path)
    match image:
        case ImageKind.EWF:
            return ewf_segments(path)
        case ImageKind.VMDK:
            return (path, *sorted(each for each in path.parent.glob(f"{glob.escape(path.stem)}-*.vmdk")))
        case _:
            return split_files(path)


def _under(prefix: str, found: Found) -> Found:
    return replace(found, path=prefix + found.path)


def _look_at(root: Path, path: Path, opening: Opening) -> Iterator[Found | Container]:
    """Give what a file of a folder is or holds; an archive or image that cannot be opened is named."""
    inside = path.relative_to(root).as_posix()
    try:
        if stat.S_ISREG(path.stat().st_mode):
            yield from _open_file(path, inside, f"{inside}/", opening)
    except EvidenceError as error:
        yield Unreadable(inside, error.reason, error.remedy)
    except OSError as error:
        if _is_of_spool(error, path):
            raise
        if error.errno not in _LEADS_NOWHERE or tell_kind_by_name(path.name) is not None:
            yield unreadable(inside, error)


def _files_below(root: Path) -> Iterator[Path | Unreadable]:
    """Give all files below ``root`` in order of their paths, then what cannot be read or leads out."""
    problems: list[Unreadable] = []

    def note(error: OSError) -> None:
        problems.append(unreadable(Path(error.filename).relative_to(root).as_posix(), error))

    files: list[Path] = []
    for folder, names, here in os.walk(root, onerror=note):
        problems += (each for name in names for each in _links_out(root, Path(folder, name)))
        files += (Path(folder, name) for name in here)
    yield from sorted(files, key=lambda each: each.relative_to(root).as_posix())
    yield from problems


def _links_out(root: Path, path: Path) -> Iterator[Unreadable]:
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        reason = "is a link to a folder outside of the evidence; it is not followed"
        yield Unreadable(path.relative_to(root).as_posix(), reason)


def _is_of_spool(error: OSError, path: Path) -> bool:
    """Whether an error is one of writing copies: it names no file, or another one than is being read."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT} or (
        error.filename is not None and Path(error.filename) != path
    )
