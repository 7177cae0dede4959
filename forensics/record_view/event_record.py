"""A record of an event log: both readers' XML, what they differ in, its bytes, and the headers around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.record_view.section import (
    Section,
    hex_dump,
    marked_dump,
    marks_as_data,
    two_readers,
)
from parsers.evtx import layout
from parsers.evtx.header_structure import checksums, mark_chunk_header, mark_file_header
from parsers.evtx.record import RecordState
from parsers.evtx.record_bytes import read_record_bytes
from parsers.evtx.record_structure import mark_record
from parsers.evtx.record_views import read_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.record_view.row import Row
    from forensics.report.json_document import JsonValue
    from parsers.evidence.source import ByteSource
    from parsers.evtx.record_bytes import RecordBytes
    from parsers.evtx.record_views import ReaderView
    from parsers.marked_bytes import Mark

READERS: Final = ("evtx", "python-evtx")


def event_sections(row: Row, source: ByteSource, size: int) -> Iterator[Section]:
    """Give what there is of the record behind ``row``, whose record has ``size`` bytes.

    Raises NoRecord where none stands there, and OSError.
    """
    found = read_record_bytes(source, row.offset, size, row.text("source_path"))
    recovered = row.text("record_state") == RecordState.RECOVERED
    views = read_views(found.chunk, found.frame, recovered=recovered)
    for key, reader, view in zip(
        ("evtx", "python_evtx"), READERS, (views.evtx, views.python_evtx), strict=True
    ):
        yield _xml(f"xml_{key}", reader, view)
    yield two_readers(
        READERS,
        "GUIDs in upper case and braces, hexadecimal unpadded, exact times",
        views.differences,
        views.same,
        compared=not (views.evtx.failure or views.python_evtx.failure),
    )
    yield _record(found, row.offset)
    yield _headers(found)
    yield _checksums(found)


def _xml(key: str, reader: str, view: ReaderView) -> Section:
    lines = view.xml.splitlines() if view.xml else []
    if view.failure:
        lines.append(f"cannot read it: {view.failure}")
    return Section(key, f"XML by {reader}", tuple(lines), {"xml": view.xml, "failure": view.failure})


def _record(found: RecordBytes, offset: int) -> Section:
    marks = mark_record(found.chunk, found.frame)
    title = f"The record's {len(found.record):,} bytes, at {offset:#x} of the file"
    data: JsonValue = {"offset": offset, "hex": found.record.hex(), "parts": marks_as_data(marks, offset)}
    return Section("record", title, tuple(marked_dump(found.record, marks, offset)), data)


def _headers(found: RecordBytes) -> Section:
    chunk = found.chunk[: layout.FILE_HEADER_USED]
    file_marks = mark_file_header(found.file_header)
    chunk_marks = mark_chunk_header(found.chunk) if found.has_header else ()
    lines = [
        "file header",
        *_fields(file_marks, found.file_header, 0),
        f"chunk header, at {found.chunk_offset:#x} of the file",
        *_fields(chunk_marks, chunk, found.chunk_offset),
    ]
    if not found.has_header:
        lines.append("  there is none: it was overwritten")
    data = {
        "file": marks_as_data(file_marks, 0),
        "chunk": marks_as_data(chunk_marks, found.chunk_offset),
        "chunk_offset": found.chunk_offset,
        "chunk_hex": chunk.hex(),
    }
    return Section("headers", "Headers", tuple(lines), data)


def _fields(marks: tuple[Mark, ...], data: bytes, at: int) -> Iterator[str]:
    for mark in marks:
        if mark.name == "unknown":
            continue
        yield f"  {mark.name:<20} {mark.meaning}"
        yield from (
            f"    {line}" for line in hex_dump(data[mark.offset : mark.offset + mark.size], at + mark.offset)
        )


def _checksums(found: RecordBytes) -> Section:
    checked = checksums(found.file_header, found.chunk if found.has_header else b"")
    lines = [
        f"{each.name}: stored {each.stored:#010x}, computed {each.computed:#010x}: "
        f"{'the same' if each.ok else 'DIFFERENT'}"
        for each in checked
    ]
    data: JsonValue = [
        {
            "name": each.name,
            "stored": f"{each.stored:#010x}",
            "computed": f"{each.computed:#010x}",
            "ok": each.ok,
        }
        for each in checked
    ]
    return Section("checksums", "Checksums (CRC-32)", tuple(lines), data)
