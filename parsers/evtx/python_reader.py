"""The second reader: python-evtx decodes, lxml parses. Slow, independent, and the only importer of the first.

Each record is read where framing found it, so a wrong header count hides none of them. Known differences
from the first reader, none of them a fact of the evidence: C0 control characters are dropped, and a record
cannot be read at all if it has a NUL inside of a text, an unpaired surrogate or a non-character, a list of
anything but strings, or no template.
"""

from __future__ import annotations

from copy import deepcopy
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from Evtx.Evtx import ChunkHeader, Record
from Evtx.Nodes import (
    BinaryTypeNode,
    BooleanTypeNode,
    BXmlTypeNode,
    FiletimeTypeNode,
    GuidTypeNode,
    Hex32TypeNode,
    Hex64TypeNode,
    SizeTypeNode,
    SystemtimeTypeNode,
    WstringArrayTypeNode,
)
from Evtx.Views import RESTRICTED_CHARS, render_root_node
from lxml import etree

from parsers import filetime
from parsers.evtx import layout, shown_value
from parsers.evtx.fields import BINARY, UNNAMED, Field, Identity, System, to_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from parsers.evtx.frame import Frame

_NAMESPACE: Final = "{http://schemas.microsoft.com/win/2004/08/events/event}"

_SHOWN: Final[Mapping[type, Callable[[bytes], str]]] = {
    BooleanTypeNode: shown_value.truth,
    BinaryTypeNode: shown_value.hexadecimal_bytes,
    GuidTypeNode: shown_value.guid,
    SizeTypeNode: shown_value.hexadecimal_number,
    FiletimeTypeNode: shown_value.file_time,
    SystemtimeTypeNode: shown_value.system_time,
    Hex32TypeNode: shown_value.hexadecimal_number,
    Hex64TypeNode: shown_value.hexadecimal_number,
}
"""The types of values that python-evtx shows in another way than Windows does."""


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
        self.taken_apart: dict[int, Any] = {}

    def strings(self) -> _OnDemand:
        return self._strings

    def templates(self) -> _OnDemand:
        return self._templates


class _Shown(NamedTuple):
    """A value in python-evtx's stead, where that shows one of its type in another way than Windows does."""

    text: str

    def string(self) -> str:
        return self.text


class _Lists(dict[str, list[str]]):
    """The lists of strings of one record, which python-evtx takes apart wrongly, by what stands for each.

    That has the record's digest in it, so no text of the record can be it.
    """

    def __init__(self, record: bytes) -> None:
        super().__init__()
        self._digest = sha256(record).hexdigest()

    def stand_in(self, content: bytes) -> str:
        """Keep a list and return what stands for it in the XML until that is parsed."""
        token = f"{len(self)} {self._digest}"
        self[token] = [shows(text) for text in shown_value.texts_of_list(content)]
        return token


class _Root:
    """The use of a template, with its values as they are to be shown."""

    def __init__(self, node: Any, lists: _Lists) -> None:  # noqa: ANN401 - python-evtx's own nodes
        self._node = node
        self._lists = lists

    def template(self) -> Any:  # noqa: ANN401 - python-evtx's own nodes
        """Return the template, which python-evtx would take apart anew for each of its uses."""
        offset = self._node.template_instance().template_offset()
        known = self._node._chunk.taken_apart  # noqa: SLF001 - the chunk is ours
        if offset not in known:
            known[offset] = self._node.template()
        return known[offset]

    def substitutions(self) -> list[Any]:
        return [self._shown(each) for each in self._node.substitutions()]

    def _shown(self, node: Any) -> Any:  # noqa: ANN401 - python-evtx's own nodes
        if isinstance(node, BXmlTypeNode):
            return _Nested(node, self._lists)
        if isinstance(node, WstringArrayTypeNode):
            return _Shown(self._lists.stand_in(node.binary()))
        show = _SHOWN.get(type(node))
        if show is None:
            return node
        size = node._length  # noqa: SLF001 - the value's own size, which is not always its type's
        return _Shown(show(node.unpack_binary(0, size)))


class _Nested(BXmlTypeNode):  # type: ignore[misc] # python-evtx ships no types
    """Binary XML inside of another's value."""

    def __init__(self, node: BXmlTypeNode, lists: _Lists) -> None:
        self._nested = _Root(node.root(), lists)

    def root(self) -> _Root:
        return self._nested


def shows(text: str) -> str:
    """Return what python-evtx makes of ``text``, if it can read the record at all.

    It takes all NULs at the end for terminators, and writes what is not ASCII as references before it drops
    control characters, so C1 controls stay.
    """
    kept = RESTRICTED_CHARS.sub(lambda match: match[0] if match[0] > "\x7f" else "", text)
    return str(kept).rstrip("\0")


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
        lists = _Lists(chunk[frame.offset : frame.offset + frame.size])
        xml = render_root_node(_Root(Record(chunk, frame.offset, header).root(), lists))
        # As it stands, a carriage return would be taken for a part of a line's end.
        event = etree.fromstring(xml.replace("\r", "&#13;").encode(), parser)
        _expand(event, lists)
    except Exception as error:  # noqa: BLE001 - python-evtx raises whatever it meets; it becomes Damage
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return event


def _expand(event: etree._Element, lists: Mapping[str, Sequence[str]]) -> None:
    """Put one element for each text in place of an element that holds a list of them."""
    for element in [each for each in event.iter("*") if each.text in lists]:
        texts = lists[element.text or ""]
        element.text = texts[-1]
        for text in texts[:-1]:
            before = deepcopy(element)
            before.text = text
            element.addprevious(before)


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


def system(event: etree._Element) -> System:
    """Return the event's System fields. Raises ValueError where the event has no time."""
    return System(
        user_sid=_attribute(event, "System/Security", "UserID"),
        time_created=filetime.from_text(_attribute(event, "System/TimeCreated", "SystemTime")),
    )


def data(event: etree._Element) -> tuple[Field, ...]:
    """Return the event's fields in file order.

    Unnamed fields of EventData are ``#1``, ``#2`` and so on. Of UserData these are the elements below its
    single one that have none inside, by their names.
    """
    return (*_event_data(event), *_user_data(event))


def _event_data(event: etree._Element) -> Iterator[Field]:
    places = count(1)
    for element in _inside(event, "EventData"):
        name = element.get("Name") or etree.QName(element).localname
        label = f"{UNNAMED}{next(places)}" if name == "Data" else name
        if label != BINARY or element.text:
            yield label, element.text or ""


def _user_data(event: etree._Element) -> Iterator[Field]:
    for element in _inside(event, "UserData"):
        for each in element.iterdescendants("*"):
            if next(each.iterchildren("*"), None) is None:
                yield etree.QName(each).localname, each.text or ""


def names(event: etree._Element) -> Iterator[str]:
    """Give the event's elements and attributes, for ``are_names_of_an_event``."""
    for part in event.iterchildren("*"):
        yield f"Event/{etree.QName(part).localname}"
    for above in ("System", "EventData", "UserData"):
        for element in _inside(event, above):
            yield from _names_of(above, element)
    for element in _inside(event, "UserData"):
        for leaf in element.iterchildren("*"):
            yield from _names_of(etree.QName(element).localname, leaf)


def _names_of(above: str, element: etree._Element) -> Iterator[str]:
    name = f"{above}/{etree.QName(element).localname}"
    yield name
    yield from (f"{name}@{attribute}" for attribute in map(str, element.attrib))


def _inside(event: etree._Element, name: str) -> Iterator[etree._Element]:
    """Give the elements inside of the event's part ``name``."""
    part = _element(event, name)
    if part is not None:
        yield from part.iterchildren("*")


def _element(event: etree._Element, path: str) -> etree._Element | None:
    return event.find("/".join(_NAMESPACE + step for step in path.split("/")))


def _text(event: etree._Element, path: str) -> str:
    element = _element(event, path)
    return "" if element is None else element.text or ""


def _attribute(event: etree._Element, path: str, name: str) -> str:
    element = _element(event, path)
    return "" if element is None else element.get(name) or ""
