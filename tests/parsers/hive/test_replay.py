import tempfile
from pathlib import Path
from struct import unpack_from

import pytest

from parsers.hive.base_block import read_base_block
from parsers.hive.replay_record import NamedLog, ReplayOutcome
from tests.builders.dirty_hive import (
    BASE,
    EMPTY,
    FIRST,
    LOG1,
    LOG2,
    NUMBER,
    SECOND,
    THIRD,
    bins,
    bins_of,
    build,
    flipped,
    replay,
    second_entry,
    with_base_block,
)
from tests.builders.hive_log import SECTOR, build_hive_log, log_entry

FLAGS_AT = 144


def test_both_logs_are_applied_one_after_the_other() -> None:
    result = replay(LOG1, LOG2)
    assert (result.outcome, bins(result)) == (ReplayOutcome.APPLIED, bins_of(THIRD))
    assert (result.entries, result.complete) == (3, True)
    assert [text.split(" (")[0] for text in result.applied] == [
        f"SYSTEM.LOG1, entries {NUMBER}-{NUMBER + 1}", f"SYSTEM.LOG2, entry {NUMBER + 2}",
    ]  # fmt: skip


def test_the_copy_is_clean_and_its_base_block_is_right() -> None:
    result = replay(LOG1, LOG2)
    assert result.data is not None
    block = read_base_block(result.data)
    assert (block.primary_sequence, block.secondary_sequence) == (NUMBER + 2, NUMBER + 2)
    assert (block.checksum_ok, block.hive_bins_size) == (True, len(bins_of(THIRD)))
    assert replay(LOG1, LOG2, hive=result.data).outcome is ReplayOutcome.NOT_NEEDED


@pytest.mark.parametrize("logs", [(LOG2, LOG1), (LOG2, EMPTY, LOG1), (LOG1, LOG1, LOG2, LOG2)])
def test_the_order_of_the_logs_and_copies_of_them_change_nothing(logs: tuple[NamedLog, ...]) -> None:
    result = replay(*logs)
    assert (bins(result), result.entries, result.complete) == (bins_of(THIRD), 3, True)


def test_a_log_may_begin_with_the_second_file() -> None:
    result = replay(NamedLog("SYSTEM.LOG1", LOG2.data), NamedLog("SYSTEM.LOG2", LOG1.data))
    assert [text.partition(",")[0] for text in result.applied] == ["SYSTEM.LOG2", "SYSTEM.LOG1"]
    assert bins(result) == bins_of(THIRD)


def test_a_page_of_the_copy_leads_back_to_its_log() -> None:
    result = replay(LOG1, LOG2)
    assert result.data is not None
    page = result.page_at(result.data.index(b"RustDesk"))
    assert page is not None
    assert page.log in {"SYSTEM.LOG1", "SYSTEM.LOG2"}
    log = LOG1 if page.log == "SYSTEM.LOG1" else LOG2
    stored = log.data[page.log_offset : page.log_offset + page.size]
    assert stored == result.data[page.offset : page.offset + page.size]
    assert result.page_at(0) is None
    assert result.dirty_pages == len(result.pages)


def test_a_clean_hive_needs_no_log() -> None:
    clean = build("Apple", "Cherry", dirty=False)
    result = replay(LOG1, LOG2, hive=clean)
    assert (result.outcome, result.data, result.complete) == (ReplayOutcome.NOT_NEEDED, None, True)


def test_a_dirty_hive_without_logs_says_what_is_missing() -> None:
    result = replay()
    assert (result.outcome, result.data, result.complete) == (ReplayOutcome.NO_LOGS, None, False)
    assert "SYSTEM is dirty (sequence numbers 8 and 7). No transaction log was with it" in result.reason


@pytest.mark.parametrize("data", [b"", bytes(4096), LOG1.data[:SECTOR]])
def test_logs_that_hold_nothing_are_no_logs(data: bytes) -> None:
    result = replay(NamedLog("SYSTEM.LOG1", data))
    assert (result.outcome, result.data) == (ReplayOutcome.NO_LOGS, None)
    assert "SYSTEM.LOG1" in result.reason


@pytest.mark.parametrize("at", [4, 12, 20, 24, 32, 44, 60, 3000])
def test_replay_stops_before_the_first_damaged_entry(at: int) -> None:
    result = replay(flipped(LOG1, second_entry(LOG1) + at))
    assert (result.outcome, bins(result)) == (ReplayOutcome.APPLIED, bins_of(FIRST))
    assert (result.entries, result.complete) == (1, False)
    assert "SYSTEM.LOG1 is not used up: " in result.reason
    assert f"entry {NUMBER + 1}, at offset {second_entry(LOG1):#x}, " in result.reason


def test_nothing_is_applied_where_entries_between_two_logs_are_lost() -> None:
    result = replay(flipped(LOG1, second_entry(LOG1) + 60), LOG2)
    assert (result.outcome, result.data) == (ReplayOutcome.DAMAGED, None)
    assert (
        f"SYSTEM.LOG2 begins with entry {NUMBER + 2}, but entry {NUMBER + 1} would be next" in result.reason
    )
    assert f"entry {NUMBER + 1}, at offset {second_entry(LOG1):#x}, is damaged" in result.reason


def test_two_sound_logs_that_do_not_meet_do_not_match() -> None:
    result = replay(LOG1, NamedLog("SYSTEM.LOG2", build_hive_log(SECOND, THIRD, NUMBER + 5)))
    assert (result.outcome, result.data) == (ReplayOutcome.LOGS_DO_NOT_MATCH, None)


def test_an_entry_without_its_signature_is_missed_for_those_behind_it() -> None:
    result = replay(flipped(LOG1, SECTOR))
    assert (result.outcome, result.data) == (ReplayOutcome.DAMAGED, None)
    assert f"entry {NUMBER} is not at offset 0x200, but entry {NUMBER + 1} follows" in result.reason


def test_no_log_is_applied_behind_one_whose_first_entry_is_damaged() -> None:
    result = replay(flipped(LOG1, SECTOR + 100), LOG2)
    assert (result.outcome, result.data) == (ReplayOutcome.DAMAGED, None)


def test_a_lone_log_is_applied_and_told_to_be_one_of_two() -> None:
    result = replay(LOG1, EMPTY)
    assert (result.outcome, bins(result)) == (ReplayOutcome.APPLIED, bins_of(SECOND))
    assert result.complete is False
    assert "Windows writes two logs in turn, and SYSTEM.LOG1 is the only one" in result.reason
    assert replay(NamedLog("SYSTEM.LOG", LOG1.data)).complete


@pytest.mark.parametrize("cut", [100, SECTOR, 2000])
def test_a_truncated_log_gives_the_entries_that_are_whole(cut: int) -> None:
    result = replay(NamedLog("SYSTEM.LOG1", LOG1.data[:-cut]))
    assert bins(result) == bins_of(FIRST)
    assert "is cut off" in result.reason


def test_what_a_log_held_before_is_not_applied() -> None:
    stale = log_entry(SECOND, THIRD, NUMBER - 3)
    result = replay(NamedLog("SYSTEM.LOG", LOG1.data + stale))
    assert (bins(result), result.complete) == (bins_of(SECOND), True)


def test_a_log_may_begin_long_after_the_hive_but_not_before_it() -> None:
    later = replay(NamedLog("SYSTEM.LOG", build_hive_log(BASE, FIRST, NUMBER + 500)))
    earlier = replay(NamedLog("SYSTEM.LOG", build_hive_log(BASE, FIRST, NUMBER - 1)))
    assert (later.outcome, bins(later)) == (ReplayOutcome.APPLIED, bins_of(FIRST))
    assert (earlier.outcome, earlier.data) == (ReplayOutcome.LOGS_DO_NOT_MATCH, None)
    assert f"begins with entry {NUMBER - 1}, the hive is at {NUMBER}" in earlier.reason


def test_a_damaged_base_block_is_taken_from_the_log_with_the_latest_entries() -> None:
    hive = bytearray(SECOND)
    hive[SECTOR - 1] ^= 1
    result = replay(LOG1, LOG2, hive=bytes(hive))
    assert (result.outcome, bins(result)) == (ReplayOutcome.APPLIED, bins_of(THIRD))
    assert [text.partition(",")[0] for text in result.applied] == ["SYSTEM.LOG2"]
    assert result.data is not None
    assert read_base_block(result.data).checksum_ok
    assert unpack_from("<I", result.data, 28) == (0,)
    assert "base block whose checksum is wrong" in result.reason


def test_the_flag_that_an_entry_keeps_comes_into_the_base_block() -> None:
    hive = with_base_block(BASE, FLAGS_AT, b"\2\0\0\0")
    result = replay(NamedLog("SYSTEM.LOG", build_hive_log(hive, FIRST, NUMBER, flags=1)), hive=hive)
    assert result.data is not None
    assert unpack_from("<I", result.data, FLAGS_AT) == (3,)


@pytest.mark.parametrize("hive", [b"", b"regf", BASE[:600], BASE[:4100], BASE[:512] + bytes(9000)])
def test_a_hive_that_cannot_be_replayed_is_told(hive: bytes) -> None:
    result = replay(LOG1, LOG2, hive=hive)
    assert (result.outcome is ReplayOutcome.APPLIED) == (result.data is not None)
    assert result.reason.startswith("SYSTEM ")


def test_regipys_failure_is_an_outcome() -> None:
    result = replay(LOG1, LOG2, hive=BASE[:512] + bytes(9000))
    assert result.outcome is ReplayOutcome.DAMAGED
    assert "regipy cannot do it" in result.reason


@pytest.mark.parametrize("hive", [BASE, BASE[:512] + bytes(9000)])
def test_no_temporary_file_is_left(hive: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    replay(LOG1, LOG2, hive=hive)
    assert list(tmp_path.iterdir()) == []
