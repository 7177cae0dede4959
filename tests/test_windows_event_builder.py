"""What the builder of any provider's events writes is what independent readers read."""

from __future__ import annotations

import pytest

from tests.builders.event_log import HexInt64, Sid, UInt32, build_event_log
from tests.builders.independent_readers import XML, checksums_hold, content_of
from tests.builders.windows_event import log_cleared, windows_event

EVENTS = (
    windows_event(
        "Service Control Manager",
        7036,
        "System",
        data={"param1": "RustDesk", "param2": "läuft"},
        binary="RustDesk/4\0".encode("utf-16-le"),
        qualifiers=16384,
        record_id=1,
    ),
    windows_event("Microsoft-Windows-Example", 4, "Example/Operational", data={"A": "", "B": 7}, record_id=2),
    windows_event("Microsoft-Windows-Example", 5, "Example/Operational", record_id=3),
    log_cleared(
        "Security",
        {"SubjectUserSid": Sid("S-1-5-21-1-2-3-500"), "SubjectUserName": "amy & co", "Number": UInt32(3)},
        record_id=4,
    ),
    log_cleared(
        "Application", {"SubjectUserName": "amy", "Channel": "Application", "BackupPath": ""}, record_id=5
    ),
)

CLASSIC = (
    windows_event(
        "PowerShell", 400, "Windows PowerShell", unnamed=["Available", "None", "\tA=1"], record_id=1
    ),
    windows_event(
        "MsiInstaller",
        11707,
        "Application",
        unnamed=["Übung <1>", "", "(NULL)", ""],
        binary=b"{",
        record_id=2,
    ),
    windows_event(
        "EventLog", 6005, "System", unnamed=[""], binary=b"\x01\xfe", qualifiers=32768, record_id=3
    ),
    windows_event("EventLog", 6006, "System", unnamed=[], binary=b"\x01", record_id=4),
)


@pytest.mark.parametrize("reader", XML)
def test_every_reader_reads_named_data_binary_and_user_data(reader: str) -> None:
    contents = list(map(content_of, XML[reader](build_event_log(EVENTS))))
    service, example, empty, security, application = contents
    assert service[:2] == [("param1", "RustDesk"), ("param2", "läuft")]
    assert [name for name, _ in service] == ["param1", "param2", "Binary"]
    assert example == [("A", ""), ("B", "7")]
    assert empty == []
    assert security == [
        ("SubjectUserSid", "S-1-5-21-1-2-3-500"),
        ("SubjectUserName", "amy & co"),
        ("Number", "3"),
    ]
    assert application == [("SubjectUserName", "amy"), ("Channel", "Application"), ("BackupPath", "")]


@pytest.mark.parametrize("reader", ["evtx", "libevtx"])
def test_one_value_of_several_strings_is_as_many_elements(reader: str) -> None:
    contents = list(map(content_of, XML[reader](build_event_log(CLASSIC))))
    assert contents[0] == [("Data", "Available"), ("Data", "None"), ("Data", "\tA=1")]
    assert contents[1] == [
        *(("Data", text) for text in ("Übung <1>", "", "(NULL)", "")),
        ("Binary", "7B"),
    ]
    assert contents[2] == [("Data", ""), ("Binary", "01FE")]
    assert [text for name, text in contents[3] if name == "Binary"] == ["01"]


def test_clearing_of_a_log_is_told_by_that_log_or_by_the_system_log() -> None:
    security, application = EVENTS[-2:]
    assert (security.event_id, security.channel) == (1102, "Security")
    assert (application.event_id, application.channel) == (104, "System")


def test_a_plain_number_is_an_unsigned_one_of_32_bits() -> None:
    event = windows_event("X", 1, "Application", data={"N": 7, "Id": HexInt64(0x3E7)})
    assert event.data == (("N", UInt32(7)), ("Id", HexInt64(0x3E7)))


def test_no_checksum_is_complained_of() -> None:
    assert checksums_hold(build_event_log([*EVENTS, *CLASSIC]))
