from __future__ import annotations

import json

import pytest

from forensics.event_model.event import Event, Table
from forensics.event_model.schema import columns
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of
from tests.builders.windows_event import windows_event


def scm(event_id: int, *fields: str, binary: str | None = None, user_sid: str | None = None) -> Event:
    """Return the event of one of the Service Control Manager's, its fields called param1 and so on."""
    written = windows_event(
        "Service Control Manager",
        event_id,
        "System",
        data={f"param{place}": text for place, text in enumerate(fields, start=1)},
        binary=None if binary is None else (binary + "\0").encode("utf-16-le"),
        provider_guid="{555908d1-a6d7-4695-8e1e-26931d2012f4}",
        event_source_name="Service Control Manager",
        qualifiers=16384,
        user_sid=user_sid,
    )
    return event_of(record_of(written))


def additional(event: Event) -> dict[str, str]:
    fields: dict[str, str] = json.loads(str(event.columns["AdditionalFields"]))
    return fields


def test_a_state_is_told_in_the_machine_s_words_and_by_its_number() -> None:
    event = scm(7036, "RustDesk Service", "Wird ausgeführt", binary="RustDesk/4")
    assert event.table is Table.EVENTS
    assert event.columns["ActionType"] == "ServiceStateChanged"
    assert event.columns["Timestamp"] == DEFAULT_TIME
    assert additional(event) == {
        "KeyName": "RustDesk",
        "ServiceName": "RustDesk Service",
        "Source": "System/7036",
        "State": "Wird ausgeführt",
        "StateCode": "4",
    }
    assert event.message == (
        "Service state changed: RustDesk Service entered the state Wird ausgeführt (running)"
    )
    assert event.origin.time_means == "Service state changed (event time)"
    assert event.facts.service_name == "RustDesk Service"


def test_an_english_state_is_not_told_twice() -> None:
    event = scm(7036, "RustDesk Service", "stopped", binary="RustDesk/1")
    assert event.message == "Service state changed: RustDesk Service entered the state stopped"
    assert additional(event)["StateCode"] == "1"


@pytest.mark.parametrize("key", ["a/b", "CDPUserSvc_2f1a", "Dienst mit Leerzeichen", "名前"])
def test_a_key_may_have_any_name(key: str) -> None:
    event = scm(7036, "Any", "running", binary=f"{key}/4")
    assert (additional(event)["KeyName"], additional(event)["StateCode"]) == (key, "4")


@pytest.mark.parametrize("binary", [None, "", "RustDesk", "RustDesk/", "RustDesk/running", "/4"])
def test_a_state_without_its_number_is_still_one(binary: str | None) -> None:
    event = scm(7036, "RustDesk Service", "running", binary=binary)
    assert not {"KeyName", "StateCode"} & set(additional(event))
    assert event.message == "Service state changed: RustDesk Service entered the state running"


def test_a_start_type_is_told_with_who_changed_it() -> None:
    event = scm(7040, "RustDesk Service", "auto start", "disabled", "RustDesk", user_sid="S-1-5-21-1-2-3-500")
    assert event.columns["ActionType"] == "ServiceStartTypeChanged"
    assert event.columns["InitiatingProcessAccountSid"] == "S-1-5-21-1-2-3-500"
    assert additional(event) == {
        "KeyName": "RustDesk",
        "NewStartType": "disabled",
        "OldStartType": "auto start",
        "ServiceName": "RustDesk Service",
        "Source": "System/7040",
    }
    assert event.message == (
        "Service start type changed: RustDesk Service from auto start to disabled by S-1-5-21-1-2-3-500"
    )
    assert (event.facts.user, event.facts.service_name) == ("S-1-5-21-1-2-3-500", "RustDesk Service")


def test_a_service_that_ended_by_itself_is_told_with_how_often_it_did() -> None:
    event = scm(7034, "RustDesk Service", "3", binary="RustDesk")
    assert event.columns["ActionType"] == "ServiceTerminated"
    assert additional(event) == {
        "KeyName": "RustDesk",
        "ServiceName": "RustDesk Service",
        "Source": "System/7034",
        "Times": "3",
    }
    assert event.message == "Service terminated unexpectedly: RustDesk Service, 3 time(s) so far"


@pytest.mark.parametrize("event_id", [7034, 7036, 7040])
def test_every_column_is_one_of_its_table(event_id: int) -> None:
    assert set(scm(event_id, "a", "b", "c", "d").columns) <= set(columns(Table.EVENTS))
