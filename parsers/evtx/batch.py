"""What a worker hands back of a few chunks, and how that adds up to a whole log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from parsers.evtx.completeness import RecordFacts, Tally
from parsers.evtx.record import Cleared
from parsers.evtx.record_order import RecordOrder

if TYPE_CHECKING:
    from parsers.damage import Damage
    from parsers.evtx.fields import Identity
    from parsers.evtx.frame import Frame
    from parsers.evtx.record import EvtxRecord

CLEARS: Final = frozenset({("microsoft-windows-eventlog", 1102), ("microsoft-windows-eventlog", 104)})
"""Events that say that a log was cleared: 1102 of the Security log, 104 of any other."""


@dataclass(slots=True)
class Batch:
    """What a few neighbouring chunks hold. Filled by one worker, then only read.

    ``channels`` and ``computers`` are the distinct names in order of appearance (``""`` where an event has
    none); ``newest`` the highest record id with its computer; times are ticks of record headers that
    have one. ``zeroed`` are the numbers of chunks that hold nothing but zeros, ``last_used`` that of the last
    one that holds more. ``order`` follows its framed records.
    """

    records: list[EvtxRecord] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)
    chunks: int = 0
    framed: int = 0
    emitted: int = 0
    irrelevant: int = 0
    failed: int = 0
    recovered: int = 0
    chunks_crc_bad: int = 0
    first_written: int | None = None
    last_written: int | None = None
    channels: dict[str, None] = field(default_factory=dict)
    computers: dict[str, None] = field(default_factory=dict)
    recovered_computers: dict[str, None] = field(default_factory=dict)
    newest: tuple[int, str] = (-1, "")
    tally: Tally = field(default_factory=Tally)
    cleared: list[Cleared] = field(default_factory=list)
    ids_differ: bool = False
    zeroed: list[int] = field(default_factory=list)
    last_used: int = -1
    order: RecordOrder = field(default_factory=RecordOrder)

    def see(self, frame: Frame, identity: Identity) -> None:
        """Note what the ledger says of every framed record, whether it is wanted or not."""
        self.channels.setdefault(identity.channel)
        self.computers.setdefault(identity.computer)
        if identity.computer:
            self.newest = max(self.newest, (frame.record_id, identity.computer))
        self.ids_differ |= identity.record_id != frame.record_id
        self.count(frame, identity)
        if (identity.provider.lower(), identity.event_id) in CLEARS:
            self.cleared.append(Cleared(identity.event_id, identity.record_id, frame.written))
        if frame.written:
            self.first_written = min(frame.written, self.first_written or frame.written)
            self.last_written = max(frame.written, self.last_written or frame.written)

    def count(self, frame: Frame, identity: Identity | None) -> None:
        """Count a framed record, also one that cannot be decoded, for what is absent between them."""
        own = None if identity is None else identity.record_id
        self.tally.add(RecordFacts(frame.record_id, own, frame.written, None))

    def add(self, other: Batch) -> None:
        """Add what ``other``, of later chunks, came to; its records are counted, not kept."""
        self.damage += other.damage
        self.chunks += other.chunks
        self.framed += other.framed
        self.emitted += other.emitted
        self.irrelevant += other.irrelevant
        self.failed += other.failed
        self.recovered += other.recovered
        self.chunks_crc_bad += other.chunks_crc_bad
        self.channels.update(other.channels)
        self.computers.update(other.computers)
        self.recovered_computers.update(other.recovered_computers)
        self.newest = max(self.newest, other.newest)
        self.ids_differ |= other.ids_differ
        self.tally.extend(other.tally)
        self.order.extend(other.order)
        self.cleared += other.cleared
        self.zeroed += other.zeroed
        self.last_used = max(self.last_used, other.last_used)
        firsts = [time for time in (self.first_written, other.first_written) if time is not None]
        lasts = [time for time in (self.last_written, other.last_written) if time is not None]
        self.first_written = min(firsts, default=None)
        self.last_written = max(lasts, default=None)
