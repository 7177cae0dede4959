"""The Event element without a template, as a collector writes events that other computers sent it as XML.

All values are text; a character that XML has a name for is a reference to that name.
Specification: [MS-EVEN6] 2.2.12 (EntityRef); layout as in a real log of forwarded events.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from parsers.filetime import to_text
from tests.builders.binary_xml import Attribute, Element, Entity, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.builders.binary_xml import Content
    from tests.builders.event_to_write import EventToWrite
    from tests.builders.typed_value import Value

_NAMESPACE: Final = "http://schemas.microsoft.com/win/2004/08/events/event"
_NAMES: Final = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_PARTS: Final = re.compile("([&<>])")


def plain_event(event: EventToWrite) -> Element:
    """Return the Event element of ``event``. Raises TypeError for a field that is neither text nor number."""
    content = tuple(_system(event))
    return Element(
        "Event",
        (Attribute("xmlns", Text(_NAMESPACE)),),
        (
            Element("System", content=content),
            _data(event),
            Element(
                "RenderingInfo", (Attribute("Culture", Text("en-US")),), (_leaf("Message", "A message"),)
            ),
        ),
    )


def _system(event: EventToWrite) -> Iterator[Element]:
    yield _empty("Provider", Name=event.provider)
    yield _leaf("EventID", str(event.event_id))
    yield _leaf("Version", str(event.version))
    yield _empty("TimeCreated", SystemTime=f"{to_text(event.time_created)[:-1]}00Z")
    yield _leaf("EventRecordID", str(event.record_id))
    yield _empty("Execution", ProcessID=str(event.process_id), ThreadID=str(event.thread_id))
    yield _leaf("Channel", event.channel)
    yield _leaf("Computer", event.computer)
    yield _empty("Security", **({} if event.user_sid is None else {"UserID": event.user_sid}))


def _data(event: EventToWrite) -> Element:
    user_data = event.user_data
    if user_data is None:
        named = [(name, _text(value)) for name, value in event.data]
        return Element("EventData", content=tuple(_leaf("Data", text, Name=name) for name, text in named))
    inside = tuple(_leaf(name, _text(value)) for name, value in user_data.fields)
    namespace = Attribute("xmlns", Text(user_data.namespace))
    return Element("UserData", content=(Element(user_data.element, (namespace,), inside),))


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    number = getattr(value, "value", None)
    if not isinstance(number, int):
        raise TypeError(f"not a text and not a number: {value!r}")
    return str(number)


def _leaf(name: str, text: str, **attributes: str) -> Element:
    return Element(name, _attributes(attributes), tuple(_pieces(text)))


def _empty(name: str, **attributes: str) -> Element:
    return Element(name, _attributes(attributes))


def _attributes(texts: dict[str, str]) -> tuple[Attribute, ...]:
    return tuple(Attribute(name, Text(text)) for name, text in texts.items() if text)


def _pieces(text: str) -> Iterator[Content]:
    for part in filter(None, _PARTS.split(text)):
        yield Entity(_NAMES[part]) if part in _NAMES else Text(part)
