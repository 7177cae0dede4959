"""Real Sysmon logs, event by event as the log itself counts them. FORENSICS_CORPUS names their folder."""

from __future__ import annotations

import json
import os
import warnings
from collections import Counter
from pathlib import Path

import pytest
from evtx import PyEvtxParser

from forensics.event_model.sources import LOG_SOURCES, to_event
from forensics.event_model.sysmon_fields import PROVIDER
from parsers.evtx.event_log import read_event_log
from parsers.evtx.record import EvtxRecord, RecordState
from tests.builders.artifacts import artifact_of
from tests.builders.mapped_event import misfits

pytestmark = pytest.mark.skipif(
    "FORENSICS_CORPUS" not in os.environ, reason="FORENSICS_CORPUS names no folder of real evidence"
)

SYSMON = frozenset(key for key in LOG_SOURCES if key[0] == PROVIDER)
LOGS = {
    "evtx/omerbenamram/sysmon.evtx": {1, 3, 11, 12, 13},
    "evtx/python-evtx/issue_43.evtx": {1, 3, 5},
    "evtx/mdecrevoisier/TA0003-Persistence/T1543.003-Create or Modify System Process-Windows Service/"
    "ID13-New service for Mimikatz.evtx": {13},
}


def content_of(log: str) -> bytes:
    return (Path(os.environ["FORENSICS_CORPUS"]) / log).read_bytes()


def counted_by_the_library(log: str) -> Counter[int]:
    path = str(Path(os.environ["FORENSICS_CORPUS"]) / log)
    with warnings.catch_warnings(action="ignore"):
        read = [*PyEvtxParser(path, skip_errors=True).records_json()]
    events = [json.loads(each["data"])["Event"] for each in read if each is not None]
    systems = (event["System"] for event in events)
    return Counter(
        system["EventID"]
        for system in systems
        if (system["Provider"]["#attributes"]["Name"].lower(), system["EventID"]) in SYSMON
    )


@pytest.mark.parametrize("log", LOGS, ids=[Path(log).stem for log in LOGS])
def test_every_sysmon_event_is_mapped_and_none_is_lost(log: str) -> None:
    records = [
        each for each in read_event_log(artifact_of(content_of(log)), SYSMON) if isinstance(each, EvtxRecord)
    ]
    events = [to_event(record) for record in records]
    assert None not in events
    assert [misfits(event) for event in events if event is not None and misfits(event)] == []
    found = Counter(each.event_id for each in records if each.state is not RecordState.RECOVERED)
    assert found == counted_by_the_library(log)
    assert set(found) == LOGS[log]


def test_real_keys_are_those_that_a_hive_has() -> None:
    log = "evtx/omerbenamram/sysmon.evtx"
    records = (each for each in read_event_log(artifact_of(content_of(log)), SYSMON))
    events = [
        to_event(each) for each in records if isinstance(each, EvtxRecord) and each.event_id in {12, 13}
    ]
    keys = {str(event.columns["RegistryKey"]) for event in events if event is not None}
    assert {key.partition("\\")[0] for key in keys} == {"HKEY_LOCAL_MACHINE", "HKEY_USERS"}
    assert r"HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\PROCMON23" in keys
