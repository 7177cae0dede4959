"""A part of what ``show`` prints: lines for people, and the same as data for scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.report.json_document import JsonValue
    from parsers.marked_bytes import Mark
    from parsers.two_readings import FieldReading

_A_LINE: Final = 16
_LONGEST_DUMP: Final = 4096
"""Bytes of one part that are printed; the rest is in the file, at the offset that stands before it."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part: ``key`` is what scripts know it by, ``lines`` may hold anything and are made safe later."""

    key: str
    title: str
    lines: tuple[str, ...]
    data: JsonValue


def marked_dump(data: bytes, marks: Sequence[Mark], at: int) -> Iterator[str]:
    """Give the bytes of ``data``, which stand at offset ``at`` of the file, below the name of each part.

    A part with parts of its own is only named; its bytes follow with these.
    """
    for mark, following in zip(marks, (*marks[1:], None), strict=False):
        indent = "  " * mark.depth
        meaning = f": {mark.meaning}" if mark.meaning else ""
        yield f"{indent}{mark.name}{meaning}"
        if following is None or following.depth <= mark.depth:
            part = data[mark.offset : mark.offset + mark.size]
            yield from (f"{indent}  {line}" for line in hex_dump(part, at + mark.offset))


def hex_dump(data: bytes, at: int) -> Iterator[str]:
    """Give ``data`` as lines of an offset in the file, 16 bytes in hexadecimal and their ASCII."""
    for start in range(0, min(len(data), _LONGEST_DUMP), _A_LINE):
        row = data[start : start + _A_LINE]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)  # noqa: PLR2004 - ASCII
        yield f"{at + start:08x}  {row.hex(' '):<47}  {text}"
    if len(data) > _LONGEST_DUMP:
        yield f"{at + _LONGEST_DUMP:08x}  … {len(data) - _LONGEST_DUMP:,} bytes more"


def marks_as_data(marks: Sequence[Mark], at: int) -> JsonValue:
    """Return the parts for scripts, offsets in bytes of the file."""
    return [
        {
            "offset": at + mark.offset,
            "size": mark.size,
            "name": mark.name,
            "meaning": mark.meaning,
            "depth": mark.depth,
        }
        for mark in marks
    ]


def differences_as_lines(
    names: tuple[str, str], differences: Sequence[tuple[str, str | None, str | None]], same: int
) -> Iterator[str]:
    """Give how many fields two readers have alike, and each that they have not, one above the other."""
    width = max(map(len, names))
    yield f"{same} fields are the same, {len(differences)} differ"
    for name, one, other in differences:
        yield f"{name}:"
        for reader, value in zip(names, (one, other), strict=True):
            yield f"  {reader:<{width}}  {'(not there)' if value is None else value}"


def two_readers(
    names: tuple[str, str], normalised: str, differences: Sequence[FieldReading], same: int, *, compared: bool
) -> Section:
    """Return what the readers called ``names`` do not give alike, and which known defects explain it."""
    told = [(each.name, each.first, each.second) for each in differences]
    lines = [*differences_as_lines(names, told, same), *_explained(differences)]
    first, second = (name.replace("-", "_") for name in names)
    return Section(
        "readers",
        f"The two readers compared ({normalised})",
        tuple(lines) if compared else ("not compared: one of them cannot read it",),
        {
            "compared": compared,
            "same": same,
            "differences": [
                {
                    "name": each.name,
                    first: each.first,
                    second: each.second,
                    "stored": each.stored,
                    "lost_by": list(each.lost_by),
                }
                for each in differences
            ],
        },
    )


def _explained(differences: Sequence[FieldReading]) -> Iterator[str]:
    for each in differences:
        if each.lost_by:
            bytes_hold = "" if each.stored is None else f"; the record's bytes hold {each.stored}"
            yield f"{each.name}: a known defect of {' and '.join(each.lost_by)} explains it{bytes_hold}"
