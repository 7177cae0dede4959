"""Text as evidence holds it, with the characters that deceive a reader made visible.

A character that moves the cursor, turns the reading direction, takes no room or is no character at all is
written as its name in angle brackets: ``<U+202E>``. Backslashes would not do, Windows paths are full of them.

A value may hold the nine characters ``<U+202E>`` itself. The two are told apart by ``altered_fields``:

* a cell whose column is not named there is verbatim, to the last character;
* in a cell whose column is named there every ``<U+...>`` stands for one character, ``<U+003C>`` for a ``<``
  that would otherwise begin a look-alike. So the value can be had back from the cell alone, and
  ``raw_hex`` in timeline.jsonl gives its UTF-16LE bytes besides.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from forensics.timeline_row import COLUMNS, TimelineRow

if TYPE_CHECKING:
    from collections.abc import Iterable

SEPARATOR: Final = ";"
"""Between the names in ``altered_fields``."""

TEXT_COLUMNS: Final = tuple(name for name in COLUMNS if name not in {"row", "copies", "altered_fields"})
"""The columns that can hold what evidence says."""

_PLANES: Final = 17
_RANGES: Final = (
    (0x0000, 0x001F),  # C0 controls, TAB, LF and CR among them
    (0x007F, 0x009F),  # DEL and the C1 controls
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian variation selectors and vowel separator
    (0x200B, 0x200F),  # zero-width space, non-joiner and joiner; left-to-right and right-to-left mark
    (0x2028, 0x2029),  # line and paragraph separator
    (0x202A, 0x202E),  # bidirectional embeddings and overrides
    (
        0x2060,
        0x206F,
    ),  # word joiner, invisible operators, bidirectional isolates, deprecated format characters
    (0x3164, 0x3164),  # Hangul filler
    (0xD800, 0xDFFF),  # surrogates: in Python text they are unpaired
    (0xFDD0, 0xFDEF),  # noncharacters (Unicode 23.7), as the last two of each plane below
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),  # zero-width no-break space, the byte order mark
    (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
    (0xFFF0, 0xFFFB),  # reserved for format characters; interlinear annotation
    (0x1BCA0, 0x1BCA3),  # shorthand format controls
    (0x1D173, 0x1D17A),  # musical format controls
    (0xE0000, 0xE0FFF),  # tags, further variation selectors
    *((plane << 16 | 0xFFFE, plane << 16 | 0xFFFF) for plane in range(_PLANES)),
)
"""Controls, surrogates, noncharacters, and what is not seen: Unicode's Default_Ignorable_Code_Point.

Source: Unicode Character Database, DerivedCoreProperties.txt.
"""

_CLASS: Final = "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in _RANGES)
_UNSAFE: Final = re.compile(f"[{_CLASS}]")
_UNSAFE_OR_LOOK_ALIKE: Final = re.compile(rf"[{_CLASS}]|<(?=U\+[0-9A-F]{{4,6}}>)")
_NAMED: Final = re.compile(r"<U\+([0-9A-F]{4,5}|10[0-9A-F]{4})>")


def escape(text: str) -> str:
    """Return ``text`` with its unsafe characters named, or ``text`` itself where there are none."""
    return escape_unambiguously(text) if _UNSAFE.search(text) else text


def escape_unambiguously(text: str) -> str:
    """Return ``text`` with its unsafe characters named and its look-alikes taken apart, always.

    For places that have no ``altered_fields`` beside them: no two texts become one.
    """
    return _UNSAFE_OR_LOOK_ALIKE.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)


def unescape(text: str) -> str:
    """Return what :func:`escape_unambiguously` made ``text`` of."""
    return _NAMED.sub(lambda match: chr(int(match[1], 16)), text)


def escape_row(row: TimelineRow) -> TimelineRow:
    """Return ``row`` with its text columns escaped, and those that changed named in ``altered_fields``.

    Names that stand there already are kept. A row that is verbatim throughout is returned as it is.
    """
    changed = {name: escape(getattr(row, name)) for name in _altered(row)}
    if not changed:
        return row
    names = join_names([*row.altered_fields.split(SEPARATOR), *changed])
    return replace(row, **changed, altered_fields=names)  # type: ignore[arg-type]


def raw_hex(row: TimelineRow) -> dict[str, str]:
    """Return the UTF-16LE bytes, in hexadecimal, of each text column of ``row`` that escaping alters.

    ``row`` is the row before :func:`escape_row`; what was altered before that is not known here.
    """
    return {name: getattr(row, name).encode("utf-16-le", "surrogatepass").hex() for name in _altered(row)}


def join_names(names: Iterable[str]) -> str:
    """Return ``names`` once each, in the order of the timeline's columns, those of no column last."""
    given = {name for name in names if name}
    ordered = [name for name in COLUMNS if name in given]
    return escape(SEPARATOR.join([*ordered, *sorted(given.difference(COLUMNS))]))


def _altered(row: TimelineRow) -> list[str]:
    return [name for name in TEXT_COLUMNS if _UNSAFE.search(getattr(row, name))]
