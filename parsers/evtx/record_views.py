"""One record as both readers see it: their XML, and their fields compared after documented normalisation.

Normalised as :mod:`parsers.evtx.fields` says: GUIDs in upper case and braces, hexadecimal numbers without
leading zeros; and times are taken from the record's bytes, since neither reader keeps all of their digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from parsers import filetime
from parsers.evtx import decode, json_fields, python_reader
from parsers.evtx.data_values import data_values
from parsers.evtx.recovery import with_blank_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.fields import Field, Identity, System
    from parsers.evtx.frame import Frame


class FieldDifference(NamedTuple):
    """A field of which the readers say different things; None where a reader does not have it."""

    name: str
    evtx: str | None
    python_evtx: str | None


class ReaderView(NamedTuple):
    """What one reader makes of a record: its XML and fields by name, or the reason why it makes nothing."""

    xml: str
    fields: Mapping[str, str]
    failure: str


class RecordViews(NamedTuple):
    """Both readers' views, how many fields are the same, and those that are not."""

    evtx: ReaderView
    python_evtx: ReaderView
    same: int
    differences: tuple[FieldDifference, ...]


def read_views(chunk: bytes, frame: Frame, *, recovered: bool = False) -> RecordViews:
    """Read the record at ``frame`` by both readers; ``recovered`` as records from slack are. Never raises."""
    chunk = with_blank_tables(chunk) if recovered else chunk
    record = chunk[frame.offset : frame.offset + frame.size]
    rust, python = _by_evtx(chunk, frame, record), _by_python_evtx(chunk, frame)
    names = [] if rust.failure or python.failure else list(dict.fromkeys((*rust.fields, *python.fields)))
    pairs = [FieldDifference(name, rust.fields.get(name), python.fields.get(name)) for name in names]
    differences = tuple(each for each in pairs if each.evtx != each.python_evtx)
    return RecordViews(rust, python, len(pairs) - len(differences), differences)


def _by_evtx(chunk: bytes, frame: Frame, record: bytes) -> ReaderView:
    document = decode.decode_chunk(chunk, (frame,))[0]
    if isinstance(document, str):
        return ReaderView("", {}, document)
    values = data_values(chunk, frame.offset, frame.size)
    fields = _fields(json_fields.identity(document), json_fields.data(document, values or ()))
    try:
        fields |= _system(json_fields.system(document, record))
    except ValueError as error:
        fields["TimeCreated"] = f"no time: {error}"
    return ReaderView(decode.record_xml(chunk, frame), fields, "")


def _by_python_evtx(chunk: bytes, frame: Frame) -> ReaderView:
    xml = python_reader.record_xml(chunk, frame)
    event = next(python_reader.parse_chunk(chunk, (frame,)))
    if isinstance(event, str):
        return ReaderView(xml, {}, event)
    fields = _fields(python_reader.identity(event), python_reader.data(event))
    try:
        fields |= _system(python_reader.system(event))
    except ValueError as error:
        fields["TimeCreated"] = f"no time: {error}"
    return ReaderView(xml, fields, "")


def _fields(identity: Identity, data: tuple[Field, ...]) -> dict[str, str]:
    named = {
        "Provider": identity.provider,
        "EventID": str(identity.event_id),
        "Channel": identity.channel,
        "Computer": identity.computer,
        "EventRecordID": str(identity.record_id),
    }
    return named | {f"EventData/{name}": text for name, text in data}


def _system(system: System) -> dict[str, str]:
    ticks = system.time_created
    time = filetime.to_text(ticks) if 0 <= ticks <= filetime.MAX_TICKS else f"{ticks:#x}"
    return {"TimeCreated": time, "Security/UserID": system.user_sid}
