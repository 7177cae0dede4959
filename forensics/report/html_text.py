"""Text of evidence in report.html: deceivers named, passwords covered, nothing of it ever markup.

A password that was typed on a command line is covered until the reader asks for it. It stays in the file (and
in timeline.csv): covering keeps it off a screen and off paper, it does not remove it. What is covered is what
follows a switch that takes a password, a PIN or a token, and the password inside an address.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from markupsafe import Markup
from markupsafe import escape as to_html

from forensics.report.verbatim import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

COVER: Final = "••••••"
"""What stands for a covered password; it says nothing of how long it is."""

COVERED_FROM: Final = "\x01"
COVERED_TO: Final = "\x02"
"""Around a password in the data for the script. Escaped text holds no control characters of its own."""

LONGEST_SHOWN: Final = 600
"""How many characters of a text are shown before it has to be opened."""

_SWITCHES: Final = (
    "password|passwd|passphrase|pass|pwd|pw|set-unlock-pin|unlock-pin|token|secret|access-token|api-key"
)
_VALUE: Final = r"\"[^\"]*\"?|'[^']*'?|[^\s\"',;\])]+"
_SECRET: Final = re.compile(
    rf"""
    (?:(?<=[\s"'`])|^)(?:--?|/)(?:{_SWITCHES})(?:["']?\s+|\s*[=:]\s*)(?P<switch>{_VALUE})
    | \b(?:password|passwd|pwd)\s*[=:]\s*(?P<named>{_VALUE})
    | \bnet1?(?:\.exe)?"?\s+user\s+(?:"[^"]*"|[^\s/"]+)\s+(?P<user>"[^"]*"|[^\s/"][^\s"]*)
    | ://[^\s/:@"']{{1,256}}:(?P<address>[^\s/@"']{{1,256}})@
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Piece(NamedTuple):
    """A part of a text, and whether it is a password."""

    text: str
    secret: bool


def pieces(text: str) -> Iterator[Piece]:
    """Give ``text``, its deceivers named, in parts that are passwords and parts that are not."""
    shown = escape(text)
    position = 0
    for match in _SECRET.finditer(shown):
        begin, end = match.span(match.lastgroup or 0)
        if begin > position:
            yield Piece(shown[position:begin], secret=False)
        yield Piece(shown[begin:end], secret=True)
        position = end
    if position < len(shown):
        yield Piece(shown[position:], secret=False)


def has_secret(text: str) -> bool:
    """Whether ``text`` holds a password that would be covered."""
    return any(each.secret for each in pieces(text))


def marked(text: str) -> str:
    """Return ``text`` for the script: each password between :data:`COVERED_FROM` and :data:`COVERED_TO`."""
    return "".join(
        f"{COVERED_FROM}{each.text}{COVERED_TO}" if each.secret else each.text for each in pieces(text)
    )


def covered(text: str) -> str:
    """Return ``text`` with its passwords covered, for where they cannot be shown: attributes and titles."""
    return "".join(COVER if each.secret else each.text for each in pieces(text))


def to_attribute(text: object) -> Markup:
    """Return ``text`` for an attribute or a title of the picture: plain, passwords covered."""
    return to_html(covered(str(text)))


def to_body(text: object) -> Markup:
    """Return ``text`` for the page's body: passwords covered, what is very long folded up."""
    parts = list(pieces(str(text)))
    whole = Markup().join(_to_markup(each) for each in parts)
    length = sum(len(each.text) for each in parts)
    if length <= LONGEST_SHOWN:
        return whole
    begin = Markup().join(_to_markup(each) for each in _first(parts, LONGEST_SHOWN // 3))
    return Markup(
        '<details class="long"><summary>{begin}… <span class="note">({length} characters)</span></summary>'
        '<span class="whole">{whole}</span></details>'
    ).format(begin=begin, length=f"{length:,}", whole=whole)


def _first(parts: list[Piece], room: int) -> Iterator[Piece]:
    for each in parts:
        if room <= 0:
            return
        yield each if each.secret else Piece(each.text[:room], secret=False)
        room -= len(each.text)


def _to_markup(piece: Piece) -> Markup:
    if not piece.secret:
        return to_html(piece.text)
    return Markup(
        '<span class="secret"><span class="cover" title="a password, covered">{cover}</span>'
        '<span class="bare">{text}</span></span>'
    ).format(cover=COVER, text=piece.text)
