"""Bytes inside a disk image: its disk, a partition, a decrypted volume, a shadow copy, a file. Through dfVFS.

The only importer of dfVFS. A place inside an image is named by a dfVFS path specification in JSON
(:data:`Spec`), so that any process can open it again. dfVFS opens nothing for writing.
"""

from __future__ import annotations

import errno
import io
import os
import re
import threading
from collections import OrderedDict
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from dfvfs.lib import definitions, errors
from dfvfs.path.factory import Factory
from dfvfs.resolver.context import Context
from dfvfs.resolver.resolver import Resolver
from dfvfs.serializer.json_serializer import JsonPathSpecSerializer

from parsers.evidence.image_kind import ImageKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _typeshed import WriteableBuffer

Spec = str
"""A dfVFS path specification as JSON. One of an unlocked volume holds its key: it is never shown."""

_LAYERS: Final = {
    ImageKind.EWF: definitions.TYPE_INDICATOR_EWF,
    ImageKind.VMDK: definitions.TYPE_INDICATOR_VMDK,
    ImageKind.VHD: definitions.TYPE_INDICATOR_VHDI,
    ImageKind.VHDX: definitions.TYPE_INDICATOR_VHDI,
    ImageKind.QCOW: definitions.TYPE_INDICATOR_QCOW,
}

_OPEN_VOLUMES: Final = 8
"""How many volumes of one image stay open between reads: opening one walks the whole stack below it."""

LIBRARY_ERRORS: Final = (
    errors.Error,
    OSError,
    ArithmeticError,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,
    # The bindings raise these two for files that are missing or damaged, not for want of memory.
    MemoryError,
    SystemError,
)
"""What dfVFS, and the libraries below it, are known to raise where an image is damaged or not what it
seems."""

_KNOWN_CAUSES: Final = (
    ("missing segment file", "it lies in a segment of the image that is missing or cut short"),
    ("unable to read segment: ", "it lies beyond the end of the image, which was cut short"),
    ("missing parent", "it lies in the base image of this snapshot, which is not read"),
    ("Unable to locate all extent data files", "a file that the descriptor names is missing"),
    ("No such file", "there is no such file"),
    ("Permission denied", "permission denied"),
)
_INNERMOST: Final = re.compile(r".*OSError\(\d+, ['\"](.*?)['\"]\)", re.DOTALL)
"""What a library quotes that was itself reading from an :class:`ImageStream`."""

_CLAUSE: Final = re.compile(r"(?:lib|py)\w+: ([^.]+(?:\.(?!\s|$)[^.]+)*)")


@contextmanager
def library_errors() -> Iterator[None]:
    """Turn LIBRARY_ERRORS into OSError, with a reason that a person can read."""
    try:
        yield
    except LIBRARY_ERRORS as error:
        raise OSError(errno.EIO, plain_reason(error)) from error


def plain_reason(error: BaseException) -> str:
    """Return why a library failed, without the names of its functions."""
    text = str(error) or type(error).__name__
    if quoted := _INNERMOST.match(text):
        return quoted[1]
    for mark, reason in _KNOWN_CAUSES:
        if mark in text:
            return reason
    clauses = _CLAUSE.findall(text)
    if not clauses:
        return error.strerror if isinstance(error, OSError) and error.strerror else text
    # The libraries write from the inside out: the second clause says what was wrong, the first what was
    # tried.
    return ": ".join(dict.fromkeys(clauses[:2]))


def disk_spec(path: Path, kind: ImageKind, *, is_split: bool = False) -> Spec:
    """Name the disk that the image at ``path``, its first file, keeps."""
    layer = definitions.TYPE_INDICATOR_RAW if is_split else _LAYERS.get(kind)
    below = Factory.NewPathSpec(definitions.TYPE_INDICATOR_OS, location=str(path))
    return _written(below if layer is None else Factory.NewPathSpec(layer, parent=below))


def range_spec(disk: Spec, offset: int, size: int) -> Spec:
    """Name ``size`` bytes of a disk from ``offset``; the whole disk where that is 0."""
    if offset == 0:
        return disk  # a damaged table may have that, and dfVFS knows no range from the start
    return _layered(disk, definitions.TYPE_INDICATOR_DATA_RANGE, range_offset=offset, range_size=size)


def unlocked_spec(volume: Spec, **key: str) -> Spec:
    """Name what a BitLocker volume holds; ``key`` is ``password``, ``recovery_password`` or nothing."""
    return _layered(volume, definitions.TYPE_INDICATOR_BDE, **key)


def snapshot_spec(volume: Spec, index: int) -> Spec:
    """Name the volume as shadow copy ``index`` keeps it, from 0."""
    location = f"/vss{index + 1}"
    return _layered(volume, definitions.TYPE_INDICATOR_VSHADOW, location=location, store_index=index)


def file_spec(volume: Spec, location: str, record: int, name_index: int | None) -> Spec:
    r"""Name the file of an NTFS volume at ``location``, ``\`` before each part.

    ``record`` is the number of its file record, ``name_index`` which of the record's attributes is this name
    of it.
    """
    place = {"location": location, "mft_entry": record, "mft_attribute": name_index}
    return _layered(volume, definitions.TYPE_INDICATOR_NTFS, **place)


def is_unlocked(volume: Spec) -> bool:
    """Whether the key inside ``volume``, of :func:`unlocked_spec`, opens it. Raises OSError."""
    with library_errors():
        backing, _ = _open_backing(volume)
        return not backing.is_locked


def open_inside(spec: Spec) -> ImageStream:
    """Open what ``spec`` names, for reading, from its start. Raises OSError."""
    with library_errors():
        return ImageStream(*_open_backing(spec))


class ImageStream(io.RawIOBase):
    """Bytes inside an image. Each stream has its own position, also where several share dfVFS's object.

    ``backing`` is dfVFS's own object. Raises OSError, and nothing else, where bytes cannot be read.
    """

    def __init__(self, backing: Any, opened: _OpenImage) -> None:  # noqa: ANN401 - dfVFS has no types
        super().__init__()
        self.backing = backing
        self._opened = opened
        self._position = 0
        self.size: int = backing.get_size()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position in bytes from the start."""
        return self._position

    def get_offset(self) -> int:
        """Return the position, by the name that the libraries ask for."""
        return self._position

    def get_size(self) -> int:
        """Return the size in bytes, by the name that the libraries ask for."""
        return self.size

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a position, which may be behind the end, and return it. Raises OSError before the start."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "position before the start")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill ``buffer`` as far as bytes go, and return how many. Raises OSError."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def read(self, length: int = -1, /) -> bytes:
        """Return up to ``length`` bytes, or all that are left. Raises OSError."""
        rest = self.size - self._position
        length = min(length, rest) if length >= 0 else rest
        if length <= 0:
            return b""
        # Walks come here once or twice a file: no context manager, which would cost as much as the read
        # itself.
        try:
            with self._opened.lock:
                self.backing.seek(self._position, os.SEEK_SET)
                data: bytes = self.backing.read(length)
        except LIBRARY_ERRORS as error:
            raise OSError(errno.EIO, plain_reason(error)) from error
        if not data:
            raise OSError(errno.EIO, f"the image ends before byte {self._position:#x} of this")
        self._position += len(data)
        return data


class _OpenImage:
    """One image as one process has it open; the volumes that were last used stay so."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._context = Context()
        self._used: OrderedDict[str, object] = OrderedDict()

    def open_(self, place: Any) -> Any:  # noqa: ANN401 - dfVFS has no types
        with self.lock:
            if place.type_indicator == definitions.TYPE_INDICATOR_NTFS:
                file_system = Resolver.OpenFileSystem(place, resolver_context=self._context)
                self._keep(place.parent.comparable, file_system)
            opened = Resolver.OpenFileObject(place, resolver_context=self._context)
            if place.type_indicator == definitions.TYPE_INDICATOR_BDE:
                # To make a key from a password takes a second or more.
                self._keep(place.comparable, opened)
            return opened

    def _keep(self, name: str, opened: object) -> None:
        self._used[name] = opened
        self._used.move_to_end(name)
        while len(self._used) > _OPEN_VOLUMES:
            self._used.popitem(last=False)


@lru_cache(maxsize=4)
def _opened(
    _process: int, _location: str, _device: int, _node: int, _size: int, _modified: int
) -> _OpenImage:
    # By process, since a forked one would share its parent's file positions; and by what the file is now, so
    # that a file that was exchanged since is not read from what was opened before.
    return _OpenImage()


def _open_backing(spec: Spec) -> tuple[Any, _OpenImage]:
    place = JsonPathSpecSerializer.ReadSerialized(spec)
    opened = _opened(os.getpid(), *_identity(place))
    return opened.open_(place), opened


def _identity(place: Any) -> tuple[str, int, int, int, int]:  # noqa: ANN401 - dfVFS has no types
    while place.HasParent():
        place = place.parent
    status = os.stat(place.location)  # noqa: PTH116 - dfVFS has the path as text
    return place.location, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _layered(below: Spec, layer: str, **place: Any) -> Spec:  # noqa: ANN401 - dfVFS has no types
    parent = JsonPathSpecSerializer.ReadSerialized(below)
    return _written(Factory.NewPathSpec(layer, parent=parent, **place))


def _written(place: Any) -> Spec:  # noqa: ANN401 - dfVFS has no types
    written: str = JsonPathSpecSerializer.WriteSerialized(place)
    return written
