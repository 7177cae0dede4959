"""The sweep: every record of a few chunks, framed, decoded and accounted for. Runs in a worker process.

Conservation holds for each batch: framed = emitted + irrelevant + failed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from parsers.damage import Damage
from parsers.evtx import decode, json_fields, layout, python_reader
from parsers.evtx.batch import Batch
from parsers.evtx.data_values import data_values
from parsers.evtx.exact_text import holds_texts
from parsers.evtx.fields import are_names_of_an_event, with_names_apart
from parsers.evtx.frame import NOTHING_FRAMED, frame_chunk
from parsers.evtx.record import EvtxRecord, RecordLocation, RecordState
from parsers.evtx.record_order import WrittenRecord
from parsers.evtx.recovery import are_names_of_fields, find_stale, has_its_templates, with_blank_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from parsers.evidence.source import ByteSource
    from parsers.evtx.data_values import DataValue
    from parsers.evtx.fields import Field, Identity, System
    from parsers.evtx.frame import Frame, FramedChunk

_ALTERED: Final = (
    "the texts of record {} are not all as its bytes have them: the decoder drops or changes what it cannot "
    "show, such as an embedded NUL, an unpaired surrogate or a control character"
)

_FOREIGN_TEMPLATE: Final = "a template that it uses was overwritten, so its fields cannot be told apart"

Wanted = frozenset[tuple[str, int]]
"""The events to hand on: provider in lower case, and event id."""

Opaque = Any
"""What a reader decodes a record to: only its own functions look inside."""


class Reader(StrEnum):
    """Which library decodes: ``evtx``, or python-evtx and lxml."""

    RUST = "rust"
    PYTHON = "python"


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one worker has to do: chunks ``first`` to ``first + count`` of a log."""

    source: ByteSource
    first: int
    count: int
    wanted: Wanted
    reader: Reader
    checksums: bool
    recover: bool = True


class _Fields(NamedTuple):
    """What a reader can do: decode a chunk's frames, and tell an event's fields from what it decoded."""

    decode: Callable[[bytes, Sequence[Frame]], Iterable[Opaque]]
    identity: Callable[[Opaque], Identity]
    system: Callable[[Opaque, bytes], System]
    data: Callable[[Opaque, Sequence[DataValue]], tuple[Field, ...]]
    names: Callable[[Opaque], Iterable[str]]


_READERS: Final = {
    Reader.RUST: _Fields(
        decode.decode_chunk, json_fields.identity, json_fields.system, json_fields.data, json_fields.names
    ),
    Reader.PYTHON: _Fields(
        python_reader.parse_chunk,
        python_reader.identity,
        lambda event, _record: python_reader.system(event),
        lambda event, _values: python_reader.data(event),
        python_reader.names,
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
                _recover_misplaced(batch, task, stream, content, number)
            else:
                batch.zeroed.append(number)
    return batch


def _sweep_chunk(batch: Batch, task: Sweep, content: bytes, number: int) -> None:
    start = layout.FILE_HEADER_SIZE + number * layout.CHUNK_SIZE
    if not layout.CHUNK_SIGNATURE.startswith(content[: len(layout.CHUNK_SIGNATURE)]):
        batch.damage.append(Damage(start, len(content), "these bytes are not empty but no chunk begins here"))
        _recover(batch, task, _Chunk(content, number, start, NOTHING_FRAMED))
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
    _recover(batch, task, chunk)


def _recover(batch: Batch, task: Sweep, chunk: _Chunk) -> None:
    """Hand on wanted records of bytes that no live record covers, as far as they are beyond doubt."""
    if not task.recover:
        return
    stale = [
        each
        for each in find_stale(chunk.content, chunk.framed.frames)
        if has_its_templates(chunk.content, each)
    ]
    fields = _READERS[task.reader]
    for frame, decoded in zip(stale, fields.decode(with_blank_tables(chunk.content), stale), strict=True):
        if isinstance(decoded, str) or not are_names_of_an_event(fields.names(decoded)):
            continue
        record = _wanted(task, chunk, frame, decoded)
        if record is not None and record.record_id == frame.record_id and _names_itself(record, chunk, frame):
            batch.recovered += 1
            batch.recovered_computers.setdefault(record.computer)
            batch.records.append(replace(record, state=RecordState.RECOVERED))


def _names_itself(record: EvtxRecord, chunk: _Chunk, frame: Frame) -> bool:
    values = data_values(chunk.content, frame.offset, frame.size)
    return values is not None and are_names_of_fields(record.data.keys(), values)


def _recover_misplaced(batch: Batch, task: Sweep, stream: BinaryIO, content: bytes, number: int) -> None:
    """Recover the records of chunks that begin inside slot ``number``, which holds no chunk of its own."""
    behind = stream.tell()
    start = layout.FILE_HEADER_SIZE + number * layout.CHUNK_SIZE
    offset = -1 if content.startswith(layout.CHUNK_SIGNATURE) else content.find(layout.CHUNK_SIGNATURE)
    while offset != -1:
        stream.seek(start + offset)
        misplaced = stream.read(layout.CHUNK_SIZE)
        _recover(batch, task, _Chunk(misplaced, number, start + offset, NOTHING_FRAMED))
        offset = content.find(layout.CHUNK_SIGNATURE, offset + 1)
    stream.seek(behind)


def _wanted(task: Sweep, chunk: _Chunk, frame: Frame, decoded: Opaque) -> EvtxRecord | None:
    """Return the record if it is of an event that was asked for and has a time, else None."""
    fields = _READERS[task.reader]
    identity = fields.identity(decoded)
    if (identity.provider.lower(), identity.event_id) not in task.wanted:
        return None
    try:
        system = fields.system(decoded, chunk.bytes_of(frame))
    except ValueError:
        return None
    return _record(identity, system, _content(task, chunk, frame, decoded), chunk, frame)


def _account(batch: Batch, task: Sweep, chunk: _Chunk, frame: Frame, decoded: Opaque) -> None:
    """Put one decoded record where it belongs: handed on, irrelevant or failed."""
    backwards = batch.order.follow(WrittenRecord(chunk.start + frame.offset, frame.record_id, frame.written))
    if isinstance(decoded, str):
        _fail(batch, chunk, frame, decoded)
        return
    if not (chunk.framed.records_crc_ok or has_its_templates(chunk.content, frame)):
        _fail(batch, chunk, frame, _FOREIGN_TEMPLATE)
        return
    fields = _READERS[task.reader]
    identity = fields.identity(decoded)
    if not identity.provider or identity.event_id < 0:
        _fail(batch, chunk, frame, "it does not say which event it is")
        return
    if (identity.provider.lower(), identity.event_id) not in task.wanted:
        batch.see(frame, identity)
        batch.irrelevant += 1
        return
    try:
        system = fields.system(decoded, chunk.bytes_of(frame))
    except ValueError as error:
        _fail(batch, chunk, frame, f"it has no time ({error})")
        return
    batch.see(frame, identity)
    record = _record(identity, system, _content(task, chunk, frame, decoded), chunk, frame)
    batch.emitted += 1
    batch.records.append(replace(record, runs_backwards=True) if backwards else record)
    if record.text_altered:
        reason = _ALTERED.format(frame.record_id)
        batch.damage.append(Damage(record.location.offset, frame.size, reason, 1))


class _Content(NamedTuple):
    """An event's fields, and whether they could not be shown to be what the record's bytes hold."""

    data: dict[str, str]
    text_altered: bool


def _content(task: Sweep, chunk: _Chunk, frame: Frame, decoded: Opaque) -> _Content:
    values = data_values(chunk.content, frame.offset, frame.size)
    data = with_names_apart(_READERS[task.reader].data(decoded, values or ()))
    return _Content(data, values is None or not holds_texts(values, tuple(data.values())))


def _record(identity: Identity, system: System, content: _Content, chunk: _Chunk, frame: Frame) -> EvtxRecord:
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
        data=content.data,
        location=RecordLocation(chunk.number, chunk.start + frame.offset, frame.size),
        state=chunk.state_of(frame),
        text_altered=content.text_altered,
    )


def _fail(batch: Batch, chunk: _Chunk, frame: Frame, reason: str) -> None:
    batch.failed += 1
    batch.count(frame, None)
    text = f"record {frame.record_id} cannot be read: {reason}"
    batch.damage.append(Damage(chunk.start + frame.offset, frame.size, text, 1))


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
