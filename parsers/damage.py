"""Bytes that yielded no record, and why: trouble as data, kept beside what was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Damage:
    """A stretch of one artifact that could not be read.

    ``offset`` and ``length`` are bytes from the start of the artifact. ``reason`` is a sentence
    without a full stop that an investigator can read out. ``records_lost`` is how many records are
    known to be affected, or None where that cannot be told.
    """

    offset: int
    length: int
    reason: str
    records_lost: int | None = None

    def __str__(self) -> str:
        return f"bytes {self.offset:#x}-{self.offset + self.length:#x}: {self.reason}"
