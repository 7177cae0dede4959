"""Records of an event log read again, each by both readers, and compared.

A record is found by its offset, as the first reading found it. The fast reader decodes its chunk as it did
then, the slow one that record alone. :mod:`parsers.evtx.compared_fields` says what is compared.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.evtx import decode, json_fields, layout, python_reader
from parsers.evtx.compared_fields import EVTX, PYTHON_EVTX, RecordFields, compare, record_fields
from parsers.evtx.data_values import data_values
from parsers.evtx.frame import frame_at, frame_chunk
from parsers.evtx.recovery import has_its_templates, with_blank_tables
from parsers.two_readings import TwoReadings, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from lxml import etree

    from parsers.evidence.source import ByteSource
    from parsers.evtx.data_values import DataValue
    from parsers.evtx.decode import Decoded
    from parsers.evtx.fields import Identity
    from parsers.evtx.frame import Frame

_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")


class RecordToRead(NamedTuple):
    """A record by its ``offset`` in bytes of the file, and by what it said of itself when it was read.

    ``recovered`` is true for one from beyond the live ones. Ids are text, ``""`` where it has none.
    """

    offset: int
    recovered: bool
    event_id: str
    record_id: str


class RecordsToRead(NamedTuple):
    """What one worker has to do."""

    source: ByteSource
    records: tuple[RecordToRead, ...]


class _Decoded(NamedTuple):
    """A record in its chunk, as each reader decodes it."""

    chunk: bytes
    frame: Frame
    by_evtx: Decoded
    by_python_evtx: etree._Element | str


def slot_of(offset: int) -> int:
    """Return the number of the chunk in whose place the byte at ``offset`` of a log is."""
    return (offset - layout.FILE_HEADER_SIZE) // layout.CHUNK_SIZE


def read_records_again(task: RecordsToRead) -> tuple[TwoReadings, ...]:
    """Read each record of ``task`` by both readers, and compare; in the order in which they are given."""
    by_place: dict[RecordToRead, TwoReadings] = {}
    try:
        with task.source.open_() as stream:
            checksums = _keeps_checksums(stream)
            for slot, records in groupby(sorted(set(task.records)), lambda each: slot_of(each.offset)):
                by_place |= _read_slot(stream, slot, tuple(records), checksums=checksums)
    except OSError as error:
        unread = _missing(f"its bytes cannot be read: {error.strerror or error}")
        return tuple(by_place.get(each, unread) for each in task.records)
    return tuple(by_place[each] for each in task.records)


def _keeps_checksums(stream: BinaryIO) -> bool:
    block = stream.read(layout.FILE_HEADER_USED)
    if not block.startswith(layout.FILE_SIGNATURE) or len(block) < layout.FILE_HEADER_USED:
        return True
    return not layout.file_header(block).flags & layout.FLAG_NO_CRC32


def _read_slot(
    stream: BinaryIO, slot: int, records: Sequence[RecordToRead], *, checksums: bool
) -> dict[RecordToRead, TwoReadings]:
    start = layout.FILE_HEADER_SIZE + slot * layout.CHUNK_SIZE
    chunk = _chunk_at(stream, start)
    live = frame_chunk(chunk, start, checksums=checksums).frames if _is_chunk(chunk) else ()
    decoded = dict(zip(live, decode.decode_chunk(chunk, live), strict=True))
    by_offset = {start + frame.offset: frame for frame in live}
    found = [by_offset[each.offset] for each in records if not each.recovered and each.offset in by_offset]
    # One after the other: what the slow reader learns of a template serves all records that use it.
    parsed = dict(zip(found, python_reader.parse_chunk(chunk, found), strict=True))
    read: dict[RecordToRead, TwoReadings] = {}
    for record in records:
        if record.recovered:
            read[record] = _read_recovered(stream, record)
        elif (frame := by_offset.get(record.offset)) is None:
            read[record] = _missing("no record stands where it was found")
        else:
            read[record] = _read_at(_Decoded(chunk, frame, decoded[frame], parsed[frame]), record)
    return read


def _read_recovered(stream: BinaryIO, record: RecordToRead) -> TwoReadings:
    """Read a record from slack, or from a chunk that is not at its place: under a header without tables."""
    reading = _missing("no record stands where it was found")
    for start in _starts(stream, record.offset):
        chunk = with_blank_tables(_chunk_at(stream, start))
        frame = frame_at(chunk, record.offset - start)
        if frame is not None and has_its_templates(chunk, frame):
            (decoded,) = decode.decode_chunk(chunk, (frame,))
            (parsed,) = python_reader.parse_chunk(chunk, (frame,))
            reading = _read_at(_Decoded(chunk, frame, decoded, parsed), record)
            if reading.verdict is not Verdict.NOT_READ_AGAIN:
                break
    return reading


def _starts(stream: BinaryIO, offset: int) -> Iterator[int]:
    """Give where a chunk may begin that holds the byte at ``offset``: at its place first."""
    place = layout.FILE_HEADER_SIZE + slot_of(offset) * layout.CHUNK_SIZE
    yield place
    before = max(layout.FILE_HEADER_SIZE, place - layout.CHUNK_SIZE)
    stream.seek(before)
    data = stream.read(offset - before)
    at = data.find(layout.CHUNK_SIGNATURE)
    while at != -1:
        if before + at != place and before + at + layout.CHUNK_SIZE > offset:
            yield before + at
        at = data.find(layout.CHUNK_SIGNATURE, at + 1)


def _read_at(decoded: _Decoded, record: RecordToRead) -> TwoReadings:
    """Compare what both readers give, if it is still the record that was read before."""
    frame = decoded.frame
    content = decoded.chunk[frame.offset : frame.offset + frame.size]
    values = data_values(decoded.chunk, frame.offset, frame.size)
    evtx = fields_by_evtx(decoded.by_evtx, content, values or ())
    python_evtx = fields_by_python_evtx(decoded.by_python_evtx)
    known = [each.identity for each in (evtx, python_evtx) if not isinstance(each, str)]
    if known and not any(_is(record, each) for each in known):
        return _missing("another record than was read before stands at its place")
    return compare(evtx, python_evtx, values)


def _is(record: RecordToRead, identity: Identity) -> bool:
    own = str(identity.record_id) if identity.record_id >= 0 else ""
    return (record.event_id, record.record_id) == (str(identity.event_id), own)


def fields_by_evtx(decoded: Decoded, record: bytes, values: Sequence[DataValue]) -> RecordFields | str:
    """Return the fields that evtx gives of a record, or the reason why it gives none."""
    if isinstance(decoded, str):
        return _without_addresses(decoded)
    try:
        system = json_fields.system(decoded, record)
    except ValueError as error:
        return f"it has no time ({error})"
    return record_fields(json_fields.identity(decoded), system, json_fields.data(decoded, values))


def fields_by_python_evtx(event: etree._Element | str) -> RecordFields | str:
    """Return the fields that python-evtx gives of a record, or the reason why it gives none."""
    if isinstance(event, str):
        return _without_addresses(event)
    try:
        system = python_reader.system(event)
    except ValueError as error:
        return f"it has no time ({error})"
    return record_fields(python_reader.identity(event), system, python_reader.data(event))


def _missing(why: str) -> TwoReadings:
    return TwoReadings(EVTX, PYTHON_EVTX, missing=why)


def _is_chunk(chunk: bytes) -> bool:
    return len(chunk) >= layout.CHUNK_HEADER_SIZE and chunk.startswith(layout.CHUNK_SIGNATURE)


def _chunk_at(stream: BinaryIO, start: int) -> bytes:
    if start < 0:
        return b""
    stream.seek(start)
    return stream.read(layout.CHUNK_SIZE)


def _without_addresses(reason: str) -> str:
    """Return a library's message without addresses in memory, which differ from run to run."""
    return _ADDRESS.sub("", reason)
