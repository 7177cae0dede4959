from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.built_evidence import file_server, laptop
from tests.end_to_end.case_reading import document, read_csv, timeline
from tests.end_to_end.command_line import DC01, Run
from tests.fixture_reading import MANIFEST

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.shared_folder import SharedFolder

RULE: Final = MANIFEST["cases"]["case-dc01"]["expect"]
PROCESSES: Final = {"DC01.corp.example": RULE["rule_rows"], "FS02.corp.example": 3, "LT03": 2}
PASSING_LOADS: Final = {"DC01.corp.example": RULE["rule_image_loads"], "FS02.corp.example": 2, "LT03": 0}


@pytest.fixture(scope="session")
def machines(shared: SharedFolder) -> Run:
    """Three machines in one folder: a domain controller, a file server, and a laptop without image loads."""

    def make(folder: Path) -> None:
        shutil.copytree(DC01, folder / "all" / "one")
        for name, build in (("two", file_server), ("three", laptop)):
            (folder / "all" / name).mkdir()
            build(folder / "all" / name)

    built = shared.once("three-machines", make)
    return shared.analyzed("machines", built / "all")


def ids_by_folder(run: Run) -> dict[str, set[tuple[str, str]]]:
    """The machines of the timeline's rows, by the first folder of their source."""
    found: dict[str, set[tuple[str, str]]] = {}
    for row in timeline(run.output):
        found.setdefault(row["source_path"].split("/")[0], set()).add((row["device_id"], row["device_name"]))
    return found


def test_machines_in_one_folder_are_told_apart(machines: Run) -> None:
    found = ids_by_folder(machines)

    assert {name: {device for _, device in each} for name, each in found.items()} == {
        "one": {"DC01.corp.example"},
        "two": {"FS02.corp.example"},
        "three": {"LT03"},
    }
    assert len({device_id for each in found.values() for device_id, _ in each}) == 3


def test_the_hive_and_the_logs_of_one_machine_share_its_id(machines: Run) -> None:
    rows = [row for row in timeline(machines.output) if row["device_name"] == "FS02.corp.example"]

    assert {row["artifact"] for row in rows} == {"EVTX", "SYSTEM hive"}
    assert {row["finding"] for row in rows} >= {
        "rustdesk_execution",
        "rustdesk_service_installed",
        "rustdesk_service_key",
        "rustdesk_image_load",
    }
    assert len({row["device_id"] for row in rows}) == 1
    assert all(len(row["device_id"]) == 40 for row in rows)


def test_each_machine_has_the_role_that_its_hive_gives_it(machines: Run) -> None:
    devices = document(machines.output, "context.json")["devices"]

    roles = {each["name"]: each["role"] for each in devices}
    assert roles["DC01.corp.example"] == "domain_controller"
    assert roles["FS02.corp.example"] in {"server", "file_server"}
    assert roles["LT03"] == "unknown"


def test_the_rule_joins_within_each_machine_only(machines: Run) -> None:
    rows = read_csv(machines.output / "rule_results.csv")

    assert Counter(row["DeviceName"] for row in rows) == PROCESSES
    for row in rows:
        assert int(row["multiplicity"]) == max(1, PASSING_LOADS[row["DeviceName"]])
    expected = sum(PROCESSES[name] * max(1, PASSING_LOADS[name]) for name in PROCESSES)
    assert sum(int(row["multiplicity"]) for row in rows) == expected == 1785 + 6 + 2


def test_a_machine_without_a_log_or_hive_is_said_to_lack_it(machines: Run) -> None:
    text = (machines.output / "limitations.txt").read_text("utf-8")

    lines = [line for line in text.splitlines() if line.startswith("- LT03: no ")]
    assert any("System log" in line for line in lines)
    assert any("SYSTEM hive" in line for line in lines)
