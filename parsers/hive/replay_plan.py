"""Which entries of which logs continue a hive, in which order.

Source: M. Suhanov, "Windows registry file format specification", "New format", notes 4-8, and "Multiple
transaction log files". While Windows runs it writes pages into a hive without touching its base block, so
a log may begin long after the sequence number that the hive has; it must not begin before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.hive import layout, log_layout
from parsers.hive.replay_record import ReplayOutcome
from parsers.hive.transaction_log import TransactionLog, UnusableLog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parsers.hive.transaction_log import LogEntry

_BY_WEIGHT: Final = (
    ReplayOutcome.DAMAGED,
    ReplayOutcome.OLD_FORMAT,
    ReplayOutcome.LOGS_DO_NOT_MATCH,
    ReplayOutcome.NO_LOGS,
)
"""Where no log could be used, each for another reason, the first of these is the outcome."""

_MOST_GROWTH: Final = 1 << 26
"""Bytes by which logs may lengthen a hive: a forged one could claim 4 GiB."""


_NOT_LATEST: Final = "is not the log with the latest entries, which alone can follow a damaged base block"


class UsedLog(NamedTuple):
    """The entries of one log that are to be applied: one at least."""

    name: str
    entries: tuple[LogEntry, ...]

    @property
    def dirty_pages(self) -> int:
        """How many pages the entries write."""
        return sum(len(entry.references) for entry in self.entries)

    def __str__(self) -> str:
        first, last = self.entries[0].sequence, self.entries[-1].sequence
        numbers = f"entry {first}" if first == last else f"entries {first}-{last}"
        return f"{self.name}, {numbers} ({self.dirty_pages} dirty pages)"


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """What to apply. ``base_block`` is the sector to start from: the hive's, or a log's where that is bad.

    ``unusable`` are the logs that give nothing. ``notes`` say what is left out of those that give something.
    """

    base_block: bytes = field(repr=False)
    used: tuple[UsedLog, ...]
    unusable: tuple[UnusableLog, ...]
    notes: tuple[str, ...]

    @property
    def entries(self) -> tuple[LogEntry, ...]:
        """All entries in the order of their numbers."""
        return tuple(entry for log in self.used for entry in log.entries)

    @property
    def dirty_pages(self) -> int:
        """How many pages all entries write."""
        return sum(log.dirty_pages for log in self.used)

    @property
    def outcome(self) -> ReplayOutcome:
        """What the plan comes to if it succeeds."""
        if self.used:
            return ReplayOutcome.APPLIED
        outcomes = {log.outcome for log in self.unusable}
        return next((each for each in _BY_WEIGHT if each in outcomes), ReplayOutcome.NO_LOGS)


def plan_replay(hive: bytes, logs: Sequence[TransactionLog | UnusableLog]) -> ReplayPlan:
    """Choose what to apply to the dirty ``hive``, which must begin with a base block.

    Where the checksum of its base block is wrong, a log's copy takes its place and, as in Windows, only the
    log with the latest entries is used.
    """
    block = hive[: log_layout.SECTOR]
    readable = [log for log in logs if isinstance(log, TransactionLog)]
    faults = {id(log): _mismatch(block, log) or _growth(hive, log) for log in readable}
    matching = [log for log in readable if not faults[id(log)]]
    if matching and not _is_sound(block):
        latest = max(matching, key=_last_entry)
        block, matching = latest.base_block, [latest]
        faults |= {id(log): faults[id(log)] or _NOT_LATEST for log in readable if log is not latest}
    refused = [_refused(log, faults[id(log)]) for log in readable if faults[id(log)]]
    unusable = [log for log in logs if isinstance(log, UnusableLog)]
    chain = _Chain(matching)
    return ReplayPlan(
        base_block=block,
        used=tuple(chain.used),
        unusable=(*unusable, *refused, *chain.unusable),
        notes=(*chain.notes, *_lone(chain.used, readable)),
    )


def _refused(log: TransactionLog, reason: str) -> UnusableLog:
    return UnusableLog(log.name, ReplayOutcome.LOGS_DO_NOT_MATCH, reason)


def _last_entry(log: TransactionLog) -> int:
    return log.entries[-1].sequence if log.entries else -1


def _lone(used: Sequence[UsedLog], readable: Sequence[TransactionLog]) -> Iterator[str]:
    """Give a note where one log of two is all that can be read: what the other held cannot be told."""
    if used and len(readable) == 1 and used[0].name[-1:].isdigit():
        yield f"Windows writes two logs in turn, and {used[0].name} is the only one that can be read"


class _Chain:
    """Follows the numbers of the entries from one log into the next, from the log that begins first.

    A log that does not continue the one before it means that entries between them are lost. Windows would
    apply those before the gap and stop. But it goes on to the next log when the hive has what is in the one
    before, so part of that one would take pages of the hive back: nothing is applied then.
    """

    def __init__(self, logs: Sequence[TransactionLog]) -> None:
        self.used: list[UsedLog] = []
        self.unusable: list[UnusableLog] = []
        self.notes: list[str] = []
        self._next = min((log.first_sequence for log in logs), default=0)
        for log in sorted(logs, key=lambda log: (log.first_sequence, log.name)):
            if log.first_sequence > self._next:
                self._break(log)
            else:
                self._follow(log)

    def _follow(self, log: TransactionLog) -> None:
        entries = tuple(entry for entry in log.entries if entry.sequence >= self._next)
        if entries:
            self.used.append(UsedLog(log.name, entries))
            self._next = entries[-1].sequence + 1
            self.notes += [f"{log.name} is not used up: {log.stopped}"] if log.stopped else []
        elif log.entries:
            self._refuse(log.name, ReplayOutcome.NO_LOGS, "has no entry that another log has not")
        elif log.stopped:
            reason = f"has no entry that can be used: {log.stopped}"
            self._refuse(log.name, ReplayOutcome.DAMAGED, reason)
        else:
            self._refuse(log.name, ReplayOutcome.NO_LOGS, "has no entry")

    def _break(self, log: TransactionLog) -> None:
        outcome = ReplayOutcome.DAMAGED if self.notes else ReplayOutcome.LOGS_DO_NOT_MATCH
        stopped = f" ({'; '.join(self.notes)})" if self.notes else ""
        for used in self.used:
            reason = f"gives entries up to {self._next - 1} alone, which could take the hive back{stopped}"
            self._refuse(used.name, outcome, reason)
        reason = f"begins with entry {log.first_sequence}, but entry {self._next} would be next"
        self._refuse(log.name, outcome, reason)
        self.used, self.notes = [], []

    def _refuse(self, name: str, outcome: ReplayOutcome, reason: str) -> None:
        self.unusable.append(UnusableLog(name, outcome, reason))


def _is_sound(block: bytes) -> bool:
    return layout.stored_checksum(block) == layout.base_block_checksum(block)


def _mismatch(block: bytes, log: TransactionLog) -> str:
    """Return why ``log`` is none of the hive with this base block, or nothing."""
    own, others = _name(block), _name(log.base_block)
    if own.upper() != others.upper():
        return f"is the log of a hive that is called {others or 'nothing'}, not {own or 'nothing'}"
    managers = {_resource_manager(each) for each in (block, log.base_block)} - {b""}
    if len(managers) > 1:
        return "is the log of another hive: the GUID of its resource manager differs"
    written = layout.unpack_base_block(block).secondary_sequence
    if _is_sound(block) and log.first_sequence < written:
        return f"is older than the hive: it begins with entry {log.first_sequence}, the hive is at {written}"
    return ""


def _name(block: bytes) -> str:
    """Return the hive's name of a base block: the last part of the end of a path that it keeps."""
    kept = block[log_layout.FILE_NAME].decode("utf-16-le", "replace").partition("\0")[0]
    return kept.rpartition("\\")[2]


def _resource_manager(block: bytes) -> bytes:
    """Return the GUID of the hive's resource manager, or nothing where it has none or was frozen."""
    valid = block[log_layout.RESOURCE_MANAGER_SIGNATURE] == log_layout.VALID_RESOURCE_MANAGER
    return block[log_layout.RESOURCE_MANAGER].strip(b"\0") if valid else b""


def _growth(hive: bytes, log: TransactionLog) -> str:
    size = max((entry.bins_size for entry in log.entries), default=0)
    if size > len(hive) + _MOST_GROWTH:
        return f"would lengthen the hive from {len(hive)} to {size} bytes, which no log does"
    return ""
