"""Single fields of Sysmon's events: what becomes of odd ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forensics.event_model.event import Event

PROCESS = record_of(process_created(utc_time="2024-03-01 00:00:00.120"))


def event_with(**data: str) -> Event:
    """Return the event of a process's creation with other texts in some fields of its EventData."""
    return event_of(replace(PROCESS, data={**PROCESS.data, **data}))


def columns_of(**data: str) -> Mapping[str, Any]:
    return event_with(**data).columns


@pytest.mark.parametrize(
    ("user", "domain", "name"),
    [
        (r"CORP\Da.Keller", "corp", "da.keller"),
        ("Da.Keller", "", "da.keller"),
        ("Da.Keller@corp.example", "", "da.keller@corp.example"),
        ("CORP\\", "corp", ""),
        (r"ÉCOLE\Zoë", "école", "zoë"),
        ("", "", ""),
    ],
)
def test_an_account_is_parted_at_its_backslash_and_lower_case(user: str, domain: str, name: str) -> None:
    cells = columns_of(User=user, ParentUser=user)
    assert (cells["AccountDomain"], cells["AccountName"]) == (domain, name)
    parent = cells["InitiatingProcessAccountDomain"], cells["InitiatingProcessAccountName"]
    assert parent == (domain, name)


@pytest.mark.parametrize(
    ("hashes", "found"),
    [
        ("SHA1=AB", {"SHA1": "ab"}),
        ("MD5=AB,SHA256=CD", {"MD5": "ab", "SHA256": "cd"}),
        ("SHA256=", {}),
        ("IMPHASH=AB", {}),
        ("nonsense", {}),
        ("", {}),
    ],
)
def test_only_digests_that_are_there_are_told(hashes: str, found: dict[str, str]) -> None:
    cells = columns_of(Hashes=hashes)
    assert {name: cells[name] for name in ("SHA1", "SHA256", "MD5") if name in cells} == found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0x3e7", 0x3E7),
        ("0xFFFFFFFFFFFFFFFF", 2**64 - 1),
        ("4294967295", 2**32 - 1),
        ("007", 7),
        ("", None),
        ("-", None),
        ("-5", None),
        ("1_000", None),
        (" 1", None),
        ("٣", None),
        ("9" * 5000, None),
        ("0x", None),
        ("0x1g", None),
    ],
)
def test_a_number_is_a_number_or_absent(text: str, number: int | None) -> None:
    assert columns_of(LogonId=text).get("LogonId") == number


def test_the_largest_session_is_a_session() -> None:
    cells = event_of(record_of(process_created(terminal_session_id=2**32 - 1))).columns
    assert cells["CreatedProcessSessionId"] == 2**32 - 1


@pytest.mark.parametrize("utc_time", ["", "-", "2024-02-30 00:00:00.000", "01.03.2024 00:00:00"])
def test_a_process_without_a_readable_utc_time_has_no_creation_time(utc_time: str) -> None:
    assert "ProcessCreationTime" not in columns_of(UtcTime=utc_time)


def test_a_path_keeps_its_case_but_the_initiating_one_loses_it() -> None:
    device = r"\Device\HarddiskVolume3\Program Files\RUSTDESK.EXE"
    cells = columns_of(Image=device, ParentImage=device)
    assert (cells["FolderPath"], cells["FileName"]) == (device, "RUSTDESK.EXE")
    assert cells["InitiatingProcessFolderPath"] == device.lower()
    assert cells["InitiatingProcessFileName"] == "rustdesk.exe"


@pytest.mark.parametrize("nothing", ["-", "?", ""])
def test_a_placeholder_is_nothing(nothing: str) -> None:
    names = list(PROCESS.data)
    cells = columns_of(**{name: nothing for name in names if name != "UtcTime"})
    assert {name: cell for name, cell in cells.items() if cell != ""} == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "ProcessCreated",
        "ProcessCreationTime": DEFAULT_TIME - 34_567,
    }


def test_a_placeholder_stays_as_it_is_in_the_timeline() -> None:
    facts = event_with(User="-", ParentImage="?").facts
    assert (facts.user, facts.parent_image) == ("-", "?")
