from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.event import Event, Table
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import additional, event_of, misfits
from tests.builders.typed_value import Sid, UInt16
from tests.builders.windows_event import windows_event

if TYPE_CHECKING:
    from parsers.evtx.record import EvtxRecord
    from tests.builders.windows_event import Given

CHANNEL = "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"
PROGRAM = r"C:\Program Files\RustDesk\RustDesk.exe"
NETSH = r"C:\Windows\System32\netsh.exe"
RULE_ID = "{4E14EE69-D455-42A6-9130-B06697D46C3C}"
SID = "S-1-5-21-1-2-3-1104"

WHOSE: dict[str, Given] = {"ModifyingUser": Sid(SID), "ModifyingApplication": NETSH}
RULE: dict[str, Given] = {
    "RuleId": RULE_ID,
    "RuleName": "RustDesk Service",
    "Origin": 1,
    "ApplicationPath": PROGRAM,
    "ServiceName": "",
    "Direction": 1,
    "Protocol": UInt16(256),
    "LocalPorts": "",
    "RemotePorts": "*",
    "Action": 3,
    "Profiles": 0x7FFFFFFF,
    "EmbeddedContext": "RustDesk",
    "Active": UInt16(1),
    "EdgeTraversal": UInt16(2),
    **WHOSE,
}


def record_with(event_id: int, data: dict[str, Given]) -> EvtxRecord:
    provider = "Microsoft-Windows-Windows Firewall With Advanced Security"
    return record_of(windows_event(provider, event_id, CHANNEL, data=data, user_sid="S-1-5-19"))


def firewall(event_id: int, data: dict[str, Given], **other: Given) -> Event:
    return event_of(record_with(event_id, {**data, **other}))


ADDED = firewall(2004, RULE)


def test_a_rule_that_was_added_fills_every_column_that_it_knows() -> None:
    assert ADDED.table is Table.EVENTS
    assert ADDED.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "FirewallRuleAdded",
        "FileName": "RustDesk.exe",
        "FolderPath": PROGRAM,
        "InitiatingProcessFileName": "netsh.exe",
        "InitiatingProcessFolderPath": NETSH.lower(),
        "InitiatingProcessAccountSid": SID,
        "AdditionalFields": ADDED.columns["AdditionalFields"],
    }
    assert additional(ADDED) == {
        "Action": "allow",
        "Active": "true",
        "ApplicationPath": PROGRAM,
        "Direction": "in",
        "EdgeTraversal": "2",
        "Group": "RustDesk",
        "ModifyingApplication": NETSH,
        "ModifyingUser": SID,
        "Protocol": "256",
        "RemotePorts": "*",
        "RuleId": RULE_ID,
        "RuleName": "RustDesk Service",
        "Source": f"{CHANNEL}/2004",
    }
    assert misfits(ADDED) == []


def test_the_firewall_s_own_account_added_nothing() -> None:
    assert "S-1-5-19" not in {*ADDED.columns.values(), ADDED.facts.user}


@pytest.mark.parametrize(
    ("event_id", "action"),
    [
        (2004, "FirewallRuleAdded"),
        (2071, "FirewallRuleAdded"),
        (2097, "FirewallRuleAdded"),
        (2005, "FirewallRuleModified"),
        (2073, "FirewallRuleModified"),
        (2099, "FirewallRuleModified"),
        (2006, "FirewallRuleDeleted"),
        (2052, "FirewallRuleDeleted"),
    ],
)
def test_each_number_says_one_thing(event_id: int, action: str) -> None:
    event = firewall(event_id, RULE)
    assert event.columns["ActionType"] == action
    assert additional(event)["Source"] == f"{CHANNEL}/{event_id}"


@pytest.mark.parametrize("event_id", [2006, 2052])
def test_a_deletion_names_the_rule_and_who_deleted_it(event_id: int) -> None:
    event = firewall(event_id, {"RuleId": RULE_ID, "RuleName": "RustDesk Service", **WHOSE})
    assert additional(event) == {
        "ModifyingApplication": NETSH,
        "ModifyingUser": SID,
        "RuleId": RULE_ID,
        "RuleName": "RustDesk Service",
        "Source": f"{CHANNEL}/{event_id}",
    }
    assert event.columns["FolderPath"] == ""
    assert event.message == f"Firewall rule deleted: RustDesk Service, by {NETSH}, as {SID}"


def test_an_addition_is_told_in_one_line() -> None:
    assert ADDED.message == (
        f"Firewall rule added: RustDesk Service, action allow, direction in, program {PROGRAM}, "
        f"by {NETSH}, as {SID}"
    )
    assert ADDED.origin.time_means == "Firewall rule added (event time)"


@pytest.mark.parametrize(("code", "told"), [(0, False), (5, True), (10, True)])
def test_an_error_is_told_and_no_error_is_not(code: int, told: bool) -> None:
    event = firewall(2097, RULE, ErrorCode=code)
    assert event.message.endswith(f", error code {code}") is told
    assert additional(event)["ErrorCode"] == str(code)


@pytest.mark.parametrize(
    ("name", "number", "word"),
    [
        ("Direction", 2, "out"),
        ("Direction", 7, "7"),
        ("Action", 1, "bypass"),
        ("Action", 2, "block"),
        ("Action", 9, "9"),
        ("Active", 0, "false"),
    ],
)
def test_numbers_are_the_words_of_a_rule_in_a_hive(name: str, number: int, word: str) -> None:
    assert additional(firewall(2004, RULE, **{name: number}))[name] == word


def test_a_user_that_is_no_identifier_is_no_sid() -> None:
    event = firewall(2004, RULE, ModifyingUser="somebody")
    assert event.columns["InitiatingProcessAccountSid"] == ""
    assert event.facts.user == "somebody"


@given(data=st.dictionaries(st.sampled_from([*RULE, "ErrorCode"]), st.text()))
def test_any_text_in_any_field_is_an_event(data: dict[str, str]) -> None:
    assert misfits(event_of(replace(RECORD, data=data))) == []


RECORD = record_with(2004, RULE)
