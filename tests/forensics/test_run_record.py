from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from forensics.case_folder import CaseFolder
from forensics.pipeline import analyze
from forensics.request import NamedEvidence, Request
from forensics.rule import read_rule
from forensics.run_record import DEPENDENCIES, RunRecord
from parsers.evidence.evidence import ChangedFile
from tests.builders.artifacts import artifact_of, log_of, write_evidence
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from pathlib import Path

LOG = log_of(process_created(computer="PC1"))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "own.kql").write_text("DeviceInfo", "utf-8")
    request = Request(
        evidence=(
            NamedEvidence(write_evidence(folder / "dc01", [LOG, artifact_of(b"x", "bad.evtx")]), "DC01"),
        ),
        output=folder / "case",
        rules=(read_rule(folder / "own.kql"),),
        examiner="A. Examiner",
        exhibit="E/1",
        argv=("rustdesk-forensics", "analyze", "DC01=dc01"),
    )
    return analyze(request, lambda _what, _done, _total: None).output


@pytest.fixture(scope="module")
def run(case: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((case / "run.json").read_text("utf-8"))
    return found


def test_who_asked_for_what_stands_as_typed(run: dict[str, Any]) -> None:
    assert run["argv"] == ["rustdesk-forensics", "analyze", "DC01=dc01"]
    assert (run["examiner"], run["exhibit"]) == ("A. Examiner", "E/1")
    assert run["started"] <= run["finished"]
    assert run["clock"].startswith("UTC")


def test_the_program_and_all_that_it_needs_stand_with_their_digests(run: dict[str, Any]) -> None:
    assert len(run["tool"]["sha256"]) == 64
    assert set(run["dependencies"]) == set(DEPENDENCIES)
    assert all(len(each["record_sha256"]) == 64 for each in run["dependencies"].values())


def test_one_s_own_rules_stand_with_their_digests(run: dict[str, Any]) -> None:
    (rule,) = run["rules"]
    assert rule["path"].endswith("own.kql")
    assert rule["sha256"] == hashlib.sha256(b"DeviceInfo").hexdigest()


def test_every_input_stands_with_its_digest_before_and_whether_it_changed(run: dict[str, Any]) -> None:
    (evidence,) = run["inputs"]
    assert evidence["evidence_id"] == "DC01"
    assert [each["sha256_before"] for each in evidence["artifacts"]] == [
        LOG.sha256,
        hashlib.sha256(b"x").hexdigest(),
    ]
    assert run["inputs_unchanged"] is all(each["unchanged_after"] for each in evidence["artifacts"]) is True


def test_records_are_accounted_for(run: dict[str, Any]) -> None:
    counts = run["counts"]
    accounted = counts["records_emitted"] + counts["records_irrelevant"] + counts["records_failed"]
    assert counts["records_framed"] == accounted == 1
    assert (counts["artifacts"], counts["artifacts_not_read"]) == (2, 1)


def test_every_step_is_in_the_audit_log(case: Path) -> None:
    lines = [json.loads(line) for line in (case / "audit.jsonl").read_text("utf-8").splitlines()]
    assert [line["event"] for line in lines] == [
        *("analysis started", "evidence opened", "artifact read", "artifact read"),
        *("evidence hashed again", "analysis finished"),
    ]


def test_an_input_that_changed_is_named(tmp_path: Path) -> None:
    with CaseFolder(tmp_path / "case") as folder:
        record = RunRecord(folder, Request(evidence=(), output=tmp_path / "case"))
        run = record.finish((), (ChangedFile("DC01", LOG.path),), {})
    assert run["inputs_unchanged"] is False
