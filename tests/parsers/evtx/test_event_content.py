"""What an event holds behind its System part, in all of the forms that providers give it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.evtx.sweep import Reader
from parsers.filetime import from_text
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
    UInt32,
    UInt64,
    build_event_log,
)
from tests.builders.windows_event import log_cleared, windows_event
from tests.parsers.evtx.reading import Reading, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord
    from tests.builders.event_log import EventToWrite
    from tests.builders.windows_event import Given

NOW = from_text("2024-03-01T00:00:00.1234567Z")


def read_all(*events: EventToWrite, reader: Reader = Reader.RUST) -> Reading:
    wanted = frozenset((event.provider.lower(), event.event_id) for event in events)
    return read(build_event_log(events), reader, wanted=wanted)


def agreed(*events: EventToWrite) -> tuple[EvtxRecord, ...]:
    """Return the records of ``events``, after seeing that both readers give them and lose nothing."""
    rust, python = (read_all(*events, reader=reader) for reader in Reader)
    assert rust == python
    assert [each.data for each in rust.records] == [each.data for each in python.records]
    assert [list(each.data) for each in rust.records] == [list(each.data) for each in python.records]
    assert not any(each.text_altered for each in rust.records)
    return rust.records


def data_of(event: EventToWrite) -> Mapping[str, str]:
    (record,) = agreed(event)
    return record.data


def with_data(**data: Given) -> EventToWrite:
    return windows_event("Microsoft-Windows-Example", 7, "Example/Operational", data=data)


def test_binary_stands_behind_the_named_fields() -> None:
    event = windows_event(
        "Service Control Manager",
        7036,
        "System",
        data={"param1": "RustDesk Service", "param2": "wird ausgeführt"},
        binary="RustDesk/4\0".encode("utf-16-le"),
        qualifiers=16384,
    )
    assert list(data_of(event).items()) == [
        ("param1", "RustDesk Service"),
        ("param2", "wird ausgeführt"),
        ("Binary", "52007500730074004400650073006B002F0034000000"),
    ]


@pytest.mark.parametrize("unnamed", [None, ["Available"]])
def test_binary_without_bytes_is_no_field(unnamed: list[str] | None) -> None:
    event = windows_event("EventLog", 6006, "System", binary=b"", qualifiers=0)
    event = replace(event, data=() if unnamed is None else (("", Strings(tuple(unnamed))),))
    assert data_of(event) == ({} if unnamed is None else {"#1": "Available"})


def test_the_strings_of_one_value_are_numbered_and_empty_ones_count() -> None:
    uptime = ["", "", "", "", "12", "60", "-60 Mitteleuropäische Zeit"]
    event = windows_event("EventLog", 6013, "System", unnamed=uptime, binary=b"\x01\xab", qualifiers=32768)
    assert data_of(event) == {
        **{f"#{place}": text for place, text in enumerate(uptime, start=1)},
        "Binary": "01AB",
    }


@pytest.mark.parametrize("unnamed", [[], [""]])
def test_a_list_without_text_is_one_empty_field(unnamed: list[str]) -> None:
    assert data_of(windows_event("EventLog", 6005, "System", unnamed=unnamed)) == {"#1": ""}


def test_elements_without_names_are_numbered() -> None:
    event = replace(with_data(), data=(("", "a"), ("", ""), ("", UInt32(5))))
    assert data_of(event) == {"#1": "a", "#2": "", "#3": "5"}


def test_user_data_gives_the_fields_of_its_element() -> None:
    security, system = agreed(
        log_cleared(
            "Security",
            {
                "SubjectUserSid": Sid("S-1-5-21-1-2-3-1111"),
                "SubjectUserName": "da.keller",
                "SubjectDomainName": "CORP",
                "SubjectLogonId": HexInt64(0x123550),
            },
            record_id=1,
        ),
        log_cleared(
            "Windows PowerShell",
            {"SubjectUserName": "amy & co", "Channel": "Windows PowerShell", "BackupPath": ""},
            record_id=2,
        ),
    )
    assert (security.event_id, security.channel) == (1102, "Security")
    assert list(security.data.items()) == [
        ("SubjectUserSid", "S-1-5-21-1-2-3-1111"),
        ("SubjectUserName", "da.keller"),
        ("SubjectDomainName", "CORP"),
        ("SubjectLogonId", "0x123550"),
    ]
    assert (system.event_id, system.channel) == (104, "System")
    assert system.data == {
        "SubjectUserName": "amy & co",
        "Channel": "Windows PowerShell",
        "BackupPath": "",
    }


def test_user_data_without_fields_is_no_data() -> None:
    event = windows_event("Microsoft-Windows-Eventlog", 1100, "Security", user_data=("Shutdown", "urn:x", {}))
    assert data_of(event) == {}


def test_values_are_shown_as_windows_shows_them() -> None:
    data = data_of(
        with_data(
            Guid=Guid("5770385f-c22a-43e0-bf4c-06f5698ffbd9"),
            TaskInstanceId=Guid("{5770385f-c22a-43e0-bf4c-06f5698ffbda}"),
            Hex=HexInt32(0x10),
            LongHex=HexInt64(0xC0DE_0000_0001),
            Truth=Boolean(value=True),
            Untruth=Boolean(value=False),
            Bytes=Binary(b"\x00\xfe"),
            NoBytes=Binary(b""),
            Small=UInt8(255),
            Large=UInt64(2**64 - 1),
            Nothing=None,
        )
    )
    assert list(data.values()) == [
        "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}",
        "{5770385F-C22A-43E0-BF4C-06F5698FFBDA}",
        "0x10",
        "0xc0de00000001",
        "true",
        "false",
        "00FE",
        "",
        "255",
        "18446744073709551615",
        "",
    ]


def test_a_text_that_looks_like_a_guid_stays_as_it_is() -> None:
    texts = {
        "BareGuid": "5770385f-c22a-43e0-bf4c-06f5698ffbd9",
        "UpperGuid": "5770385F-C22A-43E0-BF4C-06F5698FFBD9",
        "RuleId": "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
    }
    assert data_of(with_data(**texts)) == texts


ticks = st.one_of(st.integers(0, 2**33), st.integers(NOW - 15, NOW + 15), st.integers(10**17, 2 * 10**17))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.one_of(ticks, st.just("2024-03-01T00:00:00.123456Z")), min_size=1, max_size=6))
def test_times_keep_their_last_digit_however_close_they_are(times: list[int | str]) -> None:
    given_data = {
        f"Time{number}": each if isinstance(each, str) else FileTime(each)
        for number, each in enumerate(times)
    }
    reading = read_all(with_data(**given_data), reader=Reader.PYTHON)
    assert [from_text(text) for text in reading.records[0].data.values()] == [
        from_text(each) if isinstance(each, str) else each for each in times
    ]
    if all(isinstance(each, int) for each in times):
        assert agreed(with_data(**given_data))[0].data == reading.records[0].data


def test_a_time_beyond_9999_in_the_data_costs_the_record_of_the_first_reader_and_is_told() -> None:
    event = with_data(Time=FileTime(2**63))
    assert read_all(event).ledger.failed == 1
    assert read_all(event, reader=Reader.PYTHON).records[0].data == {"Time": "0x8000000000000000"}


def test_known_the_first_reader_keeps_the_last_of_fields_of_one_name_and_says_so() -> None:
    event = replace(with_data(), data=(("A", "1"), ("A", "2"), ("A_1", "3")))
    rust, python = (read_all(event, reader=reader).records[0] for reader in Reader)
    assert (rust.data, rust.text_altered) == ({"A": "2", "A_1": "3"}, True)
    assert (python.data, python.text_altered) == ({"A": "1", "A_1": "2", "A_1_1": "3"}, False)


def test_known_the_first_reader_loses_unnamed_fields_beside_named_ones_and_says_so() -> None:
    event = windows_event("Example", 7, "Application", data={"A": "1"}, unnamed=["x", "y"])
    rust, python = (read_all(event, reader=reader).records[0] for reader in Reader)
    assert (rust.data, rust.text_altered) == ({"A": "1"}, True)
    assert (python.data, python.text_altered) == ({"A": "1", "#1": "x", "#2": "y"}, False)


plain_texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", max_codepoint=0x1FFFD),
    max_size=12,
)


@settings(deadline=None, max_examples=40)
@given(st.lists(plain_texts, min_size=1, max_size=5), st.binary(max_size=8))
def test_any_list_of_texts_is_read_alike(texts: list[str], binary: bytes) -> None:
    data = data_of(windows_event("Example", 7, "Application", unnamed=texts, binary=binary))
    assert [text for name, text in data.items() if name != "Binary"] == texts
    assert data.get("Binary", "") == binary.hex().upper()


FORWARDED = (
    with_data(CommandLine="x.exe \"a\" & b < c > 'd'", Empty="", Number=5),
    replace(with_data(), data=(("", "a & b"), ("", ""))),
    with_data(),
    log_cleared("Application", {"SubjectUserName": "amy", "Channel": "R&D", "BackupPath": ""}),
    windows_event("Example", 7, "Application", user_data=("Element", "urn:x", {})),
)


@pytest.mark.parametrize("event", FORWARDED, ids=range(len(FORWARDED)))
def test_an_event_without_a_template_is_read_and_nothing_of_it_complained_of(event: EventToWrite) -> None:
    forwarded = [replace(event, without_template=True, record_id=n, time_created=NOW + n) for n in (1, 2, 3)]
    reading = read_all(*forwarded)
    assert reading.ledger.damage == ()
    (expected,) = agreed(event)
    assert [(each.record_id, each.time_created) for each in reading.records] == [
        (n, NOW + n) for n in (1, 2, 3)
    ]
    for record in reading.records:
        assert (record.data, record.text_altered) == (expected.data, False)
        assert (record.channel, record.computer) == (expected.channel, expected.computer)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "\0"])
def test_text_that_is_dropped_of_an_event_without_a_template_is_noticed(text: str) -> None:
    (record,) = read_all(replace(with_data(A=text, B="x"), without_template=True)).records
    assert record.text_altered


def test_known_the_second_reader_needs_a_template_and_says_so() -> None:
    reading = read_all(replace(with_data(A="b"), without_template=True), reader=Reader.PYTHON)
    assert (reading.records, reading.ledger.failed) == ((), 1)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.sampled_from("<&>\"' \0ab\ud800"), plain_texts).map("".join), max_size=3))
def test_an_event_without_a_template_has_exactly_the_texts_that_were_written_or_says_so(
    texts: list[str],
) -> None:
    event = with_data(**{f"Field{number}": text for number, text in enumerate(texts)})
    (record,) = read_all(replace(event, without_template=True)).records
    assert record.text_altered == (list(record.data.values()) != texts)
