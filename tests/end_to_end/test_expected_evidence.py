from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.builders.archive import zip_of
from tests.end_to_end.case_reading import document, sha256_of
from tests.end_to_end.command_line import DC01, analyze

if TYPE_CHECKING:
    from pathlib import Path

LOGS = DC01 / "Windows/System32/winevt/Logs"
OTHER = "f" * 64


def test_p4_digests_that_are_as_expected_are_recorded_with_who_asked(tmp_path: Path) -> None:
    system, hive = sha256_of(LOGS / "System.evtx"), sha256_of(DC01 / "Windows/System32/config/SYSTEM")
    run = analyze(
        DC01,
        output=tmp_path / "case",
        options=(
            *("--expect-sha256", system.upper(), "--expect-sha256", f"SYSTEM={hive}"),
            *("--case-number", "2026/17", "--examiner", "A. Examiner", "--exhibit", "E/1"),
        ),
    )

    assert run.code == 0, run.stderr
    record = document(run.output, "run.json")
    assert (record["case_number"], record["examiner"], record["exhibit"]) == ("2026/17", "A. Examiner", "E/1")
    assert [(each["name"], each["sha256"]) for each in record["expected_digests"]] == [
        ("", system),
        ("SYSTEM", hive),
    ]
    assert [each["path"] for expected in record["expected_digests"] for each in expected["matched"]] == [
        "Windows/System32/winevt/Logs/System.evtx",
        "Windows/System32/config/SYSTEM",
    ]


@pytest.mark.parametrize("name", ["", "System.evtx="])
def test_p4_evidence_with_another_digest_is_refused_naming_both(tmp_path: Path, name: str) -> None:
    log = LOGS / "System.evtx"
    run = analyze(log, output=tmp_path / "case", options=("--expect-sha256", name + OTHER))

    assert run.code == 1
    assert sha256_of(log) in run.stderr
    assert OTHER in run.stderr
    assert run.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_p4_an_archive_with_another_digest_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    archive = tmp_path / "DC01.zip"
    archive.write_bytes(zip_of({"System.evtx": (LOGS / "System.evtx").read_bytes()})[:40])
    broken = analyze(archive, output=tmp_path / "case")
    refused = analyze(archive, output=tmp_path / "case", options=("--expect-sha256", OTHER))

    assert (broken.code, refused.code) == (2, 1)
    assert sha256_of(archive) in refused.stderr
    assert "nothing of it was parsed" in refused.stderr


def test_what_is_no_digest_is_wrong_usage(tmp_path: Path) -> None:
    run = analyze(DC01, output=tmp_path / "case", options=("--expect-sha256", "System.evtx=d41d8cd9"))

    assert run.code == 2
    assert "Write [NAME=]HEX" in run.stderr


def test_who_asked_stands_in_no_file_but_the_record_of_the_run(tmp_path: Path) -> None:
    run = analyze(LOGS / "System.evtx", output=tmp_path / "case", options=("--case-number", "QX-4711"))

    told = [path.name for path in run.output.rglob("*") if path.is_file() and b"QX-4711" in path.read_bytes()]
    assert sorted(told) == ["audit.jsonl", "run.json"]
    assert json.loads((run.output / "run.json").read_text("utf-8"))["expected_digests"] == []
