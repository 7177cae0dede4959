"""Configuration of RustDesk's: TOML files of a few kilobytes, setting by setting.

A file that is broken, as after a crash while it was written, gives what stands outside of its broken table
and in front of the broken line in it. What is read is what the file says: RustDesk encrypts passwords and its
identity with a key of the machine, and these stay as they are.

Layout: TOML 1.0; hbb_common, ``config.rs``.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from parsers.damage import Damage
from parsers.errors import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST: Final = 1 << 20
"""Bytes of a file that is read; RustDesk's have some thousand."""

MOST_DOTS: Final = 128
"""Dots of a line that is not just a key and a text. The parts of a key may be no more: the library's memory
grows with their square, and RustDesk's keys have two."""

_MOST_TRIES: Final = 16
_HEADER: Final = re.compile(r"^[ \t]*\[{1,2}([^\[\]\r\n]+)\]{1,2}[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_KEY: Final = re.compile(r"^[ \t]*((?:[\w-]+|\"[^\"\r\n]*\"|'[^'\r\n]*')(?:\.[\w-]+)*)[ \t]*=", re.MULTILINE)
_PLAIN: Final = re.compile(
    r"[ \t]*(?:[\w-]+|'[^']*'|\"[^\"\\]*\")[ \t]*=[ \t]*(?:'[^']*'|\"(?:[^\"\\]|\\.)*+\")[ \t]*\r?"
)
"""A line that is just a key and a text."""

_AT_LINE: Final = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. ``table`` is the table's name, ``""`` above the first; nested ones have a dot between.

    ``value`` is a text's own characters, and for anything else JSON. ``line`` counts from 1 and ``offset`` is
    in bytes of the file; both are 0 where the key's place cannot be told.
    """

    table: str
    key: str
    value: str
    line: int
    offset: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings that could be read, in the file's order, and what could not."""

    settings: tuple[Setting, ...]
    damage: tuple[Damage, ...]


class _Block(NamedTuple):
    """A table with its header, or what stands above the first; ``line`` is that of its first, from 0."""

    table: str
    text: str
    line: int
    offset: int


class _Broken(NamedTuple):
    """Why a text is no TOML, and in which of its lines, from 0; None at its end."""

    reason: str
    line: int | None


def read_configuration(content: bytes, path: str) -> Configuration:
    """Return the settings in ``content``, the bytes of the file at ``path``.

    Raises UnreadableFile where it is larger than any configuration, and where nothing of it can be read.
    """
    if len(content) > LARGEST:
        raise UnreadableFile(path, f"is larger than {LARGEST:,} bytes, which no configuration is", _REMEDY)
    text = content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    blocks = list(_blocks(text, len(content) - len(_to_bytes(text))))
    whole = _parse(text)
    if isinstance(whole, dict):
        places = {place: where for block in blocks for place, where in _places(block)}
        return Configuration(tuple(_settings(whole, "", places)), ())
    settings: list[Setting] = []
    damage: list[Damage] = []
    for block in blocks:
        found, problem = _salvage(block)
        settings += found
        damage += [problem] if problem is not None else []
    if not settings:
        raise UnreadableFile(path, f"is no TOML: {damage[0].reason if damage else whole.reason}", _REMEDY)
    return Configuration(tuple(settings), tuple(damage))


_REMEDY: Final = "Look at it with an editor"


def _salvage(block: _Block) -> tuple[list[Setting], Damage | None]:
    """Return what can be read of a block, and what about it is damaged."""
    places = dict(_places(block))
    table = _parse(block.text)
    if isinstance(table, dict):
        return list(_settings(table, "", places)), None
    end = _start_of_line(block.text, table.line)
    starts = [match.start() for match in _KEY.finditer(block.text) if match.start() < end]
    for start in [end, *reversed(starts)][:_MOST_TRIES]:
        before = _parse(block.text[:start])
        if isinstance(before, dict):
            return list(_settings(before, "", places)), _damage(block, start, table)
    return [], _damage(block, 0, table)


def _damage(block: _Block, start: int, broken: _Broken) -> Damage:
    begin = len(_to_bytes(block.text[:start]))
    first = block.line + block.text.count("\n", 0, start) + 1
    line = first if broken.line is None else block.line + broken.line + 1
    length = len(_to_bytes(block.text)) - begin
    return Damage(block.offset + begin, length, f"line {line}: {broken.reason}")


def _parse(text: str) -> dict[str, Any] | _Broken:
    """Return ``text`` as a table, or why it is none. Whatever it holds, this takes seconds at most."""
    for number, line in enumerate(text.split("\n")):
        if line.count(".") > MOST_DOTS and _PLAIN.fullmatch(line) is None:
            return _Broken(f"a line of more than {MOST_DOTS} dots, which is no text", number)
    try:
        return tomllib.loads(text)
    except RecursionError:
        return _Broken("values too deep in each other", None)
    except ValueError as error:  # TOMLDecodeError is one, and what int() and datetime() raise are others
        said = str(error)
        place = _AT_LINE.search(said)
        at = int(place[1]) - 1 if place is not None and place[1] else None
        return _Broken(_AT_LINE.sub("", said), at)


def _settings(
    table: Mapping[str, Any], name: str, places: Mapping[tuple[str, str], tuple[int, int]]
) -> Iterator[Setting]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _settings(value, f"{name}.{key}" if name else key, places)
        else:
            yield Setting(name, key, _to_text(value), *places.get((name, key), (0, 0)))


def _to_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _blocks(text: str, offset: int) -> Iterator[_Block]:
    headers = list(_HEADER.finditer(text))
    names = ["", *(_plain(match[1]) for match in headers)]
    bounds = [0, *(match.start() for match in headers), len(text)]
    line = 0
    for name, (start, end) in zip(names, pairwise(bounds), strict=True):
        part = text[start:end]
        yield _Block(name, part, line, offset)
        line += part.count("\n")
        offset += len(_to_bytes(part))


def _places(block: _Block) -> Iterator[tuple[tuple[str, str], tuple[int, int]]]:
    """Give by table and key in which line, and where in the file, a setting stands."""
    line, offset, seen = block.line, block.offset, 0
    for match in _KEY.finditer(block.text):
        between = block.text[seen : match.start(1)]
        line, offset, seen = line + between.count("\n"), offset + len(_to_bytes(between)), match.start(1)
        *above, key = (
            [block.table, *_plain(match[1]).split(".")]
            if "." in match[1]
            else [block.table, _plain(match[1])]
        )
        yield (".".join(filter(None, above)), key), (line + 1, offset)


def _plain(name: str) -> str:
    """Return a name without the quotes and blanks of its spelling."""
    return re.sub(r"[\"'\s]", "", name)


def _start_of_line(text: str, line: int | None) -> int:
    """Return where line ``line`` of ``text`` begins, or where ``text`` ends."""
    if line is None:
        return len(text)
    return sum(len(each) + 1 for each in text.split("\n")[:line])


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
