from __future__ import annotations

import json

from forensics.event_model.event import Event, Table
from forensics.event_model.schema import columns
from tests.builders.artifacts import record_of
from tests.builders.event_log import UInt64
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of
from tests.builders.security_event import SUBJECT
from tests.builders.windows_event import log_cleared


def additional(event: Event) -> dict[str, str]:
    fields: dict[str, str] = json.loads(str(event.columns["AdditionalFields"]))
    return fields


def test_a_cleared_security_log_names_who_cleared_it() -> None:
    event = event_of(record_of(log_cleared("Security", SUBJECT)))
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "SecurityLogCleared",
        "InitiatingProcessAccountDomain": "contoso",
        "InitiatingProcessAccountName": "amy",
        "InitiatingProcessAccountSid": "S-1-5-21-1-2-3-1104",
        "InitiatingProcessLogonId": 0x364EB,
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert additional(event) == {"Channel": "Security", "Source": "Security/1102", "SubjectUserName": "Amy"}
    assert event.message == r"Event log cleared: Security by CONTOSO\Amy"
    assert event.origin.time_means == "Security log cleared (event time)"
    assert event.facts.user == r"CONTOSO\Amy"
    assert set(event.columns) <= set(columns(Table.EVENTS))


def test_a_later_version_names_the_process_that_cleared_it() -> None:
    fields = {**SUBJECT, "ClientProcessId": 6264, "ClientProcessStartKey": UInt64(2814749767106679)}
    assert event_of(record_of(log_cleared("Security", fields))).columns["InitiatingProcessId"] == 6264


def test_any_other_cleared_log_is_named_with_its_backup() -> None:
    fields = {
        "SubjectUserName": "Amy",
        "SubjectDomainName": "CONTOSO",
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "BackupPath": r"C:\x.evtx",
    }
    written = log_cleared("Microsoft-Windows-Sysmon/Operational", fields, user_sid="S-1-5-21-1-2-3-1104")
    event = event_of(record_of(written))
    assert event.columns["ActionType"] == "EventLogCleared"
    assert event.columns["InitiatingProcessAccountSid"] == "S-1-5-21-1-2-3-1104"
    assert additional(event) == {
        "BackupPath": r"C:\x.evtx",
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Source": "System/104",
        "SubjectUserName": "Amy",
    }
    assert event.message == (
        r"Event log cleared: Microsoft-Windows-Sysmon/Operational by CONTOSO\Amy, backup path C:\x.evtx"
    )
    assert event.origin.time_means == "Event log cleared (event time)"


def test_a_cleared_log_without_a_name_is_still_one() -> None:
    event = event_of(record_of(log_cleared("System", {"BackupPath": ""}, user_sid="S-1-5-18")))
    assert event.message == "Event log cleared: a log without a name by S-1-5-18"
