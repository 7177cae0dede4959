"""Reads a built log from memory, and holds what every reading of any log must hold."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from struct import pack_into, unpack_from
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple
from zlib import crc32

from parsers.evidence.source import Artifact, ArtifactKind
from parsers.evtx.event_log import read_event_log
from parsers.evtx.record import EventLogLedger, EvtxRecord, RecordState
from parsers.evtx.sweep import Reader

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from parsers.evidence.source import ByteSource
    from parsers.evtx.sweep import Wanted

FILE_HEADER: Final = 4096
CHUNK: Final = 65536
CHUNK_HEADER: Final = 512
SYSMON: Final = "microsoft-windows-sysmon"
WANTED: Final = frozenset({(SYSMON, 1), (SYSMON, 7), ("service control manager", 7045)})


@dataclass(frozen=True, slots=True)
class MemorySource:
    """Bytes that are in memory; picklable, as a worker needs it."""

    data: bytes

    def open_(self) -> BinaryIO:
        return BytesIO(self.data)


class Reading(NamedTuple):
    """What reading one log gave."""

    records: tuple[EvtxRecord, ...]
    ledger: EventLogLedger

    @property
    def ids(self) -> list[int]:
        return [record.record_id for record in self.records]

    @property
    def live(self) -> tuple[EvtxRecord, ...]:
        """All records but the recovered ones."""
        return tuple(each for each in self.records if each.state is not RecordState.RECOVERED)

    @property
    def recovered(self) -> tuple[EvtxRecord, ...]:
        return tuple(each for each in self.records if each.state is RecordState.RECOVERED)

    @property
    def reasons(self) -> list[str]:
        return [damage.reason for damage in self.ledger.damage]


def read(
    log: bytes,
    reader: Reader = Reader.RUST,
    executor: Executor | None = None,
    *,
    recover: bool = True,
    wanted: Wanted = WANTED,
) -> Reading:
    return read_artifact(
        artifact(MemorySource(log), len(log)), reader, executor, recover=recover, wanted=wanted
    )


def artifact(source: ByteSource, size: int) -> Artifact:
    return Artifact("E-1", "winevt/Logs/log.evtx", ArtifactKind.EVENT_LOG, size, "0" * 64, source)


def read_artifact(
    log: Artifact,
    reader: Reader = Reader.RUST,
    executor: Executor | None = None,
    *,
    recover: bool = True,
    wanted: Wanted = WANTED,
) -> Reading:
    *records, ledger = read_event_log(log, wanted, reader, executor, recover=recover)
    assert isinstance(ledger, EventLogLedger)
    reading = Reading(tuple(each for each in records if isinstance(each, EvtxRecord)), ledger)
    assert_accounted_for(reading, log.size)
    return reading


def assert_accounted_for(reading: Reading, size: int) -> None:
    """Every record is handed on, irrelevant or failed; damage lies where the file is or should have been."""
    ledger = reading.ledger
    assert ledger.framed == ledger.emitted + ledger.irrelevant + ledger.failed
    assert ledger.emitted == len(reading.live)
    assert ledger.recovered == len(reading.recovered)
    whole_chunks = FILE_HEADER + -(-max(0, size - FILE_HEADER) // CHUNK) * CHUNK
    claimed = max(whole_chunks, FILE_HEADER + ledger.header_chunk_count * CHUNK)
    assert all(
        each.offset >= 0 and each.length > 0 and each.offset + each.length <= claimed
        for each in ledger.damage
    )


def start_of_chunk(number: int) -> int:
    return FILE_HEADER + number * CHUNK


def with_bytes(log: bytes, offset: int, new: bytes) -> bytes:
    return log[:offset] + new + log[offset + len(new) :]


def with_flip(log: bytes, offset: int, bits: int = 0xFF) -> bytes:
    return with_bytes(log, offset, bytes([log[offset] ^ bits]))


def with_stale_chunk_header(log: bytes, number: int, records: int) -> bytes:
    """Give a chunk the header, checksums and all, that it had when it held only ``records`` records."""
    data = bytearray(log)
    start = start_of_chunk(number)
    offsets = offsets_of_records(log, number)
    (first_id,) = unpack_from("<Q", data, start + 24)
    end = offsets[records] if records < len(offsets) else unpack_from("<I", data, start + 48)[0]
    pack_into("<Q", data, start + 16, first_id + records - 1)
    pack_into("<Q", data, start + 32, first_id + records - 1)
    pack_into("<I", data, start + 44, offsets[records - 1])
    pack_into("<I", data, start + 48, end)
    pack_into("<I", data, start + 52, crc32(data[start + CHUNK_HEADER : start + end]))
    return sealed(bytes(data), number)


def sealed(log: bytes, number: int) -> bytes:
    """Give a chunk's header the checksum that belongs to it."""
    start = start_of_chunk(number)
    head = log[start : start + 120] + log[start + 128 : start + CHUNK_HEADER]
    return with_bytes(log, start + 124, crc32(head).to_bytes(4, "little"))


def offsets_of_records(log: bytes, number: int) -> list[int]:
    """Return where the records of an undamaged chunk begin, counted from its start."""
    start = start_of_chunk(number)
    offset, end = CHUNK_HEADER, unpack_from("<I", log, start + 48)[0]
    offsets = []
    while offset < end:
        offsets.append(offset)
        offset += unpack_from("<I", log, start + offset + 4)[0]
    return offsets
