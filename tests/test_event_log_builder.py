"""What the event log builder writes is what independent readers read, and what the format says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.filetime import from_text
from tests.builders.event_log import (
    Binary,
    Boolean,
    EventToWrite,
    FileTime,
    Guid,
    HexInt32,
    HexInt64,
    Sid,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Value,
    build_event_log,
)
from tests.builders.independent_readers import READERS, Reader, checksums_hold, data_by_evtx, to_ticks
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import FieldCount, image_loaded, process_created

if TYPE_CHECKING:
    from tests.builders.independent_readers import Reading

EVERY_TYPE: tuple[tuple[str, Value], ...] = (
    ("Text", "C:\\Program Files\\RustDesk\\rustdesk.exe <--service> & 'x' \"y\""),
    ("NonAscii", "Überwachung 遠隔 \U0001f5a5 e\u0301"),
    ("Spaces", "  ping  -n 6 "),
    ("Empty", ""),
    ("Null", None),
    ("UInt8", UInt8(0xFF)),
    ("UInt16", UInt16(0xFFFF)),
    ("UInt32", UInt32(0xFFFFFFFF)),
    ("UInt64", UInt64(0xFFFFFFFFFFFFFFFF)),
    ("HexInt32", HexInt32(0xDEADBEEF)),
    ("HexInt64", HexInt64(0x3E7)),
    ("True", Boolean(value=True)),
    ("False", Boolean(value=False)),
    ("Guid", Guid("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}")),
    ("Sid", Sid("S-1-5-21-4230534742-2542757381-3142984815-1111")),
    ("FileTime", FileTime(from_text("2024-03-01T12:34:56.5Z"))),
    ("Binary", Binary(b"\x00\x01\xfe\xff")),
    ("NoBytes", Binary(b"")),
    ("", "a field without a name"),
)


def an_event(*data: tuple[str, Value], record_id: int = 1, qualifiers: int | None = None) -> EventToWrite:
    return EventToWrite(
        provider="Example & Söhne",
        event_id=4711,
        channel="Application",
        computer="host-1.example",
        record_id=record_id,
        time_created=from_text("2024-03-01T00:00:00.1234567Z") + record_id,
        data=data,
        qualifiers=qualifiers,
    )


MIXED = (
    process_created(record_id=1742, image=r"C:\Program Files\RustDesk\rustdesk.exe", process_id=9112),
    process_created(record_id=1743, field_count=16, parent_command_line="x" * 9_000),
    service_installed(record_id=1744, service_type="Benutzermodusdienst", start_type="Automatisch starten"),
    service_installed(record_id=1745, service_type="ユーザー モード サービス", start_type="自動的な開始"),
    image_loaded(record_id=1746, image_loaded=r"C:\Users\Jürgen\sciter.dll", computer="ДЕСКТОП"),
    an_event(*EVERY_TYPE, record_id=1747),
    an_event(*EVERY_TYPE, record_id=1748, qualifiers=0),
    an_event(record_id=1749),
    process_created(record_id=1750, command_line="rustdesk.exe " + "ä" * 30_000),
    process_created(record_id=1751, command_line=""),
    an_event(("Text", "absent are the others"), record_id=2**40),
)


def meaning(reader: Reader, value: Value, shown: str) -> object:
    """What a reader's text says, as a value of the type that was written."""
    match value:
        case UInt8() | UInt16() | UInt32() | UInt64() | HexInt32() | HexInt64():
            return type(value)(int(shown, base=0))
        case Boolean():
            return Boolean(value=shown.lower() in {"true", "1"})
        case Guid():
            return reader.guid(shown)
        case FileTime():
            return FileTime(to_ticks(shown))
        case Binary():
            return Binary(reader.binary(shown))
        case _:
            return shown


def expected(value: Value) -> object:
    """What a reader's text should say: null and a security identifier are only ever shown as text."""
    match value:
        case None:
            return ""
        case Sid(text):
            return text
        case Guid(text):
            return UUID(text)
        case _:
            return value


def assert_same_fields(reader: Reader, reading: Reading, event: EventToWrite) -> None:
    shown = {name: reading.fields.get(name, "") for name, _ in event.data}
    assert {name: meaning(reader, value, shown[name]) for name, value in event.data} == {
        name: expected(value) for name, value in event.data
    }
    assert reading.fields.keys() <= dict(event.data).keys()


@pytest.mark.parametrize("records_per_chunk", [None, 2])
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_independent_readers_read_what_was_written(reader: Reader, records_per_chunk: int | None) -> None:
    readings = list(reader.read(build_event_log(MIXED, records_per_chunk=records_per_chunk)))
    assert [(r.record_id, r.provider, r.event_id, r.computer) for r in readings] == [
        (event.record_id, event.provider, event.event_id, event.computer) for event in MIXED
    ]
    for reading, event in zip(readings, MIXED, strict=True):
        assert_same_fields(reader, reading, event)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_reader_finds_both_times_of_a_record(reader: Reader) -> None:
    written = from_text("2024-03-02T01:02:03.7654321Z")
    event = replace(an_event(), written=written)
    (reading,) = reader.read(build_event_log([event]))
    assert reading.written in {written, None}
    assert abs(reading.created - event.time_created) <= reader.tolerance


def test_two_readers_read_the_written_time_to_its_last_digit() -> None:
    log = build_event_log([replace(an_event(), written=from_text("2024-03-02T01:02:03.7654321Z"))])
    exact = [reader.name for reader in READERS if next(iter(reader.read(log))).written is not None]
    assert exact == ["evtx", "libevtx"]


@pytest.mark.parametrize("dirty", [False, True])
def test_no_checksum_is_complained_of(dirty: bool) -> None:
    assert checksums_hold(build_event_log(MIXED, dirty=dirty))


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
names = st.text("abcdefghijklmnopqrstuvwxyzÄЖ漢", min_size=1, max_size=12)


@given(
    st.lists(st.dictionaries(names, texts, max_size=5), min_size=1, max_size=4), st.sampled_from([None, 0])
)
def test_any_text_comes_back_as_it_was(records: list[dict[str, str]], qualifiers: int | None) -> None:
    numbered = enumerate(records, start=1)
    log = build_event_log(
        [an_event(*data.items(), record_id=number, qualifiers=qualifiers) for number, data in numbered]
    )
    assert data_by_evtx(log) == records


def test_control_characters_come_back_as_they_were() -> None:
    text = "".join(map(chr, range(1, 0x20))) + "\x7f\x85\u2028\u202e\ufeff\ufffe"
    assert data_by_evtx(build_event_log([an_event(("Text", text))])) == [{"Text": text}]


@pytest.mark.parametrize("text", ["\ud800", "a\udc00b", "\udfff\ud800"])
def test_a_lone_surrogate_is_written_as_the_unit_that_it_is(text: str) -> None:
    log = build_event_log([an_event(("Text", text)), an_event(("Text", "next"), record_id=2)])
    assert text.encode("utf-16-le", "surrogatepass") + b"\0\0" in log
    assert data_by_evtx(log)[1] == {"Text": "next"}


@pytest.mark.parametrize("count", [16, 21, 22, 23])
def test_a_process_event_has_the_field_set_that_was_asked_for(count: FieldCount) -> None:
    event = process_created(field_count=count)
    assert len(event.data) == count
    assert [name for name, _ in event.data][-1] == ("ParentUser" if count == 23 else "ParentCommandLine")
    assert [tuple(data) for data in data_by_evtx(build_event_log([event]))] == [
        tuple(name for name, _ in event.data)
    ]


def test_an_image_event_has_sixteen_fields() -> None:
    assert len(image_loaded().data) == 16


def test_a_service_event_has_the_system_part_of_a_classic_provider() -> None:
    event = service_installed(user_sid="S-1-5-21-1-2-3-500")
    assert (event.qualifiers, event.event_source_name, event.channel) == (
        16384,
        "Service Control Manager",
        "System",
    )
    assert [name for name, _ in event.data] == [
        "ServiceName",
        "ImagePath",
        "ServiceType",
        "StartType",
        "AccountName",
    ]


def test_an_event_that_no_chunk_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"event 2 \(record 8\) is larger than the 65024 bytes of a chunk"):
        build_event_log([an_event(), an_event(("Text", "x" * 32_400), record_id=8)])


def test_a_value_that_no_descriptor_can_count_is_refused() -> None:
    with pytest.raises(ValueError, match="a value of 80002 bytes: the format allows 65535"):
        build_event_log([an_event(("Text", "x" * 40_000))])


def test_the_same_events_give_the_same_bytes() -> None:
    assert build_event_log(MIXED) == build_event_log(MIXED)
