"""What an analysis is asked to do, once the command line has been understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forensics.correlation import DEFAULT_WINDOW
from parsers.evidence.archive_limits import ArchiveLimits
from parsers.evidence.discovery import Opening
from parsers.evidence.volume_keys import VolumeKeys
from parsers.evtx.sweep import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.device_role import GivenRole
    from forensics.expected_digest import ExpectedDigest
    from forensics.report.signature import Signer
    from forensics.rule import Rule
    from parsers.evidence.spool import Spool


@dataclass(frozen=True, slots=True)
class NamedEvidence:
    """A path to evidence and the examiner's label for it, or None."""

    path: Path
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time in ticks, both ends included; None is no bound."""

    since: int | None = None
    until: int | None = None

    @property
    def bounded(self) -> bool:
        """Whether it leaves anything out."""
        return self.since is not None or self.until is not None

    def holds(self, ticks: int) -> bool:
        """Return whether ``ticks`` is in the period."""
        after = self.since is None or self.since <= ticks
        return after and (self.until is None or ticks <= self.until)


@dataclass(frozen=True, slots=True)
class HowToRead:
    """How evidence is opened and its records read: ``recover`` also those beyond the live ones.

    ``expected`` are digests that its files must have.
    """

    opening: Opening
    reader: Reader = Reader.RUST
    workers: int = 1
    recover: bool = True
    expected: tuple[ExpectedDigest, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One analysis. ``period`` bounds the timeline, not what is read or asked.

    ``rules`` are the user's own; the shipped ones always run. ``workers`` is a number of processes.
    ``recover`` asks for records beyond the live ones, ``password`` opens archives, ``keys`` volumes, and
    ``limits`` bound what an archive may ask for. ``argv`` is the command line as typed, for the record, but
    for secrets. ``window`` is how many ticks before and after a finding context is looked for; ``roles`` are
    what the examiner says that machines are, ``expected`` the digests that files of the evidence must have.
    ``signer`` signs SHA256SUMS, and ``timestamp_query`` asks for a request that an authority stamp its time.
    """

    evidence: tuple[NamedEvidence, ...]
    output: Path
    rules: tuple[Rule, ...] = ()
    period: Period = Period()
    reader: Reader = Reader.RUST
    workers: int = 1
    recover: bool = True
    password: str | None = field(default=None, repr=False)
    keys: VolumeKeys = field(default_factory=VolumeKeys)
    limits: ArchiveLimits = field(default_factory=ArchiveLimits)
    excel: bool = False
    expand_rule_bag: bool = False
    overwrite: bool = False
    examiner: str = ""
    exhibit: str = ""
    case_number: str = ""
    expected: tuple[ExpectedDigest, ...] = ()
    window: int = DEFAULT_WINDOW
    roles: tuple[GivenRole, ...] = ()
    argv: tuple[str, ...] = ()
    signer: Signer | None = field(default=None, repr=False)
    timestamp_query: bool = False

    def how_to_read(self, spool: Spool) -> HowToRead:
        """Return how the evidence is read, with copies out of archives kept in ``spool``."""
        opening = Opening(spool, self.limits, self.password, self.keys)
        return HowToRead(opening, self.reader, self.workers, self.recover, self.expected)
