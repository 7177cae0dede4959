from __future__ import annotations

import hashlib
import json
import re
import shutil
import struct
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from parsers.filetime import from_text
from tests.end_to_end.case_reading import document, files_of, sha256_of, timeline_objects
from tests.end_to_end.command_line import DC01
from tests.fixture_reading import read_log

if TYPE_CHECKING:
    from tests.builders.independent_readers import Reading
    from tests.end_to_end.command_line import Run

RECORD_PLACE: Final = re.compile(r"chunk (\d+), offset (0x[0-9a-f]+), (\d+) bytes, record header id (\d+)")
KEY_PLACE: Final = re.compile(r"key (\S.*) at offset (0x[0-9a-f]+), value (\S+) at offset (0x[0-9a-f]+)")


def rows_of(run: Run, artifact: str) -> list[dict[str, Any]]:
    return [row for row in timeline_objects(run.output) if row["artifact"] == artifact]


def record_of(row: dict[str, Any]) -> Reading:
    records = {each.record_id: each for each in read_log(f"case-dc01/{row['source_path']}")}
    return records[int(row["record_id"])]


def test_every_row_names_its_file_and_the_files_digest(dc01: Run) -> None:
    rows = timeline_objects(dc01.output)

    assert {row["artifact"] for row in rows} == {"EVTX", "SYSTEM hive"}
    digests = {row["source_path"]: row["source_sha256"] for row in rows}
    assert digests == {path: sha256_of(DC01 / path) for path in digests}


def test_the_offset_of_an_event_leads_to_the_header_of_its_record(dc01: Run) -> None:
    for row in rows_of(dc01, "EVTX"):
        place = RECORD_PLACE.fullmatch(row["locator"])
        assert place is not None
        chunk, offset, size, header_id = (int(number, 0) for number in place.groups())
        found = (DC01 / row["source_path"]).read_bytes()[offset:][:size]
        assert struct.unpack_from("<4sIQ", found) == (b"**\0\0", size, header_id)
        assert struct.unpack("<I", found[-4:]) == (size,)
        assert (chunk, offset, header_id) == ((offset - 4096) // 65536, row["offset"], int(row["record_id"]))


def test_the_record_there_says_what_the_row_says(dc01: Run) -> None:
    seen = set()
    for row in rows_of(dc01, "EVTX"):
        record = record_of(row)
        assert (str(record.event_id), record.provider) == (row["event_id"], row["provider"])
        seen.add(row["event_id"])
        expected = {
            "1": ("Image", "CommandLine", "ParentImage", "ParentCommandLine", "User", "Hashes"),
            "5": ("Image", "", "", "", "User", ""),
            "7": ("ImageLoaded", "", "Image", "", "User", "Hashes"),
            "4697": ("", "ServiceFileName", "", "", "", ""),
            "7045": ("", "ImagePath", "", "", "", ""),
        }.get(row["event_id"], ("",) * 6)
        cells = ("image_path", "command_line", "parent_image", "parent_command_line", "user", "hashes")
        told = {cell: row[cell] for cell, field in zip(cells, expected, strict=True) if field}
        assert told == {
            cell: record.fields[field] for cell, field in zip(cells, expected, strict=True) if field
        }
    assert seen >= {"1", "5", "7", "4697", "7045"}


def test_the_time_of_a_row_is_the_time_in_the_record(dc01: Run) -> None:
    for row in rows_of(dc01, "EVTX"):
        record = record_of(row)
        shown = record.fields.get("UtcTime")
        expected = record.created if shown is None else from_text(f"{shown.replace(' ', 'T')}Z")
        assert abs(row["ticks"] - expected) < 10, "evtx shows six of seven digits"
        assert from_text(row["datetime"]) == row["ticks"]


def test_the_offsets_of_a_service_key_lead_to_its_cells(dc01: Run) -> None:
    (row,) = rows_of(dc01, "SYSTEM hive")
    place = KEY_PLACE.fullmatch(row["locator"])
    assert place is not None
    content = (DC01 / row["source_path"]).read_bytes()
    key, value = content[int(place[2], 16) :], content[int(place[4], 16) :]

    assert key[4:6] == b"nk"
    assert value[4:6] == b"vk"
    assert key[4 + 76 :].startswith(b"RustDesk")
    assert value[4 + 20 :].startswith(place[3].encode())
    assert struct.unpack_from("<Q", key, 8) == (row["ticks"],)
    assert int(row["raw_time"], 16) == row["ticks"]


def test_the_manifest_lists_every_file_but_itself_with_its_digest(dc01: Run) -> None:
    lines = (dc01.output / "SHA256SUMS").read_text("utf-8").splitlines()

    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    present = files_of(dc01.output) - {"SHA256SUMS"}
    assert listed == {name: sha256_of(dc01.output / name) for name in present}
    assert sha256_of(dc01.output / "SHA256SUMS") in dc01.stdout


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum here")
def test_coreutils_accept_the_manifest(dc01: Run) -> None:
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"],  # noqa: S607 - whichever is there
        cwd=dc01.output,
        capture_output=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout) == (0, b"")


def test_each_line_of_the_audit_log_is_bound_to_the_line_before(dc01: Run) -> None:
    previous = "0" * 64
    for number, line in enumerate((dc01.output / "audit.jsonl").read_bytes().splitlines(keepends=True), 1):
        entry = json.loads(line)
        assert (entry["sequence"], entry["previous"]) == (number, previous)
        previous = hashlib.sha256(line).hexdigest()


def test_the_audit_log_tells_the_run_from_start_to_end(dc01: Run) -> None:
    entries = [json.loads(line) for line in (dc01.output / "audit.jsonl").read_bytes().splitlines()]

    assert [entries[0]["event"], entries[-1]["event"]] == ["analysis started", "analysis finished"]
    opened = next(each["details"] for each in entries if each["event"] == "evidence opened")
    assert {each["path"] for each in opened["artifacts"]} == files_of(DC01)


def test_the_run_says_that_its_inputs_are_unchanged(dc01: Run) -> None:
    run = document(dc01.output, "run.json")

    artifacts = [each for evidence in run["inputs"] for each in evidence["artifacts"]]
    assert run["inputs_unchanged"] is True
    assert {each["path"]: each["sha256_before"] for each in artifacts} == {
        name: sha256_of(DC01 / name) for name in files_of(DC01)
    }
    assert all(each["unchanged_after"] for each in artifacts)


def test_the_run_says_with_what_it_was_made(dc01: Run) -> None:
    run = document(dc01.output, "run.json")

    assert "--expand-rule-bag" in run["argv"]
    assert {"duckdb", "duckdb-kql", "evtx", "pyarrow", "python-registry"} <= set(run["dependencies"])
    assert re.fullmatch(r"[0-9a-f]{64}", run["tool"]["sha256"])
    assert run["started"] < run["finished"]
