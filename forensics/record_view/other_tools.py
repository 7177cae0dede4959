"""How somebody else finds the same record: by hex editor, and by tools that others wrote."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from forensics.record_view.section import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.record_view.row import Row


def other_tools_section(row: Row) -> Section:
    """Return where the record is and how it is had with other tools; it needs no evidence at hand."""
    lines = tuple(_lines(row))
    return Section("elsewhere", "How to find it with other tools", lines, list(lines))


def _lines(row: Row) -> Iterator[str]:
    path = row.text("source_path")
    name = path.rpartition("/")[2]
    yield f"file       {path} of evidence {row.text('evidence_id')}"
    yield f"sha256     {row.text('source_sha256')}"
    yield f"offset     {row.offset:#x} (decimal {row.offset})"
    size, place = row.record_size, row.key_place
    if row.text("record_state") == "log_replayed":
        yield f"place      {row.text('locator')}"
        yield "note       the offsets are those of the hive with its transaction logs replayed"
    else:
        length = size or 256
        file = shlex.quote(name)
        yield f"xxd        xxd -s {row.offset} -l {length} {file}"
        yield f"dd         dd if={file} bs=1 skip={row.offset} count={length} status=none | xxd"
    if size is not None:
        yield from _event_tools(row, name)
    elif place is not None:
        yield from _hive_tools(row, name)
    yield "image      from a disk image: mmls IMAGE; fls -o START -r -p IMAGE | grep -i -F " + shlex.quote(
        name
    )
    yield f"           icat -o START IMAGE INODE > {shlex.quote(name)}"


def _event_tools(row: Row, name: str) -> Iterator[str]:
    record_id, event_id = row.text("record_id"), row.text("event_id")
    query = f"*[System[(EventRecordID={record_id})]]"
    if row.text("record_state") == "recovered":
        yield "note       it is a recovered record: tools that read live records do not show it"
        return
    yield f"XPath      {query} (Event Viewer: Open Saved Log, Filter Current Log, XML)"
    yield f'wevtutil   wevtutil qe "{name}" /lf:true /q:"{query}" /f:xml'
    yield f"PowerShell Get-WinEvent -Path '{name.replace(chr(39), chr(39) * 2)}' -FilterXPath '{query}'"
    yield f'EvtxECmd   EvtxECmd.exe -f "{name}" --inc {event_id} --csv . (then EventRecordId {record_id})'


def _hive_tools(row: Row, name: str) -> Iterator[str]:
    place = row.key_place
    if place is None:
        return
    yield f"key        {row.text('channel_or_key')}"
    yield f"Explorer   Registry Explorer: ROOT\\{place.path}"
    value = f' --vn "{place.value_name}"' if place.value_name else ""
    yield f'RECmd      RECmd.exe -f "{name}" --kn "{place.path}"{value}'
    yield f"nk cell    {place.key_offset:#x} (decimal {place.key_offset})"
    if place.value_offset is not None:
        yield f"vk cell    {place.value_offset:#x} (decimal {place.value_offset}), value {place.value_name}"
