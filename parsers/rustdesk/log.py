"""Logs of RustDesk's, line by line, of any size.

A line that does not begin as one continues the line before it. What does so where there is none, what is
meant to begin a line and cannot be read, and bytes that were never written (NUL, as a file has them after a
power cut) is damage, of which each stretch is told once. What stands behind such bytes begins a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.damage import Damage
from parsers.rustdesk.log_line import Head, LogLine, parse_head

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from parsers.evidence.source import Artifact

LONGEST_PIECE: Final = 1 << 20
"""How many bytes of one line of the file are looked at together; the rest continues it."""

LONGEST_TEXT: Final = 1 << 16
"""How many characters of a line's text are kept."""

MOST_DAMAGES: Final = 1000
"""How many stretches of damage are told apart; what comes behind is one."""

_NUL: Final = b"\0"
_NULS: Final = re.compile(rb"(\0+)")
_MEANT: Final = re.compile(rb"\[\d{4}-\d\d-\d\d ")
_NOT_WRITTEN: Final = "holds bytes that were never written (NUL)"
_UNREADABLE: Final = "begins as a line of the log, and cannot be read as one"
_NO_BEGIN: Final = "belongs to a line whose beginning is missing"
_TOO_MANY: Final = "holds many more stretches that cannot be read, between lines that can"


@dataclass(frozen=True, slots=True)
class ApplicationLogLedger:
    """What became of a log: how many ``lines`` it has, when the first and the last of them were written.

    ``first`` and ``last`` are ticks, in order of the file, ``latest`` the latest time of any line. ``size``
    is how many bytes were read. ``backwards`` counts the lines whose time is before that of the line above.
    """

    lines: int
    first: int | None
    last: int | None
    latest: int | None
    backwards: int
    size: int
    damage: tuple[Damage, ...]


class _Piece(NamedTuple):
    """A line of the file, a part of an overlong one, or one between bytes that were never written."""

    offset: int
    raw: bytes
    begins: bool


def read_log(artifact: Artifact) -> Iterator[LogLine | ApplicationLogLedger]:
    """Give every line of ``artifact`` in order, and behind the last the ledger. Raises OSError."""
    with artifact.source.open_() as stream:
        yield from _Reading().run(stream)


class _Reading:
    """One way through a log."""

    def __init__(self) -> None:
        self._open: _OpenLine | None = None
        self._damage: list[Damage] = []
        self._lines = self._backwards = self._size = 0
        self._first: int | None = None
        self._last: int | None = None
        self._latest: int | None = None

    def run(self, stream: BinaryIO) -> Iterator[LogLine | ApplicationLogLedger]:
        for piece in _pieces(stream):
            self._size = piece.offset + len(piece.raw)
            head = _head(piece)
            if head is not None:
                yield from self._close()
                self._open = _OpenLine(piece, head)
                self._count(head.ticks)
            else:
                yield from self._follow(piece)
        yield from self._close()
        damage = tuple(self._damage)
        yield ApplicationLogLedger(
            self._lines, self._first, self._last, self._latest, self._backwards, self._size, damage
        )

    def _follow(self, piece: _Piece) -> Iterator[LogLine]:
        """Take a piece that begins no line: the line above goes on, or something is wrong."""
        reason = _what_is_wrong(piece, has_line=self._open is not None)
        if reason is None:
            if self._open is not None:
                self._open.add(piece.raw)
            return
        yield from self._close()
        self._note(Damage(piece.offset, len(piece.raw), reason, 1 if reason == _UNREADABLE else None))

    def _close(self) -> Iterator[LogLine]:
        if self._open is not None:
            yield self._open.to_line()
        self._open = None

    def _count(self, ticks: int) -> None:
        self._lines += 1
        self._backwards += self._last is not None and ticks < self._last
        self._first = ticks if self._first is None else self._first
        self._last = ticks
        self._latest = max(ticks, self._latest or 0)

    def _note(self, damage: Damage) -> None:
        last = self._damage[-1] if self._damage else None
        if last is not None and _goes_on(last, damage):
            self._damage[-1] = _joined(last, damage, last.reason)
        elif last is not None and len(self._damage) >= MOST_DAMAGES:
            self._damage[-1] = _joined(last, damage, _TOO_MANY)
        else:
            self._damage.append(damage)


class _OpenLine:
    """A line to which more may come."""

    def __init__(self, piece: _Piece, head: Head) -> None:
        self._offset = piece.offset
        self._head = head
        self._length = len(piece.raw)
        self._kept = [_text(piece.raw)[head.length :]]
        self._room = LONGEST_TEXT - len(self._kept[0])
        self._last = piece.raw[-1:]

    def add(self, raw: bytes) -> None:
        self._length += len(raw)
        self._last = raw[-1:]
        if self._room > 0:
            self._kept.append(_text(raw))
            self._room -= len(self._kept[-1])

    def to_line(self) -> LogLine:
        text = "".join(self._kept)
        whole = self._room >= 0 and self._last == b"\n"
        lines = text[:LONGEST_TEXT].replace("\r\n", "\n").rstrip("\n")
        return LogLine(self._offset, self._length, *self._head[:-1], text=lines, is_whole=whole)


def _pieces(stream: BinaryIO) -> Iterator[_Piece]:
    offset, begins = 0, True
    while raw := stream.readline(LONGEST_PIECE):
        for part in _NULS.split(raw) if _NUL in raw else (raw,):
            if part:
                yield _Piece(offset, part, begins)
                offset += len(part)
                begins = part.endswith((b"\n", _NUL))


def _head(piece: _Piece) -> Head | None:
    return parse_head(_text(piece.raw)) if piece.begins else None


def _what_is_wrong(piece: _Piece, *, has_line: bool) -> str | None:
    if piece.raw.startswith(_NUL):
        return _NOT_WRITTEN
    if piece.begins and _MEANT.match(piece.raw):
        return _UNREADABLE
    return None if has_line or not piece.raw.strip() else _NO_BEGIN


def _goes_on(last: Damage, damage: Damage) -> bool:
    return last.offset + last.length == damage.offset and last.reason == damage.reason


def _joined(last: Damage, damage: Damage, reason: str) -> Damage:
    length = damage.offset + damage.length - last.offset
    return Damage(last.offset, length, reason, _sum(last, damage))


def _sum(one: Damage, other: Damage) -> int | None:
    if one.records_lost is None or other.records_lost is None:
        return None
    return one.records_lost + other.records_lost


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
