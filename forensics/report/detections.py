"""docs/detections.md: what each shipped rule asks, what its rows say, and how far that is from the record.

``python -m forensics.report.detections`` writes it to stdout; a test says that what is checked in is the
same. Nothing stands in it that is not in the rules' own files.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from forensics import attack
from forensics.kql_text import TokenKind, tokenize
from forensics.rule import FINDINGS, Basis, Rule, RuleKind, shipped_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.kql_text import Token

_INTRODUCTION: Final = f"""\
# Detections

Generated from the rules' own files by `make docs`; do not edit it.

Every detection is a KQL file over the event tables, with a description beside it. A row of the timeline is an
event that a rule gave. How far a row may be trusted to say what it seems to say is told for each rule:

- **Basis** `observed`: the record itself says what the row says. `inferred`: it is concluded, and the row's
  message says in square brackets from what.
- **Literals** are the texts that a rule looks for. Whatever has them is given, and what has not is not: the
  distance between a row and RustDesk is that between these texts and the program.
- **Blind spots** are what a rule cannot see. No row is no proof of absence.
- **False positives** are what it gives without being what it looks for.

Severity is the rule's own: it is raised by the role of the machine and by what else was found.

**Kind** `finding`: a row stands for itself. `context`: it is told only within the window of a finding of
RustDesk, which the row names. `annotation`: no row at all; it says what RustDesk did in events that other
rules give.

ATT&CK ids are those of release {attack.VERSION} of the enterprise matrix.
"""

_KINDS: Final = {
    RuleKind.FINDING: "finding",
    RuleKind.CONTEXT: "context, told near findings of RustDesk",
    RuleKind.ANNOTATION: "annotation of what other rules give",
}
_BASES: Final = {
    Basis.OBSERVED: "observed: the record says it",
    Basis.INFERRED: "inferred: concluded from what records say, as the row's message explains",
}
_WIDEST: Final = 110
_MOST_WORDS: Final = 4
"""A literal of more words is a sentence."""

_PROSE: Final = re.compile(r"[A-Za-z',]+")


def detections(rules: Sequence[Rule]) -> str:
    """Return the document on ``rules``, in Markdown: by finding, each rule in order of its id."""
    by_finding: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_finding[rule.finding].append(rule)
    lines = [_INTRODUCTION, *_contents(by_finding)]
    for finding in FINDINGS:
        if finding in by_finding:
            lines += ["", f"## {finding}"]
            lines += [line for rule in by_finding[finding] for line in _rule(rule)]
    return "\n".join(lines) + "\n"


def literals(query: str) -> tuple[str, ...]:
    """Return the texts that ``query`` looks for, as KQL writes them, each once and in order.

    Texts that it only says to the reader (``Detail = ...``, and sentences) are none of them, nor is what has
    no letter or number, such as a separator.
    """
    texts = (each.text for each in _outside_details(tokenize(query)) if each.kind is TokenKind.STRING)
    return tuple(dict.fromkeys(each for each in texts if _says_something(each) and not _is_prose(each)))


def _contents(by_finding: dict[str, list[Rule]]) -> Iterator[str]:
    yield "| finding | rules |"
    yield "|---|---|"
    for finding in FINDINGS:
        if finding in by_finding:
            names = ", ".join(f"[{rule.rule_id}](#{rule.rule_id})" for rule in by_finding[finding])
            yield f"| {finding} | {names} |"


def _rule(rule: Rule) -> Iterator[str]:
    yield from ("", f"### {rule.rule_id}", "", f"{rule.title}. *{rule.question}*", "")
    yield f"- Query: `{rule.path}`"
    yield f"- Kind: {_KINDS[rule.kind]}{_near(rule)}"
    yield f"- Severity: {rule.severity}"
    yield f"- Basis: {_BASES[rule.basis]}"
    if rule.activity:
        yield f"- Activity: {rule.activity}"
    yield f"- ATT&CK: {', '.join(_technique(each) for each in rule.attack)}"
    yield from _listed("Blind spots", rule.blind_spots)
    yield from _listed("False positives", rule.false_positives)
    yield from _listed("References", rule.references)
    yield from ("", "Literals:", "", "````text", *_in_lines(literals(rule.query)), "````")


def _in_lines(texts: Sequence[str]) -> Iterator[str]:
    """Give short texts side by side, in lines that are no longer than the widest of the document."""
    line = ""
    for text in texts:
        if line and len(line) + len(text) > _WIDEST:
            yield line
            line = ""
        line = f"{line}  {text}" if line else text
    if line:
        yield line


def _near(rule: Rule) -> str:
    return f" whose activity is {rule.near}" if rule.near else ""


def _technique(technique: str) -> str:
    return f"{technique} ({attack.NAMES[technique]})"


def _listed(title: str, items: Sequence[str]) -> Iterator[str]:
    yield f"- {title}:"
    yield from (f"  - {each}" for each in items)


def _outside_details(tokens: tuple[Token, ...]) -> Iterator[Token]:
    """Give the tokens that are in no value of the column Detail."""
    depth = 0
    inside = False
    for index, token in enumerate(tokens):
        if not inside and token.text == "Detail":
            inside, depth = tokens[index + 1].text == "=" if index + 1 < len(tokens) else False, 0
        elif inside:
            depth += (token.text in "([") - (token.text in ")]") if token.kind is TokenKind.SIGN else 0
            inside = depth >= 0 and not (depth == 0 and token.text in (",", "|", ";"))
        if not inside:
            yield token


def _says_something(literal: str) -> bool:
    """Whether a text is more than a separator or a group of a pattern."""
    return re.search(r"[A-Za-z0-9]", re.sub(r"\\\d", "", literal.lstrip("@"))) is not None


def _is_prose(literal: str) -> bool:
    """Whether a text is a sentence: a verbatim one (@'...') is a pattern, whatever words it has."""
    return not literal.startswith("@") and len(_PROSE.findall(literal)) > _MOST_WORDS


if __name__ == "__main__":
    sys.stdout.write(detections(shipped_rules()))
