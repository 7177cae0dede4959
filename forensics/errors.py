"""Why an analysis stops.

::

    ForensicsError
    ├── RuleError             a rule file is wrong: where, why, and what to do
    ├── AnalysisError         the event tables cannot be read, or a rule cannot be run over them
    ├── TruthTableMismatch    the KQL engine gives another answer than is documented for a known case
    └── RuleDisagreement      two ways to evaluate the shipped rule differ

The last two mean that no result can be trusted: nothing is reported then.
"""

from __future__ import annotations

from dataclasses import dataclass


class ForensicsError(Exception):
    """The base of everything that stops an analysis."""


@dataclass(frozen=True, slots=True)
class RuleLocation:
    """A place in a rule file: ``line`` and ``column`` are counted from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class RuleError(ForensicsError):
    """The rule at ``location`` cannot be used; ``reason`` says why, ``remedy`` what to do."""

    def __init__(self, location: RuleLocation, reason: str, remedy: str) -> None:
        super().__init__(location, reason, remedy)
        self.location = location
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        end = "" if self.reason.endswith("?") else "."
        return f"{self.location}: {self.reason}{end} {self.remedy}"


class AnalysisError(ForensicsError):
    """The event tables cannot be read or queried; ``reason`` says why, ``remedy`` what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason, remedy)
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.reason}. {self.remedy}"


class TruthTableMismatch(ForensicsError):  # noqa: N818 - says what was found, not that something erred
    """The engine differs from the documented semantics; each of ``cases`` is one sentence, and a note."""

    def __init__(self, cases: tuple[str, ...]) -> None:
        super().__init__(cases)
        self.cases = cases
        for case in cases:
            self.add_note(case)

    def __str__(self) -> str:
        return (
            "the KQL engine does not evaluate the shipped rule as documented, so nothing was reported. "
            "Install the pinned versions of duckdb and duckdb-kql"
        )


class RuleDisagreement(ForensicsError):  # noqa: N818 - says what was found, not that something erred
    """Two evaluations of the shipped rule differ; each of ``differences`` is one sentence, and a note."""

    def __init__(self, differences: tuple[str, ...]) -> None:
        super().__init__(differences)
        self.differences = differences
        for difference in differences:
            self.add_note(difference)

    def __str__(self) -> str:
        return (
            "two evaluations of the shipped rule differ, so nothing was reported. "
            "Keep the evidence as it is and report this"
        )
