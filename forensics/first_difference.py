"""Where two files first differ: byte, line, and column where they are tables."""

from __future__ import annotations

import csv
import json
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from forensics.report.verbatim import escape_unambiguously

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_BLOCK: Final = 1 << 20
_WIDEST: Final = 60
_TEXT: Final = frozenset({".csv", ".json", ".jsonl", ".txt", ".html", ".kql", ".toml"})


def first_difference(one: Path, other: Path) -> str | None:
    """Return where ``other`` first differs from ``one``, or None where both are equal to the byte.

    Raises OSError where either cannot be read.
    """
    offset = _first_byte(one, other)
    if offset is None:
        return None
    if one.suffix == ".csv" and (cell := _first_cell(one, other)):
        return cell
    if one.suffix == ".jsonl" and (member := _first_member(one, other)):
        return member
    if one.suffix in _TEXT:
        return _place(one, offset)
    return f"byte {offset:,} ({offset:#x})"


def _first_byte(one: Path, other: Path) -> int | None:
    position = 0
    with one.open("rb") as first, other.open("rb") as second:
        while True:
            left, right = first.read(_BLOCK), second.read(_BLOCK)
            if left != right:
                pairs = enumerate(zip_longest(left, right))
                return position + next(index for index, (a, b) in pairs if a != b)
            if not left:
                return None
            position += len(left)


def _place(path: Path, offset: int) -> str:
    with path.open("rb") as stream:
        before = stream.read(offset)
    start, lines = before.rfind(b"\n") + 1, before.count(b"\n") + 1
    return f"line {lines}, byte {offset - start + 1} of the line"


def _first_cell(one: Path, other: Path) -> str | None:
    """Return the first cell that differs, or None where all are equal, or one file is no table."""
    csv.field_size_limit(2**31 - 1)
    with (
        one.open(encoding="utf-8", newline="", errors="surrogateescape") as first,
        other.open(encoding="utf-8", newline="", errors="surrogateescape") as second,
    ):
        left, right = csv.reader(first), csv.reader(second)
        header: Sequence[str] = ()
        try:
            for ours, theirs in zip_longest(left, right):
                if ours != theirs:
                    return _cell(left.line_num, header, ours, theirs)
                header = header or ours
        except csv.Error:
            return None
    return None


def _cell(line: int, header: Sequence[str], ours: Sequence[str] | None, theirs: Sequence[str] | None) -> str:
    if ours is None:
        return f"line {line + 1}: the second analysis has more rows"
    if theirs is None:
        return f"line {line}: the second analysis has no such row"
    pairs = enumerate(zip_longest(ours, theirs))
    column = next(index for index, (a, b) in pairs if a != b)
    name = header[column] if column < len(header) else str(column + 1)
    values = (row[column] if column < len(row) else "" for row in (ours, theirs))
    return f"line {line}, column {name}: {_both(*values)}"


def _first_member(one: Path, other: Path) -> str | None:
    with one.open("rb") as first, other.open("rb") as second:
        for number, (ours, theirs) in enumerate(zip_longest(first, second), start=1):
            if ours == theirs:
                continue
            if ours is None or theirs is None:
                return f"line {number}: only one of the two has it"
            return _member(number, ours, theirs)
    return None


def _member(number: int, ours: bytes, theirs: bytes) -> str | None:
    try:
        left, right = json.loads(ours), json.loads(theirs)
    except ValueError:
        return None
    if not isinstance(left, dict) or not isinstance(right, dict):
        return None
    for name in dict.fromkeys((*left, *right)):
        if left.get(name) != right.get(name):
            return f"line {number}, {name}: {_both(str(left.get(name)), str(right.get(name)))}"
    return None


def _both(ours: str, theirs: str) -> str:
    start = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), 0)
    start = max(0, start - _WIDEST // 2)
    left, right = (escape_unambiguously(each[start : start + _WIDEST]) for each in (ours, theirs))
    return f"the case has {left!r}, the second analysis {right!r}"
