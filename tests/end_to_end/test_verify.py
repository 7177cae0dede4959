"""``verify``: whatever is changed in a case folder is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.end_to_end.case_reading import files_of, sha256_of
from tests.end_to_end.command_line import DC01, Run, run_program
from tests.end_to_end.signed_case import (
    copy_of,
    edit_run,
    failed,
    harmed,
    listed_anew,
    signed_case,
    verify,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.end_to_end.shared_folder import SharedFolder


@pytest.fixture(scope="session")
def signed(shared: SharedFolder) -> Run:
    return signed_case(shared)


@pytest.fixture
def case(signed: Run, tmp_path: Path) -> Path:
    """A copy of the signed case."""
    return copy_of(signed.output, tmp_path)


def test_a_case_as_it_was_made_holds_in_every_check(signed: Run) -> None:
    run = run_program("verify", signed.output)

    assert (run.code, run.stderr, failed(run)) == (0, "", [])
    names = [line[8:].partition(":")[0] for line in run.stdout.splitlines()[:-1]]
    assert {"manifest", "signature", "time stamp request", "audit log", "run record", "timeline"} <= {*names}
    assert run.stdout.splitlines()[-1] == f"SHA256SUMS sha256: {sha256_of(signed.output / 'SHA256SUMS')}"


def test_the_checks_are_told_as_json_too(signed: Run) -> None:
    told = json.loads(verify(signed.output, "--json").stdout)

    assert told["ok"] is True
    assert told["manifest_sha256"] == sha256_of(signed.output / "SHA256SUMS")
    assert {each["status"] for each in told["checks"]} == {"ok", "note"}


@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_one_flipped_byte_in_any_file_is_named(case: Path, place: float) -> None:
    silent = []
    for name in sorted(files_of(case)):
        content = bytearray((case / name).read_bytes())
        content[min(int(len(content) * place), len(content) - 1)] ^= 0x01
        with harmed(case / name, bytes(content)):
            run = verify(case)
        if run.code != 1 or not any(name in line for line in failed(run)):
            silent.append((name, run.code, failed(run)))

    assert silent == []
    assert verify(case).code == 0


def test_any_file_that_is_missing_is_named(case: Path) -> None:
    silent = []
    for name in sorted(files_of(case)):
        kept = case.parent / "kept"
        (case / name).rename(kept)
        run = verify(case)
        kept.rename(case / name)
        if run.code != 1 or not any(name in line for line in failed(run)):
            silent.append((name, run.code, failed(run)))

    assert silent == []


@pytest.mark.parametrize("name", ["more.txt", "events/DeviceEvents/part-1.parquet", "\u202egnp.exe"])
def test_a_file_that_was_added_is_named(case: Path, name: str) -> None:
    (case / name).write_text("added")

    run = verify(case)

    assert run.code == 1
    shown = name.replace("\u202e", "<U+202E>")
    assert failed(run) == [f"FAILED  manifest: {shown}: is not listed in SHA256SUMS"]


def test_a_link_in_the_place_of_a_file_is_named(case: Path) -> None:
    (case / "timeline.csv").rename(case.parent / "timeline.csv")
    (case / "timeline.csv").symlink_to(case.parent / "timeline.csv")

    run = verify(case)

    assert run.code == 1
    assert "timeline.csv" in failed(run)[0]


def test_another_manifest_than_the_examiner_noted_is_named(case: Path) -> None:
    noted = sha256_of(case / "SHA256SUMS")
    (case / "timeline.csv").write_text("nothing was found\r\n")
    listed_anew(case)

    assert verify(case, "--manifest-sha256", sha256_of(case / "SHA256SUMS")).code == 1, "the signature"
    run = verify(case, "--manifest-sha256", noted.upper())
    assert run.code == 1
    assert f"FAILED  manifest: SHA256SUMS: its digest is not {noted}" in failed(run)


def drop(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], *lines[4:]]


def swap(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[4], lines[3], *lines[5:]]


def alter(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[3].replace(b'"events":', b'"events":1'), *lines[4:]]


def cut_tail(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def cut_inside(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], lines[-1][:-5]]


def empty(_lines: list[bytes]) -> list[bytes]:
    return []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (drop, "line 4: the line before it is not"),
        (swap, "line 4: the line before it is not"),
        (alter, "line 4: its text is not"),
        (cut_tail, "the log ends with 'evidence hashed again', so lines were cut off its end"),
        (cut_inside, "it is not a whole entry"),
        (empty, "line 1: the log is empty"),
    ],
)
def test_the_first_line_that_breaks_the_audit_chain_is_named(
    case: Path, change: Callable[[list[bytes]], list[bytes]], says: str
) -> None:
    lines = (case / "audit.jsonl").read_bytes().splitlines(keepends=True)
    (case / "audit.jsonl").write_bytes(b"".join(change(lines)))
    listed_anew(case)

    run = verify(case)

    assert run.code == 1
    audit = [line for line in failed(run) if line.startswith("FAILED  audit log: audit.jsonl: ")]
    assert len(audit) == 1
    assert says in audit[0]


def other_digest(run: dict[str, Any]) -> None:
    run["inputs"][0]["artifacts"][0]["sha256_before"] = "0" * 64


def no_artifact(run: dict[str, Any]) -> None:
    del run["inputs"][0]["artifacts"][1]


def changed_meanwhile(run: dict[str, Any]) -> None:
    run["inputs_unchanged"] = False


def no_inputs(run: dict[str, Any]) -> None:
    del run["inputs"]


def a_list(run: dict[str, Any]) -> None:
    run["inputs"] = [["what", "is", "this"]]


@pytest.mark.parametrize("change", [other_digest, no_artifact, changed_meanwhile, no_inputs, a_list])
def test_a_run_record_that_was_written_anew_disagrees_with_the_audit_log(
    case: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    edit_run(case, change)

    run = verify(case)

    assert run.code == 1
    assert any(line.startswith("FAILED  run record: run.json: ") for line in failed(run))


def test_a_row_of_a_file_that_the_run_never_read_is_named(case: Path) -> None:
    lines = (case / "timeline.jsonl").read_bytes().splitlines(keepends=True)
    row = json.loads(lines[4])
    row["source_sha256"] = "0" * 64
    lines[4] = json.dumps(row).encode() + b"\n"
    (case / "timeline.jsonl").write_bytes(b"".join(lines))
    listed_anew(case)

    assert any("timeline.jsonl: line 5: " in line for line in failed(verify(case)))


@pytest.mark.parametrize(("key", "value"), [("schema", 999), ("tool", {"version": "0.0.9", "sha256": "ab"})])
def test_a_case_of_another_schema_or_version_says_so_and_is_no_failure(
    case: Path, key: str, value: object
) -> None:
    edit_run(case, lambda run: run.update({key: value}))

    lines = verify(case).stdout.splitlines()

    (note,) = (line for line in lines if line.startswith("note") and "program: made by version" in line)
    assert ("schema 999" if key == "schema" else "0.0.9") in note


def test_what_is_no_case_folder_is_wrong_usage(tmp_path: Path) -> None:
    run = run_program("verify", tmp_path)

    assert run.code == 2
    assert "is no case folder" in run.stderr


@pytest.mark.parametrize("options", [("--rederive",), ("--evidence", "E-nobody=x"), ("--work", "CASE")])
def test_wrong_usage_is_told_apart_from_a_failure(signed: Run, options: tuple[str, ...]) -> None:
    evidence = ("--evidence", DC01) if "--work" in options else ()
    run = run_program(
        "verify", signed.output, *evidence, *(signed.output if each == "CASE" else each for each in options)
    )

    assert (run.code, run.stdout) == (2, "")
    assert run.stderr.startswith("rustdesk-forensics: ")
