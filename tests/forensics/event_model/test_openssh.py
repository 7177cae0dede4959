from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.event import Event, Table
from forensics.event_model.openssh import Peer, peer_of
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import additional, event_of, misfits
from tests.builders.windows_event import windows_event


def ssh(line: str, event_id: int = 4, process: str = "sshd", channel: str = "OpenSSH/Operational") -> Event:
    data = {"process": process, "payload": line}
    return event_of(record_of(windows_event("OpenSSH", event_id, channel, data=data, user_sid="S-1-5-18")))


def test_a_message_fills_every_column_that_it_knows() -> None:
    line = "Accepted password for root from 198.51.100.9 port 50022 ssh2"
    event = ssh(line)
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "SshMessage",
        "RemoteIP": "198.51.100.9",
        "RemotePort": 50_022,
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert additional(event) == {"Message": line, "Process": "sshd", "Source": "OpenSSH/Operational/4"}
    assert event.message == f"SSH message of sshd: {line}"
    assert event.origin.time_means == "SSH message (event time)"
    assert misfits(event) == []


@pytest.mark.parametrize("event_id", [1, 2, 3, 4, 5, 6])
def test_a_message_of_every_level_is_read(event_id: int) -> None:
    event = ssh("error: bind failed", event_id, "ssh", "OpenSSH/Admin")
    assert additional(event)["Source"] == f"OpenSSH/Admin/{event_id}"
    assert "RemoteIP" not in event.columns


@pytest.mark.parametrize(
    ("line", "address", "port"),
    [
        (
            "Accepted publickey for CONTOSO\\amy from 192.0.2.1 port 22 ssh2: ED25519 SHA256:x",
            "192.0.2.1",
            22,
        ),
        ("Connection from 192.0.2.1 port 5 on 192.0.2.7 port 22", "192.0.2.1", 5),
        ("Connection closed by 192.0.2.1 port 5 [preauth]", "192.0.2.1", 5),
        ("Connection reset by authenticating user amy smith 192.0.2.1 port 5 [preauth]", "192.0.2.1", 5),
        ("Disconnected from user contoso\\\\amy 192.0.2.1 port 5", "192.0.2.1", 5),
        ("Disconnected from invalid user from 192.0.2.1 port 5", "192.0.2.1", 5),
        ("Received disconnect from 192.0.2.1 port 5:11: disconnected by user", "192.0.2.1", 5),
        ("Accepted password for amy from 2001:db8::9 port 50022 ssh2", "2001:db8::9", 50_022),
        ("Accepted password for amy from fe80::1%7 port 50022 ssh2", "fe80::1%7", 50_022),
        ("debug1: Connecting to example.org [192.0.2.1] port 22.", "192.0.2.1", 22),
        ("error: connect_to 192.0.2.20 port 3389: failed.", "192.0.2.20", 3389),
        ("error: connect to 192.0.2.20 port 445 failed: No error", "192.0.2.20", 445),
        ("Unable to negotiate with 192.0.2.1 port 5: no matching host key type found.", "192.0.2.1", 5),
    ],
)
def test_the_other_end_is_read_from_the_message(line: str, address: str, port: int) -> None:
    assert peer_of(line) == Peer(address, port)


@pytest.mark.parametrize(
    "line",
    [
        "Server listening on 0.0.0.0 port 22.",
        "Server listening on :: port 22.",
        "error: kex_exchange_identification: Connection closed by remote host",
        "Connection from UNKNOWN port 65535 on 192.0.2.7 port 22",
        "Accepted password for amy from 999.1.1.1 port 22 ssh2",
        "Accepted password for amy from 192.0.2.1 port 70000 ssh2",
        "Accepted password for amy from 192.0.2.1.example port 22 ssh2",
        "",
    ],
)
def test_a_message_without_another_end_names_none(line: str) -> None:
    assert peer_of(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "Invalid user x from 203.0.113.66 port 1 from 192.0.2.1 port 5",
        "Failed password for invalid user from 203.0.113.66 port 1 ssh2 from 192.0.2.1 port 5 ssh2",
        "Received disconnect from 192.0.2.1 port 5:11: closed by 203.0.113.66 port 1",
        "Unable to negotiate with 192.0.2.1 port 5: no match. Their offer: by 203.0.113.66 port 1",
    ],
)
def test_what_the_other_end_says_of_itself_is_not_believed(line: str) -> None:
    assert peer_of(line) == Peer("192.0.2.1", 5)


@given(st.text(alphabet=" onfrmbytuse.:[]%0123456789abcdef") | st.text())
def test_any_text_is_a_message(line: str) -> None:
    peer = peer_of(line)
    assert peer is None or (peer.address in line and peer.port < 65_536)


def test_a_long_message_is_read_in_time() -> None:
    assert peer_of("from " * 8_000) is None
