"""A key or value of a hive: both readers' views, what they differ in, and the cells' bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.record_view.section import Section, marked_dump, marks_as_data, two_readers
from parsers.hive.cell_structure import mark_data, mark_key, mark_value
from parsers.hive.key_views import read_key_views
from parsers.hive.replay import replay_logs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.record_view.row import KeyPlace, Row
    from forensics.report.json_document import JsonValue
    from parsers.hive.cell_structure import MarkedCell
    from parsers.hive.key_views import KeyView
    from parsers.hive.replay_record import NamedLog

READERS: Final = ("python-registry", "regipy")
_REPLAYED: Final = "log_replayed"


def hive_sections(row: Row, place: KeyPlace, hive: bytes, logs: Sequence[NamedLog]) -> Iterator[Section]:
    """Give what there is of the key or value behind ``row``. Its offsets may be those of a replayed copy."""
    if row.text("record_state") == _REPLAYED:
        replay = replay_logs(hive, logs, row.text("source_path"))
        yield Section("replay", "Transaction logs", (replay.reason,), replay.reason)
        if replay.data is None:
            return
        hive = replay.data
    views = read_key_views(hive, place.path, place.key_offset)
    for key, reader, view in zip(
        ("python_registry", "regipy"), READERS, (views.python_registry, views.regipy), strict=True
    ):
        yield _view(f"view_{key}", reader, view)
    yield two_readers(
        READERS,
        "numbers in decimal, texts joined by '; ', bytes in hexadecimal",
        views.differences,
        views.same,
        compared=not (views.python_registry.failure or views.regipy.failure),
    )
    yield from _cells(hive, place)


def _view(key: str, reader: str, view: KeyView) -> Section:
    lines = [f"{name}: {text}" for name, text in view.fields.items()]
    if view.failure:
        lines.append(f"cannot read it: {view.failure}")
    return Section(key, f"The key by {reader}", tuple(lines), {**view.fields, "failure": view.failure})


def _cells(hive: bytes, place: KeyPlace) -> Iterator[Section]:
    yield _cell("key_cell", "key", place.key_offset, mark_key(hive, place.key_offset))
    if place.value_offset is not None:
        yield _cell("value_cell", "value", place.value_offset, mark_value(hive, place.value_offset))
        data = mark_data(hive, place.value_offset)
        if data is not None:
            yield _cell("data_cell", "data", data.offset, data)


def _cell(key: str, what: str, offset: int, cell: MarkedCell | None) -> Section:
    if cell is None:
        return Section(key, f"The {what}'s cell", (f"there is none at {offset:#x}",), None)
    title = f"The {what}'s cell: {len(cell.data):,} bytes, at {offset:#x} of the hive"
    data: JsonValue = {"offset": offset, "hex": cell.data.hex(), "parts": marks_as_data(cell.marks, offset)}
    return Section(key, title, tuple(marked_dump(cell.data, cell.marks, offset)), data)
