"""KQL as text: its tokens, the places in it, and what is rewritten before it is parsed.

Other people's rules use a few things that the parser refuses though they cost nothing to honour. They are
rewritten here so that every character keeps its place, or so that its place can be found again:

1. ``project-reorder`` is blanked out: it says in which order columns are shown, and nothing else.
2. ``makeset`` and ``makelist`` become ``make_set`` and ``make_list``, their names of today.

Grammar of literals and comments: the Kusto query language reference, "Entity names", "String literals".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from forensics.errors import RuleLocation

RENAMED: Final = {"makeset": "make_set", "makelist": "make_list"}

OPERATORS: Final = (
    *("as", "assert-schema", "consume", "count", "distinct", "evaluate", "extend", "externaldata", "facet"),
    *("filter", "find", "fork", "getschema", "graph-match", "graph-to-table", "invoke", "join", "limit"),
    *("lookup", "make-graph", "make-series", "mv-apply", "mv-expand", "order", "parse", "parse-kv"),
    *("parse-where", "partition", "print", "project", "project-away", "project-keep", "project-rename"),
    *("project-reorder", "range", "reduce", "render", "sample", "sample-distinct", "scan", "search"),
    *("serialize", "sort", "summarize", "take", "top", "top-hitters", "top-nested", "union", "where"),
)
"""The tabular operators of KQL, whether the engine can run them or not: for telling a slip from a lack."""

_HYPHENATED: Final = "|".join(sorted((each for each in OPERATORS if "-" in each), key=len, reverse=True))


class TokenKind(StrEnum):
    """What a stretch of KQL is; blanks and comments are no tokens."""

    NAME = "name"
    STRING = "string"
    NUMBER = "number"
    SIGN = "sign"


_TOKEN: Final = re.compile(
    rf"""
      (?P<skip>   \s+ | //[^\n]*)
    | (?P<string> ```.*?``` | ~~~.*?~~~
                | [hH]?@"(?:[^"]|"")*" | [hH]?@'(?:[^']|'')*'
                | [hH]?"(?:\\.|[^"\\\n])*" | [hH]?'(?:\\.|[^'\\\n])*')
    | (?P<name>   (?:{_HYPHENATED})(?![\w-]) | [A-Za-z_$]\w*)
    | (?P<number> \d[\w.]*)
    | (?P<sign>   [=!<>]= | [=!]~ | \.\. | .)
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A word of KQL; ``start`` counts characters from the beginning of the text."""

    kind: TokenKind
    text: str
    start: int


def tokenize(text: str) -> tuple[Token, ...]:
    """Return the tokens of ``text``. Any text has some: a stray quote is a sign like any other."""
    return tuple(
        Token(TokenKind(match.lastgroup), match.group(), match.start())
        for match in _TOKEN.finditer(text)
        if match.lastgroup not in ("skip", None)
    )


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it was written and as it is parsed.

    ``parsed`` is ``written`` after the rewriting that this module does; ``insertions`` are the offsets in
    ``parsed`` of the characters that were put in.
    """

    name: str
    written: str
    parsed: str
    insertions: tuple[int, ...]

    def location(self, offset: int) -> RuleLocation:
        """Return the place in the file of a character of ``written``."""
        before = self.written[:offset]
        return RuleLocation(self.name, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)

    def parsed_offset(self, line: int, column: int) -> int:
        """Return the offset in ``written`` of a place in ``parsed``: ``line`` from 1, ``column`` from 0."""
        start = 0
        for _ in range(line - 1):
            start = self.parsed.find("\n", start) + 1
        offset = min(start + column, len(self.parsed))
        return offset - bisect_left(self.insertions, offset)


def to_query(written: str, name: str) -> Query:
    """Return ``written`` ready to be parsed; ``name`` is the file's, for errors."""
    text = _without_reorder(written)
    parts: list[str] = []
    insertions: list[int] = []
    end = length = 0
    for token in _renamed_functions(text):
        new = RENAMED[token.text]
        parts += (text[end : token.start], new)
        length += token.start - end + len(new)
        insertions.append(length - 1)
        end = token.start + len(token.text)
    return Query(name, written, "".join((*parts, text[end:])), tuple(insertions))


def _renamed_functions(text: str) -> list[Token]:
    tokens = tokenize(text)
    return [each for each, after in pairwise(tokens) if each.text in RENAMED and after.text == "("]


def _without_reorder(text: str) -> str:
    tokens = tokenize(text)
    for index, token in enumerate(tokens):
        if token.text == "project-reorder" and index and tokens[index - 1].text == "|":
            start, end = tokens[index - 1].start, _end_of_operator(tokens[index:], len(text))
            text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text


def _end_of_operator(tokens: tuple[Token, ...], length: int) -> int:
    depth = 0
    for token in tokens:
        depth += (token.text in "([{") - (token.text in ")]}") if token.kind is TokenKind.SIGN else 0
        if depth < 0 or (depth == 0 and token.text in ("|", ";")):
            return token.start
    return length


def uses(tokens: tuple[Token, ...], name: str) -> tuple[Token, ...]:
    """Return the tokens that read what is called ``name``: no assignment, no property, no function call."""
    return tuple(token for index, token in enumerate(tokens) if token.text == name and _is_use(tokens, index))


def _is_use(tokens: tuple[Token, ...], index: int) -> bool:
    before = tokens[index - 1].text if index else ""
    owner = tokens[index - 2].text if index > 1 else ""
    after = tokens[index + 1].text if index + 1 < len(tokens) else ""
    return after not in ("=", "(") and (before != "." or owner in ("$left", "$right"))
