"""Text that a reader drops or changes is noticed, and text that it keeps is not complained of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.evtx.data_values import DataValue, ValueType
from parsers.evtx.exact_text import holds_texts
from parsers.evtx.sweep import Reader
from tests.builders.event_log import Binary, Strings, UserData, build_event_log
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import image_loaded, process_created
from tests.builders.windows_event import windows_event
from tests.parsers.evtx.reading import read

if TYPE_CHECKING:
    from tests.builders.event_to_write import EventToWrite

ORDINARY = (
    process_created(record_id=1, field_count=16, command_line=""),
    process_created(record_id=2, command_line="rustdesk.exe " + "ä遠\U0001f5a5" * 7_000),
    image_loaded(record_id=3, signature=""),
    service_installed(record_id=4, service_type="Benutzermodusdienst", start_type="自動的な開始"),
    service_installed(record_id=5, service_name="", account_name=""),
)


@pytest.mark.parametrize("reader", Reader)
def test_text_that_is_kept_is_not_complained_of(reader: Reader) -> None:
    reading = read(build_event_log(ORDINARY), reader)
    assert reading.ids == [1, 2, 3, 4, 5]
    assert not any(record.text_altered for record in reading.records)
    assert reading.ledger.damage == ()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("x.exe\0 --password 1", "x.exe"),
        ("\0rustdesk.exe", ""),
        ("rust\ud800desk", "rustdesk"),
        ("\udfff\ud800", ""),
    ],
)
def test_text_that_the_first_reader_drops_is_noticed(text: str, kept: str) -> None:
    events = [process_created(record_id=1, command_line=text), process_created(record_id=2)]
    reading = read(build_event_log(events))
    assert [record.text_altered for record in reading.records] == [True, False]
    assert reading.records[0].data["CommandLine"] == kept
    (damage,) = reading.ledger.damage
    where = reading.records[0].location
    assert (damage.offset, damage.length, damage.records_lost) == (where.offset, where.size, 1)
    assert damage.reason.startswith("the texts of record 1 are not all as its bytes have them")


@pytest.mark.parametrize("position", ["service_name", "account_name"])
def test_it_is_noticed_in_any_field_of_a_classic_event(position: str) -> None:
    altered = {"service_name": {"service_name": "a\0b"}, "account_name": {"account_name": "a\0b"}}
    (record,) = read(build_event_log([service_installed(**altered[position])])).records  # type: ignore[arg-type]
    assert record.text_altered


texts = st.text(st.characters(codec=None, categories=["L", "N", "P", "Z", "C"]), max_size=20)


@settings(deadline=None, max_examples=100)
@given(st.lists(texts, min_size=1, max_size=4))
def test_a_record_without_the_flag_has_exactly_the_text_that_was_written(lines: list[str]) -> None:
    events = [process_created(record_id=n, command_line=line) for n, line in enumerate(lines, start=1)]
    records = read(build_event_log(events)).records
    assert len(records) == len(lines)
    for record, line in zip(records, lines, strict=True):
        assert record.text_altered == (record.data["CommandLine"] != line)


def test_bytes_that_only_look_like_a_table_prove_nothing() -> None:
    table = "\x17\0" + "\x02\x01" * 23
    (record,) = read(build_event_log([process_created(command_line=f"a\0{table}")])).records
    assert record.text_altered


CONTENTS = (
    windows_event("Example", 7, "Application", unnamed=["", "a", ""], binary=b"\1"),
    windows_event("Example", 7, "Application", data={"Size": 2, "Bytes": Binary(b"ab")}),
    windows_event("Example", 7, "Application", data={"A": "", "B": None, "C": 0}, binary=b"\1\2"),
    windows_event("Example", 7, "Application", user_data=("Element", "urn:x", {"A": "b", "C": ""})),
    windows_event("Example", 7, "Application"),
)


@pytest.mark.parametrize("event", CONTENTS, ids=range(len(CONTENTS)))
@pytest.mark.parametrize("reader", Reader)
def test_no_form_of_content_is_complained_of(event: EventToWrite, reader: Reader) -> None:
    reading = read(build_event_log([event]), reader, wanted=frozenset({("example", 7)}))
    assert [record.text_altered for record in reading.records] == [False]


@pytest.mark.parametrize("text", ["a\0b", "\0a", "a\ud800b", "\udfff"])
@pytest.mark.parametrize("form", ["list", "binary", "user data"])
def test_text_that_is_dropped_is_noticed_in_every_form_of_content(text: str, form: str) -> None:
    event = windows_event("Example", 7, "Application")
    match form:
        case "list":
            event = replace(event, data=(("", Strings(("x", text))),))
        case "binary":
            event = replace(event, data=(("A", text), ("B", "x")), binary=b"\1")
        case _:
            event = replace(event, user_data=UserData("Element", "urn:x", (("A", text), ("B", "x"))))
    (record,) = read(build_event_log([event]), wanted=frozenset({("example", 7)})).records
    # In a list a NUL is the end of a text, so nothing is lost of one that has it inside.
    assert record.text_altered == (form != "list" or "\0" not in text)


@given(st.lists(texts, max_size=4), st.lists(texts, max_size=4))
def test_texts_are_held_only_if_all_of_them_are_there_in_order(stored: list[str], shown: list[str]) -> None:
    values = [DataValue(ValueType.STRING, text.encode("utf-16-le", "surrogatepass")) for text in stored]
    ended = [text.removesuffix("\0") for text in stored]
    assert holds_texts(values, shown) == ([t for t in ended if t] == [t for t in shown if t])


def test_half_a_unit_at_the_end_of_a_text_is_noticed() -> None:
    assert not holds_texts([DataValue(ValueType.STRING, b"a\0b")], ["a"])
    assert holds_texts([DataValue(ValueType.STRING, b"a\0b\0")], ["ab"])


def test_a_number_is_taken_for_the_size_of_bytes_only_if_it_is_that() -> None:
    size, other = (DataValue(ValueType.UINT32, n.to_bytes(4, "little")) for n in (2, 3))
    content = DataValue(ValueType.BINARY, b"ab")
    assert holds_texts([size, content], ["6162"])
    assert holds_texts([size, content], ["2", "6162"])
    assert not holds_texts([other, content], ["6162"])
    assert not holds_texts([content, size], ["6162"])
