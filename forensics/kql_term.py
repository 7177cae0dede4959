"""Kusto's ``has``, from its documentation, in Python alone.

1. A term is a longest run of letters and digits; letters of any script count (Kusto query language
   reference, "Understanding string terms").
2. ``text has needle`` holds where the needle stands in the text, in any case, with no letter or digit
   directly before its first or behind its last character, where those are letters or digits themselves.
3. Upper and lower case are the same for the letters of ASCII. For needles of ASCII letters, digits and
   punctuation no other folding is documented.

What is not documented is not guessed but said: whether the long s (U+017F) and the Kelvin sign (U+212A)
count as s and k, whether a combining mark or a number that is no decimal digit belongs to a term, and
every character whose nature changed since Unicode 3.2, or that came since, which depends on the tables
that an engine was built with.
"""

from __future__ import annotations

import unicodedata
from enum import IntEnum
from functools import cache
from typing import Final

_ASCII_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_FOLDED: Final = _ASCII_LOWER | {0x17F: ord("s"), 0x212A: ord("k")}
_UNSETTLED: Final = frozenset("NM")
"""First letters of the Unicode categories that are neither plainly in a term nor plainly outside."""


class Verdict(IntEnum):
    """Whether a term is in a text, from no to yes."""

    NO = 0
    UNDECIDED = 1
    YES = 2


def match_term(text: str | None, needle: str) -> Verdict:
    """Return whether ``text has needle``; ``needle`` is ASCII and begins and ends with a letter or digit.

    A text that is missing has no term.
    """
    lowered = needle.lower()
    # casefold() never hides an ASCII letter, so what does not have the needle then never had it.
    if not text or lowered not in text.casefold():
        return Verdict.NO
    plain, folded = text.translate(_ASCII_LOWER), text.translate(_FOLDED)
    verdict = Verdict.NO
    start = folded.find(lowered)
    while start >= 0 and verdict is not Verdict.YES:
        verdict = max(verdict, _match_at(plain, start, lowered))
        start = folded.find(lowered, start + 1)
    return verdict


def has_term(text: str | None, needle: str) -> bool:
    """Return whether the documentation says that ``text has needle``."""
    return match_term(text, needle) is Verdict.YES


def has_any_term(text: str | None, needles: tuple[str, ...]) -> Verdict:
    """Return whether ``text has_any (needles)``: the strongest verdict of all ``needles``."""
    return max(match_term(text, needle) for needle in needles)


def _match_at(plain: str, start: int, needle: str) -> Verdict:
    end = start + len(needle)
    spelled = Verdict.YES if plain[start:end] == needle else Verdict.UNDECIDED
    before = ends_term(plain[start - 1]) if start else Verdict.YES
    after = ends_term(plain[end]) if end < len(plain) else Verdict.YES
    return min(spelled, before, after)


@cache
def ends_term(character: str) -> Verdict:
    """Return whether ``character`` lies outside every term: a letter or digit of any script does not."""
    then, now = unicodedata.ucd_3_2_0.category(character), unicodedata.category(character)
    if _is_letter_or_digit(then) and _is_letter_or_digit(now):
        return Verdict.NO
    settled = _is_settled_delimiter(then) and _is_settled_delimiter(now)
    return Verdict.YES if settled else Verdict.UNDECIDED


def _is_letter_or_digit(category: str) -> bool:
    return category[0] == "L" or category == "Nd"


def _is_settled_delimiter(category: str) -> bool:
    return category != "Cn" and category[0] not in _UNSETTLED and not _is_letter_or_digit(category)
