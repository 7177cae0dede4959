"""Rows of a timeline for the tests of what writes them, and the texts that writing must survive."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Final

from hypothesis import strategies as st

from forensics.report.verbatim import TEXT_COLUMNS
from forensics.timeline_row import TimelineRow

TICKS: Final = 133_500_000_001_234_567
HOSTILE: Final = (
    *("\x00", "\t", "\r", "\n", "\r\n", "\x1b[31m", "\x7f", "\x85", "\u061c", "\u200b", "\u2028", "\u202e"),
    *(
        "\u00ad",
        "\ufe0f",
        "\U000e0041",
        "\u2060",
        "\u2066",
        "\ufdd0",
        "\ufeff",
        "\uffff",
        "\U0010fffe",
        "\ud800",
        "\udfff",
        "\ud83d\ude00",
    ),
    *(
        "<U+202E>",
        "<U+003C>",
        "<",
        "U+202E>",
        "<U+",
        '"',
        '""',
        ",",
        ";",
        "'",
        "=1+1",
        "-2",
        "@x",
        "\\",
        "日本",
        "😀",
    ),
)


def timeline_row(**changes: str | int) -> TimelineRow:
    """Return a row whose text cells are their columns' names, but for ``changes``."""
    text = {each.name: each.name for each in fields(TimelineRow) if each.type == "str"}
    numbers = {"row": 1, "copies": 2, "ticks": TICKS, "offset": 4096, "report_id": 7}
    plain = {"datetime": "2024-01-18T04:26:40.1234567Z", "altered_fields": ""}
    row = TimelineRow(**{**text, **numbers, **plain})  # type: ignore[arg-type]
    return replace(row, **changes)  # type: ignore[arg-type]


def any_text() -> st.SearchStrategy[str]:
    """Return any text at all, unpaired surrogates and look-alikes of escapes among it."""
    pieces = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=4))
    return st.lists(pieces, max_size=5).map("".join)


def timeline_rows() -> st.SearchStrategy[TimelineRow]:
    """Return rows with any text in a few of their cells."""
    cells = st.dictionaries(st.sampled_from(TEXT_COLUMNS), any_text(), max_size=5)
    return cells.map(lambda changes: timeline_row(**changes))
