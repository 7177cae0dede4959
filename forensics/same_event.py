"""One row per event: which of the records that an evidence holds are copies of one, and which copy speaks.

Records of event logs are one if they have in common

- the machine, the table, the provider, the event id, the channel, the user and the computer's name;
- EventRecordID, which a log gave the record when it was first written, and which shadow copies, archived
  logs, exports and forwarded logs keep. The number in the record's header is not asked: an export counts
  anew;
- TimeCreated in ticks: a log that was cleared or made anew may use its numbers again, but not at that time;
- a SHA-256 over the names and values of the event's fields. Numbers and times can agree where two machines
  have one name, and in a record that somebody changed; the content then tells them apart.

A record without EventRecordID is known by its header's number and time of writing as well. The machine is
asked because a template's log lives on in every machine that is made of it: what befell the template is part
of the history of each of them, and each keeps its row.

Rows of hives are one if they have in common the machine, the table, the key's path (which begins with its
control set), the value's name, type and raw data, and when the key was last written. The same value under a
later time is another state of the registry, and another row. Of a value that holds several records the part
that is the record is compared, with its position. A program's last run has its own time instead of its key's,
which changes whenever any program runs. Paths and names are compared as they are spelled: copies are spelled
alike, and folding case would make one of names that Windows tells apart.

A line of a program's own log is one with another at the same byte of its log that has the same time, source
and text: a log is renamed when its day is over, and grows while shadow copies are made. A setting is known by
its file's place, its value and the file's time; a link by its place and bytes; a run in a Prefetch file by
the program's name, the hash of its path, and the time.

Whatever differs in any of these stays two rows, even where a person would call them one: a record that was
recovered in part stands beside the whole one. A row too many can be seen and explained; a row too few cannot.

The copy that speaks is the one that needs the least explaining: a sound record of a live file, then of any
other file (shadow copy, archive, export), then what a hive's transaction logs alone show, then a record whose
checksum does not match, then a recovered one; among equals the first in the evidence's order. The others are
kept.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from parsers.evidence.known_paths import CopyKind, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from forensics.event_model.event import Origin
    from parsers.evidence.source import Artifact, ArtifactKind
    from parsers.evtx.record import EvtxRecord
    from parsers.hive.held_record import HeldRecord
    from parsers.hive.record import HiveValue

Payload = TypeVar("Payload")


class RecordKey(NamedTuple):
    """What makes records of event logs one. Times are ticks; ``content`` is a SHA-256 in lower-case hex.

    ``number`` is EventRecordID and ``written`` None; where there is none, they are the record header's.
    """

    device_id: str
    table: str
    provider: str
    event_id: int
    channel: str
    computer: str
    user_sid: str
    number: int
    time_created: int
    written: int | None
    content: str


class ValueKey(NamedTuple):
    """What makes rows of hives one. ``last_written`` in ticks; ``data`` is a SHA-256 in lower-case hex.

    ``last_written`` is the record's own time where it has one that the key's does not change.
    ``value_name`` and ``value_type`` are None for a key that has no values, or that is meant as a whole.
    """

    device_id: str
    table: str
    key_path: str
    value_name: str | None
    value_type: str | None
    data: str
    last_written: int


class Position(NamedTuple):
    """Where a copy is, and so its place in the evidence's order. ``offset`` is in bytes of the file."""

    evidence_id: str
    source_path: str
    offset: int


@dataclass(frozen=True, slots=True)
class Sighting(Generic[Payload]):
    """One copy of a record. ``key`` may be given as its digest; ``record_state`` is the contract's.

    ``payload`` is what the caller keeps of it.
    """

    key: RecordKey | ValueKey | str
    position: Position
    copy: CopyKind
    record_state: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Merged(Generic[Payload]):
    """All copies of one record: the one that ``speaks``, and the ``others``, best first."""

    speaks: Sighting[Payload]
    others: tuple[Sighting[Payload], ...]

    @property
    def copies(self) -> int:
        """How many copies of the record there are."""
        return 1 + len(self.others)

    @property
    def recovered_only(self) -> bool:
        """Whether every copy was recovered from bytes that are no part of their file any more."""
        return self.speaks.record_state == _RECOVERED


_RECOVERED: Final = "recovered"
_SOUND: Final = 0
_SOUND_ELSEWHERE: Final = 1
_RANKS: Final[Mapping[str, int]] = {
    "live": _SOUND,
    "non_current_control_set": _SOUND,
    "log_replayed": 2,
    "crc_bad": 3,
    _RECOVERED: 4,
}
"""By record state, best first."""


class CopyFinder:
    """Finds which events of a case are copies of one, once it is known which machine each is of."""

    def __init__(self) -> None:
        self._events: list[tuple[str, int, Position, CopyKind, str]] = []
        self._kinds: dict[str, CopyKind] = {}

    def add(self, origin: Origin, artifact: Artifact, place: int, same_event: str) -> int:
        """Note an event and return its number, 1, 2, 3 …; ``place`` stands for its machine."""
        position = Position(artifact.evidence_id, artifact.path, origin.offset)
        if artifact.path not in self._kinds:
            self._kinds[artifact.path] = place_of(artifact.path).copy
        self._events.append((same_event, place, position, self._kinds[artifact.path], origin.record_state))
        return len(self._events)

    def speakers(self, device_ids: Sequence[str]) -> Mapping[int, int]:
        """Return, for every event for which another one speaks, the number of that one.

        ``device_ids`` gives the machine of each place.
        """
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, (same_event, place, *_) in enumerate(self._events, start=1):
            groups[device_ids[place], same_event].append(number)
        speakers: dict[int, int] = {}
        for numbers in groups.values():
            if len(numbers) > 1:
                speaks = self._speaking(numbers)
                speakers |= {number: speaks for number in numbers if number != speaks}
        return speakers

    def _speaking(self, numbers: Sequence[int]) -> int:
        """Return the number of the copy that speaks, of those of one event."""
        sightings = (Sighting("", *self._events[number - 1][2:], payload=number) for number in numbers)
        return next(iter(merge_copies(sightings))).speaks.payload


def record_key(record: EvtxRecord, device_id: str, table: str) -> RecordKey:
    """Return the key of a record of an event log: of ``device_id``, with a row in ``table``."""
    numbered = record.record_id >= 0
    return RecordKey(
        device_id=device_id,
        table=table,
        provider=record.provider,
        event_id=record.event_id,
        channel=record.channel,
        computer=record.computer.casefold(),
        user_sid=record.user_sid,
        number=record.record_id if numbered else record.header_record_id,
        time_created=record.time_created,
        written=None if numbered else record.written,
        content=_content(record.data),
    )


def value_key(
    key_path: str, value: HiveValue | None, last_written: int, device_id: str, table: str
) -> ValueKey:
    r"""Return the key of a registry value, or of a registry key without values where ``value`` is None.

    ``key_path`` begins with the control set, as in ``ControlSet001\Services\Name``; ``last_written`` is that
    of the registry key that holds the value.
    """
    return ValueKey(
        device_id=device_id,
        table=table,
        key_path=key_path,
        value_name=value.name if value is not None else None,
        value_type=value.type_name if value is not None else None,
        data=hashlib.sha256(value.raw).hexdigest() if value is not None else "",
        last_written=last_written,
    )


def held_record_key(record: HeldRecord, device_id: str, table: str) -> ValueKey:
    """Return the key of what a hive holds beside services: see :class:`parsers.hive.held_record.Identity`."""
    identity = record.identity
    return ValueKey(
        device_id=device_id,
        table=table,
        key_path=identity.key_path,
        value_name=identity.value_name,
        value_type=identity.value_type,
        data=hashlib.sha256(identity.content).hexdigest(),
        last_written=identity.ticks,
    )


def file_key(kind: ArtifactKind, *parts: str) -> str:
    """Return the digest of what makes rows of files of ``kind`` one: ``parts``, as said above."""
    return _digest([kind.value, *parts])


def key_digest(key: RecordKey | ValueKey | str) -> str:
    """Return a SHA-256 of the key, 64 lower-case hex digits, to have it in one column of a table.

    A key that is a digest already is returned as it is.
    """
    if isinstance(key, str):
        return key
    return _digest([type(key).__name__, *map(repr, key)])


def merge_copies(sightings: Iterable[Sighting[Payload]]) -> tuple[Merged[Payload], ...]:
    """Group the sightings of a case by their keys, in order of the positions of the copies that speak.

    The result does not depend on the order of ``sightings``. A position that is given twice for a key is one
    copy. Raises ValueError for a record state that the contract does not have.
    """
    groups: dict[RecordKey | ValueKey | str, dict[Position, Sighting[Payload]]] = defaultdict(dict)
    for sighting in sorted(sightings, key=_order):
        groups[sighting.key].setdefault(sighting.position, sighting)
    merged = [_merged(tuple(copies.values())) for copies in groups.values()]
    return tuple(sorted(merged, key=lambda each: (each.speaks.position, key_digest(each.speaks.key))))


def _merged(best_first: tuple[Sighting[Payload], ...]) -> Merged[Payload]:
    return Merged(best_first[0], best_first[1:])


def _order(sighting: Sighting[Payload]) -> tuple[int, Position]:
    rank = _RANKS.get(sighting.record_state)
    if rank is None:
        raise ValueError(f"there is no record state {sighting.record_state!r}")
    if rank == _SOUND and sighting.copy is not CopyKind.LIVE:
        rank = _SOUND_ELSEWHERE
    return rank, sighting.position


def _content(data: Mapping[str, str]) -> str:
    """Return a digest over fields, whatever order a reader gives them in."""
    return _digest(part for name in sorted(data) for part in (name, data[name]))


def _digest(parts: Iterable[str]) -> str:
    """Return a digest over texts that are told apart by their lengths; lone surrogates are let through."""
    told_apart = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(told_apart.encode("utf-8", "surrogatepass")).hexdigest()
