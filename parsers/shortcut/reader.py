"""Shell Links (.lnk): where a link leads, with which arguments, and what it keeps of its target.

The only importer of pylnk. Layout: [MS-SHLLINK].
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

import pylnk

from parsers.damage import Damage
from parsers.errors import UnreadableFile
from parsers.libyal_values import LIBRARY_ERRORS, Values, plain_reason

LARGEST: Final = 4 << 20
"""Bytes of a link that is read; usual ones have one or two thousand."""

_REMEDY: Final = "Check how it was copied"
_CODE_PAGE: Final = "windows-1252"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What a link says; ``""`` and 0 where it says nothing.

    ``target`` is the path of what it leads to: on a local volume, else on the network, else as it is written
    with environment variables, else relative to the link. ``created``, ``accessed`` and ``modified`` are the
    target's times in ticks, and ``size`` its bytes, when the link was last made or followed. ``machine`` is
    the NetBIOS name of the machine that the target was on then. ``damage`` is what could not be read.
    """

    target: str
    arguments: str
    working_directory: str
    description: str
    created: int
    accessed: int
    modified: int
    size: int
    machine: str
    volume_serial: int
    damage: tuple[Damage, ...]


def read_shortcut(content: bytes, path: str) -> Shortcut:
    """Return what the link in ``content``, the bytes of the file at ``path``, says.

    Raises UnreadableFile where it is no link, or none that can be taken apart.
    """
    if len(content) > LARGEST:
        raise UnreadableFile(path, f"is larger than {LARGEST:,} bytes, which no link is", _REMEDY)
    link = pylnk.file()
    try:
        link.set_ascii_codepage(_CODE_PAGE)
        link.open_file_object(io.BytesIO(content))
    except LIBRARY_ERRORS as error:
        raise UnreadableFile(path, f"is no link that can be read: {plain_reason(error)}", _REMEDY) from error
    try:
        return _shortcut(link, len(content))
    finally:
        link.close()


def _shortcut(link: Any, size: int) -> Shortcut:  # noqa: ANN401 - pylnk has no types
    values = Values()
    return Shortcut(
        target=_target(link, values),
        arguments=values.get("arguments", lambda: link.command_line_arguments, ""),
        working_directory=values.get("working directory", lambda: link.working_directory, ""),
        description=values.get("description", lambda: link.description, ""),
        created=values.get("time of creation", link.get_file_creation_time_as_integer, 0),
        accessed=values.get("time of access", link.get_file_access_time_as_integer, 0),
        modified=values.get("time of modification", link.get_file_modification_time_as_integer, 0),
        size=values.get("size", lambda: link.file_size, 0),
        machine=values.get("machine", lambda: link.machine_identifier, ""),
        volume_serial=values.get("volume serial number", lambda: link.drive_serial_number, 0),
        damage=_damage(link, values, size),
    )


def _target(link: Any, values: Values) -> str:  # noqa: ANN401 - pylnk has no types
    ways = (
        ("local path", lambda: link.local_path),
        ("network path", lambda: link.network_path),
        ("path with environment variables", lambda: link.environment_variables_location),
        ("relative path", lambda: link.relative_path),
    )
    return next((path for name, ask in ways if (path := values.get(name, ask, ""))), "")


def _damage(link: Any, values: Values, size: int) -> tuple[Damage, ...]:  # noqa: ANN401 - pylnk has no types
    reasons = [f"its {name} cannot be read" for name in values.unreadable]
    if values.get("state", link.is_corrupted, default=False):
        reasons.append("a part of the link is damaged")
    return tuple(Damage(0, size, reason) for reason in reasons)
