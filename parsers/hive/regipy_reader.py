"""Keys and values of a hive by regipy, the second reader: its only importer for that.

regipy gives up a whole list for one bad element. So each value is asked for alone, and of a list of subkeys
those before a bad one are kept. Its datetimes go through floats and are not used: a key's FILETIME is there
as an integer.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from regipy.plugins.system.external.ShimCacheParser import get_shimcache_entries
from regipy.registry import NKRecord, RegistryHive, VKRecord
from regipy.structs import REGF_HEADER

from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST: Final = 1 << 17
"""Subkeys or values of one key that are looked at: a forged hive could name billions."""

_VALUES_LIST_ELEMENT: Final = 4
_IN_RECORD: Final = 0x80000000
"""The mark on a size that says that the data stand in the record of the value."""

logging.getLogger("regipy").setLevel(logging.CRITICAL)  # what goes wrong is returned


class RegipyFailed(Exception):  # noqa: N818 - says what happened
    """regipy cannot read it; the message says why in a few words."""


class RegipyValue(NamedTuple):
    """A value as regipy gives it: ``data`` is text, a number, bytes, or a list of texts, by its type."""

    name: str
    type_name: str
    data: object


class RegipyKey(NamedTuple):
    """A key as regipy gives it: ``last_written`` in ticks; a value that it cannot read is the reason why."""

    last_written: int
    values: tuple[RegipyValue | str, ...]


class RegipyHive:
    """A hive in memory. Raises RegipyFailed where its root key cannot be reached."""

    def __init__(self, data: bytes) -> None:
        try:
            self._root = _Hive(data).root
        except Exception as error:
            raise RegipyFailed(_reason(error)) from error
        self._subkeys: dict[tuple[str, ...], dict[str, Any]] = {}
        self._keys: dict[tuple[str, ...], RegipyKey] = {}

    def key(self, path: str) -> RegipyKey:
        """Return the key that ``path`` leads to from the root. Raises RegipyFailed where it cannot."""
        names = tuple(path.split("\\"))
        if names not in self._keys:
            node = self._node(names)
            self._keys[names] = RegipyKey(int(node.header.last_modified), tuple(_values(node)))
        return self._keys[names]

    def _node(self, names: tuple[str, ...]) -> Any:  # noqa: ANN401 - the library's
        node = self._root
        for depth, name in enumerate(names):
            subkeys = self._subkeys_of(node, names[:depth])
            shown = next((each for each in map(str.upper, names_shown(name)) if each in subkeys), None)
            if shown is None:
                raise RegipyFailed(f"it finds no key {name}")
            node = subkeys[shown]
        return node

    def _subkeys_of(self, node: Any, names: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401 - the library's
        if names not in self._subkeys:
            found: dict[str, Any] = {}
            try:
                for subkey in islice(node.iter_subkeys(), _MOST):
                    found.setdefault(subkey.name.upper(), subkey)
            except Exception as error:
                if not found:
                    raise RegipyFailed(_reason(error)) from error
            self._subkeys[names] = found
        return self._subkeys[names]


def names_shown(name: str) -> tuple[str, ...]:
    """Return as what regipy may show a name: what is not ASCII in a compressed one is lost to it."""
    surrogates = "".join("\ufffd" if "\ud800" <= each <= "\udfff" else each for each in name)
    return name, surrogates, "".join(each if each.isascii() else "\ufffd" for each in name)


def cached_programs(data: bytes) -> dict[str, list[int]]:
    """Return what regipy finds in the compatibility cache: by path, times of modification in ticks.

    The times went through floats and may be off by two microseconds. A bad entry costs all behind it.
    Raises RegipyFailed where it gives no entry at all.
    """
    found: dict[str, list[int]] = {}
    reason = "it gives no entry"
    try:
        for entry in islice(get_shimcache_entries(data), _MOST):  # type: ignore[no-untyped-call]
            moment = entry.get("last_mod_date", entry.get("last_mod_time"))
            if isinstance(moment, datetime):
                ticks = filetime.from_datetime(moment.replace(tzinfo=UTC))
                found.setdefault(str(entry["path"]), []).append(ticks)
    except Exception as error:  # noqa: BLE001 - regipy lets through whatever its parsing meets
        reason = _reason(error)
    if not found:
        raise RegipyFailed(reason)
    return found


class _Hive(RegistryHive):
    """A hive of bytes in memory, where regipy itself opens a file."""

    def __init__(self, data: bytes) -> None:
        self._stream = BytesIO(data)
        self.partial_hive_path = None
        self.hive_type = None
        self.header = REGF_HEADER.parse(data)
        cell = next(self.get_hbin_at_offset().iter_cells(self._stream))  # type: ignore[no-untyped-call]
        self.root = NKRecord(cell, self._stream)  # type: ignore[no-untyped-call]


def _values(node: Any) -> Iterator[RegipyValue | str]:  # noqa: ANN401 - the library's
    """Give each value, read as if it were the only one of its key."""
    first, count = node.header.values_list_offset, node.values_count
    node.values_count = 1
    node.read_value = _read_value
    for number in range(min(count, _MOST)):
        node.header.values_list_offset = first + _VALUES_LIST_ELEMENT * number
        try:
            value = next(node.iter_values(trim_values=False), None)
        except Exception as error:  # noqa: BLE001 - regipy lets through whatever its parsing meets
            yield _reason(error)
            continue
        if value is None:
            yield "it gives no value"
            continue
        yield RegipyValue(str(value.name), str(value.value_type), value.value)


def _read_value(vk: Any, stream: BytesIO) -> VKRecord:  # noqa: ANN401 - the library's
    """Return the data of a value; of short ones, which stand in the record itself, only these.

    regipy reads on to the end of the hive for each of them, and uses that for types that it hardly knows.
    """
    if vk.data_size < _IN_RECORD:
        return NKRecord.read_value(vk, stream)  # type: ignore[no-any-return,no-untyped-call]
    size = vk.data_size - _IN_RECORD
    data = int(vk.data_offset).to_bytes(4, "little")[:size]
    return VKRecord(vk.data_type, str(vk.data_type), data, size)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
