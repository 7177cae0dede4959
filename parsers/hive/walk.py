"""From key to key through a hive, however damaged: what cannot be read costs itself and becomes Damage."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from parsers.damage import Damage
from parsers.errors import NotAHive
from parsers.hive import layout
from parsers.hive.reader import HiveReader, KeyNode, SubkeysList, Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from parsers.hive.record import HiveValue

_MOST_DAMAGE: Final = 20_000
"""Reports kept of one hive: a forged one could have a million."""

_ELEMENT_SIZE: Final = 4
"""The least that a list needs for one of its elements, and what is pointed at where a record is lost."""

_REMEDY: Final = (
    "Replay its transaction logs, or take another copy of the file, such as one in RegBack or a shadow copy"
)


@dataclass(frozen=True, slots=True)
class HiveKey:
    """One key: ``path`` leads from the root, whose own is empty, with a backslash between names.

    ``offset`` is that of its nk cell in bytes of the file, ``last_written`` in ticks.
    """

    name: str
    path: str
    offset: int
    last_written: int
    node: KeyNode = field(repr=False)

    def __str__(self) -> str:
        return self.path or "the root key"


class HiveWalk:
    """Finds keys and values of one hive and keeps ``damage``, what could not be read on the way.

    Each list is read once, so trouble is reported once. No list can lead astray for long: in a sound hive
    all lists together have no more elements, and all values no more data, than there is room in the file.
    Raises NotAHive, naming ``path``, where no root key can be reached.
    """

    def __init__(self, data: bytes, root: int, path: str) -> None:
        self._data = data
        self._reader = HiveReader(data)
        self._elements_left = len(data) // _ELEMENT_SIZE
        self._bytes_left = len(data)
        self._damage: dict[Damage, None] = {}
        self._subkeys: dict[int, tuple[HiveKey, ...]] = {}
        self._values: dict[int, tuple[HiveValue, ...]] = {}
        self.root = self._find_root(root, path)

    @property
    def damage(self) -> tuple[Damage, ...]:
        """What could not be read so far, in the order of the file."""
        return tuple(sorted(self._damage, key=lambda each: (each.offset, each.length, each.reason)))

    def subkeys(self, key: HiveKey) -> tuple[HiveKey, ...]:
        """Return the subkeys of ``key`` that can be read, in the order of its list."""
        if key.offset not in self._subkeys:
            self._subkeys[key.offset] = tuple(self._read_subkeys(key))
        return self._subkeys[key.offset]

    def values(self, key: HiveKey) -> tuple[HiveValue, ...]:
        """Return the values of ``key`` that can be read, in the order of its list."""
        if key.offset not in self._values:
            self._values[key.offset] = tuple(self._read_values(key))
        return self._values[key.offset]

    def find(self, key: HiveKey, *names: str) -> HiveKey | None:
        """Return the key that ``names`` lead to from ``key``, whatever their case, or None."""
        found: HiveKey | None = key
        for name in names:
            if found is not None:
                found = next(
                    (each for each in self.subkeys(found) if each.name.lower() == name.lower()), None
                )
        return found

    def value(self, key: HiveKey | None, name: str) -> HiveValue | None:
        """Return the value called ``name``, whatever its case, or None; also where there is no key."""
        values = () if key is None else self.values(key)
        return next((each for each in values if each.name.lower() == name.lower()), None)

    def report(
        self, offset: int, reason: str, *, length: int = _ELEMENT_SIZE, records_lost: int | None = None
    ) -> None:
        """Keep one Damage; the same one twice is one."""
        if len(self._damage) < _MOST_DAMAGE:
            self._damage[Damage(offset, length, reason, records_lost)] = None
        else:
            self._damage[Damage(0, 0, f"more than {_MOST_DAMAGE} places are damaged")] = None

    def report_lost_bins(self, size: int) -> None:
        """Report stretches of the file that should be hive bins, of ``size`` bytes together, and are none."""
        for offset, length in self._reader.lost_bins(self._data, size):
            self.report(offset, "there are no hive bins, so what was kept here is lost", length=length)

    def _find_root(self, declared: int, path: str) -> HiveKey:
        """Return the root key where the base block has it, or where every root key is: in the first cell."""
        found: list[KeyNode] = []
        for place in dict.fromkeys((declared, layout.FIRST_CELL)):
            try:
                found.append(self._reader.key(place))
            except Unreadable as error:
                self.report(error.offset, f"the root key is not here: {error.reason}")
        node = next((each for each in found if each.is_root), found[0] if found else None)
        if node is None:
            raise NotAHive(path, "it begins as a hive does, but its root key cannot be reached", _REMEDY)
        if node.offset != self._reader.offset_of(declared) or not node.is_root:
            self.report(node.offset, "this was taken for the root key, which the base block has elsewhere")
        return HiveKey(node.name, "", node.offset, node.last_written, node)

    def _read_subkeys(self, key: HiveKey) -> Iterator[HiveKey]:
        listed = [place for leaf in self._leaves(key) for place in self._elements(key, leaf)]
        places = dict.fromkeys(listed)
        if len(places) != len(listed):
            self.report(key.offset, f"{key} lists a subkey more than once; it was read once")
        if len(places) != key.node.subkeys:
            places |= dict.fromkeys(self._unlisted(key, places))
        for place in places:
            yield from self._read_key(key, place)

    def _unlisted(self, key: HiveKey, listed: Collection[int]) -> list[int]:
        """Return places of keys that no list of ``key`` has but that name it as their parent."""
        claimed = key.node.subkeys
        found = [place for place in self._places_by_parent.get(key.offset, ()) if place not in listed]
        lost = max(0, claimed - len(listed) - len(found)) if claimed <= len(self._data) else None
        reason = (
            f"{key} says that it has {claimed} subkeys; its lists have {len(listed)}"
            f" and {len(found)} more were found by the parent that they name"
        )
        self.report(key.offset, reason, records_lost=lost)
        return found

    @cached_property
    def _places_by_parent(self) -> dict[int, list[int]]:
        """The places of all keys by the offset of their parent: looked up where a list is lost."""
        places: dict[int, list[int]] = {}
        for place, node in self._reader.all_keys():
            places.setdefault(self._reader.offset_of(node.parent), []).append(place)
        return places

    def _leaves(self, key: HiveKey) -> Iterator[SubkeysList]:
        """Give the lists of a key's subkeys: the one that it names, or those below that one."""
        if key.node.subkeys_list == layout.NOWHERE:
            return
        for top in self._read_list(key, key.node.subkeys_list):
            if not top.is_index_root:
                yield top
                continue
            for place in dict.fromkeys(self._elements(key, top)):
                for leaf in self._read_list(key, place):
                    if not leaf.is_index_root:
                        yield leaf
                    else:  # which no hive has, and which could go on for ever
                        self.report(
                            leaf.offset, f"an index root stands below another among the subkeys of {key}"
                        )

    def _read_list(self, key: HiveKey, place: int) -> Iterator[SubkeysList]:
        try:
            yield self._reader.subkeys_list(place)
        except Unreadable as error:
            self.report(error.offset, f"a list of the subkeys of {key} is lost: {error.reason}")

    def _elements(self, key: HiveKey, subkeys: SubkeysList) -> tuple[int, ...]:
        """Return a list's elements as far as its cell and the whole file have room for them."""
        places = subkeys.places[: self._elements_left]
        self._elements_left -= len(places)
        if len(places) != subkeys.claimed:
            reason = f"a list of the subkeys of {key} claims {subkeys.claimed} elements and has {len(places)}"
            self.report(subkeys.offset, reason)
        return places

    def _read_key(self, parent: HiveKey, place: int) -> Iterator[HiveKey]:
        try:
            node = self._reader.key(place)
        except Unreadable as error:
            self.report(error.offset, f"a subkey of {parent} is lost: {error.reason}", records_lost=1)
            return
        path = f"{parent.path}\\{node.name}" if parent.path else node.name
        if self._reader.offset_of(node.parent) != parent.offset:
            self.report(node.offset, f"{path} is listed by {parent} but names another key as its parent")
        yield HiveKey(node.name, path, node.offset, node.last_written, node)

    def _read_values(self, key: HiveKey) -> Iterator[HiveValue]:
        places = self._places_of_values(key)
        if len(places) != key.node.values:
            reason = f"{key} says that it has {key.node.values} values; its list has {len(places)}"
            self.report(key.offset, reason)
        for place in dict.fromkeys(places):
            try:
                value = self._reader.value(place, self._bytes_left)
            except Unreadable as error:
                self.report(error.offset, f"a value of {key} is lost: {error.reason}")
                continue
            self._bytes_left -= len(value.raw)
            yield value

    def _places_of_values(self, key: HiveKey) -> tuple[int, ...]:
        if key.node.values == 0:
            if key.node.values_list != layout.NOWHERE:
                self.report(key.offset, f"{key} claims no values but has a list of them")
            return ()
        try:
            count = min(key.node.values, self._elements_left)
            places = self._reader.values_list(key.node.values_list, count)
        except Unreadable as error:
            self.report(error.offset, f"the list of the values of {key} is lost: {error.reason}")
            return ()
        self._elements_left -= len(places)
        return places
