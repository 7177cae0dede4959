"""The findings as a table for the terminal: the severest first, no cursor moved, aligned as it is seen."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.report.digest import digest
from forensics.report.verbatim import escape
from forensics.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from forensics.report.digest import DigestLine
    from forensics.timeline_row import TimelineRow

_GAP: Final = "  "
_CUT: Final = "…"
_SEVERITIES: Final = tuple(severity.value for severity in Severity)
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


def findings_table(
    rows: Iterable[TimelineRow],
    width: int,
    *,
    most: int | None = None,
    paint: Callable[[str], str] = str,
) -> str:
    """Return ``rows`` as lines of at most ``width`` columns of a terminal, ended by LF; ``""`` without rows.

    They are told in short (:mod:`.digest`), the severest first and then in order of time, to the second.
    Of more than ``most`` lines the rest is counted in one line below them. Columns give way to ``width`` in
    turn, what happened first, and end in ``…`` where they are cut; below 80 columns the lines themselves are
    cut. ``paint`` gives a severity its colour.
    """
    lines = sorted(digest(rows), key=_severest_first)
    if not lines:
        return ""
    shown = lines[:most]
    table = [tuple(each.heading for each in _COLUMNS), *map(_cells, shown)]
    widths = _fit([max(map(display_width, cells)) for cells in zip(*table, strict=True)], width)
    text = "".join(f"{_painted(_line(cells, widths, width), cells[-1], paint)}\n" for cells in table)
    return text + _rest(lines[len(shown) :], width)


def shortened(text: str, room: int) -> str:
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


def wrapped(text: str, width: int) -> str:
    """Return ``text`` in lines of at most ``width`` columns, ended by LF, broken between words.

    Further lines are indented by four more than the first. A word that is too long for a line is left whole.
    """
    margin = len(text) - len(text.lstrip(" "))
    lines, indent = [" " * margin], " " * (margin + 4)
    for word in text.split():
        gap = "" if lines[-1].isspace() or not lines[-1] else " "
        if gap and display_width(lines[-1]) + 1 + display_width(word) > width:
            lines.append(indent)
            gap = ""
        lines[-1] += gap + word
    return "".join(f"{line}\n" for line in lines)


def display_width(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes (Unicode Standard Annex 11)."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _severest_first(line: DigestLine) -> int:
    severity = line.rows[0].severity
    return -_SEVERITIES.index(severity) if severity in _SEVERITIES else 1


def _painted(line: str, severity: str, paint: Callable[[str], str]) -> str:
    """Return ``line`` with the severity at its end painted, if it was not cut off."""
    return line.removesuffix(severity) + paint(severity) if severity and line.endswith(severity) else line


def _rest(lines: Sequence[DigestLine], width: int) -> str:
    number = sum(len(each.rows) for each in lines)
    told = f"and {number:,} more {'row' if number == 1 else 'rows'}, all in timeline.csv"
    return f"{shortened(told, width)}\n" if number else ""


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
    padded = (_pad(shortened(cell, room), room) for cell, room in zip(cells, widths, strict=True))
    return shortened(_GAP.join(padded).rstrip(), width)


def _pad(text: str, room: int) -> str:
    return text + " " * (room - display_width(text))


def _character_width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
