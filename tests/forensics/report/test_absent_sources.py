from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.report.absent_sources import (
    CHANNELS,
    NO_FILES,
    NO_HIVE,
    NO_SYSMON,
    NO_SYSTEM,
    absent_sources,
)
from forensics.request import NamedEvidence
from tests.builders.analysis import analysis_of
from tests.builders.artifacts import SYSTEM_LOG, artifact_of, hive_of, log_of, write_evidence
from tests.builders.evidence_reading import read_named
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.evidence.source import Artifact

SYSMON = log_of(process_created(computer="DC01.corp.example"))
SYSTEM = log_of(service_installed(computer="DC01.corp.example"), path=SYSTEM_LOG)
HIVE = hive_of("DC01", domain="corp.example", product_type="LanmanNT")


def absent(folder: Path, *artifacts: Artifact) -> list[tuple[str, str]]:
    named = NamedEvidence(write_evidence(folder / "evidence", artifacts), "E-1")
    return list(absent_sources(analysis_of(read_named([named], folder / "events"))))


def of(found: list[tuple[str, str]], name: str) -> list[str]:
    return [what for machine, what in found if machine == name]


def test_what_is_there_is_not_absent(tmp_path: Path) -> None:
    found = absent(tmp_path, SYSMON, SYSTEM, HIVE)

    assert not {what for _, what in found} & {NO_SYSMON, NO_SYSTEM, NO_HIVE}


def test_what_is_absent_is_told_machine_by_machine(tmp_path: Path) -> None:
    other = log_of(process_created(computer="PC2"), path="pc2.evtx")
    found = absent(tmp_path, HIVE, SYSTEM, other)

    assert NO_SYSMON in of(found, "DC01.corp.example")
    assert not {NO_SYSTEM, NO_HIVE} & set(of(found, "DC01.corp.example"))
    assert {NO_SYSTEM, NO_HIVE} <= set(of(found, "PC2"))
    assert NO_SYSMON not in of(found, "PC2")


def test_an_empty_or_broken_artifact_is_as_good_as_absent(tmp_path: Path) -> None:
    found = absent(tmp_path, artifact_of(b"nothing", SYSMON.path), log_of(path=SYSTEM_LOG), HIVE)

    assert {NO_SYSMON, NO_SYSTEM} <= {what for _, what in found}


def test_where_there_is_a_hive_alone_every_channel_and_every_file_is_absent(tmp_path: Path) -> None:
    found = of(absent(tmp_path, HIVE), "DC01.corp.example")

    assert found == [*(channel.absent for channel in CHANNELS), NO_FILES]
