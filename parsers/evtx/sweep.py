"""The sweep: every record of a few chunks, framed, decoded and accounted for. Runs in a worker process.

Conservation holds for each batch: framed = emitted + irrelevant + failed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from parsers.damage import Damage
from parsers.evtx import decode, json_fields, layout, python_reader
from parsers.evtx.exact_text import holds_texts
from parsers.evtx.frame import frame_chunk
from parsers.evtx.record import EvtxRecord, RecordLocation, RecordState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from parsers.evidence.source import ByteSource
    from parsers.evtx.fields import Field, Identity, System
    from parsers.evtx.frame import Frame, FramedChunk

_ALTERED: Final = (
    "the texts of record {} are not all as its bytes have them: the decoder drops or changes what it cannot "
    "show, such as an embedded NUL, an unpaired surrogate or a control character"
)

Wanted = frozenset[tuple[str, int]]
"""The events to hand on: provider in lower case, and event id."""

Opaque = Any
"""What a reader decodes a record to: only its own functions look inside."""


class Reader(StrEnum):
    """Which library decodes: ``evtx``, or python-evtx and lxml."""

    RUST = "rust"
    PYTHON = "python"


@dataclass(slots=True)
class Batch:
    """What a few neighbouring chunks hold. Filled by one worker, then only read.

    ``channels`` and ``computers`` are the distinct names in order of appearance (``""`` where an event has
    none); ``newest`` the highest record id with its computer; times are ticks of record headers that
    have one. ``zeroed`` are the numbers of chunks that hold nothing but zeros, ``last_used`` that of the last
    one that holds more.
    """

    records: list[EvtxRecord] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)
    chunks: int = 0
    framed: int = 0
    emitted: int = 0
    irrelevant: int = 0
    failed: int = 0
    chunks_crc_bad: int = 0
    first_written: int | None = None
    last_written: int | None = None
    channels: dict[str, None] = field(default_factory=dict)
    computers: dict[str, None] = field(default_factory=dict)
    newest: tuple[int, str] = (-1, "")
    ids_differ: bool = False
    zeroed: list[int] = field(default_factory=list)
    last_used: int = -1


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one worker has to do: chunks ``first`` to ``first + count`` of a log."""

    source: ByteSource
    first: int
    count: int
    wanted: Wanted
    reader: Reader
    checksums: bool


class _Fields(NamedTuple):
    """What a reader can do: decode a chunk's frames, and tell an event's fields from what it decoded."""

    decode: Callable[[bytes, Sequence[Frame]], Iterable[Opaque]]
    identity: Callable[[Opaque], Identity]
    system: Callable[[Opaque, bytes], System]
    data: Callable[[Opaque], tuple[Field, ...]]


_READERS: Final = {
    Reader.RUST: _Fields(decode.decode_chunk, json_fields.identity, json_fields.system, json_fields.data),
    Reader.PYTHON: _Fields(
        python_reader.parse_chunk, python_reader.identity, python_reader.system, python_reader.data
    ),
}


class _Chunk(NamedTuple):
    """One chunk with its number, its offset in the file and its frames."""

    content: bytes
    number: int
    start: int
    framed: FramedChunk

    def bytes_of(self, frame: Frame) -> bytes:
        return self.content[frame.offset : frame.offset + frame.size]

    def state_of(self, frame: Frame) -> RecordState:
        sound = self.framed.header_crc_ok and self.framed.records_crc_ok and frame.whole
        return RecordState.LIVE if sound else RecordState.CRC_BAD


def sweep(task: Sweep) -> Batch:
    """Read the chunks of ``task``. Raises OSError where the bytes cannot be read."""
    batch = Batch()
    with task.source.open_() as stream:
        stream.seek(layout.FILE_HEADER_SIZE + task.first * layout.CHUNK_SIZE)
        for number in range(task.first, task.first + task.count):
            content = stream.read(layout.CHUNK_SIZE)
            if content.strip(b"\0"):
                batch.last_used = number
                _sweep_chunk(batch, task, content, number)
            else:
                batch.zeroed.append(number)
    return batch


def _sweep_chunk(batch: Batch, task: Sweep, content: bytes, number: int) -> None:
    start = layout.FILE_HEADER_SIZE + number * layout.CHUNK_SIZE
    if not layout.CHUNK_SIGNATURE.startswith(content[: len(layout.CHUNK_SIGNATURE)]):
        batch.damage.append(Damage(start, len(content), "these bytes are not empty but no chunk begins here"))
        return
    if len(content) < layout.CHUNK_HEADER_SIZE:
        batch.damage.append(_missing(start, content, "header"))
        return
    framed = frame_chunk(content, start, checksums=task.checksums)
    chunk = _Chunk(content, number, start, framed)
    batch.chunks += 1
    batch.framed += len(framed.frames)
    batch.damage += framed.damage
    batch.chunks_crc_bad += not (framed.header_crc_ok and framed.records_crc_ok)
    fields = _READERS[task.reader]
    for frame, decoded in zip(framed.frames, fields.decode(content, framed.frames), strict=True):
        _account(batch, task, chunk, frame, decoded)
    if len(content) < layout.CHUNK_SIZE:
        batch.damage.append(_cut(chunk))


def _account(batch: Batch, task: Sweep, chunk: _Chunk, frame: Frame, decoded: Opaque) -> None:
    """Put one decoded record where it belongs: handed on, irrelevant or failed."""
    if isinstance(decoded, str):
        _fail(batch, chunk, frame, decoded)
        return
    fields = _READERS[task.reader]
    identity = fields.identity(decoded)
    if not identity.provider or identity.event_id < 0:
        _fail(batch, chunk, frame, "it does not say which event it is")
        return
    _see(batch, frame, identity)
    if (identity.provider.lower(), identity.event_id) not in task.wanted:
        batch.irrelevant += 1
        return
    try:
        system = fields.system(decoded, chunk.bytes_of(frame))
    except ValueError as error:
        _fail(batch, chunk, frame, f"it has no time ({error})")
        return
    record = _record(identity, system, dict(fields.data(decoded)), chunk, frame)
    batch.emitted += 1
    batch.records.append(record)
    if record.text_altered:
        reason = _ALTERED.format(frame.record_id)
        batch.damage.append(Damage(record.location.offset, frame.size, reason, 1))


def _record(
    identity: Identity, system: System, data: dict[str, str], chunk: _Chunk, frame: Frame
) -> EvtxRecord:
    return EvtxRecord(
        provider=identity.provider,
        event_id=identity.event_id,
        channel=identity.channel,
        computer=identity.computer,
        user_sid=system.user_sid,
        record_id=identity.record_id,
        header_record_id=frame.record_id,
        time_created=system.time_created,
        written=frame.written,
        data=data,
        location=RecordLocation(chunk.number, chunk.start + frame.offset, frame.size),
        state=chunk.state_of(frame),
        text_altered=not holds_texts(chunk.bytes_of(frame), tuple(data.values())),
    )


def _fail(batch: Batch, chunk: _Chunk, frame: Frame, reason: str) -> None:
    batch.failed += 1
    text = f"record {frame.record_id} cannot be read: {reason}"
    batch.damage.append(Damage(chunk.start + frame.offset, frame.size, text, 1))


def _see(batch: Batch, frame: Frame, identity: Identity) -> None:
    """Note what the ledger says of every record, whether it is wanted or not."""
    batch.channels.setdefault(identity.channel)
    batch.computers.setdefault(identity.computer)
    if identity.computer:
        batch.newest = max(batch.newest, (frame.record_id, identity.computer))
    batch.ids_differ |= identity.record_id != frame.record_id
    if frame.written:
        batch.first_written = min(frame.written, batch.first_written or frame.written)
        batch.last_written = max(frame.written, batch.last_written or frame.written)


def _cut(chunk: _Chunk) -> Damage:
    """Say what is missing of a chunk in which the file ends."""
    header = layout.chunk_header(chunk.content)
    lost = header.last_record_id - header.first_record_id + 1 - len(chunk.framed.frames)
    known = lost if chunk.framed.header_crc_ok and 0 <= lost <= layout.MOST_RECORDS else None
    return _missing(chunk.start, chunk.content, "records", known)


def _missing(start: int, content: bytes, part: str, records_lost: int | None = None) -> Damage:
    missing = layout.CHUNK_SIZE - len(content)
    reason = f"the file ends in the {part} of this chunk, {missing:,} bytes of it are missing"
    return Damage(start + len(content), missing, reason, records_lost)
