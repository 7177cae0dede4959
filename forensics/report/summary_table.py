"""The findings as a plain table for the terminal: no colour, no cursor moved, aligned as it is seen."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.report.digest import digest
from forensics.report.verbatim import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from forensics.report.digest import DigestLine
    from forensics.timeline_row import TimelineRow

_GAP: Final = "  "
_CUT: Final = "…"
_SECONDS: Final = len("YYYY-MM-DDTHH:MM:SS")


class _Column(NamedTuple):
    """A column: its heading, the columns of the terminal it needs, and its turn to give way (0: never)."""

    heading: str
    narrowest: int
    gives_way: int


_COLUMNS: Final = (
    _Column("time (UTC)", _SECONDS, 0),
    _Column("device", 8, 2),
    _Column("finding", 12, 3),
    _Column("what", 16, 1),
    _Column("severity", 8, 0),
)


def findings_table(rows: Iterable[TimelineRow], width: int) -> str:
    """Return ``rows`` as lines of at most ``width`` columns of a terminal, ended by LF; ``""`` without rows.

    They are told in short (:mod:`.digest`), times to the second. Columns give way to ``width`` in turn, what
    happened first, and end in ``…`` where they are cut; below 80 columns the lines themselves are cut.
    """
    table = [tuple(each.heading for each in _COLUMNS), *map(_cells, digest(rows))]
    if len(table) == 1:
        return ""
    widths = _fit([max(map(display_width, cells)) for cells in zip(*table, strict=True)], width)
    return "".join(f"{_line(cells, widths, width)}\n" for cells in table)


def display_width(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes (Unicode Standard Annex 11)."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _cells(line: DigestLine) -> tuple[str, ...]:
    row = line.rows[0]
    time = row.datetime[:_SECONDS].replace("T", " ")
    cells = (time, line.device, row.finding, line.what, row.severity)
    return tuple(escape(cell) for cell in cells)


def _fit(widths: list[int], width: int) -> list[int]:
    """Return ``widths`` with the columns that give way narrowed, in turn, as far as ``width`` asks."""
    fitted = list(widths)
    for turn in sorted({each.gives_way for each in _COLUMNS} - {0}):
        number = next(index for index, each in enumerate(_COLUMNS) if each.gives_way == turn)
        excess = sum(fitted) + len(_GAP) * (len(fitted) - 1) - width
        fitted[number] -= min(max(excess, 0), max(fitted[number] - _COLUMNS[number].narrowest, 0))
    return fitted


def _line(cells: Sequence[str], widths: Sequence[int], width: int) -> str:
    padded = (_pad(_shorten(cell, room), room) for cell, room in zip(cells, widths, strict=True))
    return _shorten(_GAP.join(padded).rstrip(), width)


def _pad(text: str, room: int) -> str:
    return text + " " * (room - display_width(text))


def _shorten(text: str, room: int) -> str:
    """Return ``text`` in at most ``room`` columns, ending in an ellipsis where something is left out."""
    if display_width(text) <= room:
        return text
    kept, taken = 0, display_width(_CUT)
    for character in text:
        taken += _character_width(character)
        if taken > room:
            break
        kept += 1
    return text[:kept] + _CUT if room > 0 else ""


def _character_width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
