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


@dataclass(frozen=True, slots=True)
class Replay:
    """How a replay went.

    ``reason`` says it in sentences. ``data`` is the replayed copy, None where nothing was applied.
    ``applied`` names the logs in the order of their use, each with its entries; ``entries`` is their number
    and ``dirty_pages`` that of the pages that they wrote, one written twice counted twice. ``complete`` is
    True only where nothing speaks for entries that a log holds, or held, and that were not applied.
    """

    outcome: ReplayOutcome
    reason: str
    data: bytes | None = field(default=None, repr=False)
    applied: tuple[str, ...] = ()
    entries: int = 0
    dirty_pages: int = 0
    complete: bool = False
