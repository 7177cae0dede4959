r"""Programs in the application compatibility cache (AppCompatCache), in the order of the cache.

An entry says that Windows looked at a file, which had this time of last modification then. It does not say
that the file ran, nor when it was looked at.

regipy has a reader of this cache, which is not used here: it gives times through floats, which moves them by
up to two microseconds, leaves out the entries of Windows 10 that have no time (those of packaged apps), reads
Windows 8.0 as if it were 8.1, and gives up all entries behind a bad one. Tests compare with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.damage import Damage
from parsers.filetime import MAX_TICKS
from parsers.hive import appcompat_layout as layout
from parsers.hive.appcompat_layout import CacheLayout
from parsers.hive.held_record import HeldRecord, HeldValue
from parsers.hive.value_text import decode_utf16

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.record import HiveValue
    from parsers.hive.walk import HiveKey, HiveWalk

_KEYS: Final = ("AppCompatCache", "AppCompatibility")
"""Below ``Control\\Session Manager``; the latter is Windows XP's."""

_MOST_DAMAGE: Final = 100
"""Lost entries that are told one by one: forged data could have a million."""


@dataclass(frozen=True, slots=True)
class CachedProgram(HeldRecord):
    """One entry of the cache, the first of which has ``position`` 0; ``at`` is its place in the value's data.

    ``path`` is as stored; for a packaged app it is the text that names the package. ``file_modified`` is the
    file's last modification in ticks, None where the entry has no time. ``insertion_flags`` are None where
    the layout has none; ``raw`` are the bytes of the entry, with those of its path.
    """

    layout: CacheLayout
    position: int
    at: int
    path: str
    file_modified: int | None
    insertion_flags: int | None
    raw: bytes

    @property
    def content(self) -> bytes:
        """The bytes of the entry and its position: one cache may hold an entry twice."""
        return b"%d:%b" % (self.position, self.raw)


class CacheEntry(NamedTuple):
    """An entry as decoded; ``file_time`` is 0 where there is none, ``problem`` what is wrong with it."""

    at: int
    path: str
    file_time: int
    insertion_flags: int | None
    raw: bytes
    problem: str = ""


class LostEntry(NamedTuple):
    """A place, ``at`` in bytes of the value's data, where an entry should be, and why there is none."""

    at: int
    reason: str


def read_cached_programs(
    walk: HiveWalk, control_set: HiveKey
) -> tuple[tuple[CachedProgram, ...], tuple[Damage, ...]]:
    """Return the programs of the cache of ``control_set``, and what of it could not be read."""
    read = [
        item
        for name in _KEYS
        if (key := walk.find(control_set, "Control", "Session Manager", name))
        and (value := walk.value(key, "AppCompatCache"))
        for item in _read_cache(HeldValue(key.path, key.offset, key.last_written, value), value)
    ]
    programs = tuple(item for item in read if isinstance(item, CachedProgram))
    damage = [item for item in read if isinstance(item, Damage)]
    if len(damage) > _MOST_DAMAGE:
        more = f"{len(damage) - _MOST_DAMAGE} more entries of the compatibility cache are lost"
        damage[_MOST_DAMAGE:] = [replace(damage[_MOST_DAMAGE], reason=more)]
    return programs, tuple(damage)


def _read_cache(held: HeldValue, value: HiveValue) -> Iterator[CachedProgram | Damage]:
    kind = layout.layout_of(value.raw)
    if kind is None:
        if any(value.raw):
            begin = value.raw[:8].hex(" ")
            yield _damage(held, value, f"it begins with bytes {begin}, which no known layout does")
        return
    for position, entry in enumerate(read_entries(value.raw, kind)):
        if isinstance(entry, LostEntry):
            yield _damage(held, value, f"at byte {entry.at} of its data {entry.reason}")
        else:
            yield _program(held, kind, position, entry)


def read_entries(data: bytes, kind: CacheLayout) -> Iterator[CacheEntry | LostEntry]:
    """Give the entries of a cache in their order; what is not one is a LostEntry in its place."""
    if kind is CacheLayout.WINDOWS_XP:
        yield from _xp_entries(data)
    elif table := layout.TABLES.get(kind):
        yield from _table_entries(data, table)
    else:
        yield from _chain_entries(data, layout.CHAINS[kind])


def _program(held: HeldValue, kind: CacheLayout, position: int, entry: CacheEntry) -> CachedProgram:
    beyond = entry.file_time > MAX_TICKS
    return CachedProgram(
        held=held,
        problem="the time of its file is beyond the year 9999" if beyond else entry.problem,
        layout=kind,
        position=position,
        at=entry.at,
        path=entry.path,
        file_modified=None if beyond or not entry.file_time else entry.file_time,
        insertion_flags=entry.insertion_flags,
        raw=entry.raw,
    )


def _damage(held: HeldValue, value: HiveValue, reason: str) -> Damage:
    where = f"{held.path}\\{value.name}"
    return Damage(value.offset, 4, f"programs of the compatibility cache {where} are lost: {reason}")


def _counted(data: bytes, header_size: int, entry_size: int) -> Iterator[int | LostEntry]:
    """Give the starts of the entries that a header claims, as far as there is room for them."""
    claimed = int.from_bytes(data[layout.COUNT_AT : layout.COUNT_AT + 4], "little")
    room = max(0, len(data) - header_size) // entry_size
    end = header_size + min(claimed, room) * entry_size
    yield from range(header_size, end, entry_size)
    if claimed > room:
        yield LostEntry(min(end, len(data)), f"the data end; of {claimed} entries {room} are there")


def _xp_entries(data: bytes) -> Iterator[CacheEntry | LostEntry]:
    for start in _counted(data, layout.XP_HEADER_SIZE, layout.XP_ENTRY.size):
        if isinstance(start, LostEntry):
            yield start
            continue
        path, file_time, _, _ = layout.XP_ENTRY.unpack_from(data, start)
        raw = data[start : start + layout.XP_ENTRY.size]
        # Behind the path stands what is left of the paths before it.
        yield CacheEntry(start, decode_utf16(path).partition("\0")[0], file_time, None, raw)


def _table_entries(data: bytes, table: layout.TableLayout) -> Iterator[CacheEntry | LostEntry]:
    left = len(data)
    for start in _counted(data, table.header_size, table.entry.size):
        if isinstance(start, LostEntry):
            yield start
            continue
        size, path_at, file_time, flags = table.entry.unpack_from(data, start)
        # No two paths share bytes, so together they are no longer than the data.
        if path_at + size > len(data) or size > left:
            yield LostEntry(start, f"is an entry whose path should be {size} bytes at byte {path_at}")
            continue
        left -= size
        path = data[path_at : path_at + size]
        raw = data[start : start + table.entry.size] + path
        yield CacheEntry(start, decode_utf16(path), file_time, flags if table.has_flags else None, raw)


def _chain_entries(data: bytes, chain: layout.ChainLayout) -> Iterator[CacheEntry | LostEntry]:
    start, end = chain.header_size, len(data.rstrip(b"\0"))
    while start < end:
        body = _body(data, start, chain)
        if body is not None:
            yield _chain_entry(start, body, chain)
            start += layout.ENTRY_HEADER.size + len(body)
            continue
        found = data.find(chain.signature, start + 1)
        on = f"reading goes on at byte {found}" if found >= 0 else "none follows"
        yield LostEntry(start, f"there is no whole entry, and {on}")
        start = found if found >= 0 else end


def _body(data: bytes, start: int, chain: layout.ChainLayout) -> bytes | None:
    """Return what the entry at ``start`` holds behind its header, or None where there is no whole entry."""
    header = data[start : start + layout.ENTRY_HEADER.size]
    if len(header) < layout.ENTRY_HEADER.size:
        return None
    signature, size = layout.ENTRY_HEADER.unpack(header)
    body = data[start + len(header) : start + len(header) + size]
    return body if signature == chain.signature and len(body) == size else None


def _chain_entry(start: int, body: bytes, chain: layout.ChainLayout) -> CacheEntry:
    path, at = _counted_text(body, 0)
    package, at = _counted_text(body, at) if chain.has_package else ("", at)
    time_at = at + chain.before_time
    data_at = time_at + 12
    if data_at + _number(body, time_at + 8, 4) != len(body):
        problem = "the parts of its entry do not add up, so the time of its file is not read"
        return CacheEntry(start, path or package, 0, None, body, problem)
    flags = _number(body, at, 4) if chain.before_time else None
    return CacheEntry(start, path or package, _number(body, time_at, 8), flags, body)


def _counted_text(body: bytes, at: int) -> tuple[str, int]:
    """Return the text that has its size before it at ``at``, and where it should end."""
    start = at + 2
    end = start + _number(body, at, 2)
    return decode_utf16(body[start:end]), end


def _number(body: bytes, at: int, size: int) -> int:
    return int.from_bytes(body[at : at + size], "little")
