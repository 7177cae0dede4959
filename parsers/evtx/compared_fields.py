"""Two readers' fields of one record of an event log, compared one by one.

What is compared: of System the provider, event id, channel, computer, record id, time (to the tick) and user;
of EventData or UserData every field, by name. Both readers' texts are in the form that
:mod:`parsers.evtx.fields` says, so whatever is still unlike is either text that one of them lost, as
:mod:`parsers.known_defects` lists, or a disagreement. What the record's own bytes hold is said beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers import filetime
from parsers.evtx import python_reader
from parsers.evtx.exact_text import stored_texts, strings_of
from parsers.evtx.fields import with_names_apart
from parsers.two_readings import FieldReading, TwoReadings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from parsers.evtx.data_values import DataValue
    from parsers.evtx.fields import Field, Identity, System

EVTX: Final = "evtx"
PYTHON_EVTX: Final = "python-evtx"

UNPLACED: Final = "a text of the record"
"""What stands for the name of a field that no reader shows."""

_TIME: Final = "System/TimeCreated"
"""Of a time in the first seven minutes of 1601 evtx's cut digit is not restored: it looks like no time."""

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_REPEATED: Final = re.compile(r"(?P<name>.+)_[0-9]+")


class RecordFields(NamedTuple):
    """One reader's fields: those of System, and those of the event's data as they come."""

    identity: Identity
    system: Mapping[str, str]
    data: tuple[Field, ...]


def record_fields(identity: Identity, system: System, data: tuple[Field, ...]) -> RecordFields:
    """Return what one reader gives of a record, its System fields under the names that are shown."""
    fields = {
        "System/Provider": identity.provider,
        "System/EventID": str(identity.event_id),
        "System/Channel": identity.channel,
        "System/Computer": identity.computer,
        "System/EventRecordID": str(identity.record_id),
        _TIME: filetime.to_text(system.time_created),
        "System/UserID": system.user_sid,
    }
    return RecordFields(identity, fields, data)


def compare(
    evtx: RecordFields | str, python_evtx: RecordFields | str, values: Sequence[DataValue] | None
) -> TwoReadings:
    """Compare what both readers give, or the reasons why they give nothing; ``values`` are the record's."""
    given = {EVTX: evtx, PYTHON_EVTX: python_evtx}
    failures = {name: each for name, each in given.items() if isinstance(each, str)}
    first = None if isinstance(evtx, str) else evtx
    second = None if isinstance(python_evtx, str) else python_evtx
    fields = (*_system_fields(first, second), *_data_fields(first, second, values))
    return TwoReadings(EVTX, PYTHON_EVTX, failures, tuple(fields))


def shown_by_evtx(text: str) -> str:
    """Return what evtx makes of ``text``: it ends at a NUL and is without unpaired surrogates."""
    return _LONE_SURROGATE.sub("", text.partition("\0")[0])


_SHOWS: Final[Mapping[str, Callable[[str], str]]] = {EVTX: shown_by_evtx, PYTHON_EVTX: python_reader.shows}


def _system_fields(first: RecordFields | None, second: RecordFields | None) -> Iterator[FieldReading]:
    if first is not None and second is not None:
        for name, text in first.system.items():
            other = second.system[name]
            if name == _TIME and text != other and text == f"{other[:-2]}0Z":
                yield FieldReading(name, text, other, None, (EVTX,))
            else:
                yield from _field(name, text, other, None)


def _data_fields(
    first: RecordFields | None, second: RecordFields | None, values: Sequence[DataValue] | None
) -> Iterator[FieldReading]:
    texts = {
        reader: with_names_apart(each.data)
        for reader, each in ((EVTX, first), (PYTHON_EVTX, second))
        if each is not None
    }
    stored = _stored(texts, values)
    repeated = _repeated(texts)
    for name in dict.fromkeys(name for fields in texts.values() for name in fields):
        own = {reader: fields.get(name) for reader, fields in texts.items()}
        if name in repeated and len(set(own.values())) > 1:
            yield FieldReading(name, own[EVTX], own[PYTHON_EVTX], stored.get(name), (EVTX,))
        elif len(own) > 1:
            yield from _field(name, own[EVTX], own[PYTHON_EVTX], stored.get(name))
        else:
            yield from _against_record(name, own, stored.get(name))
    if values is not None and texts and not stored:
        yield from _unplaced(texts, values)


def _stored(
    texts: Mapping[str, Mapping[str, str]], values: Sequence[DataValue] | None
) -> Mapping[str, str | None]:
    """Return what the record's bytes hold by field, as far as any reader's fields tell where it stands."""
    for reader, fields in texts.items():
        aligned = None if values is None else stored_texts(values, tuple(fields.values()), _SHOWS[reader])
        if aligned:
            return dict(zip(fields, aligned, strict=True))
    return {}


def _repeated(texts: Mapping[str, Mapping[str, str]]) -> frozenset[str]:
    """Return the fields of names that come more than once, of which evtx gives only the last."""
    if len(texts) < 2:  # noqa: PLR2004 - there are two readers
        return frozenset()
    families: dict[str, list[str]] = {}
    for name in texts[PYTHON_EVTX]:
        numbered = _REPEATED.fullmatch(name)
        of = numbered["name"] if numbered and numbered["name"] in families else name
        families.setdefault(of, []).append(name)
    return frozenset(
        name
        for of, names in families.items()
        if len(names) > 1
        and not any(each in texts[EVTX] for each in names[1:])
        and texts[EVTX].get(of) == texts[PYTHON_EVTX][names[-1]]
        for name in names
    )


def _field(name: str, first: str | None, second: str | None, stored: str | None) -> Iterator[FieldReading]:
    """Give the field if the readers differ in it or are known to have lost a part of it."""
    if first == second and stored in {None, first}:
        return
    wholes = [each for each in (stored,) if each is not None] or [
        each for each in (first, second) if each is not None
    ]
    explained = (_lost_by(first, second, whole) for whole in wholes)
    lost = next((each for each in explained if each), ())
    yield FieldReading(name, first, second, stored, lost)


def _lost_by(first: str | None, second: str | None, whole: str) -> tuple[str, ...]:
    """Return which readers lost a part of ``whole``, or none where that does not explain what they give."""
    given = {EVTX: first, PYTHON_EVTX: second}
    if any(text not in {whole, _SHOWS[reader](whole)} for reader, text in given.items()):
        return ()
    return tuple(reader for reader, text in given.items() if text != whole)


def _against_record(name: str, own: Mapping[str, str | None], stored: str | None) -> Iterator[FieldReading]:
    """Give the field if the only reader that can read the record lost a part of it."""
    for reader, text in own.items():
        if stored is not None and text != stored:
            yield FieldReading(name, own.get(EVTX), own.get(PYTHON_EVTX), stored, (reader,))


def _unplaced(texts: Mapping[str, Mapping[str, str]], values: Sequence[DataValue]) -> Iterator[FieldReading]:
    """Give the texts that the record's bytes hold and no reader shows."""
    left = Counter(strings_of(values))
    shown = [Counter(each.values()) for each in texts.values()]
    for text in dict.fromkeys(strings_of(values)):
        if all(each[text] < left[text] for each in shown):
            yield FieldReading(UNPLACED, None, None, text, tuple(texts))
