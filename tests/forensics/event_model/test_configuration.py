from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from forensics.event_model.configuration import configuration_events
from forensics.event_model.event import NO_TIME
from parsers.evidence.source import ArtifactKind
from parsers.rustdesk.configuration import read_configuration
from tests.builders.artifacts import artifact_of
from tests.builders.rustdesk_files import (
    PEER,
    SERVER_CONFIGURATION,
    ConfigurationToWrite,
    build_configuration,
    peer_configuration,
    server_configuration,
)

if TYPE_CHECKING:
    from forensics.event_model.event import Event

MODIFIED = 133_600_000_000_000_001


def events_of(content: bytes, path: str, modified: int | None = None) -> list[Event]:
    artifact = artifact_of(content, path, kind=ArtifactKind.APPLICATION_CONFIGURATION)
    settings = read_configuration(content, path).settings
    return [event for event, _ in configuration_events(settings, replace(artifact, modified=modified))]


def additional(event: Event) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(str(event.columns["AdditionalFields"]))
    return fields


def test_settings_that_matter_are_rows() -> None:
    events = events_of(server_configuration(), SERVER_CONFIGURATION)

    assert [(additional(each)["Setting"], additional(each)["Value"]) for each in events] == [
        ("rendezvous_server", "203.0.113.10:21116"),
        ("custom-rendezvous-server", "203.0.113.10"),
        ("key", "qGgtbkcfhHCS1SpvBXBJyn1tRcVPNQ1MiK1tAkmfVvE="),
        ("verification-method", "use-permanent-password"),
    ]
    second = events[1]
    assert second.columns["RemoteIP"] == "203.0.113.10"
    assert second.origin.locator == "line 6, offset 0x4c"
    assert second.message == (
        "RustDesk configuration of LocalService (RustDesk2.toml): custom-rendezvous-server is 203.0.113.10"
    )
    assert additional(second) == {
        "Source": "RustDesk configuration",
        "Application": "RustDesk",
        "Profile": "LocalService",
        "File": "RustDesk2.toml",
        "Setting": "custom-rendezvous-server",
        "Value": "203.0.113.10",
        "Table": "options",
    }


def test_a_server_by_name_is_a_remote_url() -> None:
    first = events_of(server_configuration("rd.example"), SERVER_CONFIGURATION)[0]

    assert first.columns["RemoteUrl"] == "rd.example:21116"


def test_without_a_file_system_there_is_no_time() -> None:
    first = events_of(server_configuration(), SERVER_CONFIGURATION)[0]

    assert first.columns["Timestamp"] == first.origin.ticks == NO_TIME
    assert first.origin.raw_time == ""
    assert first.origin.time_means.startswith("No time: ")


def test_the_time_is_when_the_file_was_modified() -> None:
    first = events_of(server_configuration(), SERVER_CONFIGURATION, MODIFIED)[0]

    assert first.columns["Timestamp"] == first.origin.ticks == MODIFIED
    assert first.origin.time_means == "File last modified (its file system's $STANDARD_INFORMATION)"


def test_a_password_is_told_as_set_and_kept_as_it_is_stored() -> None:
    content = build_configuration(
        ConfigurationToWrite({"enc_id": "00aa", "password": "00bbcc", "salt": "k7w3pd"})
    )
    events = events_of(content, SERVER_CONFIGURATION.replace("2.toml", ".toml"))

    assert [each.message.partition(": ")[2] for each in events] == [
        "enc_id is set, kept in an encrypted form",
        "a permanent password is set, kept in an encrypted form",
    ]
    assert additional(events[1])["Value"] == "00bbcc"


def test_what_is_empty_is_not_set() -> None:
    content = build_configuration(
        ConfigurationToWrite({"password": ""}, {"options": {"custom-rendezvous-server": "", "x": "y"}})
    )

    assert events_of(content, SERVER_CONFIGURATION) == []


def test_a_peer_s_file_is_one_row_with_what_it_says_of_the_peer() -> None:
    (event,) = events_of(peer_configuration(), PEER)

    assert event.message == (
        "RustDesk configuration of amy (123456789.toml): "
        "this machine connected to the peer 123456789 (bob, FS02, Windows)"
    )
    fields = additional(event)
    assert (fields["Setting"], fields["Value"], fields["PeerHostname"]) == ("peer", "123456789", "FS02")


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("base64_cmQuZXhhbXBsZToyMTExOA==.toml", "rd.example:21118"),
        ("base64_!!.toml", "base64_!!"),
        ("base64_gICA.toml", "base64_gICA"),
    ],
)
def test_an_id_that_no_file_can_be_called_is_decoded(name: str, peer: str) -> None:
    (event,) = events_of(peer_configuration(), PEER.replace("123456789.toml", name))

    assert additional(event)["Value"] == peer


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("1700000000123", "its self-extractor was built 2023-11-14T22:13:20.123Z"),
        ("9" * 15, "timestamp is 999999999999999"),
        ("'soon'", "timestamp is soon"),
    ],
)
def test_the_self_extractor_says_when_it_was_built(value: str, told: str) -> None:
    (event,) = events_of(f"timestamp = {value}\n".encode(), "Users/amy/AppData/Local/rustdesk/meta.toml")

    assert event.message == f"RustDesk configuration of amy (meta.toml): {told}"
    assert event.origin.ticks == NO_TIME
