from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.event import Event, Table
from forensics.event_model.sources import to_event
from forensics.event_model.sysmon_registry import full_key, key_and_value
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of, misfits
from tests.builders.sysmon_activity import PROCESS_GUID, sysmon_activity

SERVICES = r"C:\Windows\system32\services.exe"
IMAGE_PATH = r'"C:\Program Files\RustDesk\RustDesk.exe" --service'
KEY = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\RustDesk"
RECORD = record_of(sysmon_activity(13, {"Image": SERVICES}))


def registry(event_id: int, event_type: str, target: str, **data: str) -> Event:
    written = sysmon_activity(
        event_id, {"Image": SERVICES, "EventType": event_type, "TargetObject": target, **data}
    )
    return event_of(record_of(written))


SET = registry(
    13, "SetValue", r"HKLM\System\CurrentControlSet\Services\RustDesk\ImagePath", Details=IMAGE_PATH
)


def test_a_value_that_is_set_fills_every_column_that_it_knows() -> None:
    assert SET.table is Table.REGISTRY_EVENTS
    assert SET.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "RegistryValueSet",
        "RegistryKey": KEY,
        "RegistryValueName": "ImagePath",
        "RegistryValueType": "",
        "RegistryValueData": IMAGE_PATH,
        "InitiatingProcessAccountDomain": "nt authority",
        "InitiatingProcessAccountName": "system",
        "InitiatingProcessFileName": "services.exe",
        "InitiatingProcessFolderPath": SERVICES.lower(),
        "InitiatingProcessId": 6244,
        "InitiatingProcessUniqueId": PROCESS_GUID,
    }
    assert misfits(SET) == []


def test_a_value_that_is_set_is_told_in_one_line_as_recorded() -> None:
    assert SET.message == (
        rf"Registry value set: HKLM\System\CurrentControlSet\Services\RustDesk\ImagePath = {IMAGE_PATH} "
        rf"by {SERVICES} as NT AUTHORITY\SYSTEM"
    )
    assert SET.origin.time_means == "Registry value set (Sysmon UtcTime)"
    assert SET.origin.ticks == DEFAULT_TIME - 34_567


def test_facts_name_the_service_whose_key_it_is() -> None:
    assert SET.facts.service_name == "RustDesk"
    assert (SET.facts.image_path, SET.facts.parent_image) == ("", SERVICES)
    assert registry(13, "SetValue", r"HKLM\SOFTWARE\RustDesk\x", Details="1").facts.service_name == ""


@pytest.mark.parametrize(
    ("details", "kind"),
    [
        ("DWORD (0x00000002)", "Dword"),
        ("QWORD (0x00000000-0x00000002)", "QWord"),
        ("Binary Data", "Binary"),
        ("auto", ""),
        ("(Empty)", ""),
    ],
)
def test_data_stays_in_sysmon_s_words_which_may_name_its_type(details: str, kind: str) -> None:
    event = registry(13, "SetValue", rf"{KEY}\Start", Details=details)
    assert (event.columns["RegistryValueData"], event.columns["RegistryValueType"]) == (details, kind)


@pytest.mark.parametrize(
    ("event_type", "action", "value"),
    [
        ("CreateKey", "RegistryKeyCreated", None),
        ("DeleteKey", "RegistryKeyDeleted", None),
        ("DeleteValue", "RegistryValueDeleted", "Start"),
        ("CreateValue", "RegistryValueSet", "Start"),
    ],
)
def test_what_is_created_and_deleted_is_a_key_or_a_value(
    event_type: str, action: str, value: str | None
) -> None:
    event = registry(12, event_type, r"HKLM\System\CurrentControlSet\Services\RustDesk\Start")
    assert event.columns["ActionType"] == action
    assert event.columns.get("RegistryValueName") == value
    assert event.columns["RegistryKey"] == (KEY if value else rf"{KEY}\Start")
    assert misfits(event) == []


def test_a_renamed_key_has_its_old_name_beside_the_new() -> None:
    event = registry(14, "RenameKey", r"HKLM\SOFTWARE\Old", NewName=r"HKLM\SOFTWARE\New")
    assert event.columns["ActionType"] == "RegistryKeyRenamed"
    assert event.columns["RegistryKey"] == r"HKEY_LOCAL_MACHINE\SOFTWARE\New"
    assert event.columns["PreviousRegistryKey"] == r"HKEY_LOCAL_MACHINE\SOFTWARE\Old"
    assert event.message.startswith(r"Registry key renamed: HKLM\SOFTWARE\Old to HKLM\SOFTWARE\New by ")
    assert misfits(event) == []


@pytest.mark.parametrize("new", [r"HKU\S-1-5-18\Run\b", "b"])
def test_a_renamed_value_has_its_old_name_beside_the_new(new: str) -> None:
    event = registry(14, "RenameValue", r"HKU\S-1-5-18\Run\a", NewName=new)
    assert event.columns["ActionType"] == "RegistryValueRenamed"
    names = ("RegistryKey", "RegistryValueName", "PreviousRegistryKey", "PreviousRegistryValueName")
    assert [event.columns[name] for name in names] == [
        r"HKEY_USERS\S-1-5-18\Run",
        "b",
        r"HKEY_USERS\S-1-5-18\Run",
        "a",
    ]
    assert misfits(event) == []


@pytest.mark.parametrize("event_id", [12, 14])
def test_what_happened_is_not_guessed_from_an_unknown_type(event_id: int) -> None:
    assert (
        to_event(record_of(sysmon_activity(event_id, {"EventType": "Else", "TargetObject": "HKLM"}))) is None
    )


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (r"HKLM\System\ControlSet001\Services", r"HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services"),
        (r"hklm\software", r"HKEY_LOCAL_MACHINE\software"),
        ("HKLM", "HKEY_LOCAL_MACHINE"),
        (r"HKLM\Systematic", r"HKEY_LOCAL_MACHINE\Systematic"),
        (r"HKLMx\System", r"HKLMx\System"),
        (r"HKU\S-1-5-19\System", r"HKEY_USERS\S-1-5-19\System"),
        (r"HKU\.DEFAULT", r"HKEY_USERS\.DEFAULT"),
        (r"HKCR\rustdesk", r"HKEY_CLASSES_ROOT\rustdesk"),
        (r"HKCU\Run", r"HKEY_CURRENT_USER\Run"),
        (r"\REGISTRY\MACHINE\SYSTEM\ControlSet001", r"HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001"),
        (r"\REGISTRY\USER\S-1-5-18", r"HKEY_USERS\S-1-5-18"),
        (r"\REGISTRY\A\{1}", r"\REGISTRY\A\{1}"),
        (r"HKEY_LOCAL_MACHINE\System\x", r"HKEY_LOCAL_MACHINE\SYSTEM\x"),
        ("", ""),
    ],
)
def test_a_root_is_spelled_out(path: str, key: str) -> None:
    assert full_key(path) == key


BAM = r"HKLM\System\CurrentControlSet\Services\bam\State\UserSettings\S-1-5-18"


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (r"HKCR\rustdesk\(Default)", r"HKEY_CLASSES_ROOT\rustdesk", "(Default)"),
        (rf"{BAM}\\Device\HarddiskVolume2\x.exe", full_key(BAM), r"\Device\HarddiskVolume2\x.exe"),
        (r"HKLM\Shares\\\server\share", r"HKEY_LOCAL_MACHINE\Shares", r"\\server\share"),
        (r"\REGISTRY\MACHINE\x\y", r"HKEY_LOCAL_MACHINE\x", "y"),
        ("HKLM\\x\\", r"HKEY_LOCAL_MACHINE\x", ""),
        ("HKLM", "HKEY_LOCAL_MACHINE", ""),
        ("", "", ""),
    ],
)
def test_a_value_stands_behind_its_key(path: str, key: str, value: str) -> None:
    assert key_and_value(path) == (key, value)


@given(key=st.text(), value=st.text(st.characters(exclude_characters="\\")))
def test_a_value_without_backslashes_is_parted_whole(key: str, value: str) -> None:
    if "\\\\" not in f"{key}\\{value}"[1:]:
        assert key_and_value(rf"HKLM\k{key}\{value}")[1] == value


@given(data=st.dictionaries(st.sampled_from([*RECORD.data, "TargetObject", "Details"]), st.text()))
def test_any_text_in_any_field_is_an_event(data: dict[str, str]) -> None:
    assert misfits(event_of(replace(RECORD, data=data))) == []
