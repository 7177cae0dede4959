"""The timeline's column ``readers``: which libraries read a record, and what they do not give alike.

The cell is a sentence of this program's own. Texts of the evidence in it are in double quotes, cut to what is
about the first character that differs, and with unsafe characters named as :mod:`forensics.report.verbatim`
says. ``reader_differences`` in timeline.jsonl has the whole of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.report.verbatim import escape_unambiguously
from parsers.two_readings import Verdict

if TYPE_CHECKING:
    from parsers.two_readings import FieldReading, TwoReadings

LONGEST_TEXT: Final = 60
"""Characters of a text of the evidence that the cell shows."""

LONGEST_REASON: Final = 160
_BEFORE: Final = 20
"""Characters shown before the first one that differs."""

_CUT: Final = "…"


class ReaderDifference(NamedTuple):
    """A field that two readers do not give alike or not whole, for timeline.jsonl.

    ``readings`` are their texts by reader, None where one does not give the field; ``record`` is the text of
    the record's own bytes, None where it is not known; ``lost_by`` the readers that lost a part of it.
    """

    field: str
    readings: tuple[tuple[str, str | None], ...]
    record: str | None
    lost_by: tuple[str, ...]


def readers_cell(read: TwoReadings) -> str:
    """Return the cell for a record that was read by two readers, or could not be."""
    both = f"{read.first}+{read.second}"
    lost = [_lost(each, read) for each in read.fields if each.lost_by]
    match read.verdict:
        case Verdict.NOT_READ_AGAIN:
            parts = [f"not read again ({read.missing or _reasons(read)})"]
        case Verdict.ONE_READER:
            parts = [_one_reader(read), *lost]
        case Verdict.DIFFER:
            differ = ", ".join(_difference(each) for each in read.fields if not each.lost_by)
            parts = [f"{both} differ: {differ}", *lost]
        case Verdict.LOST_TEXT:
            parts = [f"{both} agree but for lost text", *lost]
        case _:
            parts = [f"{both} agree"]
    return "; ".join([*parts, *([_shown(read.note)] if read.note else [])])


def reader_differences(read: TwoReadings) -> tuple[ReaderDifference, ...]:
    """Return the fields that are not alike, or not whole, with their whole texts."""
    return tuple(
        ReaderDifference(
            each.name, ((read.first, each.first), (read.second, each.second)), each.stored, each.lost_by
        )
        for each in read.fields
    )


def _one_reader(read: TwoReadings) -> str:
    ((failed, _),) = read.failures.items()
    other = read.second if failed == read.first else read.first
    return f"{other} only: {failed} cannot read it ({_reasons(read)})"


def _reasons(read: TwoReadings) -> str:
    return "; ".join(_cut(_shown(each), 0, LONGEST_REASON) for each in read.failures.values())


def _difference(each: FieldReading) -> str:
    at = _first_difference([text for text in (each.first, each.second, each.stored) if text is not None])
    record = "" if each.stored is None else f", the record has {_quoted(each.stored, at)}"
    return f"{_shown(each.name)} ({_quoted(each.first, at)} / {_quoted(each.second, at)}{record})"


def _lost(each: FieldReading, read: TwoReadings) -> str:
    """Say who lost what, and where the whole of it is."""
    losers = " and ".join(each.lost_by)
    name = _shown(each.name)
    given = {read.first: each.first, read.second: each.second}
    kept = [reader for reader, text in given.items() if reader not in each.lost_by and text is not None]
    whole = each.stored if each.stored is not None else given[kept[0]] if kept else None
    at = _first_difference([text for text in (*given.values(), whole) if text is not None])
    where = kept[0] if kept else "the record"
    return f"{losers} lost a part of {name}, {where} has {_quoted(whole, at)}"


def _quoted(text: str | None, at: int) -> str:
    if text is None:
        return "absent"
    start = max(0, at - _BEFORE) if len(text) > LONGEST_TEXT else 0
    return f'"{_cut(text, start, LONGEST_TEXT)}"'


def _cut(text: str, start: int, length: int) -> str:
    end = start + length
    before, behind = _CUT if start else "", _CUT if end < len(text) else ""
    return f"{before}{_shown(text[start:end])}{behind}"


def _shown(text: str) -> str:
    return escape_unambiguously(text)


def _first_difference(texts: list[str]) -> int:
    """Return where the texts part, or the length of the shortest."""
    shortest = min(map(len, texts), default=0)
    return next((at for at in range(shortest) if len({text[at] for text in texts}) > 1), shortest)
