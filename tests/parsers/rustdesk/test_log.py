from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import filetime
from parsers.damage import Damage
from parsers.evidence.source import ArtifactKind
from parsers.rustdesk.log import LONGEST_PIECE, LONGEST_TEXT, MOST_DAMAGES, ApplicationLogLedger, read_log
from parsers.rustdesk.log_line import LogLine, parse_head
from tests.builders.artifacts import artifact_of
from tests.builders.rustdesk_files import CONNECTION, SERVER_LOG, LineToWrite, build_log, session_log

FIRST = LineToWrite("first")
SECOND = LineToWrite("second", FIRST.ticks + 10, 90, "DEBUG")


def read(content: bytes) -> tuple[list[LogLine], ApplicationLogLedger]:
    artifact = artifact_of(content, SERVER_LOG, kind=ArtifactKind.APPLICATION_LOG)
    *lines, ledger = read_log(artifact)
    assert isinstance(ledger, ApplicationLogLedger)
    return [each for each in lines if isinstance(each, LogLine)], ledger


def test_a_line_is_read_as_it_was_written() -> None:
    content = build_log(FIRST, SECOND)
    (first, second), ledger = read(content)

    start = len(FIRST.to_bytes())
    assert (first.offset, first.length, second.offset) == (0, start, start)
    assert (second.ticks, second.raw_time) == (SECOND.ticks, "2024-03-01 01:30:00.000001 +01:30")
    assert (second.level, second.text, second.is_whole) == ("DEBUG", "second", True)
    assert f"{second.source_file}:{second.source_line}" == CONNECTION
    assert (ledger.lines, ledger.first, ledger.last) == (2, FIRST.ticks, SECOND.ticks)
    assert (ledger.latest, ledger.backwards, ledger.damage) == (SECOND.ticks, 0, ())
    assert ledger.size == len(content)


@given(st.integers(0, filetime.MAX_TICKS // 10), st.integers(-1439, 1439), st.text("a[]: -#1é", max_size=20))
def test_any_time_in_any_zone_is_that_moment(microseconds: int, minutes: int, text: str) -> None:
    ticks = microseconds * 10
    local = ticks + minutes * 60 * filetime.TICKS_PER_SECOND
    if not 0 <= local <= filetime.MAX_TICKS:
        return
    (line,), ledger = read(build_log(LineToWrite(text, ticks, minutes)))

    assert (line.ticks, line.text, ledger.damage) == (ticks, text, ())


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_lines_that_do_not_begin_one_continue_the_one_above(end: bytes) -> None:
    content = FIRST.to_bytes() + b"  at a.rs" + end + end + b"  at b.rs" + end + SECOND.to_bytes()
    (first, second), ledger = read(content)

    assert first.text == "first\n  at a.rs\n\n  at b.rs"
    assert (first.length, second.text) == (second.offset, "second")
    assert ledger.damage == ()


def test_a_line_without_an_end_may_lack_something() -> None:
    (first, second), ledger = read(build_log(FIRST, SECOND)[:-3])

    assert (first.is_whole, second.is_whole, second.text) == (True, False, "seco")
    assert ledger.damage == ()


def test_bytes_that_are_no_utf_8_are_kept() -> None:
    (line,), _ = read(FIRST.to_bytes()[:-1] + b"\xff\xc3\xa9\n")

    assert line.text == "first\udcff\xe9"


def test_what_stands_before_the_first_line_is_damage() -> None:
    cut = build_log(FIRST, SECOND)[5:]
    (second,), ledger = read(cut)

    assert second.text == "second"
    reason = "belongs to a line whose beginning is missing"
    assert ledger.damage == (Damage(0, second.offset, reason),)


def test_blank_lines_before_the_first_are_nothing() -> None:
    assert read(b"\n\r\n" + FIRST.to_bytes())[1].damage == ()


@pytest.mark.parametrize("change", ["2024-13-29", "2024-02-30", "1600-01-01"])
def test_a_line_with_no_such_day_is_one_that_cannot_be_read(change: str) -> None:
    bad = SECOND.to_bytes().replace(b"2024-03-01", change.encode())
    lines, ledger = read(build_log(FIRST) + bad + bad + build_log(FIRST))

    assert [line.text for line in lines] == ["first", "first"]
    reason = "begins as a line of the log, and cannot be read as one"
    assert ledger.damage == (Damage(len(FIRST.to_bytes()), 2 * len(bad), reason, 2),)


def test_bytes_that_were_never_written_cost_only_themselves() -> None:
    content = build_log(FIRST)[:-3] + bytes(4096) + build_log(SECOND, FIRST)
    lines, ledger = read(content)

    assert [(line.text, line.is_whole) for line in lines] == [
        ("fir", False),
        ("second", True),
        ("first", True),
    ]
    reason = "holds bytes that were never written (NUL)"
    assert ledger.damage == (Damage(len(FIRST.to_bytes()) - 3, 4096, reason),)


def test_times_that_go_back_are_counted() -> None:
    _, ledger = read(build_log(SECOND, FIRST, SECOND))

    assert (ledger.backwards, ledger.last, ledger.latest) == (1, SECOND.ticks, SECOND.ticks)


def test_an_empty_log_has_no_lines_and_no_damage() -> None:
    assert read(b"") == ([], ApplicationLogLedger(0, None, None, None, 0, 0, ()))


def test_more_stretches_of_damage_than_are_told_apart_are_one() -> None:
    nul = b"\0"
    count = MOST_DAMAGES + 5
    lines, ledger = read((FIRST.to_bytes() + nul) * count)

    assert (len(lines), len(ledger.damage)) == (count, MOST_DAMAGES)
    last = ledger.damage[-1]
    assert last.offset + last.length == ledger.size


def test_a_log_of_one_endless_line_takes_little_memory() -> None:
    content = FIRST.to_bytes()[:-1] + b"x" * (24 * LONGEST_PIECE)
    tracemalloc.start()
    (line,), ledger = read(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (len(line.text), line.length, line.is_whole) == (LONGEST_TEXT, len(content), False)
    assert ledger.size == len(content)
    assert peak < 12 * LONGEST_PIECE


@given(st.binary(max_size=400), st.integers(0, 2000), st.integers(0, 400))
def test_any_bytes_in_a_log_are_read_and_accounted_for(noise: bytes, at: int, cut: int) -> None:
    whole = session_log()
    content = whole[:at] + noise + whole[at + cut :]
    lines, ledger = read(content)

    assert ledger.lines == len(lines)
    assert ledger.size == len(content)
    spans = sorted((each.offset, each.length) for each in lines)
    spans = sorted([*spans, *((each.offset, each.length) for each in ledger.damage)])
    assert all(one + length <= other for (one, length), (other, _) in pairwise(spans))


@given(st.text())
def test_any_text_has_a_head_or_none(text: str) -> None:
    assert parse_head(text) is None
    assert parse_head(f"[{text}] INFO [a.rs:1] x") is None
