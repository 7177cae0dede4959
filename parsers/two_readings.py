"""What two readers that share no code make of one record, and how that is told apart.

Where a reader is known to lose text, and does so here, that is no disagreement: the one that has more, or the
record's own bytes, say what is missing. :mod:`parsers.known_defects` lists what is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Verdict(StrEnum):
    """What comparing two readings came to."""

    AGREE = "agree"
    LOST_TEXT = "agree_but_for_lost_text"
    """They agree but for text that a known defect of a reader lost."""
    DIFFER = "differ"
    ONE_READER = "one_reader_only"
    """One of them cannot read it."""
    NOT_READ_AGAIN = "not_read_again"
    """Neither could be asked."""
    BEYOND_BOUND = "beyond_bound"
    """There were more records than are read again."""
    SINGLE_READER = "single_reader"
    """There is no second reader for its kind."""


@dataclass(frozen=True, slots=True)
class FieldReading:
    """A field that two readers do not give alike, or of which one of them lost a part.

    ``first`` and ``second`` are the readers' texts, None where a reader does not give the field or cannot
    read the record. ``stored`` is the text of the record's bytes where it is known. ``lost_by`` names the
    readers of which a known defect explains what they give, nobody where nothing explains the difference.
    """

    name: str
    first: str | None
    second: str | None
    stored: str | None = None
    lost_by: tuple[str, ...] = ()

    @property
    def whole(self) -> str | None:
        """The text without loss, as far as anything has it."""
        return self.stored if self.stored is not None else self.second if self.first is None else self.first


@dataclass(frozen=True, slots=True)
class TwoReadings:
    """One record read by the readers called ``first`` and ``second``.

    ``failures`` says by reader why it cannot read the record, ``fields`` what is not alike or not whole.
    ``note`` is a sentence more about what was compared, or ``""``. ``missing`` says why neither was asked.
    """

    first: str
    second: str
    failures: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[FieldReading, ...] = ()
    note: str = ""
    missing: str = ""

    @property
    def verdict(self) -> Verdict:
        """What comparing came to."""
        if self.missing or len(self.failures) > 1:
            return Verdict.NOT_READ_AGAIN
        if self.failures:
            return Verdict.ONE_READER
        if any(not each.lost_by for each in self.fields):
            return Verdict.DIFFER
        return Verdict.LOST_TEXT if self.fields else Verdict.AGREE
