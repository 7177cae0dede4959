"""The second reader: python-evtx decodes, lxml parses. Slow, independent, and the only importer of both.

Each record is read where framing found it, so a wrong header count hides none of them. Known differences
from the first reader, none of them a fact of the evidence: control characters are dropped, CR LF becomes LF
as XML demands, text that is a padded hexadecimal number loses its zeros, and a record cannot be read at all
if it has a NUL inside of a text, an unpaired surrogate, a non-character or a time of zero.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

from Evtx.Evtx import ChunkHeader, Record
from lxml import etree

from parsers import filetime
from parsers.evtx import layout
from parsers.evtx.exact_time import exact_ticks
from parsers.evtx.fields import Field, Identity, System, to_number, with_braces, without_padding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from parsers.evtx.frame import Frame

_NAMESPACE: Final = "{http://schemas.microsoft.com/win/2004/08/events/event}"
_FLOAT_SHIFT: Final = 29
"""Its times are off by up to two microseconds, and have six digits."""


class _OnDemand(dict[int, Any]):
    """Names or templates of a chunk by their offsets, each read when a record first asks for it."""

    def __init__(self, read: Callable[[int], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, offset: int) -> Any:  # noqa: ANN401 - python-evtx's own nodes
        return self._read(offset)


class _Chunk(ChunkHeader):  # type: ignore[misc] # python-evtx ships no types
    """A chunk whose lists of names and templates are not followed: in a damaged one they go in circles."""

    def __init__(self, chunk: bytes) -> None:
        super().__init__(chunk, 0)
        self._strings = _OnDemand(self.add_string)
        self._templates = _OnDemand(self.add_template)

    def strings(self) -> _OnDemand:
        return self._strings

    def templates(self) -> _OnDemand:
        return self._templates


def parse_chunk(chunk: bytes, frames: Sequence[Frame]) -> Iterator[etree._Element | str]:
    """Give the XML of each record at ``frames`` of ``chunk``, or the reason why there is none."""
    whole = chunk.ljust(layout.CHUNK_SIZE, b"\0")
    header = _Chunk(whole)
    for frame in frames:
        yield _parse(whole, frame, header)


def record_xml(chunk: bytes, frame: Frame) -> str:
    """Return python-evtx's XML of the record at ``frame``, or ``""`` where it gives none; never raises."""
    whole = chunk.ljust(layout.CHUNK_SIZE, b"\0")
    try:
        return str(Record(whole, frame.offset, _Chunk(whole)).xml())
    except Exception:  # noqa: BLE001 - python-evtx raises whatever it meets; parse_chunk tells what
        return ""


def _parse(chunk: bytes, frame: Frame, header: _Chunk) -> etree._Element | str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(Record(chunk, frame.offset, header).xml().encode(), parser)
    except Exception as error:  # noqa: BLE001 - python-evtx raises whatever it meets; it becomes Damage
        return f"{type(error).__name__}: {' '.join(str(error).split())}"


def identity(event: etree._Element) -> Identity:
    """Return what tells whether an event is wanted, and whose it is."""
    provider = _element(event, "System/Provider")
    return Identity(
        provider="" if provider is None else provider.get("Name") or provider.get("EventSourceName") or "",
        event_id=to_number(_text(event, "System/EventID")),
        channel=_text(event, "System/Channel"),
        computer=_text(event, "System/Computer"),
        record_id=to_number(_text(event, "System/EventRecordID")),
    )


def system(event: etree._Element, record: bytes) -> System:
    """Return the event's System fields; ``record`` are its bytes, from which its exact time is taken.

    Raises ValueError where the event has no time.
    """
    created = filetime.from_text(_attribute(event, "System/TimeCreated", "SystemTime").replace("+00:00", ""))
    return System(
        user_sid=_attribute(event, "System/Security", "UserID"),
        time_created=exact_ticks(record, created, _FLOAT_SHIFT),
    )


def data(event: etree._Element) -> tuple[Field, ...]:
    """Return the event's EventData fields in file order; unnamed ones are ``#1``, ``#2`` and so on."""
    event_data = _element(event, "EventData")
    if event_data is None:
        return ()
    fields: list[Field] = []
    places = count(1)
    for element in event_data.iterchildren("*"):
        name = element.get("Name") or etree.QName(element).localname
        label = f"#{next(places)}" if name == "Data" else name
        fields.append((label, with_braces(label, without_padding(element.text or ""))))
    return tuple(fields)


def names(event: etree._Element) -> Iterator[str]:
    """Give the event's elements and attributes, for ``are_names_of_an_event``."""
    for part in event.iterchildren("*"):
        above = etree.QName(part).localname
        yield f"Event/{above}"
        for element in part.iterchildren("*") if above in {"System", "EventData"} else ():
            name = f"{above}/{etree.QName(element).localname}"
            yield name
            yield from (f"{name}@{attribute}" for attribute in map(str, element.attrib))


def _element(event: etree._Element, path: str) -> etree._Element | None:
    return event.find("/".join(_NAMESPACE + step for step in path.split("/")))


def _text(event: etree._Element, path: str) -> str:
    element = _element(event, path)
    return "" if element is None else element.text or ""


def _attribute(event: etree._Element, path: str, name: str) -> str:
    element = _element(event, path)
    return "" if element is None else element.get(name) or ""
