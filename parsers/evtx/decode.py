"""Binary XML to text, one chunk at a time, by the ``evtx`` library: its only importer.

The library walks a chunk from its first record and stops at the first thing that is none. So it is given a
copy of the chunk whose header says what framing found, and where that does not give each frame its event,
every frame is decoded alone: a record that cannot be read then costs itself and no other.
"""

from __future__ import annotations

import json
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import evtx

from parsers.evtx import layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parsers.evtx.frame import Frame

Document = dict[str, Any]
"""The JSON of one event, as the library gives it; :mod:`parsers.evtx.json_fields` says what it means."""

Decoded = Document | str
"""A document, or the reason why there is none."""

_NO_RECORD_ID: Final = 2**64 - 1
_SPANNING_RECORD_ID: Final = 2**64 - 2


def decode_chunk(chunk: bytes, frames: Sequence[Frame]) -> tuple[Decoded, ...]:
    """Decode the records at ``frames`` of ``chunk``; one result for each frame, in order."""
    if not frames:
        return ()
    if frames[0].offset == layout.CHUNK_HEADER_SIZE and _contiguous(frames):
        results = tuple(_results(_patched(chunk, frames[-1])))
        if [record_id for record_id, _ in results] == [frame.record_id for frame in frames]:
            return tuple(decoded for _, decoded in results)
    return tuple(_decode_alone(chunk, frame) for frame in frames)


def record_xml(chunk: bytes, frame: Frame) -> str:
    """Return the library's XML of the record at ``frame``, or ``""`` where it gives none; never raises."""
    log = BytesIO(_FILE_HEADER + _alone(chunk, frame))
    events = iter(evtx.PyEvtxParser(log, number_of_threads=1).records())
    while True:
        try:
            record = next(events, None)
        except RuntimeError:
            continue
        if record is None:
            return ""
        if record["event_record_id"] == frame.record_id:
            return str(record["data"])


def _contiguous(frames: Sequence[Frame]) -> bool:
    return all(a.offset + a.size == b.offset and a.whole for a, b in pairwise(frames))


def _patched(chunk: bytes, last: Frame) -> bytearray:
    """Return a whole chunk whose header says that its records end behind ``last``."""
    copy = bytearray(chunk.ljust(layout.CHUNK_SIZE, b"\0"))
    layout.UINT64.pack_into(copy, layout.LAST_RECORD_ID_AT, _NO_RECORD_ID)  # the library stops behind that id
    layout.UINT32.pack_into(copy, layout.LAST_RECORD_OFFSET_AT, last.offset)
    layout.UINT32.pack_into(copy, layout.FREE_SPACE_OFFSET_AT, last.offset + last.size)
    return copy


def _alone(chunk: bytes, frame: Frame) -> bytearray:
    """Return a chunk with one record, and a record header before it that spans all others."""
    copy = _patched(chunk, frame)
    layout.UINT32.pack_into(copy, frame.offset + 4, frame.size)
    start = layout.CHUNK_HEADER_SIZE
    if frame.offset > start:
        copy[start : start + layout.RECORD_HEADER_SIZE] = layout.pack_record_header(
            layout.RecordHeader(layout.RECORD_SIGNATURE, frame.offset - start, _SPANNING_RECORD_ID, 0)
        )
    return copy


def _decode_alone(chunk: bytes, frame: Frame) -> Decoded:
    """Decode one record by itself."""
    copy = _alone(chunk, frame)
    reason = "the decoder gave no event"
    for record_id, decoded in _results(copy):
        if record_id == frame.record_id:
            return decoded
        reason = decoded if isinstance(decoded, str) else reason
    return reason


def _results(chunk: bytearray) -> Iterator[tuple[int | None, Decoded]]:
    """Give the id and document of each record that the library walks, or None and its error."""
    events = iter(evtx.PyEvtxParser(BytesIO(_FILE_HEADER + chunk), number_of_threads=1).records_json())
    while True:
        try:
            record = next(events, None)
        except RuntimeError as error:
            yield None, _reason(error)
            continue
        if record is None:
            return
        yield record["event_record_id"], _document(record["data"])


def _document(text: str) -> Decoded:
    """Read the library's JSON, which may hold control characters as they are."""
    try:
        document = json.loads(text, strict=False)
    except ValueError as error:
        return f"what the decoder gave is no JSON ({error})"
    if not isinstance(document, dict) or not isinstance(document.get("Event"), dict):
        return "it holds no event"
    return document


def _reason(error: RuntimeError) -> str:
    return " ".join(str(error).split())


def _file_header() -> bytes:
    """Return the header of a file that holds one chunk, so that a chunk can be decoded by itself."""
    fields = layout.FileHeader(
        layout.FILE_SIGNATURE, 0, 0, 1, 128, 1, 3, layout.FILE_HEADER_SIZE, 1, b"", 0, 0
    )
    return layout.pack_file_header(fields).ljust(layout.FILE_HEADER_SIZE, b"\0")


_FILE_HEADER: Final = _file_header()
