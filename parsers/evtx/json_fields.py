"""An event as the ``evtx`` library's JSON gives it, to the fields of a record.

What the library leaves to us: a field without content is ``null`` (here ``""``), one that the event does
not have is absent; numbers and truth values come typed (here as Windows shows them). GUIDs come bare and
times are cut to microseconds; the values of the record, which are beside it, tell which texts these are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from parsers import filetime
from parsers.evtx.data_values import guid_text, ticks_of
from parsers.evtx.exact_time import exact_ticks
from parsers.evtx.fields import BINARY, UNNAMED, Field, Identity, System, to_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from parsers.evtx.data_values import DataValue

_DIGITS_LEFT: Final = 6
_CUT_DIGITS: Final = 9
"""Times are cut to microseconds: up to nine ticks are lost."""

_NO_ELEMENTS: Final = frozenset({"#attributes", "#text"})


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


def data(document: dict[str, Any], values: Sequence[DataValue]) -> tuple[Field, ...]:
    """Return the event's fields in file order; ``values`` are those of its record, as far as they are known.

    Unnamed fields of EventData are ``#1``, ``#2`` and so on. Of UserData these are the elements below its
    single one that have none inside, by their names.
    """
    fields = (*_event_data(document), *_user_data(document))
    restored = _restored((text for _, text in fields), values)
    return tuple((name, text) for (name, _), text in zip(fields, restored, strict=True))


def _event_data(document: dict[str, Any]) -> Iterator[Field]:
    for name, value in _inside(document["Event"].get("EventData")):
        if name == "Data":
            yield from (
                (f"{UNNAMED}{place}", _text(each)) for place, each in enumerate(_unnamed(value), start=1)
            )
        elif name != BINARY or value:
            yield name, _text(value)


def _user_data(document: dict[str, Any]) -> Iterator[Field]:
    for _, element in _inside(document["Event"].get("UserData")):
        for name, value in _inside(element):
            yield from _leaves(name, value)


def _leaves(name: str, element: object) -> Iterator[Field]:
    """Give the elements that have none inside, by name without the prefix of a namespace."""
    inside = _inside(element)
    if not inside:
        yield name.rpartition(":")[2], _text(element)
    for each, value in inside:
        yield from _leaves(each, value)


def _inside(element: object) -> list[tuple[str, Any]]:
    """Return the elements inside of ``element`` by name."""
    if not isinstance(element, dict):
        return []
    return [(name, value) for name, value in element.items() if name not in _NO_ELEMENTS]


def _restored(texts: Iterable[str], values: Sequence[DataValue]) -> Iterator[str]:
    """Give texts with what the library left out of GUIDs and times; times come in their values' order."""
    guids = {text for value in values if (text := guid_text(value)) is not None}
    times = [ticks for value in values if (ticks := ticks_of(value)) is not None]
    cut = [filetime.to_text(ticks, _DIGITS_LEFT) for ticks in times]
    place = 0
    for text in texts:
        if text in cut[place:]:
            place = cut.index(text, place) + 1
            yield filetime.to_text(times[place - 1])
        else:
            yield braced if (braced := f"{{{text}}}") in guids else text


def names(document: dict[str, Any]) -> Iterator[str]:
    """Give the event's elements and attributes, for ``are_names_of_an_event``.

    The library makes keys of EventData's named fields; what has attributes there is none of these.
    """
    yield from (f"Event/{name}" for name in document["Event"] if name != "#attributes")
    for name, element in _system(document).items():
        yield f"System/{name}"
        yield from (f"System/{name}@{attribute}" for attribute in _attributes(element))
    for name, value in _inside(document["Event"].get("EventData")):
        yield from (f"EventData/{name}@{attribute}" for attribute in _attributes(value))
    for name, element in _inside(document["Event"].get("UserData")):
        yield from _names_of(f"UserData/{name}", element)
        for leaf, value in _inside(element):
            yield from _names_of(f"{name}/{leaf}", value)


def _names_of(name: str, element: object) -> Iterator[str]:
    """Give ``name``, and its attributes but for the declaration of its namespace."""
    yield name
    yield from (f"{name}@{attribute}" for attribute in _attributes(element) if attribute != "xmlns")


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
