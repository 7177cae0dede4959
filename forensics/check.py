"""What one check of a case came to: it holds, it fails with problems, or it is only noted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Whether a check holds. What is only noted neither holds nor fails."""

    OK = "ok"
    FAILED = "FAILED"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``text`` says what holds or is noted; ``problems`` what does not, each in one line."""

    name: str
    text: str
    problems: tuple[str, ...] = ()
    noted: bool = False

    @property
    def status(self) -> Status:
        """What it came to."""
        if self.problems:
            return Status.FAILED
        return Status.NOTE if self.noted else Status.OK
