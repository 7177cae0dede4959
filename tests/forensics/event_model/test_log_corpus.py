"""Real logs: what public readers count is mapped, and what they hold is told. FORENSICS_CORPUS names them."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from forensics.event_model import (
    log_cleared,
    logon,
    scheduled_task,
    security_process,
    security_service,
    service_state,
    system_clock,
    system_uptime,
    task_scheduler,
)
from forensics.event_model.schema import KqlType, columns
from forensics.event_model.sources import to_event
from parsers.evidence.source import FileSource
from parsers.evtx.event_log import read_event_log
from parsers.evtx.record import EvtxRecord, RecordState
from parsers.evtx.sweep import Reader
from tests.parsers.evtx.reading import artifact

if TYPE_CHECKING:
    from forensics.event_model.event import Event

CORPUS = os.environ.get("FORENSICS_CORPUS")
pytestmark = pytest.mark.skipif(CORPUS is None, reason="FORENSICS_CORPUS names no folder of real logs")

WANTED: Final = frozenset(
    key
    for module in (
        *(log_cleared, logon, scheduled_task, security_process, security_service, service_state),
        *(system_clock, system_uptime, task_scheduler),
    )
    for key in module.SOURCES
)
COUNTED: Final = {"n_7036_7040": {7036, 7040}, "n_4697": {4697}, "n_4688": {4688}, "n_4698": {4698}}
"""What the index counts, and the events that it means."""

BEHIND_A_HOLE: Final = {"evtx/omerbenamram/sample-with-zero-data-size-event.evtx": {"n_7036_7040": 15}}
"""The walk goes on behind a hole where the readers that the index counts by stop."""

ATTACKS: Final = "evtx/mdecrevoisier"
TASKS: Final = f"{ATTACKS}/TA0002-Execution/T1053.005-Scheduled Task"
SERVICES: Final = f"{ATTACKS}/TA0003-Persistence/T1543.003-Create or Modify System Process-Windows Service"
TIMESTOMP: Final = f"{ATTACKS}/TA0005-Defense Evasion/T1070.006-Timestomp/ID4616-system time changed.evtx"
CLEARED: Final = (
    f"{ATTACKS}/TA0005-Defense Evasion/T1070.001-Clear Windows event logs/ID104-1102-Event log cleared.evtx"
)


@cache
def index() -> dict[str, dict[str, str]]:
    if CORPUS is None:
        return {}
    with (Path(CORPUS) / "index.csv").open(encoding="utf-8", newline="") as stream:
        return {row["path"]: row for row in csv.DictReader(stream) if row["kind"] == "evtx"}


@cache
def records(path: str, reader: Reader = Reader.RUST) -> tuple[EvtxRecord, ...]:
    place = Path(CORPUS or "") / path
    log = artifact(FileSource(place), place.stat().st_size)
    found = (each for each in read_event_log(log, WANTED, reader=reader) if isinstance(each, EvtxRecord))
    return tuple(each for each in found if each.state is not RecordState.RECOVERED)


def events(path: str, reader: Reader = Reader.RUST) -> list[Event]:
    return [event for record in records(path, reader) if (event := to_event(record)) is not None]


def additional(event: Event) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(str(event.columns["AdditionalFields"]))
    return fields


def told(path: str) -> list[str]:
    return [event.message for event in events(path)]


@pytest.mark.parametrize("path", index())
def test_every_event_that_public_readers_count_is_mapped(path: str) -> None:
    mapped = Counter(int(event.origin.event_id) for event in events(path))
    found = {name: sum(mapped[each] for each in ids) for name, ids in COUNTED.items()}
    assert found == {name: int(index()[path][name]) for name in COUNTED} | BEHIND_A_HOLE.get(path, {})


@pytest.mark.parametrize("path", index())
def test_every_cell_is_of_its_column_and_says_where_it_is_from(path: str) -> None:
    types = {KqlType.STRING: str, KqlType.INT: int, KqlType.LONG: int, KqlType.DATETIME: int}
    for event in events(path):
        schema = columns(event.table)
        assert all(isinstance(cell, types[schema[name]]) for name, cell in event.columns.items())
        assert additional(event)["Source"] == f"{event.origin.channel_or_key}/{event.origin.event_id}"
        assert "\n" not in event.message


@pytest.mark.parametrize("path", index())
def test_every_state_of_a_service_has_its_key_and_its_number(path: str) -> None:
    states = [each for each in events(path) if each.columns["ActionType"] == "ServiceStateChanged"]
    english = {"running": "4", "stopped": "1"}
    for state in states:
        fields = additional(state)
        assert fields["KeyName"]
        assert fields["StateCode"] == english.get(fields["State"], fields["StateCode"])


@pytest.mark.parametrize("path", index())
def test_every_change_of_a_clock_in_utc_has_its_shift(path: str) -> None:
    changes = [each for each in events(path) if each.columns["ActionType"] == "SystemTimeChanged"]
    assert [
        each.message
        for each in changes
        if additional(each)["OldTime"].endswith("Z") and "ShiftSeconds" not in additional(each)
    ] == []


def test_a_task_that_an_attacker_made_is_told_with_what_it_runs() -> None:
    (path,) = (each for each in index() if each.startswith(TASKS) and "SYSTEM privileges creation" in each)
    (created,) = (each for each in events(path) if each.columns["ActionType"] == "ScheduledTaskCreated")
    assert created.message == (
        r"Scheduled task created: \eviltask by OFFSEC\admmig, runs C:\tools\shell.cmd as S-1-5-18, "
        "upon TimeTrigger"
    )
    assert additional(created)["TaskContent"].startswith('<?xml version="1.0" encoding="UTF-16"?>')


def test_every_task_of_a_real_log_is_read() -> None:
    tasks = [
        each
        for path in index()
        for each in events(path)
        if "ScheduledTask" in str(each.columns["ActionType"])
    ]
    with_content = [each for each in tasks if "TaskContent" in additional(each)]
    assert (len(tasks), len(with_content)) == (5, 4)
    assert all(additional(each)["Command"] for each in with_content)


def test_a_clock_that_was_set_three_days_ahead_is_told() -> None:
    shifts = [additional(each)["ShiftSeconds"] for each in events(TIMESTOMP)]
    assert 259_199.980 in shifts
    assert len(shifts) == 8


def test_cleared_logs_are_told_with_who_cleared_them() -> None:
    messages = told(CLEARED)
    assert r"Event log cleared: Security by OFFSEC\admmig" in messages
    assert r"Event log cleared: System by OFFSEC\admmig" in messages
    assert all("by OFFSEC" in each for each in messages if "cleared" in each)


def test_a_service_that_hijacks_a_session_is_told_by_its_key() -> None:
    (path,) = (each for each in index() if each.startswith(SERVICES) and "RDP hijack" in each)
    assert (
        r"Service installed: hijackservice by OFFSEC\admmig, image path cmd.exe /k tscon 2 /dest:rdp-tcp#5, "
        "start type 3 (demand start), account LocalSystem"
    ) in told(path)


def test_only_logons_of_people_are_events() -> None:
    kinds = Counter(
        str(each.columns["LogonType"])
        for path in index()
        for each in events(path)
        if "LogonType" in each.columns
    )
    assert kinds == {"Interactive": 270, "Unlock": 23}


@pytest.mark.parametrize(
    "path",
    [path for path, row in index().items() if int(row["records"]) < 10 and "4698" not in path],
)
def test_both_readers_give_the_same_events(path: str) -> None:
    assert events(path, Reader.RUST) == events(path, Reader.PYTHON)
