r"""Where a row of a file comes from that is no log of Windows' and no hive: its place, its user, its time.

Such a file names no machine; its place in the evidence tells that. What time a row has differs: a line of a
log has its own, a link its target's, a configuration only that of its file, which a disk image alone keeps.
A row without any has NO_TIME, which no timeline shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from forensics.event_model.event import NO_TIME, Origin
from parsers.evidence.application_files import SWITCHES
from parsers.evidence.collector_names import names_of
from parsers.evidence.known_paths import CopyKind, place_of

if TYPE_CHECKING:
    from parsers.evidence.source import Artifact

FILETIME_DIGITS: Final = 7
FILE_MODIFIED: Final = "File last modified (its file system's $STANDARD_INFORMATION)"
UNDATED: Final = "No time: nothing that was hashed says when the file was modified"

_PROFILES: Final = frozenset({"users", "serviceprofiles"})
_SYSTEM: Final = "systemprofile"
_BELOW_APPLICATION: Final = frozenset({"log", "config"})


@dataclass(frozen=True, slots=True)
class FilePlace:
    r"""Where a file was on its machine, as its path in the evidence says.

    ``path`` has ``\`` between names and no drive. ``profile`` is the user, or the service account, in whose
    profile it is, ``application`` the program's own folder there, ``folder`` the one that it is in; each
    ``""`` where the path does not say.
    """

    path: str
    name: str
    profile: str
    application: str
    folder: str


def file_place(artifact: Artifact) -> FilePlace:
    """Return the place of ``artifact`` on its machine."""
    place = place_of(artifact.path)
    *folders, name = [each.decoded for each in names_of(artifact.path)] or [""]
    lower = [each.lower() for each in folders]
    path = "\\".join(each.decoded for each in names_of(place.canonical))
    known = place.copy is not CopyKind.EXPORT
    return FilePlace(
        path, name, _profile(folders, lower) if known else "", _application(folders, lower), _last(folders)
    )


def log_folder(place: FilePlace) -> str:
    """Return the switch for which a log of RustDesk's was written (``server``, ``cm``), or ``""``."""
    return place.folder if place.folder.lower() in SWITCHES else ""


def whose(place: FilePlace) -> str:
    """Return ``" of <profile>"``, or ``""``."""
    return f" of {place.profile}" if place.profile else ""


def file_origin(  # noqa: PLR0913 - a value with this many parts
    place: FilePlace,
    source: str,
    *,
    ticks: int,
    time_means: str,
    locator: str,
    offset: int = 0,
    raw_time: str | None = None,
    digits: int = FILETIME_DIGITS,
    flags: str = "",
) -> Origin:
    """Return the origin of a row from a file of the kind ``source`` at ``place``."""
    return Origin(
        ticks=ticks,
        time_means=time_means,
        raw_time=raw_time if raw_time is not None else _raw(ticks),
        digits=digits,
        device_name="",
        artifact=source,
        channel_or_key=place.path,
        provider="",
        event_id="",
        record_id="",
        record_state="live",
        offset=offset,
        locator=locator,
        time_flags=flags,
    )


def file_time(artifact: Artifact) -> tuple[int, str]:
    """Return when the file was last modified, in ticks, and what that means; NO_TIME where none is known."""
    return (artifact.modified, FILE_MODIFIED) if artifact.modified else (NO_TIME, UNDATED)


def _raw(ticks: int) -> str:
    return "" if ticks == NO_TIME else f"{ticks:#018x}"


def _profile(folders: list[str], lower: list[str]) -> str:
    if _SYSTEM in lower:
        return folders[lower.index(_SYSTEM)]
    above = [number for number, name in enumerate(lower[:-1]) if name in _PROFILES]
    return folders[above[-1] + 1] if above else ""


def _application(folders: list[str], lower: list[str]) -> str:
    """Return the folder below AppData's Roaming or Local, or above a loose ``log`` or ``config``."""
    for number in range(len(lower) - 1, 0, -1):
        in_data = number > 1 and lower[number - 2] == "appdata" and lower[number - 1] in {"roaming", "local"}
        if in_data:
            return folders[number]
    named = [number for number, name in enumerate(lower) if number > 0 and name in _BELOW_APPLICATION]
    return folders[named[-1] - 1] if named else ""


def _last(folders: list[str]) -> str:
    return folders[-1] if folders else ""
