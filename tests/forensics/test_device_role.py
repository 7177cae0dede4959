from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from forensics.device import Device
from forensics.device_role import (
    DeviceRole,
    GivenRole,
    RoleError,
    decide_roles,
    parse_role,
    read_assets,
    unknown_hosts,
)
from forensics.event_model.event import Table
from forensics.rule_engine import KqlEngine
from tests.builders.event_tables import event_tables

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.device_role import RoleDecision

DEVICE = Device("d" * 40, "FS01.corp.example", ("FS01", "FS01.corp.example"), "", "")
SERVICES = "HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\"


def machine(product_type: str = "", *channels: str) -> dict[str, Any]:
    told = {"ProductType": product_type, "ProductTypeSource": "config/SYSTEM", "Channels": channels}
    return {"AdditionalFields": json.dumps(told)}


def share(name: str, path: str) -> dict[str, Any]:
    fields = json.dumps({"Share": name, "Path": path, "Source": "Shares"})
    return {"ActionType": "ShareFound", "AdditionalFields": fields}


def auto_start(service: str, **changes: str) -> dict[str, Any]:
    return {
        "ActionType": "RegistryValueSet",
        "RegistryKey": SERVICES + service,
        "RegistryValueName": "Start",
        "RegistryValueData": "2",
        **changes,
    }


def role_of(
    info: dict[str, Any], rows: dict[Table, list[dict[str, Any]]] | None = None, *given: GivenRole
) -> RoleDecision:
    every = {Table.INFO: [info], **(rows or {})}
    owned = {table: [{"DeviceId": DEVICE.device_id, **row} for row in each] for table, each in every.items()}
    with KqlEngine(tables=event_tables(owned)) as engine:
        return decide_roles([DEVICE], engine, given)[DEVICE.device_id]


@pytest.mark.parametrize(
    ("product_type", "role"),
    [
        ("LanmanNT", DeviceRole.DOMAIN_CONTROLLER),
        ("lanmannt", DeviceRole.DOMAIN_CONTROLLER),
        ("ServerNT", DeviceRole.SERVER),
        ("WinNT", DeviceRole.WORKSTATION),
    ],
)
def test_a_role_is_what_the_hive_calls_its_windows(product_type: str, role: DeviceRole) -> None:
    decision = role_of(machine(product_type))

    assert decision.role is role
    assert decision.reason.endswith("in config/SYSTEM")


def test_a_machine_of_which_nothing_is_known_is_unknown_and_says_why() -> None:
    decision = role_of(machine())

    assert decision.role is DeviceRole.UNKNOWN
    assert decision.reason == "no SYSTEM hive of this machine was examined, and nothing else shows its role"


def test_the_log_of_active_directory_shows_a_domain_controller_without_a_hive() -> None:
    assert role_of(machine("", "System", "Directory Service")).role is DeviceRole.DOMAIN_CONTROLLER
    assert role_of(machine("ServerNT", "Directory Service")).role is DeviceRole.SERVER


def test_the_services_of_a_domain_controller_show_one_unless_the_product_type_says_otherwise() -> None:
    services = {Table.REGISTRY_EVENTS: [auto_start("NTDS"), auto_start("DFSR")]}

    assert role_of(machine(), services).role is DeviceRole.DOMAIN_CONTROLLER
    assert role_of(machine("ServerNT"), services).role is DeviceRole.SERVER
    reasons = role_of(machine("LanmanNT"), services).reasons
    assert "service NTDS starts automatically" in reasons
    assert "service DFSR starts automatically" in reasons


def test_what_sysmon_saw_being_written_is_no_state_of_the_registry() -> None:
    written = auto_start("NTDS", InitiatingProcessFolderPath="c:\\windows\\regedit.exe")

    assert role_of(machine(), {Table.REGISTRY_EVENTS: [written]}).role is DeviceRole.UNKNOWN


def test_a_server_that_shares_a_folder_is_a_file_server() -> None:
    decision = role_of(machine("ServerNT"), {Table.EVENTS: [share("Finance", "E:\\Finance")]})

    assert decision.role is DeviceRole.FILE_SERVER
    assert decision.reason == "a server that shares Finance (E:\\Finance)"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ADMIN$", "C:\\Windows"),
        ("print$", "C:\\Windows\\system32\\spool\\drivers"),
        ("SYSVOL", "C:\\Windows\\SYSVOL\\sysvol"),
        ("NETLOGON", "C:\\Windows\\SYSVOL\\sysvol\\corp.example\\SCRIPTS"),
        ("Laser", "Laser,LocalsplOnly"),
    ],
)
def test_what_windows_shares_by_itself_makes_no_file_server(name: str, path: str) -> None:
    assert role_of(machine("ServerNT"), {Table.EVENTS: [share(name, path)]}).role is DeviceRole.SERVER


def test_a_workstation_that_shares_a_folder_is_a_workstation() -> None:
    assert (
        role_of(machine("WinNT"), {Table.EVENTS: [share("Mine", "C:\\Mine")]}).role is DeviceRole.WORKSTATION
    )


@pytest.mark.parametrize(
    ("file_name", "command_line"),
    [
        ("mmc.exe", '"C:\\Windows\\system32\\mmc.exe" "C:\\Windows\\system32\\dsa.msc"'),
        ("mmc.exe", "mmc.exe GPMC.MSC /s"),
        ("ServerManager.exe", "ServerManager.exe"),
        ("dsac.exe", "dsac.exe"),
    ],
)
def test_consoles_that_manage_a_domain_show_an_admin_workstation(file_name: str, command_line: str) -> None:
    ran = {Table.PROCESS_EVENTS: [{"FileName": file_name, "ProcessCommandLine": command_line}]}

    assert role_of(machine("WinNT"), ran).role is DeviceRole.ADMIN_WORKSTATION
    assert role_of(machine("ServerNT"), ran).role is DeviceRole.SERVER


@pytest.mark.parametrize(
    ("file_name", "command_line"),
    [
        ("mmc.exe", "mmc.exe eventvwr.msc"),
        ("mmc.exe", "mmc.exe compmgmt.msc"),
        ("notepad.exe", "notepad.exe dsa.msc"),
    ],
)
def test_consoles_of_the_machine_itself_show_nothing(file_name: str, command_line: str) -> None:
    ran = {Table.PROCESS_EVENTS: [{"FileName": file_name, "ProcessCommandLine": command_line}]}

    assert role_of(machine("WinNT"), ran).role is DeviceRole.WORKSTATION


def test_a_console_that_bam_kept_shows_an_admin_workstation() -> None:
    kept = {Table.EVENTS: [{"ActionType": "ProgramLastRun", "FileName": "ServerManager.exe"}]}

    assert role_of(machine("WinNT"), kept).role is DeviceRole.ADMIN_WORKSTATION


@pytest.mark.parametrize("host", ["FS01", "fs01.CORP.example"])
def test_what_the_examiner_says_decides(host: str) -> None:
    given = GivenRole(host, DeviceRole.ADMIN_WORKSTATION, "--role")

    decision = role_of(machine("ServerNT"), {}, GivenRole(host, DeviceRole.SERVER, "assets.csv"), given)

    assert (decision.role, decision.reason) == (DeviceRole.ADMIN_WORKSTATION, "given with --role")


def test_a_host_that_is_no_machine_of_the_case_is_named_unless_a_list_of_assets_has_it() -> None:
    typed = parse_role("FS02=file_server")
    listed = GivenRole("FS03", DeviceRole.SERVER, "assets.csv")

    assert unknown_hosts([typed, listed, parse_role("FS01=server")], [DEVICE]) == ("FS02",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("DC01", "--role DC01: not HOST=ROLE. Write DC01=domain_controller"),
        ("=server", "--role =server: not HOST=ROLE"),
        ("DC01=king", "there is no role 'king'. It is one of domain_controller, file_server"),
        ("DC01=unknown", "there is no role 'unknown'"),
    ],
)
def test_a_role_that_cannot_be_understood_is_an_error_that_says_what_to_write(text: str, told: str) -> None:
    with pytest.raises(RoleError) as caught:
        parse_role(text)

    assert told in str(caught.value)


def test_a_role_may_be_spelled_as_people_do() -> None:
    assert parse_role("DC01=Domain Controller") == GivenRole("DC01", DeviceRole.DOMAIN_CONTROLLER, "--role")


def test_a_list_of_assets_names_hosts_and_roles_among_other_columns(tmp_path: Path) -> None:
    path = tmp_path / "assets.csv"
    path.write_text(
        '\ufeffowner,Host,Role\r\nIT,DC01,domain_controller\r\n,,\r\nIT,"FS02",file_server\r\n', "utf-8"
    )

    assert read_assets(path) == (
        GivenRole("DC01", DeviceRole.DOMAIN_CONTROLLER, "assets.csv"),
        GivenRole("FS02", DeviceRole.FILE_SERVER, "assets.csv"),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "assets.csv:1: has no columns host and role"),
        ("machine,role\nDC01,server\n", "assets.csv:1: has no columns host and role"),
        ("host,role\nDC01,server\nFS02,queen\n", "assets.csv:3: there is no role 'queen'"),
        ("host,role\nDC01\n", "assets.csv:2: there is no role ''"),
    ],
)
def test_a_list_of_assets_that_is_wrong_is_an_error_with_file_and_line(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "assets.csv"
    path.write_text(text)

    with pytest.raises(RoleError) as caught:
        read_assets(path)

    assert told in str(caught.value)


@pytest.mark.parametrize("content", [None, b"host,role\n\xff\xfe,server\n"])
def test_a_list_of_assets_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "assets.csv"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(RoleError, match=r"assets.csv: cannot be read: .*Give a CSV file in UTF-8"):
        read_assets(path)
