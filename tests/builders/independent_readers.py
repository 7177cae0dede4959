"""Four event log readers that nobody here wrote, behind one shape: what each of them sees in a log."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from uuid import UUID

import pyevtx
from dissect.eventlog.evtx import Evtx as DissectEvtx
from evtx import PyEvtxParser
from Evtx.Evtx import FileHeader
from lxml import etree

from parsers.filetime import from_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_NAMESPACE: Final = "{http://schemas.microsoft.com/win/2004/08/events/event}"


class Reading(NamedTuple):
    """A record as a reader gives it; ``written`` (its header's time) is None where digits are lost."""

    record_id: int
    written: int | None
    created: int
    provider: str
    event_id: int
    computer: str
    fields: Mapping[str, str]


class Reader(NamedTuple):
    """A reader, with how it shows bytes and GUIDs, and by how many ticks its times are off."""

    name: str
    read: Callable[[bytes], Iterator[Reading]]
    binary: Callable[[str], bytes]
    guid: Callable[[str], UUID]
    tolerance: int


def to_ticks(shown: str) -> int:
    """Return the ticks of a UTC time as readers show it, whatever they write after the digits."""
    digits = shown[19:].lstrip(".").removesuffix("+00:00").rstrip(" UTCZ")
    return from_text(f"{shown[:19]}.{digits[:7] or '0'}Z")


def _from_xml(xml: str, written: int | None) -> Reading:
    event = etree.fromstring(xml.encode())

    def system(name: str) -> etree._Element:
        found = event.find(f"{_NAMESPACE}System/{_NAMESPACE}{name}")
        assert found is not None
        return found

    return Reading(
        record_id=int(system("EventRecordID").text or ""),
        written=written,
        created=to_ticks(system("TimeCreated").attrib["SystemTime"]),
        provider=system("Provider").attrib["Name"],
        event_id=int(system("EventID").text or ""),
        computer=system("Computer").text or "",
        fields={data.get("Name", ""): data.text or "" for data in event.iter(f"{_NAMESPACE}Data")},
    )


def _evtx(log: bytes) -> PyEvtxParser:
    # Indented, its XML has white space inside of elements that are empty.
    return PyEvtxParser(BytesIO(log), validate_checksums=True, indent=False)


def _read_with_evtx(log: bytes) -> Iterator[Reading]:
    for record in cast("Iterator[dict[str, str]]", _evtx(log).records()):
        yield _from_xml(record["data"], to_ticks(record["timestamp"]))


def _read_with_python_evtx(log: bytes) -> Iterator[Reading]:
    for chunk in FileHeader(log, 0).chunks():
        for record in chunk.records():
            yield _from_xml(record.xml(), None)


def _read_with_libevtx(log: bytes) -> Iterator[Reading]:
    file = pyevtx.file()
    file.open_file_object(BytesIO(log))
    for record in file.records:
        yield _from_xml(record.xml_string.rstrip("\0"), record.get_written_time_as_integer())
    file.close()


def _read_with_dissect(log: bytes) -> Iterator[Reading]:
    for record in DissectEvtx(BytesIO(log)):
        names = list(record)
        data = names[names.index("Security_UserID") + 1 :]
        yield Reading(
            record_id=record["EventRecordID"],
            written=None,
            created=to_ticks(str(record["TimeCreated_SystemTime"])),
            provider=str(record["Provider_Name"]),
            event_id=int(record["EventID"]),
            computer=str(record["Computer"]),
            fields={"" if name == "Data" else name: _shown_by_dissect(record[name]) for name in data},
        )


def _shown_by_dissect(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii")
    return "" if value is None else str(value)


def _unswapped(shown: str) -> UUID:
    """Dissect shows a GUID's bytes in the order in which they are stored."""
    return UUID(bytes_le=UUID(shown).bytes)


EVTX: Final = Reader("evtx", _read_with_evtx, bytes.fromhex, UUID, 9)
PYTHON_EVTX: Final = Reader("python-evtx", _read_with_python_evtx, base64.b64decode, UUID, 20)
LIBEVTX: Final = Reader("libevtx", _read_with_libevtx, bytes.fromhex, UUID, 0)
DISSECT: Final = Reader("dissect", _read_with_dissect, bytes.fromhex, _unswapped, 20)
READERS: Final = (EVTX, PYTHON_EVTX, LIBEVTX, DISSECT)


def _xml_by_evtx(log: bytes) -> Iterator[str]:
    return (record["data"] for record in cast("Iterator[dict[str, str]]", _evtx(log).records()))


def _xml_by_python_evtx(log: bytes) -> Iterator[str]:
    return (record.xml() for chunk in FileHeader(log, 0).chunks() for record in chunk.records())


def _xml_by_libevtx(log: bytes) -> Iterator[str]:
    file = pyevtx.file()
    file.open_file_object(BytesIO(log))
    yield from (record.xml_string.rstrip("\0") for record in file.records)
    file.close()


XML: Final[Mapping[str, Callable[[bytes], Iterator[str]]]] = {
    "evtx": _xml_by_evtx,
    "python-evtx": _xml_by_python_evtx,
    "libevtx": _xml_by_libevtx,
}
"""By name, the readers that show a record as XML."""


def content_of(xml: str) -> list[tuple[str, str]]:
    """Return the names and texts of the elements behind the System part that have none inside, in order.

    A ``Data`` with a name is given by that.
    """
    data = list(etree.fromstring(xml.encode()))[1]
    elements = (each for each in data.iter("*") if each is not data and not len(each))
    return [(each.get("Name") or etree.QName(each).localname, each.text or "") for each in elements]


def data_by_evtx(log: bytes) -> list[dict[str, str]]:
    """Return every record's data, read as JSON: unlike XML it can hold any character."""
    records = cast("Iterator[dict[str, str]]", _evtx(log).records_json())
    return [json.loads(record["data"])["Event"]["EventData"] or {} for record in records]


def checksums_hold(log: bytes) -> bool:
    """Whether python-evtx accepts the header of the file and of every chunk, with their checksums."""
    header = FileHeader(log, 0)
    return bool(header.verify()) and all(chunk.verify() for chunk in header.chunks())
