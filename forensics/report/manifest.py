"""SHA256SUMS: the digest of every other file of a folder, as GNU ``sha256sum --check`` reads it.

``<64 hexadecimal digits>  <path>`` and LF, in the order of the paths' bytes, with ``/`` between folders. A
name with a backslash or a line break is escaped and its line begins with a backslash (GNU coreutils
manual, "cksum output modes").
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from forensics.report.verbatim import escape_unambiguously

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MANIFEST_NAME: Final = "SHA256SUMS"
SIGNATURE_NAMES: Final = tuple(f"{MANIFEST_NAME}.{suffix}" for suffix in ("sig", "pub.pem", "tsq"))
"""What signs or stamps the manifest, and so can only be made after it."""

_NOT_LISTED: Final = frozenset(name.encode() for name in (MANIFEST_NAME, *SIGNATURE_NAMES))
_LINE: Final = re.compile(rb"(\\?)([0-9a-f]{64})  ([^\r\n\0]+)")
_ESCAPES: Final = ((b"\\", b"\\\\"), (b"\n", b"\\n"), (b"\r", b"\\r"))
_UNESCAPED: Final = {escaped: plain for plain, escaped in _ESCAPES}


@dataclass(frozen=True, slots=True)
class ManifestCheck:
    """What differs between a folder and its SHA256SUMS; paths as they stand there, in order.

    ``changed`` have another digest or are no files any more, ``missing`` are listed but not there, ``extra``
    are there but not listed, ``unreadable`` could not be read. ``faults`` says what is wrong with
    SHA256SUMS itself, and ``sha256`` is its own digest, ``""`` where there is none.
    """

    changed: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    unreadable: tuple[str, ...]
    faults: tuple[str, ...]
    sha256: str

    @property
    def ok(self) -> bool:
        """Whether the folder is as it was when SHA256SUMS was written."""
        return not (self.changed or self.missing or self.extra or self.unreadable or self.faults)


def write_manifest(folder: Path) -> str:
    """Write SHA256SUMS into ``folder`` and return its own SHA-256, the number that anchors the whole folder.

    To be called when all else is written. Raises ValueError for anything but files and folders, since a
    link's target is not part of what is handed on; OSError where something cannot be read or written.
    """
    digests = {name: _digest(path) for name, path in _entries(folder)}
    text = _manifest_text(digests)
    with (folder / MANIFEST_NAME).open("wb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    return sha256(text).hexdigest()


def verify_manifest(folder: Path) -> ManifestCheck:
    """Compare ``folder`` with its SHA256SUMS. No path is opened because the manifest says so.

    Raises OSError where the folder or SHA256SUMS cannot be read.
    """
    present = dict(_entries(folder))
    if not _is_file(folder / MANIFEST_NAME):
        extra = _in_order(present)
        return ManifestCheck((), (MANIFEST_NAME,), extra, (), (f"there is no {MANIFEST_NAME}",), "")
    text = (folder / MANIFEST_NAME).read_bytes()
    listed, faults = _read_manifest(text)
    changed, unreadable = _compare(listed, present)
    return ManifestCheck(
        changed=_in_order(changed),
        missing=_in_order(listed.keys() - present.keys()),
        extra=_in_order(present.keys() - listed.keys()),
        unreadable=_in_order(unreadable),
        faults=tuple(faults),
        sha256=sha256(text).hexdigest(),
    )


def find_unlisted(folder: Path) -> tuple[str, ...]:
    """Return the paths in ``folder`` that its SHA256SUMS does not list. Raises OSError."""
    listed, _ = _read_manifest((folder / MANIFEST_NAME).read_bytes())
    return _in_order(name for name, _ in _entries(folder) if name not in listed)


def _entries(folder: Path, inside: bytes = b"") -> Iterator[tuple[bytes, Path]]:
    """Yield whatever is listed of ``folder``, with its path in bytes; links are not followed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = inside + os.fsencode(entry.name)
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry.path), name + b"/")
            elif name not in _NOT_LISTED:
                yield name, Path(entry.path)


def _compare(listed: Mapping[bytes, str], present: Mapping[bytes, Path]) -> tuple[list[bytes], list[bytes]]:
    changed, unreadable = [], []
    for name in listed.keys() & present.keys():
        try:
            if not _is_file(present[name]) or _digest(present[name]) != listed[name]:
                changed.append(name)
        except OSError:
            unreadable.append(name)
    return changed, unreadable


def _digest(path: Path) -> str:
    if not _is_file(path):
        raise ValueError(f"{path}: neither a file nor a folder; take it out of the folder")
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _manifest_text(digests: Mapping[bytes, str]) -> bytes:
    return b"".join(_line(name, digests[name]) for name in sorted(digests))


def _line(name: bytes, digest: str) -> bytes:
    escaped = name
    for plain, replacement in _ESCAPES:
        escaped = escaped.replace(plain, replacement)
    return (b"\\" if escaped != name else b"") + digest.encode() + b"  " + escaped + b"\n"


def _read_manifest(text: bytes) -> tuple[dict[bytes, str], list[str]]:
    """Return the digests by path, and what is wrong with ``text``."""
    listed: dict[bytes, str] = {}
    faults = []
    for number, line in enumerate(text.removesuffix(b"\n").split(b"\n"), start=1):
        if match := _LINE.fullmatch(line):
            escaped, digest, name = match.groups()
            listed[_unescaped(name) if escaped else name] = digest.decode()
        else:
            faults.append(f"line {number} of {MANIFEST_NAME} is not a digest and a path")
    if not faults and _manifest_text(listed) != text:
        faults.append(f"{MANIFEST_NAME} is not written as it should be: its order, its escapes or its end")
    return listed, faults


def _unescaped(name: bytes) -> bytes:
    return re.sub(rb"\\[\\nr]", lambda match: _UNESCAPED[match[0]], name)


def _in_order(names: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(escape_unambiguously(os.fsdecode(name)) for name in sorted(names))
