"""What replaying a hive's transaction logs takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class NamedLog(NamedTuple):
    """A transaction log that lay beside a hive: what messages call it, and its bytes."""

    name: str
    data: bytes


class ReplayOutcome(StrEnum):
    """What became of a hive's transaction logs."""

    NOT_NEEDED = "not_needed"
    """The hive is clean: it holds all that its logs do."""
    APPLIED = "applied"
    NO_LOGS = "no_logs"
    """The hive is dirty, and no log is there or none holds anything."""
    LOGS_DO_NOT_MATCH = "logs_do_not_match"
    """The logs are of another hive, or older than this one."""
    OLD_FORMAT = "old_format"
    """The logs are those of Windows before 8.1, which are not replayed."""
    DAMAGED = "damaged"


class WrittenPage(NamedTuple):
    """A dirty page that was written into the copy: ``offset`` there and ``size``, both in bytes.

    It comes from entry ``sequence`` of the log called ``log``, where it stands at ``log_offset``.
    """

    offset: int
    size: int
    log: str
    sequence: int
    log_offset: int


@dataclass(frozen=True, slots=True)
class Replay:
    """How a replay went.

    ``reason`` says it in sentences. ``data`` is the replayed copy, None where nothing was applied.
    ``applied`` names the logs in the order of their use, each with its entries, whose number ``entries`` is.
    ``pages`` are those written, in order: a later one may cover an earlier one. ``complete`` is True only
    where nothing speaks for entries that a log holds, or held, and that were not applied.
    """

    outcome: ReplayOutcome
    reason: str
    data: bytes | None = field(default=None, repr=False)
    applied: tuple[str, ...] = ()
    entries: int = 0
    pages: tuple[WrittenPage, ...] = field(default=(), repr=False)
    complete: bool = False

    @property
    def dirty_pages(self) -> int:
        """How many pages were written; one written twice counts twice."""
        return len(self.pages)

    def page_at(self, offset: int) -> WrittenPage | None:
        """Return where the byte at ``offset`` of the copy comes from, or None where no log wrote it."""
        covering = (page for page in reversed(self.pages) if 0 <= offset - page.offset < page.size)
        return next(covering, None)
