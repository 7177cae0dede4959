"""One key and its values as both readers see them, compared after documented normalisation.

Normalised: numbers in decimal, several strings joined by ``; ``, bytes in hexadecimal, no NUL behind a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from parsers import filetime
from parsers.hive import layout
from parsers.hive.reader import HiveReader, Unreadable
from parsers.hive.regipy_view import NotRead, read_key_with_regipy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.hive.record import HiveValue

_BYTES: frozenset[str] = frozenset({"REG_BINARY", "REG_NONE"})


class KeyView(NamedTuple):
    """What one reader makes of a key, by what it is called, or the reason why it makes nothing."""

    fields: Mapping[str, str]
    failure: str


class ViewDifference(NamedTuple):
    """Something of a key of which the readers say different things; None where one does not have it."""

    name: str
    python_registry: str | None
    regipy: str | None


class KeyViews(NamedTuple):
    """Both readers' views, how much is the same, and what is not."""

    python_registry: KeyView
    regipy: KeyView
    same: int
    differences: tuple[ViewDifference, ...]


def read_key_views(hive: bytes, path: str, offset: int) -> KeyViews:
    """Read the key whose cell is at ``offset`` of the file and whose path is ``path``. Never raises."""
    one, other = _by_python_registry(hive, offset), _by_regipy(hive, path)
    names = [] if one.failure or other.failure else list(dict.fromkeys((*one.fields, *other.fields)))
    pairs = [ViewDifference(name, one.fields.get(name), other.fields.get(name)) for name in names]
    differences = tuple(each for each in pairs if each.python_registry != each.regipy)
    return KeyViews(one, other, len(pairs) - len(differences), differences)


def _by_python_registry(hive: bytes, offset: int) -> KeyView:
    try:
        reader = HiveReader(hive)
        node = reader.key(offset - layout.BASE_BLOCK_SIZE)
        fields = {"last written": _time(node.last_written)}
        if node.values:
            places = reader.values_list(node.values_list, min(node.values, len(hive) // 4))
            for place in places:
                fields |= _fields(reader.value(place, len(hive)))
    except Unreadable as error:
        return KeyView({}, f"byte {error.offset:#x}: {error.reason}")
    return KeyView(fields, "")


def _by_regipy(hive: bytes, path: str) -> KeyView:
    try:
        key = read_key_with_regipy(hive, path)
    except NotRead as error:
        return KeyView({}, str(error))
    fields = {"last written": _time(key.last_written)}
    for name, (kind, text) in key.values.items():
        fields |= {f"{name} (type)": kind, f"{name} (data)": text}
    return KeyView(fields, "")


def _fields(value: HiveValue) -> dict[str, str]:
    text = value.raw.hex() if value.type_name in _BYTES else value.text
    return {f"{value.name} (type)": value.type_name, f"{value.name} (data)": text}


def _time(ticks: int) -> str:
    return filetime.to_text(ticks) if ticks <= filetime.MAX_TICKS else f"{ticks:#x}"
