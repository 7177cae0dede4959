"""Logs that are none of the hive's or no logs at all: whatever they are, nothing wrong is applied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.hive.replay_record import NamedLog, ReplayOutcome
from tests.builders.dirty_hive import (
    BASE,
    FIRST,
    LOG1,
    LOG2,
    NUMBER,
    SECOND,
    bins,
    bins_of,
    flipped,
    of_manager,
    replay,
    with_base_block,
)
from tests.builders.hive_log import build_old_hive_log, log_base_block, sealed_entry

FILE_NAME_AT = 48


def test_a_log_of_a_hive_with_another_name_does_not_match() -> None:
    software = with_base_block(LOG1.data, FILE_NAME_AT, "SOFTWARE".encode("utf-16-le"))
    result = replay(NamedLog("SYSTEM.LOG1", software))
    assert (result.outcome, result.data) == (ReplayOutcome.LOGS_DO_NOT_MATCH, None)
    assert "is called SOFTWARE, not SYSTEM" in result.reason


def test_a_log_of_another_machines_hive_does_not_match() -> None:
    hive = of_manager(BASE, b"0123456789abcdef")
    own, other = (
        NamedLog("SYSTEM.LOG", of_manager(LOG1.data, guid))
        for guid in (b"0123456789abcdef", b"0123456789abcdeF")
    )
    assert replay(own, hive=hive).outcome is ReplayOutcome.APPLIED
    assert replay(LOG1, hive=hive).outcome is ReplayOutcome.APPLIED
    result = replay(other, hive=hive)
    assert (result.outcome, result.data) == (ReplayOutcome.LOGS_DO_NOT_MATCH, None)
    assert "resource manager differs" in result.reason


def test_the_old_format_is_told() -> None:
    result = replay(NamedLog("SYSTEM.LOG1", build_old_hive_log(BASE, FIRST)))
    assert (result.outcome, result.data) == (ReplayOutcome.OLD_FORMAT, None)
    assert "Windows before 8.1" in result.reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"regf", "does not begin with a base block"),
        (b"ElfFile\0" + bytes(4096), "does not begin with a base block"),
        (flipped(LOG1, 20).data, "checksum is wrong"),
        (BASE, "type 0, which no log has"),
    ],
)
def test_what_is_no_log_is_damaged(data: bytes, reason: str) -> None:
    result = replay(NamedLog("SYSTEM.LOG1", data))
    assert (result.outcome, result.data) == (ReplayOutcome.DAMAGED, None)
    assert reason in result.reason


@pytest.mark.parametrize(
    ("bins_size", "place", "size", "reason"),
    [
        (len(bins_of(BASE)), len(bins_of(BASE)), 4096, "beyond the end of the hive"),
        (len(bins_of(BASE)), 0, 12288, "more pages than bytes"),
        (len(bins_of(BASE)) + 512, 0, 4096, "an impossible size"),
        (0xFFFFF000, 0, 4096, "would lengthen the hive"),
    ],
)
def test_a_forged_entry_with_right_hashes_is_refused(
    bins_size: int, place: int, size: int, reason: str
) -> None:
    content = place.to_bytes(4, "little") + size.to_bytes(4, "little") + bytes(4096)
    log = log_base_block(BASE, NUMBER) + sealed_entry(NUMBER, bins_size, 1, content)
    result = replay(NamedLog("SYSTEM.LOG1", log))
    assert result.data is None
    assert reason in result.reason


def test_a_forged_count_of_pages_is_refused() -> None:
    log = log_base_block(BASE, NUMBER) + sealed_entry(NUMBER, 4096, 0xFFFFFFFF, bytes(4096))
    assert "an impossible size" in replay(NamedLog("SYSTEM.LOG1", log)).reason


@given(st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=1200)), max_size=3))
def test_no_bytes_as_logs_raise_or_are_applied(logs: list[tuple[str, bytes]]) -> None:
    result = replay(*(NamedLog(name, data) for name, data in logs))
    assert (result.data, result.entries, result.applied) == (None, 0, ())
    assert result.outcome is not ReplayOutcome.APPLIED


@given(st.binary(max_size=1200))
def test_no_bytes_behind_a_base_block_are_applied(data: bytes) -> None:
    result = replay(NamedLog("SYSTEM.LOG1", log_base_block(BASE, NUMBER) + data))
    assert result.outcome in {ReplayOutcome.NO_LOGS, ReplayOutcome.DAMAGED, ReplayOutcome.OLD_FORMAT}


@given(st.integers(0, len(LOG1.data) - 1), st.integers(1, 255))
def test_a_changed_byte_gives_a_state_that_the_hive_really_had(position: int, change: int) -> None:
    data = bytearray(LOG1.data)
    data[position] ^= change
    result = replay(NamedLog("SYSTEM.LOG1", bytes(data)))
    assert bins(result) in {None, bins_of(FIRST)}
    assert result.complete is False


@given(st.integers(0, len(LOG1.data)))
def test_a_truncation_gives_a_state_that_the_hive_really_had(length: int) -> None:
    result = replay(NamedLog("SYSTEM.LOG1", LOG1.data[:length]))
    assert bins(result) in {None, bins_of(FIRST), bins_of(SECOND)}


@given(st.integers(0, len(BASE) - 1), st.integers(1, 255))
def test_no_changed_byte_of_the_hive_raises(position: int, change: int) -> None:
    data = bytearray(BASE)
    data[position] ^= change
    result = replay(LOG1, LOG2, hive=bytes(data))
    assert (result.outcome is ReplayOutcome.APPLIED) == (result.data is not None)
