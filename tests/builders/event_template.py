"""The Event element as Windows lays it out: two templates, one for the event and one for its data.

The numbering of the values is that of real Sysmon and System logs. Element names and order: the event schema,
https://learn.microsoft.com/windows/win32/wes/eventschema-systempropertiestype-complextype.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from tests.builders.binary_xml import Attribute, Element, Instance, Substitution, Template, Text
from tests.builders.typed_value import (
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
    from tests.builders.event_to_write import EventToWrite

_NAMESPACE: Final = "http://schemas.microsoft.com/win/2004/08/events/event"
_TEMPLATES: Final = UUID("0f7c9a52-41d6-4b0e-9d0b-2f6a8f1f3c55")
"""The name space of our templates' identifiers, which are version 5 UUIDs of what the template says."""

_MANIFEST_DATA: Final = 17
_CLASSIC_DATA: Final = 19


def event_instance(event: EventToWrite) -> Instance:
    """Return the BinXML of ``event``: the Event element with its data as a value inside."""
    data = Instance(
        _data_template(tuple((name, type_of(value)) for name, value in event.data)),
        tuple(value for _, value in event.data),
        classic=event.classic,
    )
    # The strings of the event's own values (provider, channel) never have a terminator: classic here.
    return Instance(_event_template(event), (*_system_values(event), data), classic=True)


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
        return common + (None,) * (_CLASSIC_DATA - len(common))
    guid = None if event.provider_guid is None else Guid(event.provider_guid)
    return (*common, None, event.provider, guid, event.channel)


def _optional(index: int, value_type: ValueType) -> Substitution:
    return Substitution(index, value_type, optional=True)


def _value_element(name: str, index: int, value_type: ValueType) -> Element:
    """An element that holds one value and is there only with it."""
    return Element(name, content=(_optional(index, value_type),), depends_on=index)


def _event_template(event: EventToWrite) -> Template:
    if event.classic:
        provider = _classic_provider(event.provider, event.provider_guid, event.event_source_name)
        return _template(provider, Element("Channel", content=(Text(event.channel),)), 18, event.computer)
    provider = Element(
        "Provider",
        (
            Attribute("Name", _optional(14, ValueType.STRING)),
            Attribute("Guid", _optional(15, ValueType.GUID)),
        ),
    )
    return _template(provider, _value_element("Channel", 16, ValueType.STRING), 13, event.computer)


def _classic_provider(name: str, guid: str | None, event_source_name: str | None) -> Element:
    texts = {
        "Name": name,
        "Guid": None if guid is None else f"{{{UUID(guid)}}}",
        "EventSourceName": event_source_name,
    }
    given = {attribute: text for attribute, text in texts.items() if text is not None}
    return Element("Provider", tuple(Attribute(attribute, Text(text)) for attribute, text in given.items()))


@cache
def _template(provider: Element, channel: Element, related_activity: int, computer: str) -> Template:
    """The template of the events of one provider on one computer; the data is the value after all others."""
    data = _MANIFEST_DATA if channel.depends_on == 16 else _CLASSIC_DATA
    system = Element("System", content=(provider, *_system_elements(related_activity, channel, computer)))
    root = Element(
        "Event",
        (Attribute("xmlns", Text(_NAMESPACE)),),
        (system, _optional(data, ValueType.BINARY_XML)),
        depends_on=data,
    )
    return _identified(root)


def _system_elements(related_activity: int, channel: Element, computer: str) -> tuple[Element, ...]:
    return (
        Element(
            "EventID",
            (Attribute("Qualifiers", _optional(4, ValueType.UINT16)),),
            (_optional(3, ValueType.UINT16),),
            depends_on=3,
        ),
        _value_element("Version", 11, ValueType.UINT8),
        _value_element("Level", 0, ValueType.UINT8),
        _value_element("Task", 2, ValueType.UINT16),
        _value_element("Opcode", 1, ValueType.UINT8),
        _value_element("Keywords", 5, ValueType.HEX_INT64),
        Element("TimeCreated", (Attribute("SystemTime", _optional(6, ValueType.FILETIME)),)),
        _value_element("EventRecordID", 10, ValueType.UINT64),
        Element(
            "Correlation",
            (
                Attribute("ActivityID", _optional(7, ValueType.GUID)),
                Attribute("RelatedActivityID", _optional(related_activity, ValueType.GUID)),
            ),
        ),
        Element(
            "Execution",
            (
                Attribute("ProcessID", _optional(8, ValueType.UINT32)),
                Attribute("ThreadID", _optional(9, ValueType.UINT32)),
            ),
        ),
        channel,
        Element("Computer", content=(Text(computer),)),
        Element("Security", (Attribute("UserID", _optional(12, ValueType.SID)),)),
    )


@cache
def _data_template(fields: tuple[tuple[str, ValueType], ...]) -> Template:
    """The template of the data of events with these fields: one ``Data`` element for each."""
    return _identified(
        Element(
            "EventData",
            content=tuple(
                Element(
                    "Data",
                    (Attribute("Name", Text(name)),) if name else (),
                    (_data_substitution(index, value_type),),
                )
                for index, (name, value_type) in enumerate(fields)
            ),
        )
    )


def _data_substitution(index: int, value_type: ValueType) -> Substitution:
    """In real templates, where a field may be null, it is optional; its type is then a string's."""
    if value_type is ValueType.NULL:
        return _optional(index, ValueType.STRING)
    return Substitution(index, value_type)


def _identified(root: Element) -> Template:
    return Template(uuid5(_TEMPLATES, ascii(root)), root)
