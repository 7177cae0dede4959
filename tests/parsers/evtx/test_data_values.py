"""Values are found where they stand, and whatever else stands there costs nothing but them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.evtx.data_values import DataValue, ValueType, data_values, guid_text, ticks_of
from parsers.evtx.frame import frame_chunk
from tests.builders.event_log import EventToWrite, FileTime, Guid, UInt32, build_event_log
from tests.builders.windows_event import windows_event
from tests.parsers.evtx.reading import CHUNK, FILE_HEADER

TIME = 133_537_248_001_234_567
EVENT = windows_event(
    "Example",
    7,
    "Application",
    data={
        "Text": "ä",
        "Number": UInt32(7),
        "Guid": Guid("5770385f-c22a-43e0-bf4c-06f5698ffbd9"),
        "Time": FileTime(TIME),
        "Nothing": None,
    },
    binary=b"ab",
)
EVENTS = [replace(EVENT, record_id=1), replace(EVENT, record_id=2)]
PLAIN = [
    replace(
        windows_event("Example", 7, "Application", data={"Text": "ä & b"}), without_template=True, record_id=n
    )
    for n in (1, 2)
]


def values_of(log: bytes) -> list[tuple[DataValue, ...] | None]:
    chunk = log[FILE_HEADER : FILE_HEADER + CHUNK]
    return [data_values(chunk, each.offset, each.size) for each in frame_chunk(chunk, FILE_HEADER).frames]


@pytest.mark.parametrize("qualifiers", [None, 0], ids=["manifest", "classic"])
def test_values_stand_in_their_order_behind_a_definition_and_behind_a_reference(
    qualifiers: int | None,
) -> None:
    log = build_event_log([replace(each, qualifiers=qualifiers) for each in EVENTS])
    first, second = values_of(log)
    assert first is not None
    assert first == second
    text, number, guid, time, *_, size, content = first
    assert text == DataValue(ValueType.STRING, "ä\0".encode("utf-16-le")[: len(text.content)])
    assert number == DataValue(ValueType.UINT32, b"\7\0\0\0")
    assert (guid_text(guid), guid_text(time)) == ("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}", None)
    assert (ticks_of(time), ticks_of(guid)) == (TIME, None)
    assert size.content == b"\2\0\0\0"
    assert content == DataValue(ValueType.BINARY, b"ab")


def test_an_event_without_a_template_has_its_texts_for_values() -> None:
    expected = (DataValue(ValueType.STRING, "ä & b\0".encode("utf-16-le")),)
    assert values_of(build_event_log(PLAIN)) == [expected, expected]


@pytest.mark.parametrize("content", [b"", b"12", bytes(17)])
def test_a_value_of_the_wrong_size_is_neither_guid_nor_time(content: bytes) -> None:
    assert guid_text(DataValue(ValueType.GUID, content)) is None
    assert ticks_of(DataValue(ValueType.FILETIME, content)) is None


@pytest.mark.parametrize("events", [EVENTS, PLAIN], ids=["template", "plain"])
@settings(deadline=None, max_examples=150)
@given(at=st.integers(0, 2500), junk=st.binary(min_size=1, max_size=40), cut=st.integers(28, 3000))
def test_whatever_the_bytes_there_are_values_or_none(
    events: list[EventToWrite], at: int, junk: bytes, cut: int
) -> None:
    chunk = bytearray(build_event_log(events)[FILE_HEADER:])
    chunk[512 + at : 512 + at + len(junk)] = junk
    for data in (bytes(chunk), bytes(chunk[: 512 + cut])):
        found = data_values(data, 512, cut)
        assert found is None or all(isinstance(each.content, bytes) for each in found)
