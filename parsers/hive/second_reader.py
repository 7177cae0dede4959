"""Values of a hive read again, each by python-registry and by regipy, and compared.

What is compared: that both find the key, when it was last written (to the tick), and the value's name, type
and data; of a key that is meant as a whole, all of its values. Normalisation, by the value's type: a text is
compared whole, with what stands behind a NUL, but for NULs at its end; texts of a list without empty ones; a
number as a number; whatever else as bytes. What regipy is known to do otherwise stands in :func:`_as_regipy`.

Of the application compatibility cache the value's bytes are compared, and then the entry that this program
decodes with regipy's: its path, and its time within what regipy's way through floats moves it.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers import filetime
from parsers.errors import ParserError
from parsers.hive import appcompat_layout, layout
from parsers.hive.appcompat_cache import CacheEntry, LostEntry, read_entries
from parsers.hive.regipy_reader import (
    RegipyFailed,
    RegipyHive,
    RegipyKey,
    RegipyValue,
    cached_programs,
    names_shown,
)
from parsers.hive.value_text import several_texts
from parsers.hive.walk import HiveWalk
from parsers.two_readings import FieldReading, TwoReadings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parsers.evidence.source import ByteSource
    from parsers.hive.record import HiveValue
    from parsers.hive.walk import HiveKey

PYTHON_REGISTRY: Final = "python-registry"
REGIPY: Final = "regipy"

_TOLERANCE: Final = 2 * filetime.TICKS_PER_MICROSECOND
_NUMBERS: Final = {"REG_DWORD": 4, "REG_QWORD": 8}
_TEXTS: Final = frozenset({"REG_SZ", "REG_EXPAND_SZ"})
_NO_NAME: Final = "(default)"


class ValueToRead(NamedTuple):
    """A value, or a key as a whole, by the offset of its cell in bytes of the hive.

    ``key_path`` leads to its key, with a backslash between names. ``entry`` is the position in the
    compatibility cache, None for anything else.
    """

    key_path: str
    offset: int
    entry: int | None = None


class ValuesToRead(NamedTuple):
    """What one worker has to do: values of a hive's own file or, where that is given, of its replay."""

    source: ByteSource
    replayed: bytes | None
    values: tuple[ValueToRead, ...]


def read_values_again(task: ValuesToRead) -> tuple[TwoReadings, ...]:
    """Read each value of ``task`` by both readers, and compare; in the order in which they are given."""
    try:
        data = task.replayed if task.replayed is not None else _bytes_of(task.source)
    except OSError as error:
        return tuple(_missing(f"the hive cannot be read: {error}") for _ in task.values)
    return read_values_of(data, task.values)


def read_values_of(data: bytes, values: Sequence[ValueToRead]) -> tuple[TwoReadings, ...]:
    """Read each of ``values`` of the hive ``data`` by both readers, and compare. Never raises."""
    try:
        if not data.startswith(layout.SIGNATURE) or len(data) <= layout.BASE_BLOCK_SIZE + layout.FIRST_CELL:
            return tuple(_missing("the file is no hive any more") for _ in values)
        walk = HiveWalk(data, layout.unpack_base_block(data).root_cell, "the hive")
    except ParserError as error:
        return tuple(_missing(f"the hive cannot be read: {error}") for _ in values)
    try:
        regipy: RegipyHive | str = RegipyHive(data)
    except RegipyFailed as error:
        regipy = str(error)
    read: dict[ValueToRead, TwoReadings] = {}
    for path, of_key in groupby(sorted(set(values), key=_order), lambda each: each.key_path):
        key = walk.find(walk.root, *path.split("\\"))
        for value in of_key:
            read[value] = _missing("its key is not found") if key is None else _read(walk, key, regipy, value)
    return tuple(read[each] for each in values)


def _read(walk: HiveWalk, key: HiveKey, regipy: RegipyHive | str, place: ValueToRead) -> TwoReadings:
    values = walk.values(key)
    if place.offset != key.offset:
        values = tuple(each for each in values if each.offset == place.offset)
        if not values:
            return _missing("no value stands where it was found")
    if isinstance(regipy, str):
        return _one_reader(regipy)
    try:
        again = regipy.key(place.key_path)
        fields = [*_key_fields(key, again)]
        for value in values:
            fields += _value_fields(value, again, alone=place.offset != key.offset)
    except RegipyFailed as error:
        return _one_reader(str(error))
    note = ""
    if place.entry is not None and not fields:
        fields, note = _entry(values[0].raw, place.entry)
    return TwoReadings(PYTHON_REGISTRY, REGIPY, fields=tuple(fields), note=note)


def _order(place: ValueToRead) -> tuple[str, int, int]:
    return place.key_path, place.offset, -1 if place.entry is None else place.entry


def _key_fields(key: HiveKey, again: RegipyKey) -> Iterator[FieldReading]:
    if key.last_written != again.last_written:
        yield FieldReading("last written", shown_moment(key.last_written), shown_moment(again.last_written))


def _value_fields(value: HiveValue, again: RegipyKey, *, alone: bool) -> Iterator[FieldReading]:
    """Give what both readers do not give alike of ``value``. Raises RegipyFailed where regipy has it not."""
    found = _found(value, again.values)
    of = "" if alone else f" of {value.name or _NO_NAME}"
    if found.name not in {value.name, _NO_NAME}:
        yield FieldReading(f"name{of}", value.name, found.name, lost_by=(REGIPY,))
    shown_type = _type_name(found.type_name)
    if shown_type != value.type_name:
        yield FieldReading(f"type{of}", value.type_name, shown_type)
    if found.data not in _as_regipy(value):
        lost = (REGIPY,) if _is_begin(found.data, value) else ()
        yield FieldReading(f"data{of}", value.text, data_text(found.data), lost_by=lost)


def _found(value: HiveValue, values: Sequence[RegipyValue | str]) -> RegipyValue:
    wanted = {each.lower() for each in (names_shown(value.name) if value.name else (_NO_NAME,))}
    named = [each for each in values if isinstance(each, RegipyValue) and each.name.lower() in wanted]
    alike = (each for each in named if each.data in _as_regipy(value))
    found = next(alike, next(iter(named), None))
    if found is not None:
        return found
    reasons = [each for each in values if isinstance(each, str)]
    raise RegipyFailed(reasons[0] if reasons else "it gives no value of that name")


def _as_regipy(value: HiveValue) -> tuple[object, ...]:
    """Return as what regipy may give the bytes of ``value``, of which each is a faithful reading of them."""
    raw, kind = value.raw, value.type_name
    if kind in _NUMBERS:
        return (int.from_bytes(raw, "little"),) if len(raw) == _NUMBERS[kind] else ()
    if kind == "REG_MULTI_SZ":
        return ([each for each in several_texts(raw) if each],)
    if kind in {"REG_BINARY", "REG_NONE", "REG_RESOURCE_LIST", "REG_RESOURCE_REQUIREMENTS_LIST"}:
        return (raw,)
    return _as_text(raw)


def _is_begin(data: object, value: HiveValue) -> bool:
    """Whether ``data`` are the first texts of a list, of which regipy leaves out what does not end."""
    if value.type_name != "REG_MULTI_SZ" or not isinstance(data, list):
        return False
    texts = [each for each in several_texts(value.raw) if each]
    return data == texts[: len(data)]


def _as_text(raw: bytes) -> tuple[object, ...]:
    """Return as what regipy gives bytes that it takes for text: where they are no UTF-16, UTF-8 or bytes."""
    for encoding in ("utf-16-le", "utf-8"):
        with suppress(UnicodeDecodeError):
            return (raw.decode(encoding).rstrip("\0"),)
    return (raw,)


def data_text(data: object) -> str:
    """Return a value's data as regipy gives it: bytes in hexadecimal, several texts joined by ``; ``."""
    match data:
        case bytes():
            return data.hex()
        case list():
            return "; ".join(map(str, data))
        case _:
            return str(data)


def _type_name(shown: str) -> str:
    return f"0x{int(shown):08x}" if shown.isdecimal() else shown


def _entry(raw: bytes, position: int) -> tuple[list[FieldReading], str]:
    """Compare an entry of the compatibility cache; return what is not alike, or a note."""
    alone = "its entry is decoded by this program alone: regipy"
    entries = _own_entries(raw)
    entry = entries[position] if position < len(entries) else None
    if entry is None or isinstance(entry, LostEntry):
        return [], "its entry is not decoded again"
    again = _regipy_entries(raw)
    if isinstance(again, str):
        return [], f"{alone} cannot read the cache ({again})"
    times = again.get(entry.path, [])
    if any(abs(each - entry.file_time) <= _TOLERANCE for each in times):
        return [], "regipy decodes its entry alike"
    if times:
        return [FieldReading("time of its entry", shown_moment(entry.file_time), shown_moment(times[0]))], ""
    return [], f"{alone} {'does not give it' if entry.file_time else 'leaves out entries without a time'}"


@lru_cache(maxsize=2)
def _own_entries(raw: bytes) -> tuple[CacheEntry | LostEntry, ...]:
    kind = appcompat_layout.layout_of(raw)
    return () if kind is None else tuple(read_entries(raw, kind))


@lru_cache(maxsize=2)
def _regipy_entries(raw: bytes) -> dict[str, list[int]] | str:
    try:
        return cached_programs(raw)
    except RegipyFailed as error:
        return str(error)


def _bytes_of(source: ByteSource) -> bytes:
    with source.open_() as stream:
        return stream.read()


def shown_moment(ticks: int) -> str:
    """Return a time in UTC, or the ticks of one that no calendar has."""
    return filetime.to_text(ticks) if ticks <= filetime.MAX_TICKS else f"{ticks:#018x}"


def _missing(why: str) -> TwoReadings:
    return TwoReadings(PYTHON_REGISTRY, REGIPY, missing=why)


def _one_reader(why: str) -> TwoReadings:
    return TwoReadings(PYTHON_REGISTRY, REGIPY, failures={REGIPY: why})
