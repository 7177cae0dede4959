"""One key and its values as both readers see them, compared as :mod:`parsers.hive.second_reader` does.

They are shown with numbers in decimal, several strings joined by ``; ``, bytes in hexadecimal, no NUL behind
a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.hive import layout
from parsers.hive.reader import HiveReader, Unreadable
from parsers.hive.regipy_reader import RegipyFailed, RegipyHive, RegipyValue
from parsers.hive.second_reader import ValueToRead, data_text, read_values_of, shown_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.hive.record import HiveValue
    from parsers.two_readings import FieldReading

_BYTES: Final = frozenset({"REG_BINARY", "REG_NONE"})
_NO_NAME: Final = "(default)"
"""What regipy calls the value without a name."""


class KeyView(NamedTuple):
    """What one reader makes of a key, by what it is called, or the reason why it makes nothing."""

    fields: Mapping[str, str]
    failure: str


class KeyViews(NamedTuple):
    """Both readers' views, how much is the same, and what is not, where both can be compared."""

    python_registry: KeyView
    regipy: KeyView
    same: int
    differences: tuple[FieldReading, ...]


def read_key_views(hive: bytes, path: str, offset: int) -> KeyViews:
    """Read the key whose cell is at ``offset`` of the file and whose path is ``path``. Never raises."""
    one, other = _by_python_registry(hive, offset), _by_regipy(hive, path)
    if one.failure or other.failure:
        return KeyViews(one, other, 0, ())
    (readings,) = read_values_of(hive, (ValueToRead(path, offset),))
    if readings.missing or readings.failures:
        reason = readings.missing or "; ".join(readings.failures.values())
        return KeyViews(one, KeyView(other.fields, reason), 0, ())
    same = len({*one.fields, *other.fields}) - len(readings.fields)
    return KeyViews(one, other, same, readings.fields)


def _by_python_registry(hive: bytes, offset: int) -> KeyView:
    try:
        reader = HiveReader(hive)
        node = reader.key(offset - layout.BASE_BLOCK_SIZE)
        fields = {"last written": shown_moment(node.last_written)}
        if node.values:
            places = reader.values_list(node.values_list, min(node.values, len(hive) // 4))
            for place in places:
                fields |= _fields(reader.value(place, len(hive)))
    except Unreadable as error:
        return KeyView({}, f"byte {error.offset:#x}: {error.reason}")
    return KeyView(fields, "")


def _by_regipy(hive: bytes, path: str) -> KeyView:
    try:
        key = RegipyHive(hive).key(path)
    except RegipyFailed as error:
        return KeyView({}, str(error))
    fields = {"last written": shown_moment(key.last_written)}
    for value in key.values:
        if isinstance(value, RegipyValue):
            name = "" if value.name == _NO_NAME else value.name
            fields |= {f"{name} (type)": value.type_name, f"{name} (data)": data_text(value.data)}
    return KeyView(fields, "")


def _fields(value: HiveValue) -> dict[str, str]:
    text = value.raw.hex() if value.type_name in _BYTES else value.text
    return {f"{value.name} (type)": value.type_name, f"{value.name} (data)": text}
