"""One row a process: which records of Security 4688 and of Sysmon 1 are of the same process.

Where both logs are kept, Windows' auditing and Sysmon each record a process's start. Two such records are of
one process if they have in common

- the machine and the process id;
- the image's path, whatever its case;
- the command line, but for white space at its ends. Auditing leaves it empty where the policy does not ask
  for it; then the rest must do;
- the time: 4688's event time is at most two seconds away from Sysmon's event time or its UtcTime.

Windows uses a process id again, also for the same program, and within two seconds if it will. So records are
paired one to one, the nearest in time first, and what has no partner keeps its own row. Records of one log
are never paired with each other: copies are a matter of :mod:`forensics.same_event`, which comes first.

Sysmon's record speaks: it says everything that 4688 does but for the token, and more. The other one is kept
beside it, with its place.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.event_model.event import Table
from parsers.filetime import TICKS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from forensics.event_model.event import Cell, Event

NEAR: Final = 2 * TICKS_PER_SECOND
"""How far apart, in ticks, the times of two records of one process may be."""

_SYSMON: Final = ("microsoft-windows-sysmon", "1")
_AUDITED: Final = ("microsoft-windows-security-auditing", "4688")


class ProcessStart(NamedTuple):
    """What a record says of a process's start. ``times`` are ticks; ``program`` stands for its path.

    ``command_line`` stands for that of the record, and is empty where the record has none.
    """

    number: int
    process_id: int
    program: bytes
    command_line: bytes
    times: tuple[int, ...]


def pair_starts(sysmon: Iterable[ProcessStart], audited: Iterable[ProcessStart]) -> Mapping[int, int]:
    """Return, by the number of an audited start, that of Sysmon's start of the same process.

    All are of one machine. The result does not depend on their order.
    """
    groups: dict[tuple[int, bytes], tuple[list[ProcessStart], list[ProcessStart]]] = defaultdict(
        lambda: ([], [])
    )
    for side, starts in enumerate((sysmon, audited)):
        for start in starts:
            groups[start.process_id, start.program][side].append(start)
    pairs: dict[int, int] = {}
    for ours, theirs in groups.values():
        pairs |= _nearest_first(_candidates(ours, theirs))
    return pairs


class _Candidate(NamedTuple):
    """Two records that may be of one process, in the order in which they are tried."""

    distance: int
    without_command_line: bool
    sysmon: int
    audited: int


def _candidates(sysmon: Sequence[ProcessStart], audited: Sequence[ProcessStart]) -> Iterator[_Candidate]:
    times = sorted((time, place) for place, start in enumerate(sysmon) for time in start.times)
    for theirs in audited:
        (time,) = theirs.times
        first, last = bisect_left(times, (time - NEAR, 0)), bisect_right(times, (time + NEAR, len(sysmon)))
        for near, place in times[first:last]:
            ours = sysmon[place]
            if theirs.command_line in {b"", ours.command_line}:
                yield _Candidate(abs(near - time), not theirs.command_line, ours.number, theirs.number)


def _nearest_first(candidates: Iterable[_Candidate]) -> dict[int, int]:
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for each in sorted(candidates):
        if each.audited not in pairs and each.sysmon not in taken:
            pairs[each.audited] = each.sysmon
            taken.add(each.sysmon)
    return pairs


class ProcessFinder:
    """Finds which events of a case are of one process, once it is known which machine each is of."""

    def __init__(self) -> None:
        self._sysmon: list[tuple[int, ProcessStart]] = []
        self._audited: list[tuple[int, ProcessStart]] = []

    def add(self, number: int, event: Event, place: int) -> None:
        """Note an event by its number, if it is a process's start; ``place`` stands for its machine."""
        record = event.origin.provider.lower(), event.origin.event_id
        if event.table is not Table.PROCESS_EVENTS or record not in {_SYSMON, _AUDITED}:
            return
        columns = event.columns
        start = _start(number, columns)
        if start is not None:
            (self._sysmon if record == _SYSMON else self._audited).append((place, start))

    def pairs(self, device_ids: Sequence[str], silent: Container[int]) -> Mapping[int, int]:
        """Return, by the number of an audited start, that of Sysmon's start which speaks for it.

        ``device_ids`` gives the machine of each place; the events ``silent`` are copies and take no part.
        """
        machines: dict[str, tuple[list[ProcessStart], list[ProcessStart]]] = defaultdict(lambda: ([], []))
        for side, starts in enumerate((self._sysmon, self._audited)):
            for place, start in starts:
                if start.number not in silent:
                    machines[device_ids[place]][side].append(start)
        pairs: dict[int, int] = {}
        for sysmon, audited in machines.values():
            pairs |= pair_starts(sysmon, audited)
        return pairs


def _start(number: int, columns: Mapping[str, Cell]) -> ProcessStart | None:
    """Return the start that a row of DeviceProcessEvents tells of, or None where it cannot be told apart."""
    process_id, path = columns.get("ProcessId"), str(columns.get("FolderPath", ""))
    times = tuple(
        cell for name in ("Timestamp", "ProcessCreationTime") if isinstance(cell := columns.get(name), int)
    )
    if not isinstance(process_id, int) or not path or not times:
        return None
    command_line = str(columns.get("ProcessCommandLine", "")).strip()
    return ProcessStart(number, process_id, _digest(path.casefold()), _digest(command_line), times)


def _digest(text: str) -> bytes:
    """Return 16 bytes that stand for ``text``, and none for none: a case has millions of processes."""
    encoded = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, digest_size=16).digest() if text else b""
