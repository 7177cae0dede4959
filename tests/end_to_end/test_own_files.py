"""RustDesk's own files, a Startup link and a Prefetch file, in a folder, a zip and an NTFS image."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.builders.archive import zip_of
from tests.builders.disk_image import MEBIBYTE, ImageToBuild, build_image, build_ntfs_volume, missing_tools
from tests.builders.prefetch import build_prefetch, compress_prefetch
from tests.builders.rustdesk_files import (
    PEER,
    PREFETCH,
    SERVER_CONFIGURATION,
    SERVER_LOG,
    STARTUP_LINK,
    peer_configuration,
    server_configuration,
    session_log,
)
from tests.builders.shortcut import build_shortcut
from tests.builders.system_hive import build_system_hive
from tests.end_to_end.case_reading import document, timeline
from tests.end_to_end.command_line import analyze
from tests.end_to_end.evidence_forms import files_of
from tests.parsers.evidence.folder_search import lay_out

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.command_line import Run

MODIFIED: Final = 1_725_526_400_000_000_000
"""Nanoseconds since 1970: 2024-09-05T08:53:20Z."""

FILES: Final = {
    "Windows/System32/config/SYSTEM": build_system_hive(computer_name="WS07", services=(), last_written=1),
    SERVER_LOG: session_log(),
    SERVER_CONFIGURATION: server_configuration(),
    PEER: peer_configuration(),
    STARTUP_LINK: build_shortcut(),
    PREFETCH: compress_prefetch(build_prefetch()),
}

RULE: Final = """\
title = "RustDesk's own files"
question = "What do they say?"
severity = "low"
finding = "rustdesk_trace"
attack = ["T1219.002"]
references = ["https://example.com"]
blind_spots = ["None."]
false_positives = ["None."]
"""
QUERY: Final = """\
DeviceEvents
| where ActionType in ("ApplicationLogLine", "ConfigurationFound", "ShortcutFound", "ProgramRun")
"""
OF_EVIDENCE: Final = {"evidence_id", "source_path"}
LOG_ROWS: Final = [
    ("2024-03-01T00:00:00.000000Z", "RustDesk log"),
    ("2024-03-01T00:00:10.000000Z", "RustDesk log"),
    ("2024-03-01T00:01:00.000000Z", "RustDesk log"),
    ("2024-03-01T00:12:40.000000Z", "RustDesk log"),
    ("2024-09-05T08:53:20.0000000Z", "Prefetch"),
    ("2024-09-05T08:53:20.0000000Z", "Startup link"),
    ("2024-12-30T02:40:00.0000000Z", "Prefetch"),
]


def folder_of(root: Path) -> Path:
    lay_out(root / "WS07", FILES)
    for path in (root / "WS07").rglob("*"):
        os.utime(path, ns=(MODIFIED, MODIFIED))
    return root / "WS07"


def examined(evidence: Path, folder: Path) -> Run:
    rule = folder / "own_files.kql"
    rule.write_text(QUERY, "utf-8")
    rule.with_suffix(".toml").write_text(RULE, "utf-8")
    return analyze(evidence, output=folder / "case", options=("--rule", rule))


def rows_of(run: Run) -> list[dict[str, str]]:
    return [row for row in timeline(run.output) if row["rule_id"] == "own_files"]


def undated_of(run: Run) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = document(run.output, "context.json")["undated_facts"]
    return [each for each in facts if each["rule_id"] == "own_files"]


def without_evidence(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    left_out = {*OF_EVIDENCE, "row"}
    return [{name: cell for name, cell in row.items() if name not in left_out} for row in rows]


@pytest.fixture(scope="module")
def from_folder(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("folder")
    return examined(folder_of(root), root)


def test_a_folder_s_files_are_rows_and_facts_of_their_machine(from_folder: Run) -> None:
    assert (from_folder.code, from_folder.stderr) == (0, "")
    rows = rows_of(from_folder)

    assert sorted((row["datetime"], row["artifact"]) for row in rows) == LOG_ROWS
    assert {row["device_name"] for row in rows} == {"WS07"}
    facts = undated_of(from_folder)
    assert len(facts) == 5
    assert {each["device_name"] for each in facts} == {"WS07"}
    assert "rustdesk_trace" in {each["finding"] for each in facts}


def test_an_archive_gives_what_the_folder_gives(from_folder: Run, tmp_path: Path) -> None:
    archive = tmp_path / "collection.zip"
    archive.write_bytes(zip_of(files_of(folder_of(tmp_path), "C/")))
    run = examined(archive, tmp_path)

    assert (run.code, run.stderr) == (0, "")
    assert without_evidence(rows_of(run)) == without_evidence(rows_of(from_folder))
    assert [each["message"] for each in undated_of(run)] == [
        each["message"] for each in undated_of(from_folder)
    ]


def test_an_image_dates_its_files_too(from_folder: Run, tmp_path: Path) -> None:
    if (missing := missing_tools(ImageToBuild.BARE)) is not None:
        pytest.skip(missing)
    volume = build_ntfs_volume(folder_of(tmp_path), tmp_path / "volume", 24 * MEBIBYTE)
    run = examined(build_image(volume, ImageToBuild.BARE, tmp_path / "disk"), tmp_path)

    assert (run.code, run.stderr) == (0, "")
    rows = rows_of(run)
    dated = [row for row in rows if row["artifact"] == "RustDesk configuration"]
    others = [row for row in rows if row["artifact"] != "RustDesk configuration"]
    assert without_evidence(others) == without_evidence(rows_of(from_folder))
    assert {row["datetime"] for row in dated} == {"2024-09-05T08:53:20.0000000Z"}
    assert {row["timestamp_desc"] for row in dated} == {
        "File last modified (its file system's $STANDARD_INFORMATION)"
    }
    assert sorted(row["message"] for row in dated) == sorted(
        each["message"] for each in undated_of(from_folder)
    )
    assert undated_of(run) == []


def test_what_is_damaged_or_none_is_told(tmp_path: Path) -> None:
    files = FILES | {
        SERVER_CONFIGURATION: b"rendezvous_server = 'rd.example'\nnat_type = \n",
        STARTUP_LINK: b"no link",
        SERVER_LOG: session_log() + bytes(512),
    }
    lay_out(tmp_path / "WS07", files)
    run = examined(tmp_path / "WS07", tmp_path)

    assert run.code == 3
    assert "RustDesk2.toml: bytes 0x21-0x2d: line 2: Invalid value" in run.stderr
    assert "RustDesk Tray.lnk: not read, is no link that can be read" in run.stderr
    assert "holds bytes that were never written (NUL)" in run.stderr
    assert "context.json lists them" in (run.output / "limitations.txt").read_text("utf-8")
