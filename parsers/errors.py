"""Why a whole file or a whole evidence could not be read.

::

    ParserError
    ├── EvidenceError    the evidence cannot be opened, or is of no kind that is read
    ├── NotAnEventLog    the file is not an EVTX
    ├── NotAHive         the file is not a registry hive, or none that can be entered
    └── UnreadableFile   a file of another kind is none, or cannot be taken apart

What is damaged inside a file that can be read is no error: it is :class:`parsers.damage.Damage`.
"""

from __future__ import annotations


class ParserError(Exception):
    """The file or evidence at ``path`` could not be read; ``reason`` says why, ``remedy`` what to do."""

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(path, reason, remedy)
        self.path = path
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}. {self.remedy}"


class EvidenceError(ParserError):
    """The evidence cannot be opened, or is of no kind that is read."""


class NotAnEventLog(ParserError):  # noqa: N818 - says what the file is, as NotADirectoryError's peers do
    """The file does not begin as an EVTX does."""


class NotAHive(ParserError):  # noqa: N818 - says what the file is
    """The file is not a registry hive, or its root cannot be reached."""


class UnreadableFile(ParserError):  # noqa: N818 - says what the file is
    """A file of one of the other kinds is not what its name or place says, or cannot be taken apart."""
