"""One event log from its first byte to its ledger, on one processor or on many."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.damage import Damage
from parsers.errors import NotAnEventLog
from parsers.evtx import layout
from parsers.evtx.batch import Batch
from parsers.evtx.record import EventLogLedger, EvtxRecord
from parsers.evtx.record_order import last_record, runs_backwards
from parsers.evtx.sweep import Reader, Sweep, Wanted, sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor, Future

    from parsers.evidence.source import Artifact
    from parsers.evtx.record_order import WrittenRecord

CHUNKS_PER_BATCH: Final = 16
"""One mebibyte: large enough that handing it over costs little, small enough that memory stays flat."""

BATCHES_IN_FLIGHT: Final = 8


class _Header(NamedTuple):
    """What the log says of itself, and whether that can be believed."""

    dirty: bool
    checksums: bool
    crc_ok: bool
    chunk_count: int


def read_event_log(
    artifact: Artifact,
    wanted: Wanted,
    reader: Reader = Reader.RUST,
    executor: Executor | None = None,
    *,
    recover: bool = True,
) -> Iterator[EvtxRecord | EventLogLedger]:
    """Give the wanted records of ``artifact`` chunk by chunk and, last, the ledger of the whole log.

    Of each chunk the live records come first and then, if ``recover`` is set, those recovered from its slack.
    Chunks are read by ``executor``'s processes, or here where it is None; the order is the same.
    Raises NotAnEventLog where the file is none, and OSError where its bytes cannot be read.
    """
    header, damage = _read_header(artifact)
    total = Batch(damage=damage)
    slots = max(0, -(-(artifact.size - layout.FILE_HEADER_SIZE) // layout.CHUNK_SIZE))
    tasks = (
        Sweep(
            artifact.source,
            first,
            min(CHUNKS_PER_BATCH, slots - first),
            wanted,
            reader,
            checksums=header.checksums,
            recover=recover,
        )
        for first in range(0, slots, CHUNKS_PER_BATCH)
    )
    for batch in _sweep_all(tasks, executor):
        before = total.order.last or _before_the_first(artifact, slots, header, batch)
        yield from _joined(before, batch)
        total.add(batch)
    yield _ledger(artifact, header, total)


def _read_header(artifact: Artifact) -> tuple[_Header, list[Damage]]:
    with artifact.source.open_() as stream:
        block = stream.read(layout.FILE_HEADER_SIZE + len(layout.CHUNK_SIGNATURE))
    if block.startswith(layout.FILE_SIGNATURE):
        return _header(block), list(_header_damage(block))
    if block[layout.FILE_HEADER_SIZE :] != layout.CHUNK_SIGNATURE:
        raise NotAnEventLog(artifact.path, _what_it_is(block), "Check how it was copied; it was left out")
    unknown = _Header(dirty=False, checksums=True, crc_ok=False, chunk_count=0)
    return unknown, [Damage(0, layout.FILE_HEADER_USED, "the file's header is destroyed")]


def _header(block: bytes) -> _Header:
    if len(block) < layout.FILE_HEADER_USED:
        return _Header(dirty=False, checksums=True, crc_ok=False, chunk_count=0)
    header = layout.file_header(block)
    checksums = not header.flags & layout.FLAG_NO_CRC32
    crc_ok = layout.file_header_crc_ok(block)
    return _Header(
        dirty=bool(header.flags & layout.FLAG_DIRTY),
        checksums=checksums,
        crc_ok=crc_ok,
        chunk_count=header.chunk_count if crc_ok or not checksums else 0,
    )


def _header_damage(block: bytes) -> Iterator[Damage]:
    if len(block) < layout.FILE_HEADER_SIZE:
        missing = layout.FILE_HEADER_SIZE - len(block)
        yield Damage(len(block), missing, "the file ends inside its own header")
    header = _header(block)
    if len(block) >= layout.FILE_HEADER_USED and header.checksums and not header.crc_ok:
        yield Damage(0, layout.FILE_HEADER_USED, "the checksum of the file's header does not match")


def _what_it_is(block: bytes) -> str:
    return "is not an event log (EVTX): its first bytes are " + block[:8].hex(" ") if block else "is empty"


def _sweep_all(tasks: Iterable[Sweep], executor: Executor | None) -> Iterator[Batch]:
    if executor is None:
        yield from map(sweep, tasks)
        return
    waiting: deque[Future[Batch]] = deque()
    for task in tasks:
        waiting.append(executor.submit(sweep, task))
        if len(waiting) >= BATCHES_IN_FLIGHT:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _before_the_first(artifact: Artifact, slots: int, header: _Header, batch: Batch) -> WrittenRecord | None:
    """Return the record before the first of the file: where a circular log goes on at its begin, the last."""
    if batch.order.first is None or batch.order.first.record_id == 1 or not batch.records:
        return None
    try:
        return last_record(artifact.source, slots, checksums=header.checksums)
    except OSError:  # the sweep comes there too, behind all that can be read
        return None


def _joined(before: WrittenRecord | None, batch: Batch) -> Iterator[EvtxRecord]:
    """Give the records of a batch, whose first follows ``before``: no worker saw these two together."""
    first = batch.order.first
    backwards = first is not None and runs_backwards(before, first)
    for record in batch.records:
        is_first = backwards and first is not None and record.location.offset == first.offset
        yield replace(record, runs_backwards=True) if is_first else record


def _ledger(artifact: Artifact, header: _Header, total: Batch) -> EventLogLedger:
    damage = sorted([*total.damage, *_missing_chunks(artifact, header), *_zeroed_chunks(header, total)])
    return EventLogLedger(
        chunks=total.chunks,
        framed=total.framed,
        emitted=total.emitted,
        irrelevant=total.irrelevant,
        failed=total.failed,
        recovered=total.recovered,
        first_written=total.first_written,
        last_written=total.last_written,
        channels=tuple(sorted(total.channels)),
        computers=tuple(total.computers),
        last_computer=total.newest[1],
        recovered_computers=tuple(total.recovered_computers),
        ids_differ=total.ids_differ,
        dirty=header.dirty,
        header_crc_ok=header.crc_ok,
        header_chunk_count=header.chunk_count,
        chunks_crc_bad=total.chunks_crc_bad,
        completeness=total.tally.completeness(),
        cleared=tuple(total.cleared),
        damage=tuple(damage),
    )


def _missing_chunks(artifact: Artifact, header: _Header) -> Iterator[Damage]:
    """Say that the file is shorter than its header claims, by whole chunks."""
    claimed = layout.FILE_HEADER_SIZE + header.chunk_count * layout.CHUNK_SIZE
    missing = min((claimed - artifact.size) // layout.CHUNK_SIZE, header.chunk_count)
    if missing > 0:
        length = missing * layout.CHUNK_SIZE
        reason = f"the header counts {header.chunk_count} chunks, {missing} of them are not in the file"
        yield Damage(claimed - length, length, reason)


def _zeroed_chunks(header: _Header, total: Batch) -> Iterator[Damage]:
    """Name runs of empty chunks before others or within the header's count; behind these, they are room."""
    end = max(total.last_used + 1, header.chunk_count)
    numbers = enumerate(number for number in total.zeroed if number < end)
    for _, neighbours in groupby(numbers, lambda each: each[1] - each[0]):
        run = [number for _, number in neighbours]
        start = layout.FILE_HEADER_SIZE + run[0] * layout.CHUNK_SIZE
        reason = f"zeros where {len(run)} chunk{'s' * (len(run) > 1)} should be"
        yield Damage(start, len(run) * layout.CHUNK_SIZE, reason)
