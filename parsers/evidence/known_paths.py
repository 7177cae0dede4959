"""Where a file was on its machine, whatever a collector made of its path, and which files go together.

Rules:

1. The folders in which Windows keeps event logs and hives are looked for at the end of a path, in any case,
   whole or in part (``winevt/Logs``), or written into the file's name with ``_`` between them.
2. What stands before them is stripped of volumes and snapshots (collector_names.py) and separates machines:
   live and shadow copies of one machine have it in common, two folders or two zips of a fleet have not.
3. So it is with the folders ``Users``, ``ProgramData`` and ``Windows`` above what application_files.py knows.
4. A file outside all these is loose: its folder, or what stands before its volume, separates machines.

A path is only a collector's word. Which machine a log is of, its records say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.evidence.application_files import application_home
from parsers.evidence.collector_names import Marker, Name, names_of, strip_markers

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


class CopyKind(StrEnum):
    """What a file is to its machine.

    ``WINDOWS_OLD`` is of the installation that an upgrade set aside, ``REGBACK`` Windows' own backup of a
    hive, ``ARCHIVED`` an event log that Windows closed and kept, or that somebody saved under the log's name
    and a date, ``EXPORT`` a file outside Windows' own folders. Each of these may be in a shadow copy too,
    which its place then names.
    """

    LIVE = "live"
    SHADOW_COPY = "shadow_copy"
    WINDOWS_OLD = "windows_old"
    REGBACK = "regback"
    ARCHIVED = "archived"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file was. ``machine_root`` is the part of its path that separates machines, verbatim.

    ``canonical`` is the path on its volume, with the folders and files of logs and hives in their usual
    spelling; of a loose file, the path below its volume or folder. ``snapshot`` is the name that the
    collector gives to the shadow copy in which the file is, of whatever kind, or ``""``.
    """

    machine_root: str
    canonical: str
    copy: CopyKind
    snapshot: str = ""


class _Located(NamedTuple):
    """A place with the drive and the partition that it leaves out, in lower case."""

    place: Place
    drive: str
    partition: str


LOGS: Final = "Windows/System32/winevt/Logs"
CONFIG: Final = "Windows/System32/config"
REGBACK: Final = f"{CONFIG}/RegBack"
_OTHER_NAMES: Final = {"winnt": "windows", "sysnative": "system32"}
"""The folder of Windows NT and 2000; System32 as a 32-bit collector names it."""

_HIVE_FILE: Final = re.compile(r"SYSTEM(?:\.LOG[12]?)?", re.IGNORECASE)
_WINDOWS_OLD: Final = re.compile(r"Windows\.old(?:\.\d+|\(\d+\))?", re.IGNORECASE)

_FLATTENED: Final = re.compile(
    r"(?:(?P<before>.*)_)?(?P<folder>Windows_(?:System32|Sysnative)_(?:winevt_Logs|config_RegBack|config))"
    r"_(?P<name>.+)",
    re.IGNORECASE | re.DOTALL,
)
"""``E_ShadowCopy6_windows_system32_winevt_logs_…`` among the evtx library's samples;
``p1_windows_system32_…`` where what plaso's image_export gave is kept in one folder."""

_NUMBERED: Final = re.compile(r"\d+-(?:(?P<snapshot>vss_\d+)|system)-(?P<name>.+\.evtx)", re.IGNORECASE)
"""``2-vss_7-System.evtx`` and ``2-system-…`` among the evtx library's samples: volume, copy, log."""

_ARCHIVED: Final = re.compile(
    # Windows, "1105(S): Event log automatic backup": Archive-LOG_FILE_NAME-YYYY-MM-DD-hh-mm-ss-nnn.evtx.
    r"Archive-.+\.evtx"
    # wevtutil and the Event Viewer ask a person for the name: the log's, with a date or a word.
    r"|(?:Application|Security|Setup|System|ForwardedEvents|Windows PowerShell|Microsoft-.+?)"
    r"[-_. ](?:back-?up|bak|old|saved?|export(?:ed)?|archived?|\d{4}[-_.]?\d\d[-_.]?\d\d).*\.evtx",
    re.IGNORECASE | re.DOTALL,
)

_USUAL_NAMES: Final = {
    name.casefold(): name
    for name in (
        "Application.evtx",
        "ForwardedEvents.evtx",
        "Microsoft-Windows-Sysmon%4Operational.evtx",
        "Microsoft-Windows-TaskScheduler%4Operational.evtx",
        "Security.evtx",
        "SYSTEM",
        "SYSTEM.LOG",
        "SYSTEM.LOG1",
        "SYSTEM.LOG2",
        "System.evtx",
    )
}

_HIVE_LOG_SUFFIXES: Final = (".LOG", ".LOG1", ".LOG2")
_VOLUMES: Final = frozenset({Marker.DRIVE, Marker.PARTITION, Marker.SNAPSHOT})


def place_of(path: str) -> Place:
    """Tell where the file was that the evidence has at ``path``."""
    return _locate(path).place


def hive_logs_of(hive_path: str, all_paths: Collection[str]) -> tuple[str, ...]:
    """Return the paths of the hive's transaction logs, ``.LOG``, ``.LOG1``, ``.LOG2``, as many as there are.

    A log has the hive's name with such an ending, in any case, in the same folder. Where a collector put it
    elsewhere, it is the only file of that place on the same volume. Where several could be it, none is taken.
    """
    found = (_hive_log(hive_path, suffix, all_paths) for suffix in _HIVE_LOG_SUFFIXES)
    return tuple(path for path in found if path is not None)


def _hive_log(hive_path: str, suffix: str, all_paths: Collection[str]) -> str | None:
    endings = [path for path in all_paths if path.casefold().endswith(suffix.casefold())]
    folder, slash, _ = hive_path.rpartition("/")
    same_name = [path for path in endings if path.casefold() == (hive_path + suffix).casefold()]
    same_folder = [path for path in same_name if path.startswith(folder + slash)]
    candidates = same_folder or same_name
    if not candidates:
        hive = _locate(hive_path)
        place = replace(hive.place, canonical=hive.place.canonical + suffix)
        candidates = [path for path in endings if _locate(path) == hive._replace(place=place)]
    return candidates[0] if len(candidates) == 1 else None


def _locate(path: str) -> _Located:
    *folders, last = _spread(names_of(path)) or (Name("", ""),)
    home, known = _find_home(folders, last.decoded)
    if not home:
        known = application_home(tuple(folder.decoded.lower() for folder in folders), last.decoded)
        home = "/".join(folder.decoded for folder in folders[len(folders) - known :])
    if not home:
        return _loose(folders, last.decoded)
    above = folders[: len(folders) - known]
    old = above.pop().decoded if above and _WINDOWS_OLD.fullmatch(above[-1].decoded) else ""
    root, markers = strip_markers(above)
    name = _USUAL_NAMES.get(last.decoded.casefold(), last.decoded)
    copy = _copy_kind(last.decoded, markers, at_home=True)
    if old or home == REGBACK:
        copy = CopyKind.WINDOWS_OLD if old else CopyKind.REGBACK
    return _located(root, "/".join(filter(None, (old, home, name))), copy, markers)


def _loose(folders: Sequence[Name], name: str) -> _Located:
    end = _volume_end(folders)
    root, markers = strip_markers(folders[:end])
    below = [folder.decoded for folder in folders[end:]] if markers else []
    return _located(
        root if markers else folders,
        "/".join([*below, name]),
        _copy_kind(name, markers, at_home=False),
        markers,
    )


def _volume_end(folders: Sequence[Name]) -> int:
    """Return how many of ``folders`` lead to the first volume of a path and are part of it, or 0."""
    ends = range(1, len(folders) + 1)
    first = next((end for end in ends if _VOLUMES & strip_markers(folders[:end])[1].keys()), 0)
    root, _ = strip_markers(folders[:first])
    return max(
        (end for end in ends if end >= first > 0 and strip_markers(folders[:end])[0] == root), default=0
    )


def _copy_kind(name: str, markers: dict[Marker, str], *, at_home: bool) -> CopyKind:
    if _ARCHIVED.fullmatch(name):
        return CopyKind.ARCHIVED
    if Marker.SNAPSHOT in markers:
        return CopyKind.SHADOW_COPY
    return CopyKind.LIVE if at_home else CopyKind.EXPORT


def _located(root: Sequence[Name], canonical: str, copy: CopyKind, markers: dict[Marker, str]) -> _Located:
    machine_root = "/".join(name.verbatim for name in root)
    place = Place(machine_root, canonical, copy, markers.get(Marker.SNAPSHOT, ""))
    drive = markers.get(Marker.DRIVE, "").rstrip(":$").lower()
    return _Located(place, drive, markers.get(Marker.PARTITION, "").lower())


def _find_home(folders: Sequence[Name], name: str) -> tuple[str, int]:
    """Return Windows' own folder that ``folders`` end in, and how many of its names they have, or nothing.

    One name is enough for a SYSTEM hive, since nothing else is kept as ``config/SYSTEM``; two for others.
    """
    least = 1 if _HIVE_FILE.fullmatch(name) else 2
    for home in (LOGS, CONFIG, REGBACK):
        known = _common_end([folder.decoded.lower() for folder in folders], home.lower().split("/"))
        if known >= (2 if home == LOGS else least):
            return home, known
    return "", 0


def _common_end(have: Sequence[str], wanted: Sequence[str]) -> int:
    pairs = zip(reversed(have), reversed(wanted), strict=False)
    differs = (place for place, (one, other) in enumerate(pairs) if _OTHER_NAMES.get(one, one) != other)
    return next(differs, min(len(have), len(wanted)))


def _spread(names: tuple[Name, ...]) -> tuple[Name, ...]:
    """Make folders of what a collector wrote into a file's name."""
    *folders, last = names or (Name("", ""),)
    if (numbered := _NUMBERED.fullmatch(last.decoded)) is not None:
        inside = [numbered["snapshot"] or "", *LOGS.split("/"), numbered["name"]]
    elif (flat := _FLATTENED.fullmatch(last.decoded)) is not None:
        inside = [*_spread_prefix(flat["before"] or ""), *flat["folder"].split("_"), flat["name"]]
    else:
        return names
    return (*folders, *(Name(each, each) for each in inside if each))


def _spread_prefix(prefix: str) -> list[str]:
    """Part the volume's names at the end of ``prefix`` from what comes before them, which stays together."""
    names = [Name(each, each) for each in prefix.split("_") if each]
    rest, _ = strip_markers(names)
    return ["_".join(name.decoded for name in rest), *(name.decoded for name in names[len(rest) :])]
