"""Artifacts on an NTFS volume inside an image: all folders are walked, and only starts of candidates read.

The only importer of pyfsntfs. A walk reads one file record a file, and the folders' indexes: some 30
microseconds a file, 10 seconds for a usual installation. Links and junctions are not followed: where they
lead, the walk comes by itself.

Archives and disk images that are files of the volume are neither searched nor named: Windows and its
programs keep many, and none is a host of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyfsntfs

from parsers.evidence.application_files import may_be_application_file
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


class _Entry(NamedTuple):
    """One file or folder of a folder: its name there, its file record's number, and pyfsntfs's entry."""

    name: str
    record: int
    entry: Any


class _Listing(NamedTuple):
    """What one folder holds; how many of its entries could not be read, and why."""

    files: tuple[_Entry, ...]
    folders: tuple[_Entry, ...]
    lost: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Walk:
    """One walk over a volume of ``size`` bytes; ``on_bytes`` is told how much was read."""

    volume: NtfsVolume
    size: int
    on_bytes: Callable[[int], None]

    def path(self, names: tuple[str, ...]) -> str:
        return "/".join((self.volume.prefix, *names))


def find_in_ntfs(volume: NtfsVolume, on_bytes: Callable[[int], None]) -> Iterator[Found]:
    """Give every artifact of ``volume``, and what could not be looked at, in order of their paths.

    ``on_bytes`` is told how much was read. A volume that cannot be opened is one Unreadable.
    """
    opened = pyfsntfs.volume()
    try:
        stream = open_inside(volume.spec)
        with library_errors():
            opened.open_file_object(stream)
            root = opened.get_root_directory()
    except OSError as error:
        yield Unreadable(volume.prefix, f"its NTFS file system cannot be opened: {error.strerror}")
        return
    yield from sorted(_below(_Walk(volume, stream.size, on_bytes), root), key=lambda each: each.path)


def _below(walk: _Walk, root: Any) -> Iterator[Found]:  # noqa: ANN401 - pyfsntfs has no types
    # Each folder is entered once, whatever damaged or forged indexes say.
    entered: set[int] = set()
    waiting: list[tuple[tuple[str, ...], Any]] = [((), root)]
    listed = 0
    while waiting:
        names, folder = waiting.pop()
        listing = _list(folder)
        count = len(listing.files) + len(listing.folders)
        listed += count
        walk.on_bytes(count * _RECORD_SIZE)
        yield from _artifacts(walk, names, listing)
        if listed > MOST_FILES and (waiting or listing.folders):
            yield Unreadable(walk.path(()), f"it has more than {MOST_FILES} files: not all were looked at")
            return
        if len(names) >= DEEPEST and listing.folders:
            yield Unreadable(walk.path(names), "its folders lie too deep, and were not looked at")
            continue
        for name, record, entry in listing.folders:
            if record not in entered:
                entered.add(record)
                waiting.append(((*names, name), entry))


def _list(folder: Any) -> _Listing:  # noqa: ANN401 - pyfsntfs has no types
    files: list[_Entry] = []
    folders: list[_Entry] = []
    reasons: list[str] = []
    try:
        count = folder.number_of_sub_file_entries
    except LIBRARY_ERRORS as error:
        return _Listing((), (), 1, plain_reason(error))
    for index in range(count):
        try:
            entry = folder.get_sub_file_entry(index)
            named = _Entry(entry.name, entry.file_reference & _RECORD, entry)
            kept = folders if entry.has_directory_entries_index() else files
        except LIBRARY_ERRORS as error:
            reasons.append(plain_reason(error))
            continue
        if named.name not in {None, ".", ".."}:
            kept.append(named)
    return _Listing(tuple(files), tuple(folders), len(reasons), reasons[0] if reasons else "")


def _artifacts(walk: _Walk, names: tuple[str, ...], listing: _Listing) -> Iterator[Found]:
    if listing.lost:
        reason = f"{listing.lost} of its entries cannot be read: {listing.reason}"
        yield Unreadable(walk.path(names), reason)
    is_known = _is_known(names)
    folders = tuple(name.lower() for name in names)
    candidates = [each for each in listing.files if is_known or _is_candidate(folders, each.name)]
    found = [look for each in candidates if (look := _look_at(walk, names, each)) is not None]
    walk.on_bytes(len(candidates) * HEAD_SIZE)
    has_hive = any(isinstance(each, FoundFile) and each.kind is ArtifactKind.SYSTEM_HIVE for each in found)
    for each in found:
        # Programs write text to files called system.log: only beside a hive is such a file a hive's log.
        is_log = isinstance(each, FoundFile) and each.kind is ArtifactKind.HIVE_LOG
        if not is_log or is_known or has_hive:
            yield each


def _look_at(walk: _Walk, names: tuple[str, ...], listed: _Entry) -> Found | None:
    whole = (*names, listed.name)
    path = walk.path(whole)
    try:
        with library_errors():
            if not listed.entry.has_default_data_stream():
                return None
            problem = _problem(walk, listed.entry)
            head = b"" if problem else listed.entry.read_buffer_at_offset(HEAD_SIZE, 0)
            name_index = listed.entry.name_attribute_index
    except OSError as error:
        return Unreadable(path, f"its start cannot be read: {error.strerror}")
    kind = tell_kind(listed.name, head, path)
    if kind is None:
        return None
    if problem is not None:
        return Unreadable(path, problem)
    location = "".join(f"\\{name}" for name in whole)
    spec = file_spec(walk.volume.spec, location, listed.record, name_index)
    source = ImageFileSource(walk.volume.image, spec)
    return FoundFile(path, kind, source, walk.volume.snapshot_created, _modified(listed.entry))


def _problem(walk: _Walk, entry: Any) -> str | None:  # noqa: ANN401 - pyfsntfs has no types
    """Say why a file must not be read whatever it holds; None for nearly all."""
    if (entry.file_attribute_flags or 0) & _ENCRYPTED:
        return "it is encrypted by its user (EFS), and its content cannot be read"
    if entry.size > walk.size:
        # Forged, or sparse beyond all reason: to read its zeros might take for ever.
        return f"it claims {entry.size} bytes, more than its volume has: it is not read"
    return None


def _modified(entry: Any) -> int | None:  # noqa: ANN401 - pyfsntfs has no types
    """Return when a file was last modified; None where its record does not say, which is no loss of it."""
    try:
        ticks: int | None = entry.get_modification_time_as_integer()
    except LIBRARY_ERRORS:
        return None
    return ticks


def _is_candidate(folders: tuple[str, ...], name: str) -> bool:
    return _CANDIDATE.fullmatch(name) is not None or may_be_application_file(folders, name)


def _is_known(names: tuple[str, ...]) -> bool:
    folder = tuple(name.lower() for name in names)
    return any(folder[-len(known) :] == known for known in _KNOWN_FOLDERS)
