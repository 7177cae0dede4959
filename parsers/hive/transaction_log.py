"""One transaction log of a hive: its entries in order, as far as they vouch for themselves.

Source: M. Suhanov, "Windows registry file format specification", "Format of transaction log files",
"New format", with its notes 1-8. The old format is told apart, not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.hive import layout, log_layout
from parsers.hive.marvin32 import marvin32
from parsers.hive.replay_record import ReplayOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.log_layout import EntryHeader, PageReference
    from parsers.hive.replay_record import NamedLog


class DirtyPage(NamedTuple):
    """A page of a log entry: where it belongs in the hive, its bytes, and where they stand in the log.

    ``offset`` counts from the start of the hive's file, ``log_offset`` from that of the log's.
    """

    offset: int
    data: bytes
    log_offset: int


class LogEntry(NamedTuple):
    """One entry whose hashes are right. ``raw`` is all of it, as the log has it at ``offset``."""

    sequence: int
    flags: int
    bins_size: int
    references: tuple[PageReference, ...]
    offset: int
    raw: bytes

    def pages(self) -> Iterator[DirtyPage]:
        """Give its dirty pages in their order."""
        start = log_layout.HEADER_SIZE + log_layout.REFERENCE_SIZE * len(self.references)
        for place, size in self.references:
            data = self.raw[start : start + size]
            yield DirtyPage(layout.BASE_BLOCK_SIZE + place, data, self.offset + start)
            start += size


@dataclass(frozen=True, slots=True)
class TransactionLog:
    """A log of the new format. ``entries`` are numbered on from ``first_sequence`` without a gap.

    ``stopped`` says why there are no more although there should be some; it is empty where they just end.
    """

    name: str
    base_block: bytes = field(repr=False)
    first_sequence: int
    entries: tuple[LogEntry, ...] = field(repr=False)
    stopped: str


class UnusableLog(NamedTuple):
    """A log that gives nothing to a replay, with the outcome that this would be, and why in a few words."""

    name: str
    outcome: ReplayOutcome
    reason: str

    def __str__(self) -> str:
        return f"{self.name} {self.reason}"


_OLD_SIGNATURE: Final = layout.LOG_SIGNATURES[0]


def read_log(log: NamedLog) -> TransactionLog | UnusableLog:
    """Read one transaction log; what is wrong with it is in the answer, whatever its bytes are."""
    unusable = _look_at_base_block(log.data)
    if unusable is not None:
        return UnusableLog(log.name, *unusable)
    first = layout.unpack_base_block(log.data).primary_sequence
    entries, stopped = _read_entries(log.data, first)
    return TransactionLog(log.name, log.data[: log_layout.SECTOR], first, tuple(entries), stopped)


def _look_at_base_block(data: bytes) -> tuple[ReplayOutcome, str] | None:
    """Return why a log cannot be used, judged by its first sector, or None."""
    if not data.strip(b"\0"):
        return ReplayOutcome.NO_LOGS, "holds nothing but zeros" if data else "is empty"
    block = data[: log_layout.SECTOR]
    if len(block) < log_layout.SECTOR or not block.startswith(layout.SIGNATURE):
        return ReplayOutcome.DAMAGED, "does not begin with a base block, as every log does"
    if layout.stored_checksum(block) != layout.base_block_checksum(block):
        return ReplayOutcome.DAMAGED, "has a base block whose checksum is wrong"
    file_type = layout.unpack_base_block(block).file_type
    if file_type in log_layout.OLD_FORMAT or data.startswith(_OLD_SIGNATURE, log_layout.SECTOR):
        return ReplayOutcome.OLD_FORMAT, "has the format of Windows before 8.1, which is not replayed"
    if file_type != log_layout.NEW_FORMAT:
        return ReplayOutcome.DAMAGED, f"has a base block of type {file_type}, which no log has"
    return None


def _read_entries(data: bytes, first: int) -> tuple[list[LogEntry], str]:
    """Return the entries from number ``first`` on, and why there are no more if there should be."""
    entries: list[LogEntry] = []
    position = log_layout.SECTOR
    while True:
        expected = first + len(entries)
        header = log_layout.unpack_entry_header(data, position)
        if header is None or header.sequence != expected:
            return entries, _what_follows(data, position, expected)
        raw = data[position : position + header.size]
        if fault := _fault(header, raw):
            return entries, f"entry {expected}, at offset {position:#x}, {fault}"
        references = _references(header, raw)
        entries.append(LogEntry(expected, header.flags, header.bins_size, references, position, raw))
        position += header.size


def _references(header: EntryHeader, raw: bytes) -> tuple[PageReference, ...]:
    start = log_layout.HEADER_SIZE
    return log_layout.unpack_references(raw[start : start + log_layout.REFERENCE_SIZE * header.dirty_pages])


def _fault(header: EntryHeader, raw: bytes) -> str:
    """Return what is wrong with an entry, or nothing; its hashes last, which take longest."""
    room = header.size - log_layout.HEADER_SIZE - log_layout.REFERENCE_SIZE * header.dirty_pages
    if header.size % log_layout.SECTOR or room < 0:
        return f"has an impossible size: {header.size} bytes"
    if len(raw) < header.size:
        return f"is cut off: {header.size - len(raw)} of its {header.size} bytes are missing"
    if header.bins_size % layout.PAGE:
        return f"gives the hive an impossible size: {header.bins_size} bytes"
    references = _references(header, raw)
    if any(page.place + page.size > header.bins_size for page in references):
        return "has pages beyond the end of the hive"
    if sum(page.size for page in references) > room:
        return "has more pages than bytes"
    return "" if _hashes_hold(header, raw) else "is damaged: it does not have the hashes that it claims"


def _hashes_hold(header: EntryHeader, raw: bytes) -> bool:
    return (
        marvin32(raw[: log_layout.HASHED_HEADER]) == header.hash_of_header
        and marvin32(raw[log_layout.HEADER_SIZE :]) == header.hash_of_pages
    )


def _what_follows(data: bytes, position: int, expected: int) -> str:
    """Say that entries of this or later numbers stand behind ``position``, where entry ``expected`` is not.

    Behind its last entry a log keeps what it held before it was begun anew: entries of lower numbers.
    Logs are whole sectors, so a log that is not was cut off.
    """
    for place in range(position, len(data), log_layout.SECTOR):
        header = log_layout.unpack_entry_header(data, place)
        if header is None:
            continue
        vouched = marvin32(data[place : place + log_layout.HASHED_HEADER]) == header.hash_of_header
        if place == position and not vouched:
            return f"the header of entry {expected}, at offset {position:#x}, is damaged"
        if vouched and header.sequence >= expected:
            return f"entry {expected} is not at offset {position:#x}, but entry {header.sequence} follows"
    return "it is cut off within a sector" if len(data) % log_layout.SECTOR else ""
