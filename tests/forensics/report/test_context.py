from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

from forensics.report.context import context
from forensics.report.json_document import write_json_document
from forensics.request import NamedEvidence, Period
from tests.builders.analysis import analysis_of
from tests.builders.artifacts import SYSTEM_LOG, artifact_of, hive_of, log_of, write_evidence
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.evidence_reading import read_named
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.pipeline import Analysis
    from parsers.evidence.source import Artifact

SYSMON = log_of(process_created(computer="DC01.corp.example"))
SYSTEM = log_of(service_installed(computer="DC01.corp.example"), path=SYSTEM_LOG)
HIVE = hive_of("DC01", domain="corp.example", product_type="LanmanNT")


def analyzed(folder: Path, *artifacts: Artifact, period: Period | None = None) -> Analysis:
    named = NamedEvidence(write_evidence(folder / "evidence", artifacts), "E-1")
    read = read_named([named], folder / "events")
    return analysis_of(read, period=period)


def document_of(analysis: Analysis) -> dict[str, Any]:
    stream = StringIO()
    write_json_document(context(analysis), stream)
    found: dict[str, Any] = json.loads(stream.getvalue())
    return found


def test_a_machine_stands_with_its_role_and_its_artifacts(tmp_path: Path) -> None:
    (device,) = document_of(analyzed(tmp_path, SYSMON, SYSTEM, HIVE))["devices"]
    assert (device["name"], device["names"]) == ("DC01.corp.example", ["DC01.corp.example"])
    assert device["role"] == "domain_controller"
    assert device["role_reasons"] == ["ProductType is LanmanNT in config/SYSTEM"]
    assert device["artifacts"] == [f"E-1: {each.path}" for each in (SYSMON, SYSTEM, HIVE)]


def test_a_log_stands_with_all_that_accounts_for_it(tmp_path: Path) -> None:
    (artifact,) = document_of(analyzed(tmp_path, SYSMON))["artifacts"]
    assert (artifact["path"], artifact["sha256"], artifact["size"]) == (
        SYSMON.path,
        SYSMON.sha256,
        SYSMON.size,
    )
    assert (artifact["kind"], artifact["events"], artifact["failure"]) == ("event_log", 1, None)
    log = artifact["log"]
    assert log["records_framed"] == log["records_emitted"] == 1
    assert log["first_written"] == log["last_written"] == "2024-03-01T00:00:00.1234567Z"


def test_a_hive_stands_with_its_state_and_its_control_sets(tmp_path: Path) -> None:
    (artifact,) = document_of(analyzed(tmp_path, HIVE))["artifacts"]
    hive = artifact["hive"]
    assert (hive["dirty"], hive["checksum_ok"]) == (False, True)
    (control_set,) = hive["control_sets"]
    assert (control_set["host_name"], control_set["domain"]) == ("DC01", "corp.example")
    assert (control_set["time_zone"], control_set["bias_minutes"]) == ("UTC", 0)


def test_what_could_not_be_read_stands_with_its_reason(tmp_path: Path) -> None:
    document = document_of(
        analyzed(tmp_path, artifact_of(b"nothing", "a.evtx"), hive_of("PC1", select_current=None))
    )
    failed, damaged = document["artifacts"]
    assert "is not an event log" in failed["failure"]
    assert failed["log"] is None
    assert damaged["damage"][0]["reason"].startswith("there is no key Select")


def test_bounds_of_the_timeline_are_told(tmp_path: Path) -> None:
    document = document_of(analyzed(tmp_path, HIVE, period=Period(DEFAULT_TIME, None)))
    assert document["timeline"] == {
        "since": "2024-03-01T00:00:00.1234567Z",
        "until": None,
        "findings": 0,
        "findings_outside": 0,
    }


def test_sources_that_are_never_examined_are_told(tmp_path: Path) -> None:
    assert (
        "the SOFTWARE hive and users' hives"
        in document_of(analyzed(tmp_path, HIVE))["sources_never_examined"]
    )


def test_the_document_names_no_place_on_this_computer(tmp_path: Path) -> None:
    documents = [
        json.dumps(document_of(analyzed(folder, SYSMON, SYSTEM, HIVE, artifact_of(b"x", "bad.evtx"))))
        for folder in (tmp_path / "a", tmp_path / "b b")
    ]
    assert documents[0] == documents[1]
    assert tmp_path.name not in documents[0]


def test_the_release_of_attack_whose_ids_are_used_is_told(tmp_path: Path) -> None:
    assert document_of(analyzed(tmp_path, SYSMON))["attack"] == {
        "domain": "enterprise-attack",
        "version": "18",
    }
