from __future__ import annotations

from forensics.event_model.event import Table
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import additional, event_of, misfits
from tests.builders.sysmon_activity import PROCESS_GUID, sysmon_activity

IMAGE = r"C:\Program Files\RustDesk\RustDesk.exe"
ENDED = event_of(record_of(sysmon_activity(5, {})))


def test_the_end_of_a_process_fills_every_column_that_it_knows() -> None:
    assert ENDED.table is Table.EVENTS
    assert ENDED.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "ProcessTerminated",
        "FileName": "RustDesk.exe",
        "FolderPath": IMAGE,
        "AccountDomain": "nt authority",
        "AccountName": "system",
        "ProcessId": 6244,
        "ProcessUniqueId": PROCESS_GUID,
        "AdditionalFields": ENDED.columns["AdditionalFields"],
    }
    assert additional(ENDED) == {"Source": "Microsoft-Windows-Sysmon/Operational/5"}
    assert misfits(ENDED) == []


def test_nobody_is_said_to_have_ended_it() -> None:
    assert not [name for name in ENDED.columns if name.startswith("InitiatingProcess")]
    assert ENDED.facts.parent_image == ""


def test_the_end_of_a_process_is_told_in_one_line() -> None:
    assert ENDED.message == rf"Process ended: {IMAGE} as NT AUTHORITY\SYSTEM, process id 6244"
    assert ENDED.origin.time_means == "Process ended (Sysmon UtcTime)"
