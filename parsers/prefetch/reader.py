"""Prefetch files: which program ran, how often, and the last times when; Windows XP to 11.

The only importer of pyscca. Layout: libscca's "Windows Prefetch File (PF) format"; compression: [MS-XCA].
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pyscca

from parsers.damage import Damage
from parsers.errors import UnreadableFile
from parsers.libyal_values import LIBRARY_ERRORS, Values, plain_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST: Final = 32 << 20
"""Bytes of a Prefetch file that is read; the largest that Windows writes have some hundred thousand."""

LARGEST_UNPACKED: Final = 64 << 20
MOST_FILES: Final = 100_000

_REMEDY: Final = "Check how it was copied"
_COMPRESSED: Final = b"MAM\x04"
_UNPACKED_SIZE: Final = slice(4, 8)
_MOST_RUN_TIMES: Final = 8
_WINDOWS_8: Final = 26
"""The first format version with more than one run time."""

_NAME_UNITS: Final = 29
"""How many characters of a program's name Windows keeps."""


@dataclass(frozen=True, slots=True)
class Prefetch:
    r"""What a Prefetch file says of one program at one place.

    ``executable`` is its name, in upper case and cut at 29 characters, ``path`` its whole path among the
    files that it loaded (``\VOLUME{…}\…``), ``""`` where it is not there. ``run_times`` are the last runs in
    ticks, the latest first: one before Windows 8, up to eight since. ``prefetch_hash`` is of its path, and
    of its command line for some programs of Windows.
    """

    executable: str
    path: str
    prefetch_hash: int
    format_version: int
    run_count: int
    run_times: tuple[int, ...]
    damage: tuple[Damage, ...]


def read_prefetch(content: bytes, path: str) -> Prefetch:
    """Return what the Prefetch file in ``content``, the bytes of the file at ``path``, says.

    Raises UnreadableFile where it is none, or none that can be taken apart.
    """
    _check_sizes(content, path)
    file = pyscca.file()
    try:
        file.open_file_object(io.BytesIO(content))
    except LIBRARY_ERRORS as error:
        raise UnreadableFile(
            path, f"is no Prefetch file that can be read: {plain_reason(error)}", _REMEDY
        ) from error
    try:
        return _prefetch(file, len(content))
    finally:
        file.close()


def _check_sizes(content: bytes, path: str) -> None:
    """Raise UnreadableFile for sizes that no Prefetch file has, before memory is set aside for them."""
    unpacked = int.from_bytes(content[_UNPACKED_SIZE], "little") if content.startswith(_COMPRESSED) else 0
    if len(content) > LARGEST or unpacked > LARGEST_UNPACKED:
        raise UnreadableFile(path, "claims a size that no Prefetch file has", _REMEDY)


def _prefetch(file: Any, size: int) -> Prefetch:  # noqa: ANN401 - pyscca has no types
    values = Values()
    executable = values.get("program's name", lambda: file.executable_filename, "")
    version = values.get("version", lambda: file.format_version, 0)
    return Prefetch(
        executable=executable,
        path=next(_paths_of(executable, file, values), ""),
        prefetch_hash=values.get("hash", lambda: file.prefetch_hash, 0),
        format_version=version,
        run_count=values.get("number of runs", lambda: file.run_count, 0),
        run_times=tuple(_run_times(file, version, values)),
        damage=tuple(Damage(0, size, reason) for reason in _reasons(file, values)),
    )


def _reasons(file: Any, values: Values) -> Iterator[str]:  # noqa: ANN401 - pyscca has no types
    """Say what could not be read.

    Volumes stand behind everything else that is read. The library fills up what a compressed file that was
    cut lacks, and says nothing: there they have no names.
    """
    none: list[str] = []
    volumes = Values().get("list of volumes", lambda: [each.device_path for each in file.volumes], none)
    yield from (f"its {name} cannot be read" for name in values.unreadable)
    if not volumes or not all(volumes):
        yield "its end is missing or damaged: runs and files may be missing too"


def _paths_of(executable: str, file: Any, values: Values) -> Iterator[str]:  # noqa: ANN401 - pyscca has no types
    """Give the paths among the files that were loaded that end in the program's name."""
    name = executable.casefold()
    for path in _paths(file, values):
        last = path.rpartition("\\")[2].casefold()
        if name and (last == name or (len(name) >= _NAME_UNITS and last.startswith(name))):
            yield path


def _paths(file: Any, values: Values) -> Iterator[str]:  # noqa: ANN401 - pyscca has no types
    for index in range(min(values.get("number of files", lambda: file.number_of_filenames, 0), MOST_FILES)):
        try:
            yield file.get_filename(index) or ""
        except LIBRARY_ERRORS:
            values.unreadable.append("list of files")
            return


def _run_times(file: Any, version: int, values: Values) -> Iterator[int]:  # noqa: ANN401 - pyscca has no types
    """Give the times that are set. Slots that were never used are 0."""
    for index in range(_MOST_RUN_TIMES if version >= _WINDOWS_8 else 1):
        ticks = values.get(f"run time {index + 1}", partial(file.get_last_run_time_as_integer, index), 0)
        if ticks:
            yield ticks
