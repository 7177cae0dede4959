"""How the severity of rows was reached, in words: the arithmetic, and how often each reason counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from forensics.finding import FoundKey
from forensics.report.words import count
from forensics.severity import ARITHMETIC, CORROBORATES, LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.pipeline import Analysis

NO_MEASURE: Final = (
    "Severity orders rows for reading. It is no measure of proof, and no measure of how grave an act was."
)


def severity_words(analysis: Analysis) -> Iterator[str]:
    """Give the arithmetic and what it came to in this case."""
    yield NO_MEASURE
    yield (
        f"A row begins at the severity that its rule has, one of {', '.join(LEVELS)}. Each of the reasons "
        "below that holds raises it by the levels named, and never above critical. context.json has the "
        "steps of each row."
    )
    weighed = analysis.concluded.weighed
    keys = [FoundKey(row.rule_id, row.report_id) for row in analysis.rows]
    shown = [weighed[key] for key in keys if key in weighed]
    raised = Counter(step.reason for each in shown for step in each.steps)
    for reason, levels in ARITHMETIC:
        if levels != "+0":
            yield f"{_arithmetic(reason, levels)}: {count(raised[reason], 'row')} of this case."
    if shown:
        reached = Counter(each.severity for each in shown)
        told = ", ".join(f"{level} {reached[level]:,}" for level in LEVELS if reached[level])
        unchanged = sum(not each.steps for each in shown)
        yield f"Severities reached in this case: {told}; {count(unchanged, 'row')} as the rule has it."


def _arithmetic(reason: str, levels: str) -> str:
    if reason == CORROBORATES:
        return "Cut to low, where a row only corroborates others"
    return f"Raised by {levels.removeprefix('+')}, {reason}"
