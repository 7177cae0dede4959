"""Names of an archive's members as paths inside it, which lead nowhere else."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_SEPARATOR: Final = re.compile(r"[\\/]")
_DRIVE: Final = re.compile(r"([A-Za-z]):(.*)", re.DOTALL)
_NAMELESS: Final = "unnamed"


class MemberPath(NamedTuple):
    """A path with ``/`` between its parts. ``leads_outside``: parts that leave the archive were dropped."""

    path: str
    leads_outside: bool


def to_member_path(name: str) -> MemberPath:
    """Return the path that ``name`` means inside its archive.

    Backslashes part folders as slashes do. Dropped are what makes a path absolute, and parts that go up. Of
    a drive the letter stays, so that drives stay apart. What collectors encode (``C%3A``) stays as it is.
    """
    parts = _SEPARATOR.split(name)
    outside = len(parts) > 1 and not parts[0]
    kept: list[str] = []
    for each in parts:
        part = each
        while (drive := _DRIVE.fullmatch(part)) and (not kept or not drive[2]):
            outside = True
            kept.append(drive[1])
            part = drive[2]
        if part.strip(" ."):
            kept.append(part)
        else:
            # Windows takes no note of blanks and dots at the end of a name, so ".. " goes up as well.
            outside |= part not in {"", "."}
    return MemberPath("/".join(kept) or _NAMELESS, outside)
