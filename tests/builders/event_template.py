"""The Event element as Windows lays it out: two templates, one for the event and one for its data.

The numbering of the values is that of real Sysmon and System logs. Element names and order: the event schema,
https://learn.microsoft.com/windows/win32/wes/eventschema-systempropertiestype-complextype.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from tests.builders.binary_xml import (
    NO_DEPENDENCY,
    Attribute,
    Element,
    Instance,
    Substitution,
    Template,
    Text,
    element_bytes,
)
from tests.builders.typed_value import (
    Binary,
    Blank,
    FileTime,
    Guid,
    HexInt64,
    Sid,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Value,
    ValueType,
    type_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.builders.event_to_write import EventToWrite

_NAMESPACE: Final = "http://schemas.microsoft.com/win/2004/08/events/event"
_TEMPLATES: Final = UUID("0f7c9a52-41d6-4b0e-9d0b-2f6a8f1f3c55")
"""The name space of our templates' identifiers, which are version 5 UUIDs of their elements' bytes."""


class Slot(IntEnum):
    """The numbers of the event's own values; the last ones differ between the two kinds of providers."""

    LEVEL = 0
    OPCODE = 1
    TASK = 2
    EVENT_ID = 3
    QUALIFIERS = 4
    KEYWORDS = 5
    TIME_CREATED = 6
    ACTIVITY_ID = 7
    PROCESS_ID = 8
    THREAD_ID = 9
    RECORD_ID = 10
    VERSION = 11
    USER_ID = 12
    MANIFEST_RELATED_ACTIVITY_ID = 13
    MANIFEST_PROVIDER_NAME = 14
    MANIFEST_PROVIDER_GUID = 15
    MANIFEST_CHANNEL = 16
    MANIFEST_DATA = 17
    CLASSIC_RELATED_ACTIVITY_ID = 18
    CLASSIC_DATA = 19


def event_instance(event: EventToWrite) -> Instance:
    """Return the BinXML of ``event``: the Event element with its data as a value inside."""
    data = Instance(_template_of_data(event), tuple(_data_values(event)), classic=event.classic)
    # The strings of the event's own values (provider, channel) never have a terminator: classic here.
    return Instance(_event_template(event), (*_system_values(event), data), classic=True)


def _template_of_data(event: EventToWrite) -> Template:
    user_data = event.user_data
    if user_data is not None:
        return _user_data_template(user_data.element, user_data.namespace, _types(user_data.fields))
    return _data_template(_types(event.data), binary=event.binary is not None)


def _types(fields: tuple[tuple[str, Value], ...]) -> tuple[tuple[str, ValueType], ...]:
    return tuple((name, type_of(value)) for name, value in fields)


def _data_values(event: EventToWrite) -> Iterator[Value]:
    """Give the fields' values; of Binary Windows writes the size first, which no element shows."""
    fields = event.data if event.user_data is None else event.user_data.fields
    yield from (value for _, value in fields)
    if event.user_data is None and event.binary is not None:
        yield from (UInt32(len(event.binary)), Binary(event.binary))


def _system_values(event: EventToWrite) -> tuple[Value, ...]:
    """Real logs keep a place for the absent Qualifiers and ActivityID of a manifest's event."""
    common: tuple[Value, ...] = (
        UInt8(event.level),
        UInt8(event.opcode),
        UInt16(event.task),
        UInt16(event.event_id),
        Blank(2) if event.qualifiers is None else UInt16(event.qualifiers),
        HexInt64(event.keywords),
        FileTime(event.time_created),
        None if event.classic else Blank(16),
        UInt32(event.process_id),
        UInt32(event.thread_id),
        UInt64(event.record_id),
        UInt8(event.version),
        None if event.user_sid is None else Sid(event.user_sid),
    )
    if event.classic:
        return common + (None,) * (Slot.CLASSIC_DATA - len(common))
    guid = None if event.provider_guid is None else Guid(event.provider_guid)
    return (*common, None, event.provider, guid, event.channel)


def _optional(index: int, value_type: ValueType) -> Substitution:
    return Substitution(index, value_type, optional=True)


def _value_element(name: str, index: int, value_type: ValueType) -> Element:
    """An element that holds one value and is there only with it."""
    return Element(name, content=(_optional(index, value_type),), depends_on=index)


def _attributes_element(name: str, **attributes: tuple[Slot, ValueType]) -> Element:
    """An empty element whose attributes are there only with their values."""
    return Element(
        name, tuple(Attribute(attribute, _optional(*value)) for attribute, value in attributes.items())
    )


_MANIFEST_PROVIDER: Final = _attributes_element(
    "Provider",
    Name=(Slot.MANIFEST_PROVIDER_NAME, ValueType.STRING),
    Guid=(Slot.MANIFEST_PROVIDER_GUID, ValueType.GUID),
)


def _event_template(event: EventToWrite) -> Template:
    if event.classic:
        provider = _classic_provider(event.provider, event.provider_guid, event.event_source_name)
        channel = Element("Channel", content=(Text(event.channel),))
        related, data = Slot.CLASSIC_RELATED_ACTIVITY_ID, Slot.CLASSIC_DATA
    else:
        provider = _MANIFEST_PROVIDER
        channel = _value_element("Channel", Slot.MANIFEST_CHANNEL, ValueType.STRING)
        related, data = Slot.MANIFEST_RELATED_ACTIVITY_ID, Slot.MANIFEST_DATA
    inside = _optional(data, ValueType.BINARY_XML)
    content = inside if event.user_data is None else Element("UserData", content=(inside,))
    return _template(provider, channel, event.computer, related, content)


def _classic_provider(name: str, guid: str | None, event_source_name: str | None) -> Element:
    texts = {
        "Name": name,
        "Guid": None if guid is None else f"{{{UUID(guid)}}}",
        "EventSourceName": event_source_name,
    }
    given = {attribute: text for attribute, text in texts.items() if text is not None}
    return Element("Provider", tuple(Attribute(attribute, Text(text)) for attribute, text in given.items()))


@cache
def _template(
    provider: Element, channel: Element, computer: str, related: Slot, data: Substitution | Element
) -> Template:
    """The template of the events of one provider on one computer."""
    elements = (provider, *_numbers(), *_circumstances(related), channel, *_place(computer))
    root = Element(
        "Event",
        (Attribute("xmlns", Text(_NAMESPACE)),),
        (Element("System", content=elements), data),
        depends_on=Slot.CLASSIC_DATA if related is Slot.CLASSIC_RELATED_ACTIVITY_ID else Slot.MANIFEST_DATA,
    )
    return _identified(root)


def _numbers() -> tuple[Element, ...]:
    return (
        Element(
            "EventID",
            (Attribute("Qualifiers", _optional(Slot.QUALIFIERS, ValueType.UINT16)),),
            (_optional(Slot.EVENT_ID, ValueType.UINT16),),
            depends_on=Slot.EVENT_ID,
        ),
        _value_element("Version", Slot.VERSION, ValueType.UINT8),
        _value_element("Level", Slot.LEVEL, ValueType.UINT8),
        _value_element("Task", Slot.TASK, ValueType.UINT16),
        _value_element("Opcode", Slot.OPCODE, ValueType.UINT8),
        _value_element("Keywords", Slot.KEYWORDS, ValueType.HEX_INT64),
    )


def _circumstances(related: Slot) -> tuple[Element, ...]:
    return (
        _attributes_element("TimeCreated", SystemTime=(Slot.TIME_CREATED, ValueType.FILETIME)),
        _value_element("EventRecordID", Slot.RECORD_ID, ValueType.UINT64),
        _attributes_element(
            "Correlation",
            ActivityID=(Slot.ACTIVITY_ID, ValueType.GUID),
            RelatedActivityID=(related, ValueType.GUID),
        ),
        _attributes_element(
            "Execution",
            ProcessID=(Slot.PROCESS_ID, ValueType.UINT32),
            ThreadID=(Slot.THREAD_ID, ValueType.UINT32),
        ),
    )


def _place(computer: str) -> tuple[Element, ...]:
    return (
        Element("Computer", content=(Text(computer),)),
        _attributes_element("Security", UserID=(Slot.USER_ID, ValueType.SID)),
    )


@cache
def _data_template(fields: tuple[tuple[str, ValueType], ...], *, binary: bool) -> Template:
    """The template of the data of events with these fields: one ``Data`` element for each."""
    elements = [
        Element(
            "Data",
            (Attribute("Name", Text(name)),) if name else (),
            (_data_substitution(index, value_type),),
            depends_on=index if value_type is ValueType.STRING_ARRAY else NO_DEPENDENCY,
        )
        for index, (name, value_type) in enumerate(fields)
    ]
    if binary:
        elements.append(_value_element("Binary", len(fields) + 1, ValueType.BINARY))
    return _identified(Element("EventData", content=tuple(elements)))


@cache
def _user_data_template(element: str, namespace: str, fields: tuple[tuple[str, ValueType], ...]) -> Template:
    """The template of an element of a provider's own: one element for each field, named as that is."""
    return _identified(
        Element(
            element,
            (Attribute("xmlns", Text(namespace)),),
            tuple(
                Element(name, content=(_data_substitution(index, value_type),))
                for index, (name, value_type) in enumerate(fields)
            ),
        )
    )


def _data_substitution(index: int, value_type: ValueType) -> Substitution:
    """In real templates, where a field may be null, it is optional; its type is then a string's."""
    if value_type is ValueType.NULL:
        return _optional(index, ValueType.STRING)
    if value_type is ValueType.STRING_ARRAY:
        return _optional(index, value_type)
    return Substitution(index, value_type)


def _identified(root: Element) -> Template:
    return Template(uuid5(_TEMPLATES, element_bytes(root).hex()), root)
