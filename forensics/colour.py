"""Colour on a terminal: which stream gets any, and which colour a severity has.

NO_COLOR (no-color.org), FORCE_COLOR (force-color.org) and TERM=dumb are honoured, in this order. Nothing is
said by colour alone: the word stands there.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TextIO

from forensics.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

_STYLES: Final = {
    Severity.CRITICAL.value: "1;31",
    Severity.HIGH.value: "31",
    Severity.MEDIUM.value: "33",
    Severity.INFORMATIONAL.value: "2",
}
"""Parameters of Select Graphic Rendition (ECMA-48, 8.3.117): bold red, red, yellow, faint."""


def wants_colour(stream: TextIO, environment: Mapping[str, str] | None = None) -> bool:
    """Return whether text for ``stream`` is to be coloured, by it and by ``environment``."""
    told = os.environ if environment is None else environment
    if told.get("NO_COLOR"):
        return False
    if told.get("FORCE_COLOR"):
        return True
    return stream.isatty() and told.get("TERM") != "dumb"


def paint_severity(severity: str) -> str:
    """Return the word ``severity`` in its colour, and any other word as it is."""
    style = _STYLES.get(severity)
    return f"\x1b[{style}m{severity}\x1b[0m" if style else severity


def plain(word: str) -> str:
    """Return ``word``, as a stream without colour gets it."""
    return word
