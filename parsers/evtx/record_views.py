"""One record as both readers see it: their XML, and their fields compared.

The same as :mod:`parsers.evtx.compared_fields` does for every record that grounds a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.evtx import decode, python_reader
from parsers.evtx.compared_fields import compare
from parsers.evtx.data_values import data_values
from parsers.evtx.fields import with_names_apart
from parsers.evtx.recovery import with_blank_tables
from parsers.evtx.second_reader import fields_by_evtx, fields_by_python_evtx

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.compared_fields import RecordFields
    from parsers.evtx.frame import Frame
    from parsers.two_readings import FieldReading

_SYSTEM: Final = "System/"


class ReaderView(NamedTuple):
    """What one reader makes of a record: its XML and fields by name, or the reason why it makes nothing."""

    xml: str
    fields: Mapping[str, str]
    failure: str


class RecordViews(NamedTuple):
    """Both readers' views, how many fields are the same, and those that are not where both read it."""

    evtx: ReaderView
    python_evtx: ReaderView
    same: int
    differences: tuple[FieldReading, ...]


def read_views(chunk: bytes, frame: Frame, *, recovered: bool = False) -> RecordViews:
    """Read the record at ``frame`` by both readers; ``recovered`` as records from slack are. Never raises."""
    chunk = with_blank_tables(chunk) if recovered else chunk
    record = chunk[frame.offset : frame.offset + frame.size]
    values = data_values(chunk, frame.offset, frame.size)
    (document,), (event,) = decode.decode_chunk(chunk, (frame,)), python_reader.parse_chunk(chunk, (frame,))
    fields = fields_by_evtx(document, record, values or ()), fields_by_python_evtx(event)
    rust = _view("" if isinstance(document, str) else decode.record_xml(chunk, frame), fields[0])
    python = _view(python_reader.record_xml(chunk, frame), fields[1])
    if rust.failure or python.failure:
        return RecordViews(rust, python, 0, ())
    differences = compare(*fields, values).fields
    names = {*rust.fields, *python.fields}
    return RecordViews(rust, python, len(names) - len(differences), differences)


def _view(xml: str, fields: RecordFields | str) -> ReaderView:
    if isinstance(fields, str):
        return ReaderView(xml, {}, fields)
    system = {name.removeprefix(_SYSTEM): text for name, text in fields.system.items()}
    data = {f"EventData/{name}": text for name, text in with_names_apart(fields.data).items()}
    return ReaderView(xml, system | data, "")
