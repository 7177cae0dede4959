"""attack_layer.json: the techniques of a timeline for MITRE's ATT&CK Navigator.

Only techniques that a row of the timeline names are in it: what is not in it was not found, which is no
proof that it was not done. Source: ATT&CK Navigator, layer file format 4.5.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from forensics import attack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from forensics.report.json_document import JsonValue
    from forensics.rule import Rule
    from forensics.timeline_row import TimelineRow

LAYER_NAME: Final = "attack_layer.json"

_LAYER_FORMAT: Final = "4.5"
_NAVIGATOR: Final = "5.2.0"
"""The release of the Navigator that the format's specification goes with."""

_WHITE: Final = "#ffffff"
_RED: Final = "#ff6666"
_DESCRIPTION: Final = (
    "RustDesk and what happened near it: a technique's score is how many rows of the timeline name it, "
    "its comment says which rules gave them. A technique that is not here was not found; that is no proof "
    "that it was not used."
)


def attack_layer(rows: Iterable[TimelineRow], rules: Iterable[Rule]) -> JsonValue:
    """Return the layer of ``rows``, in order of technique; ``rules`` are those that gave them."""
    titles = {rule.rule_id: rule.title for rule in rules}
    scores: dict[str, int] = defaultdict(int)
    comments: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for technique in filter(None, row.attack.split(";")):
            scores[technique] += 1
            comments[technique].add(titles.get(row.rule_id, row.rule_id))
    return {
        "name": "RustDesk",
        "versions": {"attack": attack.VERSION, "navigator": _NAVIGATOR, "layer": _LAYER_FORMAT},
        "domain": attack.DOMAIN,
        "description": _DESCRIPTION,
        "filters": {"platforms": ["Windows"]},
        "sorting": 3,
        "techniques": [_technique(each, scores[each], comments[each]) for each in sorted(scores)],
        "gradient": _gradient(scores),
    }


def _technique(technique: str, score: int, titles: set[str]) -> JsonValue:
    return {
        "techniqueID": technique,
        "score": score,
        "comment": "; ".join(sorted(titles)),
        "showSubtechniques": True,
    }


def _gradient(scores: Mapping[str, int]) -> JsonValue:
    """Return the colours from no row to the most; the format asks for a most above the least."""
    return {"colors": [_WHITE, _RED], "minValue": 0, "maxValue": max(1, *scores.values(), 1)}
