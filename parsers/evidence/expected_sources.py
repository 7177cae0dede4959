"""Which of the sources that one expects of a Windows machine an evidence does not hold, machine by machine.

What is missing is absent from the evidence. Why, no path says: it may never have been on the machine, or not
have been collected.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.evidence.known_paths import CONFIG, LOGS, CopyKind, Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping


class _Expected(NamedTuple):
    """A source with the path that Windows gives it. ``names`` matches the file's name without its ending."""

    source: str
    path: str
    channel: str
    names: str


_EXPECTED: Final = (
    _Expected(
        "Sysmon log",
        f"{LOGS}/Microsoft-Windows-Sysmon%4Operational.evtx",
        "Microsoft-Windows-Sysmon/Operational",
        r"(?:Microsoft-Windows-)?Sysmon(?:(?:%4|[-_ ])?Operational)?",
    ),
    _Expected("System log", f"{LOGS}/System.evtx", "System", "System"),
    _Expected("Security log", f"{LOGS}/Security.evtx", "Security", "Security"),
    _Expected(
        "Task Scheduler log",
        f"{LOGS}/Microsoft-Windows-TaskScheduler%4Operational.evtx",
        "Microsoft-Windows-TaskScheduler/Operational",
        r"(?:Microsoft-Windows-)?TaskScheduler(?:(?:%4|[-_ ])?Operational)?",
    ),
    _Expected("SYSTEM hive", f"{CONFIG}/SYSTEM", "", "SYSTEM"),
    _Expected("transaction log of the SYSTEM hive", f"{CONFIG}/SYSTEM.LOG1", "", "SYSTEM"),
    _Expected("transaction log of the SYSTEM hive", f"{CONFIG}/SYSTEM.LOG2", "", "SYSTEM"),
)

_PRESENT: Final = frozenset({CopyKind.LIVE, CopyKind.EXPORT})
"""The kinds of copies that stand for the machine's own file."""


@dataclass(frozen=True, slots=True)
class MissingSource:
    """A source that is absent from what the evidence holds of one machine, and where Windows keeps it.

    ``only_as`` are the kinds of copies in which the evidence has it all the same, in shadow copies say.
    """

    machine_root: str
    source: str
    path: str
    only_as: tuple[CopyKind, ...]


def expected_sources(
    places: Iterable[Place], channels: Mapping[str, Collection[str]] | None = None
) -> tuple[MissingSource, ...]:
    """Return what is missing from the machines at ``places``, in order of their roots.

    ``channels`` are, by machine root, the channels that were found in loose logs when these were read: such a
    log is not missing, whatever its file is called.
    """
    by_root: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_root[place.machine_root].append(place)
    read = channels or {}
    return tuple(
        missing for root in sorted(by_root) for missing in _missing(root, by_root[root], read.get(root, ()))
    )


def _missing(root: str, places: Collection[Place], channels: Collection[str]) -> Iterator[MissingSource]:
    held_channels = {channel.casefold() for channel in channels if channel}
    for expected in _EXPECTED:
        held = {place.copy for place in places if _holds(place, expected)}
        if not held & _PRESENT and expected.channel.casefold() not in held_channels:
            yield MissingSource(root, expected.source, expected.path, tuple(sorted(held)))


def _holds(place: Place, expected: _Expected) -> bool:
    """Whether ``place`` is the expected file, or of its kind a copy of it."""
    name = place.canonical.rpartition("/")[2]
    ending = re.escape("." + expected.path.rpartition(".")[2]) if "." in expected.path else ""
    if place.copy is CopyKind.LIVE:
        return place.canonical.casefold() == expected.path.casefold()
    names = expected.names
    if place.copy is CopyKind.ARCHIVED:
        names = f"(?:Archive-)?{names}(?:[-_. ].*)?" if expected.channel else "(?!)"
    return re.fullmatch(names + ending, name, re.IGNORECASE | re.DOTALL) is not None
