"""An event as the ``evtx`` library's JSON gives it, to the fields of a record.

What the library leaves to us: a field without content is ``null`` (here ``""``), one that the event does
not have is absent; numbers and truth values come typed (here as Windows shows them); GUIDs come bare.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from parsers import filetime
from parsers.evtx.exact_time import exact_ticks
from parsers.evtx.fields import Field, Identity, System, to_number, with_braces

if TYPE_CHECKING:
    from collections.abc import Iterator

_CUT_DIGITS: Final = 9
"""``TimeCreated`` is cut to microseconds: up to nine ticks are lost."""


def identity(document: dict[str, Any]) -> Identity:
    """Return what tells whether an event is wanted, and whose it is."""
    system = _system(document)
    provider = _attributes(system.get("Provider"))
    return Identity(
        provider=_text(provider.get("Name") or provider.get("EventSourceName")),
        event_id=to_number(_text(system.get("EventID"))),
        channel=_text(system.get("Channel")),
        computer=_text(system.get("Computer")),
        record_id=to_number(_text(system.get("EventRecordID"))),
    )


def system(document: dict[str, Any], record: bytes) -> System:
    """Return the event's System fields; ``record`` are its bytes, from which its exact time is taken.

    Raises ValueError where the event has no time.
    """
    fields = _system(document)
    created = filetime.from_text(_text(_attributes(fields.get("TimeCreated")).get("SystemTime")))
    return System(
        user_sid=_text(_attributes(fields.get("Security")).get("UserID")),
        time_created=exact_ticks(record, created, _CUT_DIGITS),
    )


def data(document: dict[str, Any]) -> tuple[Field, ...]:
    """Return the event's EventData fields in file order; unnamed ones are ``#1``, ``#2`` and so on."""
    event_data = document["Event"].get("EventData")
    if not isinstance(event_data, dict):
        return ()
    fields: list[Field] = []
    for name, value in event_data.items():
        if name == "Data":
            fields += ((f"#{place}", _text(each)) for place, each in enumerate(_unnamed(value), start=1))
        elif name != "#attributes":
            fields.append((name, with_braces(name, _text(value))))
    return tuple(fields)


def names(document: dict[str, Any]) -> Iterator[str]:
    """Give the event's elements and attributes, for ``are_names_of_an_event``.

    The library makes keys of EventData's named fields; what has attributes there is none of these.
    """
    yield from (f"Event/{name}" for name in document["Event"] if name != "#attributes")
    for name, element in _system(document).items():
        yield f"System/{name}"
        yield from (f"System/{name}@{attribute}" for attribute in _attributes(element))
    event_data = document["Event"].get("EventData")
    for name, value in event_data.items() if isinstance(event_data, dict) else ():
        if name != "#attributes":
            yield from (f"EventData/{name}@{attribute}" for attribute in _attributes(value))


def _system(document: dict[str, Any]) -> dict[str, Any]:
    system = document["Event"].get("System")
    return system if isinstance(system, dict) else {}


def _attributes(element: object) -> dict[str, Any]:
    attributes = element.get("#attributes") if isinstance(element, dict) else None
    return attributes if isinstance(attributes, dict) else {}


def _unnamed(value: object) -> list[Any]:
    content = value.get("#text") if isinstance(value, dict) else value
    return content if isinstance(content, list) else [content]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case dict():
            return _text(value.get("#text"))
        case list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
