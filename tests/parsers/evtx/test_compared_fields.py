"""Fields compared one by one: agreement, text that a reader loses, and what the readers really differ in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import filetime
from parsers.evtx.compared_fields import EVTX, PYTHON_EVTX, UNPLACED, shown_by_evtx
from parsers.evtx.python_reader import shows
from parsers.evtx.sweep import Reader
from parsers.two_readings import FieldReading, TwoReadings, Verdict
from tests.builders.event_log import (
    Binary,
    Boolean,
    FileTime,
    Guid,
    HexInt32,
    HexInt64,
    Sid,
    Strings,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    UserData,
    build_event_log,
)
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import FieldCount, image_loaded, process_created
from tests.builders.typed_value import AnsiString, Real64
from tests.builders.windows_event import windows_event
from tests.parsers.evtx.reading import read
from tests.parsers.evtx.twice import read_and_read_twice, read_twice, written_and_read_twice

if TYPE_CHECKING:
    from tests.builders.event_log import EventToWrite, Value

EXAMPLE = frozenset({("example", 7)})
LATEST = filetime.from_text("9999-12-30T00:00:00Z")
"""evtx cannot read a record with a later time."""

AGREE = TwoReadings(EVTX, PYTHON_EVTX)


def with_field(value: Value) -> EventToWrite:
    """Return a process start of which one field has ``value``, whatever Sysmon would have there."""
    event = process_created()
    fields = ((name, value if name == "TerminalSessionId" else own) for name, own in event.data)
    return replace(event, data=tuple(fields))


@pytest.mark.parametrize("count", get_args(FieldCount))
def test_every_field_set_is_agreed_on(count: FieldCount) -> None:
    assert written_and_read_twice(process_created(field_count=count), image_loaded(record_id=2)) == (
        AGREE,
        AGREE,
    )


@pytest.mark.parametrize(
    "event",
    [
        windows_event("Example", 7, "Application", unnamed=["", "a", ""], binary=b"\1"),
        windows_event("Example", 7, "Application", data={"A": None, "B": "", "C": Boolean(value=True)}),
        windows_event("Example", 7, "Application", data={"T": FileTime(133_537_248_001_234_567)}),
        windows_event("Example", 7, "Application", data={"B": Binary(b"\0\xff"), "A": AnsiString("abc")}),
        windows_event("Example", 7, "Application", data={"G": Guid("5770385f-c22a-43e0-bf4c-06f5698ffbd9")}),
        windows_event("Example", 7, "Application", user_data=("Element", "urn:x", {"A": "b", "C": ""})),
        windows_event("Example", 7, "Application"),
    ],
    ids=["classic", "null and truth", "time", "bytes and ANSI", "GUID", "user data", "nothing"],
)
def test_every_type_of_value_is_agreed_on(event: EventToWrite) -> None:
    assert written_and_read_twice(event, wanted=EXAMPLE) == (AGREE,)


def test_a_time_with_a_seventh_digit_is_no_disagreement() -> None:
    times = [133_537_248_001_234_560 + digit for digit in range(10)]
    events = [process_created(record_id=n, time_created=time) for n, time in enumerate(times, start=1)]
    log = build_event_log(events)
    records = read(log).records
    assert [each.time_created for each in records] == times
    assert read_twice(log, records) == (AGREE,) * 10


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1 << 32, LATEST), min_size=1, max_size=3))
def test_both_readers_give_any_time_to_the_tick(times: list[int]) -> None:
    events = [service_installed(record_id=n, time_created=time) for n, time in enumerate(times, start=1)]
    log = build_event_log(events)
    records = read(log).records
    assert all(each == AGREE for each in read_twice(log, records))
    assert [each.time_created for each in records] == times


def test_a_tick_at_the_very_beginning_of_1601_is_whole_in_one_reader() -> None:
    (again,) = written_and_read_twice(service_installed(time_created=1))
    first, second = "1601-01-01T00:00:00.0000000Z", "1601-01-01T00:00:00.0000001Z"
    assert again.fields == (FieldReading("System/TimeCreated", first, second, None, (EVTX,)),)


def test_a_time_of_zero_is_no_disagreement() -> None:
    log = build_event_log([process_created(time_created=0, written=0)])
    ((record, again),) = read_and_read_twice(log, Reader.RUST)
    assert (record.time_created, again) == (0, AGREE)


def test_a_text_with_a_control_character_is_whole_in_one_reader() -> None:
    (again,) = written_and_read_twice(process_created(command_line="a\x01b"))
    assert again.verdict is Verdict.LOST_TEXT
    assert again.fields == (FieldReading("CommandLine", "a\x01b", "ab", "a\x01b", (PYTHON_EVTX,)),)


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\ud800b", "ab"), ("\udfff", ""), ("x.exe\0 --password 1", "x.exe"), ("\0a", "")],
)
def test_a_text_that_neither_reader_has_whole_is_shown_as_its_bytes_have_it(text: str, kept: str) -> None:
    (again,) = written_and_read_twice(process_created(command_line=text))
    assert again.verdict is Verdict.ONE_READER
    assert list(again.failures) == [PYTHON_EVTX]
    assert again.fields == (FieldReading("CommandLine", kept, None, text, (EVTX,)),)


def test_a_noncharacter_costs_one_reader_the_record_and_no_text() -> None:
    (again,) = written_and_read_twice(process_created(command_line="a\ufffeb"))
    assert (again.verdict, again.fields) == (Verdict.ONE_READER, ())


def test_fields_of_one_name_are_whole_in_one_reader() -> None:
    event = replace(windows_event("Example", 7, "Application"), data=(("A", "x"), ("A", "y"), ("B", "z")))
    (again,) = written_and_read_twice(event, wanted=EXAMPLE)
    assert again.verdict is Verdict.LOST_TEXT
    assert again.fields == (
        FieldReading("A", "y", "x", "x", (EVTX,)),
        FieldReading("A_1", None, "y", "y", (EVTX,)),
    )


def test_a_text_that_no_reader_shows_is_told_without_its_name() -> None:
    event = replace(windows_event("Example", 7, "Application"), data=(("A", "\ud800x"), ("A", "y")))
    (again,) = written_and_read_twice(event, wanted=EXAMPLE)
    assert again.fields == (FieldReading(UNPLACED, None, None, "\ud800x", (EVTX,)),)


def test_an_event_without_a_template_is_read_by_one_reader_and_held_against_its_bytes() -> None:
    event = replace(windows_event("Example", 7, "Application", data={"A": "x"}), without_template=True)
    lost = replace(windows_event("Example", 7, "Application", data={"A": "x\ud800"}), without_template=True)
    whole, cut = written_and_read_twice(event, replace(lost, record_id=2), wanted=EXAMPLE)
    assert (whole.verdict, whole.fields) == (Verdict.ONE_READER, ())
    assert (cut.verdict, cut.fields) == (
        Verdict.ONE_READER,
        (FieldReading("A", "x", None, "x\ud800", (EVTX,)),),
    )


def test_a_number_that_the_readers_spell_differently_is_a_disagreement() -> None:
    (again,) = written_and_read_twice(with_field(Real64(1e-7)))
    assert again.verdict is Verdict.DIFFER
    assert again.fields == (FieldReading("TerminalSessionId", "1e-7", "1e-07"),)


def test_a_disagreement_and_lost_text_are_told_apart() -> None:
    event = with_field(Real64(1e-7))
    fields = tuple((name, "a\x02" if name == "CommandLine" else value) for name, value in event.data)
    (again,) = written_and_read_twice(replace(event, data=fields))
    assert again.verdict is Verdict.DIFFER
    assert [(each.name, each.lost_by) for each in again.fields] == [
        ("CommandLine", (PYTHON_EVTX,)),
        ("TerminalSessionId", ()),
    ]


def test_an_ansi_text_beyond_ascii_costs_one_reader_the_record() -> None:
    (again,) = written_and_read_twice(with_field(AnsiString("é")))
    assert (again.verdict, again.fields) == (Verdict.ONE_READER, ())
    assert again.failures[PYTHON_EVTX].startswith("UnicodeDecodeError: 'ascii'")


def test_a_list_of_texts_is_compared_text_by_text() -> None:
    event = replace(windows_event("Example", 7, "Application"), data=(("", Strings(("x", "a\x01b", ""))),))
    (again,) = written_and_read_twice(event, wanted=EXAMPLE)
    assert again.fields == (FieldReading("#2", "a\x01b", "ab", "a\x01b", (PYTHON_EVTX,)),)


def test_user_data_is_held_against_its_bytes() -> None:
    user_data = UserData("Element", "urn:x", (("A", "a\ud800b"), ("B", "x")))
    event = replace(windows_event("Example", 7, "Application"), user_data=user_data)
    (again,) = written_and_read_twice(event, wanted=EXAMPLE)
    assert again.fields == (FieldReading("A", "ab", None, "a\ud800b", (EVTX,)),)


texts = st.text(st.characters(codec=None, categories=["L", "N", "P", "Z", "C"]), max_size=12)


@settings(deadline=None, max_examples=80)
@given(texts, texts)
def test_whatever_text_is_written_is_agreed_on_or_told_whole(line: str, image: str) -> None:
    written = {"CommandLine": line, "ParentImage": image}
    (again,) = written_and_read_twice(process_created(command_line=line, parent_image=image))
    told = {each.name: each for each in again.fields}
    assert again.verdict is not Verdict.DIFFER
    assert set(told) <= set(written)
    for name, stored in written.items():
        shown = {EVTX: shown_by_evtx(stored), PYTHON_EVTX: shows(stored)}
        losers = {
            each for each in (EVTX, PYTHON_EVTX) if each not in again.failures and shown[each] != stored
        }
        assert set(told[name].lost_by if name in told else ()) == losers
        assert name not in told or told[name].stored == stored


values = st.one_of(
    st.integers(0, 0xFF).map(UInt8),
    st.integers(0, 0xFFFF).map(UInt16),
    st.integers(0, 0xFFFFFFFF).map(UInt32),
    st.integers(0, 2**64 - 1).map(UInt64),
    st.integers(0, 0xFFFFFFFF).map(HexInt32),
    st.integers(0, 2**64 - 1).map(HexInt64),
    st.booleans().map(Boolean),
    st.uuids().map(str).map(Guid),
    st.integers(0, LATEST).map(FileTime),
    st.binary(max_size=20).map(Binary),
    st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20), max_size=8).map(AnsiString),
    st.lists(st.integers(0, 0xFFFFFFFF), min_size=1, max_size=5).map(
        lambda parts: Sid(f"S-1-5-{'-'.join(map(str, parts))}")
    ),
    st.none(),
)


@settings(deadline=None, max_examples=80)
@given(st.lists(values, min_size=1, max_size=6))
def test_values_of_any_type_are_alike_once_they_are_normalised(fields: list[Value]) -> None:
    data = {f"Field{number}": value for number, value in enumerate(fields)}
    event = windows_event("Example", 7, "Application", data=data)
    (again,) = written_and_read_twice(event, wanted=EXAMPLE)
    assert again == AGREE
