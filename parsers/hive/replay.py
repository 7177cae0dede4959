"""A dirty hive with the changes that wait in its transaction logs: on a copy, never on the evidence.

Which entries are applied is decided from their numbers and hashes (:mod:`parsers.hive.replay_plan`). regipy
applies them, and its copy must equal, byte for byte, what the pages of the entries say.
"""

from __future__ import annotations

from struct import pack_into, unpack_from
from typing import TYPE_CHECKING

from parsers.hive import layout, log_layout
from parsers.hive.base_block import read_base_block
from parsers.hive.regipy_recovery import NotReplayed, apply_with_regipy
from parsers.hive.replay_plan import plan_replay
from parsers.hive.replay_record import Replay, ReplayOutcome, WrittenPage
from parsers.hive.transaction_log import read_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parsers.hive.record import BaseBlock
    from parsers.hive.replay_plan import ReplayPlan
    from parsers.hive.replay_record import NamedLog


def replay_logs(hive: bytes, logs: Sequence[NamedLog], path: str) -> Replay:
    """Replay ``logs`` on a copy of ``hive``, which messages call ``path``.

    The logs must have lain beside this very copy of the hive, in any order and number. Entries are applied
    in the order of their numbers, up to the first that is not there or not sound, as Windows does.
    Never raises for what the bytes are.
    """
    try:
        base_block = read_base_block(hive)
    except ValueError as error:
        return Replay(ReplayOutcome.DAMAGED, f"{path} cannot be replayed: {error}.")
    if base_block.checksum_ok and not base_block.dirty:
        number = base_block.primary_sequence
        reason = f"{path} is clean (sequence number {number}), so it holds all that its logs do."
        return Replay(ReplayOutcome.NOT_NEEDED, reason, complete=True)
    plan = plan_replay(hive, [read_log(log) for log in logs])
    state = _state(base_block, path)
    if not plan.used:
        return Replay(plan.outcome, f"{state} {_why_not(plan)}")
    try:
        data = _apply(hive, plan)
    except NotReplayed as error:
        return Replay(ReplayOutcome.DAMAGED, f"{state} Its logs were not replayed: {error}.")
    return _applied(plan, data, state)


def _applied(plan: ReplayPlan, data: bytes, state: str) -> Replay:
    used = tuple(map(str, plan.used))
    lost = any(log.outcome is not ReplayOutcome.NO_LOGS for log in plan.unusable)
    left_out = [f"{each}." for each in (*plan.notes, *plan.unusable)]
    return Replay(
        outcome=plan.outcome,
        reason=" ".join([f"{state} Replayed on a copy: {'; '.join(used)}.", *left_out]),
        data=data,
        applied=used,
        entries=len(plan.entries),
        pages=tuple(_written_pages(plan)),
        complete=not plan.notes and not lost,
    )


def _state(base_block: BaseBlock, path: str) -> str:
    if not base_block.checksum_ok:
        return f"{path} has a base block whose checksum is wrong, so it needs its logs."
    numbers = f"sequence numbers {base_block.primary_sequence} and {base_block.secondary_sequence}"
    return f"{path} is dirty ({numbers})."


def _why_not(plan: ReplayPlan) -> str:
    """Return why no log was used."""
    if not plan.unusable:
        return "No transaction log was with it, so changes that wait in one are not shown."
    return f"No transaction log could be used: {'; '.join(map(str, plan.unusable))}."


def _apply(hive: bytes, plan: ReplayPlan) -> bytes:
    """Return the replayed copy. Raises NotReplayed where regipy fails or has another result than expected."""
    start = hive.ljust(layout.BASE_BLOCK_SIZE + max(entry.bins_size for entry in plan.entries), b"\0")
    start = plan.base_block + start[log_layout.SECTOR :]
    log = plan.base_block + b"".join(entry.raw for entry in plan.entries)
    replayed, pages = apply_with_regipy(start, log)
    expected = _with_pages(start, plan)
    bins = slice(layout.BASE_BLOCK_SIZE, None)
    if replayed[bins] != expected[bins] or pages != plan.dirty_pages:
        raise NotReplayed("regipy's result is not what the pages of the entries say")
    return _base_block(plan) + replayed[log_layout.SECTOR :]


def _with_pages(hive: bytes, plan: ReplayPlan) -> bytearray:
    data = bytearray(hive)
    for entry in plan.entries:
        for page in entry.pages():
            data[page.offset : page.offset + len(page.data)] = page.data
    return data


def _written_pages(plan: ReplayPlan) -> Iterator[WrittenPage]:
    for log in plan.used:
        for entry in log.entries:
            for page in entry.pages():
                yield WrittenPage(page.offset, len(page.data), log.name, entry.sequence, page.log_offset)


def _base_block(plan: ReplayPlan) -> bytes:
    """Return the sector of a clean hive as the last entry leaves it."""
    last = plan.entries[-1]
    block = bytearray(plan.base_block)
    (flags,) = unpack_from("<I", block, log_layout.FLAGS_AT)
    flags = flags & ~log_layout.SAVED_FLAG | last.flags & log_layout.SAVED_FLAG
    pack_into("<II", block, log_layout.SEQUENCES_AT, last.sequence, last.sequence)
    pack_into("<I", block, log_layout.FILE_TYPE_AT, layout.PRIMARY_FILE)
    pack_into("<I", block, log_layout.BINS_SIZE_AT, last.bins_size)
    pack_into("<I", block, log_layout.FLAGS_AT, flags)
    pack_into("<I", block, layout.CHECKSUM_AT, layout.base_block_checksum(bytes(block)))
    return bytes(block)
