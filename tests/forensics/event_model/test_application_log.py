from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.application_log import ApplicationLogEvents
from forensics.event_model.application_log_kinds import Peer, to_peer, what_is_said
from parsers import filetime
from parsers.evidence.source import ArtifactKind
from parsers.rustdesk.log import read_log
from parsers.rustdesk.log_line import LogLine
from tests.builders.artifacts import artifact_of
from tests.builders.rustdesk_files import SERVER_LOG, LineToWrite, build_log, session_log

if TYPE_CHECKING:
    from forensics.event_model.event import Event

START = LineToWrite("").ticks
SECOND = filetime.TICKS_PER_SECOND


def events_of(content: bytes, path: str = SERVER_LOG) -> list[Event]:
    artifact = artifact_of(content, path, kind=ArtifactKind.APPLICATION_LOG)
    events = ApplicationLogEvents(artifact)
    lines = [each for each in read_log(artifact) if isinstance(each, LogLine)]
    return [event for each in lines if (event := events.event_of(each)) is not None]


def event_of(text: str, path: str = SERVER_LOG) -> Event:
    (event,) = events_of(build_log(LineToWrite(text)), path)
    return event


def additional(event: Event) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(str(event.columns["AdditionalFields"]))
    return fields


def test_a_session_is_told_line_by_line() -> None:
    events = events_of(session_log())

    assert [additional(each)["Kind"] for each in events] == [
        "rendezvous",
        "connection_opened",
        "file_transfer",
        "connection_closed",
    ]
    assert [each.message for each in events] == [
        "RustDesk log of LocalService (server): uses the server rs-ny.rustdesk.com",
        (
            "RustDesk log of LocalService (server): connection #1024 opened from 198.51.100.23:50122, "
            "its password not yet checked"
        ),
        r"RustDesk log of LocalService (server): began to send files from C:\Finance\2024",
        (
            "RustDesk log of LocalService (server): connection #1024 closed: Peer close; "
            "it was open from 198.51.100.23 for 750.000000 seconds, since 2024-03-01T00:00:10.000000Z"
        ),
    ]


def test_a_line_keeps_its_time_its_place_and_its_text() -> None:
    opened = events_of(session_log())[1]

    assert opened.columns["Timestamp"] == opened.origin.ticks == START + 10 * SECOND
    assert opened.origin.raw_time == "2024-03-01 01:00:10.000000 +01:00"
    assert (opened.origin.digits, opened.origin.artifact) == (6, "RustDesk log")
    assert opened.origin.channel_or_key == SERVER_LOG.replace("/", "\\")
    assert opened.origin.locator == f"line at offset {opened.origin.offset:#x}"
    assert (opened.columns["FileName"], opened.columns["FolderPath"]) == (
        "rustdesk_rCURRENT.log",
        opened.origin.channel_or_key,
    )
    assert additional(opened) == {
        "Source": "RustDesk log",
        "Application": "RustDesk",
        "Profile": "LocalService",
        "LogFolder": "server",
        "FileStem": "rustdesk",
        "Level": "DEBUG",
        "SourceLine": r"src\server\connection.rs:1354",
        "Text": "#1024 Connection opened from 198.51.100.23:50122.",
        "Kind": "connection_opened",
        "Connection": 1024,
    }


def test_a_connection_that_closes_has_its_peer_and_how_long_it_was_open() -> None:
    closed = events_of(session_log())[-1]

    assert (closed.columns["RemoteIP"], closed.columns["RemotePort"]) == ("198.51.100.23", 50122)
    fields = additional(closed)
    assert (fields["DurationSeconds"], fields["Reason"]) == ("750.000000", "Peer close")
    assert fields["Opened"] == "2024-03-01T00:00:10.000000Z"


def lines_at(*lines: tuple[int, str]) -> bytes:
    return build_log(*(LineToWrite(text, START + seconds * SECOND) for seconds, text in lines))


UNPAIRED = {
    "opened in another log": lines_at((0, "#1024 Connection closed: End")),
    "another number": lines_at(
        (0, "#1 Connection opened from 10.0.0.1:1."), (1, "#2 Connection closed: End")
    ),
    "closed before": lines_at((5, "#1 Connection opened from 10.0.0.1:1."), (1, "#1 Connection closed: End")),
    "closed twice": lines_at(
        (0, "#1 Connection opened from 10.0.0.1:1."),
        (1, "#1 Connection closed: End"),
        (2, "#1 Connection closed: End"),
    ),
}


@pytest.mark.parametrize("name", UNPAIRED)
def test_nothing_is_said_of_a_duration_that_the_log_does_not_show(name: str) -> None:
    closed = events_of(UNPAIRED[name])[-1]

    assert "RemoteIP" not in closed.columns
    assert "DurationSeconds" not in additional(closed)
    assert closed.message.endswith("closed: End")


def test_a_number_that_is_used_again_is_the_later_connection() -> None:
    events = events_of(
        lines_at(
            (0, "#1 Connection opened from 10.0.0.1:1."),
            (60, "#1 Connection opened from 10.0.0.2:2."),
            (65, "#1 Connection closed: Timeout"),
        )
    )

    assert (events[-1].columns["RemoteIP"], additional(events[-1])["DurationSeconds"]) == (
        "10.0.0.2",
        "5.000000",
    )


def test_a_time_that_goes_back_is_flagged() -> None:
    events = events_of(
        lines_at((10, "drop wakelock"), (9, "drop wakelock"), (5, "drop wakelock"), (6, "drop wakelock"))
    )

    assert [each.origin.time_flags for each in events] == ["", "", "runs_backwards", ""]


def test_a_line_that_was_cut_says_that_something_may_be_missing() -> None:
    (event,) = events_of(build_log(LineToWrite("new read C:\\Finance"))[:-4])

    assert event.text_altered


KINDS = {
    # connection.rs: the address as older versions and dual-stack sockets have it.
    "#7 Connection opened from [::ffff:192.0.2.9]:50000.": ("connection_opened", "192.0.2.9", 50000),
    "#7 Connection opened from [2001:db8::9]:50000.": ("connection_opened", "2001:db8::9", 50000),
    "#7 Connection opened from ?.": ("connection_opened", None, None),
    "#7 Connection closed: ": ("connection_closed", None, None),
    "create_relay requested from 192.0.2.9:61000, relay_server: rs.example, uuid: 1, secure: true": (
        "rendezvous",
        "192.0.2.9",
        61000,
    ),
    "start rendezvous mediator of 203.0.113.5:21116": ("rendezvous", "203.0.113.5", 21116),
    "direct access from [::ffff:192.0.2.9]:50000": ("direct_access", "192.0.2.9", 50000),
    "Direct server listening on: Some(Ok(0.0.0.0:21118))": ("direct_access", None, None),
    "new write C:\\Users\\amy\\Desktop": ("file_transfer", None, None),
    "new read C:\\Users": ("file_transfer", None, None),
    "new write waiting job 1, write to C:\\x from remote /y": ("file_transfer", None, None),
    "password updated": ("password_updated", None, None),
    "permanent-password updated": ("password_updated", None, None),
    "new wakelock, require display on: true": ("wakelock", None, None),
    "drop wakelock": ("wakelock", None, None),
    'main start args: ["--password", "Secret1"], env: Args { inner: [] }': ("other", None, None),
    'main start args:["--server"]': ("other", None, None),
    "start --server with user SYSTEM": ("other", None, None),
    "id updated from 123456789 to acme": ("other", None, None),
    "Uninstalling service...": ("other", None, None),
    "#1 punch attempt with 0.0.0.0:0, id: 987654321": ("other", None, None),
}


@pytest.mark.parametrize("text", KINDS)
def test_what_a_line_tells_of_is_known_by_its_words(text: str) -> None:
    event = event_of(text)

    kind, address, port = KINDS[text]
    assert additional(event)["Kind"] == kind
    assert (event.columns.get("RemoteIP"), event.columns.get("RemotePort")) == (address, port)
    assert additional(event)["Text"] == text


def test_a_server_by_name_is_a_remote_url() -> None:
    event = event_of("start rendezvous mediator of rd.example")

    assert event.columns["RemoteUrl"] == additional(event)["Server"] == "rd.example"


def test_the_path_of_a_transfer_stands_apart_from_that_of_the_log() -> None:
    fields = additional(event_of(r"new write C:\Users\amy\Desktop"))

    assert (fields["Direction"], fields["Path"]) == ("write", r"C:\Users\amy\Desktop")


NOTHING = (
    "temporary-password updated",
    "#1024 connection loop exited",
    "Connection closed: reset (104)",
    "new writer",
    "a new read C:\\x",
    "",
)


@pytest.mark.parametrize("text", NOTHING)
def test_other_lines_are_no_rows(text: str) -> None:
    assert events_of(build_log(LineToWrite(text))) == []


PLACES = {
    "Users/amy/AppData/Roaming/AcmeHelp/log/cm/AcmeHelp_rCURRENT.log": ("AcmeHelp", "amy", "cm", "AcmeHelp"),
    "C/Windows/System32/config/systemprofile/AppData/Roaming/RustDesk/log/x_rCURRENT.log": (
        "RustDesk",
        "systemprofile",
        None,
        "x",
    ),
    "rustdesk_r2024-01-01_00-00-00.log": (None, None, None, "rustdesk"),
    "triage/service/rustdesk_rCURRENT.log": (None, None, "service", "rustdesk"),
    "HOST1/RustDesk/log/tray/rustdesk_rCURRENT.log": ("RustDesk", None, "tray", "rustdesk"),
}


@pytest.mark.parametrize("path", PLACES)
def test_a_log_s_place_says_whose_it_is_and_of_which_switch(path: str) -> None:
    fields = additional(event_of("drop wakelock", path))

    assert tuple(map(fields.get, ("Application", "Profile", "LogFolder", "FileStem"))) == PLACES[path]


PEERS = {
    "192.0.2.1:50022": Peer("192.0.2.1", 50022),
    "192.0.2.1": Peer("192.0.2.1", None),
    "[2001:db8::1]:1": Peer("2001:db8::1", 1),
    "2001:db8::1": Peer("2001:db8::1", None),
    "::ffff:192.0.2.1": Peer("192.0.2.1", None),
    "192.0.2.1:65536": None,
    "rd.example:21116": None,
    "": None,
}


@pytest.mark.parametrize("text", PEERS)
def test_an_address_is_told_from_a_name(text: str) -> None:
    assert to_peer(text) == PEERS[text]


@given(st.text())
def test_any_text_says_something_or_nothing(text: str) -> None:
    what_is_said(text)
    what_is_said(f"#1 Connection opened from {text}")
    to_peer(text)
