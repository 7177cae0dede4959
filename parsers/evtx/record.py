"""What reading an event log gives: records, and the ledger that accounts for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.damage import Damage
    from parsers.evtx.completeness import Completeness


class RecordState(StrEnum):
    """How a record stands in its file (the contract's ``record_state``)."""

    LIVE = "live"
    CRC_BAD = "crc_bad"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class RecordLocation:
    """Where a record's bytes are: ``offset`` and ``size`` in bytes of the file, ``chunk`` counted from 0."""

    chunk: int
    offset: int
    size: int

    def __str__(self) -> str:
        return f"chunk {self.chunk}, offset {self.offset:#x}, {self.size} bytes"


@dataclass(frozen=True, slots=True)
class EvtxRecord:
    """One record of an event log, in the log's own words.

    Times are FILETIME ticks: ``time_created`` is ``System/TimeCreated``, when the provider raised the
    event; ``written`` is the record header's, when the service wrote it. ``record_id`` is the event's own
    ``EventRecordID``, ``header_record_id`` the record header's; they differ in exported and forwarded logs.

    ``data`` holds the event's fields by name in file order: a field that the event does not have is absent, a
    field without content is ``""``.

    - Of EventData these are its ``Data``. Those without a name are ``#1``, ``#2`` and so on, also where a
      classic event holds all of them as strings of one value. ``Binary`` is there where it has bytes.
    - Of UserData these are the elements below its single one that have none inside, by their names without
      a namespace's prefix; their attributes are not among them.

    Numbers, times, GUIDs and bytes are text in the form that :mod:`parsers.evtx.fields` says; what the record
    holds as text is that text. ``text_altered`` is true where ``data`` could not be shown to be what the
    record's bytes hold: the reader dropped a part of it. ``runs_backwards`` is true where the record was
    written more than a second earlier than the one before it in its log (:mod:`parsers.evtx.record_order`).
    """

    provider: str
    event_id: int
    channel: str
    computer: str
    user_sid: str
    record_id: int
    header_record_id: int
    time_created: int
    written: int
    data: Mapping[str, str]
    location: RecordLocation
    state: RecordState
    text_altered: bool = False
    runs_backwards: bool = False


class Cleared(NamedTuple):
    """A record that says that a log was cleared; ``written`` in ticks, 0 where its header has no time."""

    event_id: int
    record_id: int
    written: int


@dataclass(frozen=True, slots=True)
class EventLogLedger:
    """Every record of one event log accounted for: framed = emitted + irrelevant + failed.

    ``framed`` counts whole records found by position; ``emitted`` those handed on, ``irrelevant`` those of
    other events than were asked for, ``failed`` those that the decoder could not read (each has a Damage).
    ``recovered`` counts wanted records from beyond the live ones, which are never among the framed;
    ``recovered_computers`` are the machines that these name.
    ``channels`` are the distinct ``System/Channel`` values, sorted. ``computers`` are the distinct
    ``System/Computer`` values in order of first appearance (``""`` where a record has none),
    ``last_computer`` that of the highest record id. ``ids_differ`` is true where any record's own id differs
    from its header's, as in an export or a forwarded log. Times are ticks of record headers.
    """

    chunks: int
    framed: int
    emitted: int
    irrelevant: int
    failed: int
    recovered: int
    first_written: int | None
    last_written: int | None
    channels: tuple[str, ...]
    computers: tuple[str, ...]
    last_computer: str
    recovered_computers: tuple[str, ...]
    ids_differ: bool
    dirty: bool
    header_crc_ok: bool
    header_chunk_count: int
    chunks_crc_bad: int
    completeness: Completeness
    cleared: tuple[Cleared, ...]
    damage: tuple[Damage, ...]
