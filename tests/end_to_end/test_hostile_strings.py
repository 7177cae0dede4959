from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from forensics.report.manifest import verify_manifest
from tests.end_to_end.case_reading import document, read_csv, timeline, timeline_objects
from tests.end_to_end.command_line import CLEAN, DC01, Run, analyze, query, run_program
from tests.end_to_end.hostile_strings import (
    ANSI,
    BIDI,
    FOLDER,
    HOST,
    HOSTILE,
    LONG,
    LONG_OF_EVENT,
    LOST_BY_READERS,
    RUSTDESK,
    hostile_folder,
)
from tests.end_to_end.spreadsheet import opened

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.shared_folder import SharedFolder

EXAMINER: Final = f"=cmd|x {ANSI}{BIDI}"
ESCAPED: Final = re.compile(r"<U\+([0-9A-F]{4,6})>")
TEXT_CELLS: Final = ("user", "command_line", "parent_image", "parent_command_line")
TEXT_FILES: Final = (".csv", ".json", ".jsonl", ".txt")


@pytest.fixture(scope="session")
def hostile(shared: SharedFolder) -> Run:
    """Hostile evidence, analyzed with a hostile examiner and exhibit into everything that can be written."""
    folder = shared.once("hostile-evidence", hostile_folder)
    options = ("--excel", "--expand-rule-bag", "--examiner", EXAMINER, "--exhibit", BIDI)
    return shared.analyzed("hostile", folder, options=options)


def original(row: dict[str, str], column: str) -> str:
    """Return the cell as the evidence has it, by what the contract says of ``altered_fields``."""
    if column not in row["altered_fields"].split(";"):
        return row[column]
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), row[column])


def harmless(text: str) -> bool:
    return all(character.isprintable() or character == "\n" for character in text)


def rows_of(run: Run, finding: str) -> list[dict[str, str]]:
    return [row for row in timeline(run.output) if row["finding"] == finding]


def test_nothing_hostile_reaches_the_terminal(hostile: Run) -> None:
    assert hostile.code == 3
    assert harmless(hostile.stdout)
    assert harmless(hostile.stderr)
    assert "<U+001B>[2J" in hostile.stdout
    assert all(line.startswith("rustdesk-forensics: ") for line in hostile.stderr.splitlines())


def test_every_string_of_an_event_is_had_back_from_the_csv_to_the_character(hostile: Run) -> None:
    rows = rows_of(hostile, "rustdesk_execution")
    for text in HOSTILE.values():
        (row,) = [row for row in rows if original(row, "command_line") == text]
        assert [original(row, column) for column in TEXT_CELLS] == [text] * len(TEXT_CELLS)
        assert original(row, "device_name") == HOST
        assert row["image_path"] == RUSTDESK


def test_every_name_of_a_service_is_had_back_from_the_csv(hostile: Run) -> None:
    rows = rows_of(hostile, "rustdesk_service_installed")
    assert {original(row, "service_name") for row in rows} == set(HOSTILE.values())
    paths = {original(row, "command_line") for row in rows_of(hostile, "rustdesk_service_key")}
    assert paths == {f'"{RUSTDESK}" --service {text}' for text in (*HOSTILE.values(), LONG)}


def test_no_long_string_is_cut_in_a_verbatim_file(hostile: Run) -> None:
    commands = {row["command_line"] for row in timeline(hostile.output)}
    assert LONG_OF_EVENT in commands
    assert f'"{RUSTDESK}" --service {LONG}' in commands
    assert any(LONG in row["message"] for row in rows_of(hostile, "rustdesk_trace"))


def test_what_no_reader_gives_is_named_and_never_passed_off_as_whole(hostile: Run) -> None:
    hostile_ids = [len(HOSTILE) + number for number, _ in enumerate(LOST_BY_READERS, start=1)]
    rows = [
        row for row in rows_of(hostile, "rustdesk_execution") if row["record_id"] in map(str, hostile_ids)
    ]
    assert len(rows) == len(LOST_BY_READERS)
    for row in rows:
        assert set(TEXT_CELLS) <= set(row["altered_fields"].split(";"))


def test_the_jsonl_holds_the_same_and_the_bytes_of_what_was_altered(hostile: Run) -> None:
    told = timeline(hostile.output)
    for row, each in zip(told, timeline_objects(hostile.output), strict=True):
        assert {name: str(each[name]) for name in row} == row
        for column, digits in each.get("raw_hex", {}).items():
            assert bytes.fromhex(digits).decode("utf-16-le", "surrogatepass") == original(row, column)


def test_no_file_of_the_case_holds_a_character_that_deceives(hostile: Run) -> None:
    names = [path for path in hostile.output.rglob("*") if path.suffix in TEXT_FILES]
    assert {path.suffix for path in names} == set(TEXT_FILES)
    for path in names:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
        assert harmless(text.removeprefix("\ufeff")), path.name


def test_every_csv_of_the_case_has_as_many_cells_in_each_row_as_in_its_header(hostile: Run) -> None:
    csv.field_size_limit(1 << 20)
    for path in hostile.output.rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            assert len({len(row) for row in csv.reader(stream, strict=True)}) == 1, path.name


def test_the_record_of_the_run_names_what_was_typed_and_where_it_was(hostile: Run) -> None:
    run = document(hostile.output, "run.json")
    assert ESCAPED.sub(lambda match: chr(int(match[1], 16)), run["examiner"]) == EXAMINER
    assert "<U+202E>" in json.dumps(document(hostile.output, "context.json"), ensure_ascii=False)
    assert {original(row, "source_path").partition("/")[0] for row in timeline(hostile.output)} == {FOLDER}
    assert verify_manifest(hostile.output).ok


def test_the_copy_for_spreadsheets_opens_with_all_rows_and_computes_nothing(
    hostile: Run, tmp_path: Path
) -> None:
    sheet = opened(hostile.output / "timeline.excel.csv", tmp_path)

    assert sheet.formulas == []
    assert len(sheet.rows) == len(timeline(hostile.output)) + 1
    assert {row[0] for row in sheet.rows[1:]} == {"NOT VERBATIM"}
    assert opened(hostile.output / "timeline.csv", tmp_path).formulas != []  # what the copy is for


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_the_digests_are_checked_by_the_usual_tool(hostile: Run) -> None:
    command = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    assert subprocess.run(command, cwd=hostile.output, check=False).returncode == 0  # noqa: S603 - ours


@pytest.mark.parametrize("form", ["table", "csv", "jsonl"])
def test_a_query_prints_nothing_hostile(hostile: Run, form: str) -> None:
    run = query(
        hostile.output, "union DeviceProcessEvents, DeviceEvents, DeviceRegistryEvents, DeviceInfo", form
    )

    assert (run.code, harmless(run.stdout.replace("\r\n", "\n"))) == (3, True)
    assert "<U+001B>[2J" in run.stdout


def test_what_is_typed_is_printed_harmless(tmp_path: Path) -> None:
    log = DC01 / "Windows/System32/winevt/Logs/System.evtx"
    missing = tmp_path / f"no {ANSI}{BIDI}\n.evtx"
    runs = [
        analyze(missing, output=tmp_path / "case"),
        analyze(f"{ANSI}={log}", output=tmp_path / "case"),
        analyze(log, output=tmp_path / "case", options=("--since", ANSI)),
        analyze(log, output=tmp_path / "case", options=("--role", f"{BIDI}={ANSI}")),
        analyze(log, output=tmp_path / "case", options=("--reader", ANSI)),
        run_program("query", CLEAN, f"{BIDI}Table | take 1"),
        run_program(f"{ANSI}\nanalyze"),
        run_program("rules", f"--{ANSI}"),
    ]

    for run in runs:
        assert run.code == 2, run.stderr
        assert harmless(run.stdout + run.stderr)
        assert len(run.stderr.splitlines()) == 1, run.stderr


def test_a_case_folder_with_a_hostile_name_is_told_harmless(tmp_path: Path) -> None:
    output = tmp_path / f"case \x1b[2J{BIDI}\n"
    log = DC01 / "Windows/System32/winevt/Logs/System.evtx"

    run = analyze(log, output=output)
    again = analyze(log, output=output)

    assert (run.code, again.code) == (0, 1)
    assert harmless(run.stdout + again.stderr)
    assert verify_manifest(output).ok


def test_a_rule_whose_name_could_harm_is_refused(tmp_path: Path) -> None:
    for name in (f"{ANSI}.kql", f"{BIDI}.kql", "=cmd|x.kql", "line\nend.kql"):
        (tmp_path / name).write_text("DeviceInfo")

        run = analyze(DC01, output=tmp_path / "case", options=("--rule", tmp_path / name))

        assert run.code == 2
        assert harmless(run.stderr)
        assert "Rename the file" in run.stderr


def test_what_rules_and_lists_of_assets_say_is_harmless(tmp_path: Path) -> None:
    rule, assets = tmp_path / "own.kql", tmp_path / f"assets{BIDI}.csv"
    rule.write_text(
        'DeviceEvents | where ActionType == "ServiceInstalled"\n'
        f'| extend Detail = "=cmd|x \x1b[2J{BIDI}", Server = "\x1b]0;x"\n'
    )
    told = r'"\u001b[2J \u202E </script>"'
    rule.with_suffix(".toml").write_text(f"title = {told}\nquestion = {told}\nblind_spots = [{told}]\n")
    assets.write_text(f'host,role,owner\nDC01,domain_controller,"{ANSI}"\n"{BIDI}\n\x1b[2J",workstation,x\n')

    run = analyze(DC01, output=tmp_path / "case", options=("--rule", rule, "--assets", assets))

    assert run.code == 0, run.stderr
    assert harmless(run.stdout + run.stderr)
    assert any("<U+001B>[2J" in row["message"] for row in timeline(run.output))
    for path in run.output.rglob("*"):
        if path.suffix in TEXT_FILES:
            assert harmless(path.read_bytes().decode().replace("\r\n", "\n")), path.name
    assert read_csv(run.output / "rule_results/own.csv")
