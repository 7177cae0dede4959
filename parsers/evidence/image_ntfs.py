"""Artifacts on an NTFS volume inside an image: all folders are walked, and only starts of candidates read.

The only importer of pyfsntfs. A walk reads one file record a file, and the folders' indexes: some 30
microseconds a file, 10 seconds for a usual installation. Links and junctions are not followed: where they
lead, the walk comes by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyfsntfs

from parsers.evidence.artifact_kind import HEAD_SIZE, tell_kind
from parsers.evidence.found import FoundFile, Unreadable
from parsers.evidence.image_access import LIBRARY_ERRORS, file_spec, library_errors, open_inside, plain_reason
from parsers.evidence.image_source import ImageFileSource
from parsers.evidence.source import ArtifactKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parsers.evidence.found import Found
    from parsers.evidence.image_access import Spec

MOST_FILES: Final = 20_000_000
"""No volume has more file records than this many; a damaged or forged one may lead round and round."""

DEEPEST: Final = 255

_KNOWN_FOLDERS: Final = (
    ("system32", "winevt", "logs"),
    ("system32", "config"),
    ("system32", "config", "regback"),
)
"""In these each file's start is read, below any root: Windows, Windows.old/Windows and others."""

_CANDIDATE: Final = re.compile(
    r".*\.evtx.*|SYSTEM|SYSTEM\.LOG\d?|(?:.*[^a-z])?SYSTEM(?:[^a-z].*)?\.(?:bak|old|sav|save|hiv|hive|dat|reg|copy)",
    re.IGNORECASE | re.DOTALL,
)
"""Elsewhere only files with such names are looked at: exported logs, copies of hives."""

_RECORD: Final = 0xFFFF_FFFF_FFFF
_RECORD_SIZE: Final = 1024
_ENCRYPTED: Final = 0x4000


@dataclass(frozen=True, slots=True)
class NtfsVolume:
    """One volume to walk: its image, what stands before its paths, and when it was made if a shadow copy."""

    image: Path
    spec: Spec = field(repr=False)
    prefix: str
    snapshot_created: int | None = None


class _Listing(NamedTuple):
    """What one folder holds, names with pyfsntfs's entries; how many could not be read, and why."""

    files: tuple[tuple[str, Any], ...]
    folders: tuple[tuple[str, Any], ...]
    lost: int
    reason: str


def find_in_ntfs(volume: NtfsVolume, on_bytes: Callable[[int], None]) -> Iterator[Found]:
    """Give every artifact of ``volume``, and what could not be looked at, in order of their paths.

    ``on_bytes`` is told how much was read. A volume that cannot be opened is one Unreadable.
    """
    opened = pyfsntfs.volume()
    try:
        with library_errors():
            opened.open_file_object(open_inside(volume.spec))
            root = opened.get_root_directory()
    except OSError as error:
        yield Unreadable(volume.prefix, f"its NTFS file system cannot be opened: {error.strerror}")
        return
    yield from sorted(_walk(volume, root, on_bytes), key=lambda each: each.path)


def _walk(volume: NtfsVolume, root: Any, on_bytes: Callable[[int], None]) -> Iterator[Found]:  # noqa: ANN401 - untyped
    # Each folder is entered once, whatever damaged or forged indexes say.
    entered: set[int] = set()
    waiting: list[tuple[tuple[str, ...], Any]] = [((), root)]
    listed = 0
    while waiting:
        names, folder = waiting.pop()
        listing = _list(folder)
        listed += len(listing.files) + len(listing.folders)
        on_bytes((len(listing.files) + len(listing.folders)) * _RECORD_SIZE)
        yield from _artifacts(volume, names, listing, on_bytes)
        if listed > MOST_FILES or len(names) > DEEPEST:
            yield Unreadable(
                _path(volume, names),
                "it has more files or folders than a volume can have: not all were looked at",
            )
            continue
        for name, entry in listing.folders:
            record = entry.file_reference & _RECORD
            if record not in entered:
                entered.add(record)
                waiting.append(((*names, name), entry))


def _list(folder: Any) -> _Listing:  # noqa: ANN401 - pyfsntfs has no types
    files: list[tuple[str, Any]] = []
    folders: list[tuple[str, Any]] = []
    reasons: list[str] = []
    try:
        count = folder.number_of_sub_file_entries
    except LIBRARY_ERRORS as error:
        return _Listing((), (), 1, plain_reason(error))
    for index in range(count):
        try:
            entry = folder.get_sub_file_entry(index)
            name = entry.name
            kept = folders if entry.has_directory_entries_index() else files
        except LIBRARY_ERRORS as error:
            reasons.append(plain_reason(error))
            continue
        if name not in {None, ".", ".."}:
            kept.append((name, entry))
    return _Listing(tuple(files), tuple(folders), len(reasons), reasons[0] if reasons else "")


def _artifacts(
    volume: NtfsVolume, names: tuple[str, ...], listing: _Listing, on_bytes: Callable[[int], None]
) -> Iterator[Found]:
    if listing.lost:
        reason = f"{listing.lost} of its entries cannot be read: {listing.reason}"
        yield Unreadable(_path(volume, names), reason)
    is_known = _is_known(names)
    candidates = [each for each in listing.files if is_known or _CANDIDATE.fullmatch(each[0])]
    found = [
        look for name, entry in candidates if (look := _look_at(volume, (*names, name), entry)) is not None
    ]
    on_bytes(len(candidates) * HEAD_SIZE)
    has_hive = any(isinstance(each, FoundFile) and each.kind is ArtifactKind.SYSTEM_HIVE for each in found)
    for each in found:
        # Programs write text to files called system.log: only beside a hive is such a file a hive's log.
        is_stray = (
            isinstance(each, FoundFile) and each.kind is ArtifactKind.HIVE_LOG and not (is_known or has_hive)
        )
        if not is_stray:
            yield each


def _look_at(volume: NtfsVolume, names: tuple[str, ...], entry: Any) -> Found | None:  # noqa: ANN401 - untyped
    path = _path(volume, names)
    try:
        with library_errors():
            if not entry.has_default_data_stream():
                return None
            if (entry.file_attribute_flags or 0) & _ENCRYPTED:
                return _encrypted(path, names[-1])
            head = entry.read_buffer_at_offset(HEAD_SIZE, 0)
            location = (entry.file_reference & _RECORD, entry.name_attribute_index)
    except OSError as error:
        return Unreadable(path, f"its start cannot be read: {error.strerror}")
    kind = tell_kind(names[-1], head)
    if kind is None:
        return None
    spec = file_spec(volume.spec, "".join(f"\\{name}" for name in names), *location)
    return FoundFile(path, kind, ImageFileSource(volume.image, spec), volume.snapshot_created)


def _encrypted(path: str, name: str) -> Unreadable | None:
    if tell_kind(name, b"") is None:
        return None
    return Unreadable(path, "it is encrypted by its user (EFS), and its content cannot be read")


def _is_known(names: tuple[str, ...]) -> bool:
    folder = tuple(name.lower() for name in names)
    return any(folder[-len(known) :] == known for known in _KNOWN_FOLDERS)


def _path(volume: NtfsVolume, names: tuple[str, ...]) -> str:
    return "/".join((volume.prefix, *names))
