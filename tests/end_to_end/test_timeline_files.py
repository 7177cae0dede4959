from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final

from forensics.event_model.event import Table
from forensics.rule import shipped_rules
from forensics.shipped_rule import RULE_ID
from parsers.filetime import TICKS_PER_MICROSECOND, from_text
from tests.end_to_end.case_reading import files_of, timeline, timeline_objects

if TYPE_CHECKING:
    from tests.end_to_end.command_line import Run

CONTRACT_COLUMNS: Final = [
    *("datetime", "timestamp_desc", "message", "row", "finding", "activity", "severity", "basis"),
    *("rule_id", "attack", "device_name", "device_id", "device_role", "user", "artifact", "channel_or_key"),
    *("provider", "event_id", "record_id", "service_name", "image_path", "command_line", "parent_image"),
    *("parent_command_line", "process_id", "process_guid", "hashes", "raw_time", "time_flags"),
    *("record_state", "altered_fields", "readers", "copies", "evidence_id", "source_path", "source_sha256"),
    "locator",
]
TABLES: Final = (*(table.value for table in Table), "EventProvenance", "EventCopies")
UTC_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{3}|\d{7})Z")
QUOTED_LINE: Final = re.compile(r'"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*\r\n')
UNIX_EPOCH: Final = from_text("1970-01-01T00:00:00Z")


def test_the_case_folder_holds_the_files_of_the_contract(dc01: Run) -> None:
    rules = {rule.rule_id for rule in shipped_rules()} - {RULE_ID}
    assert files_of(dc01.output) == {
        "timeline.csv",
        "timeline.jsonl",
        "timeline.excel.csv",
        "rule_results.csv",
        "rule_bag.parquet",
        "context.json",
        "attack_layer.json",
        "limitations.txt",
        "report.html",
        "run.json",
        "audit.jsonl",
        "SHA256SUMS",
        *(f"events/{table}/part-0.parquet" for table in TABLES),
        *(f"rule_results/{rule}.csv" for rule in rules),
    }


def test_the_header_is_the_contracts_columns_in_order_and_once(dc01: Run) -> None:
    with (dc01.output / "timeline.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream, strict=True))

    assert lines[0] == CONTRACT_COLUMNS
    assert lines.count(lines[0]) == 1
    assert {len(line) for line in lines} == {len(CONTRACT_COLUMNS)}


def test_every_cell_is_quoted_and_every_line_ends_in_crlf(dc01: Run) -> None:
    text = (dc01.output / "timeline.csv").read_bytes().decode("utf-8")

    lines = QUOTED_LINE.findall(text)
    assert "".join(match.group() for match in QUOTED_LINE.finditer(text)) == text
    assert len(lines) == len(timeline(dc01.output)) + 1


def test_there_is_no_byte_order_mark(dc01: Run) -> None:
    assert (dc01.output / "timeline.csv").read_bytes().startswith(b'"datetime"')


def test_times_have_the_digits_that_their_source_has(dc01: Run) -> None:
    digits = {
        (row["timestamp_desc"], len(match[1])) if (match := UTC_TIME.fullmatch(row["datetime"])) else row
        for row in timeline(dc01.output)
    }

    assert digits == {
        ("Process created (Sysmon UtcTime)", 3),
        ("Image loaded (Sysmon UtcTime)", 3),
        ("Service installed (event time)", 7),
        ("Registry key last written", 7),
    }


def test_the_jsonl_tells_the_same_as_the_csv(dc01: Run) -> None:
    objects = timeline_objects(dc01.output)

    told = [{name: str(each[name]) for name in CONTRACT_COLUMNS} for each in objects]
    assert told == timeline(dc01.output)


def test_every_line_of_the_jsonl_has_what_timesketch_asks_for(dc01: Run) -> None:
    for each in timeline_objects(dc01.output):
        assert all(each[name] for name in ("message", "datetime", "timestamp", "timestamp_desc"))
        assert each["timestamp"] == (from_text(each["datetime"]) - UNIX_EPOCH) // TICKS_PER_MICROSECOND


def test_messages_are_one_line_that_names_what_happened(dc01: Run) -> None:
    rows = timeline(dc01.output)

    assert all(row["message"].isprintable() for row in rows)
    assert all("rustdesk" in row["message"].lower() for row in rows)


def test_the_copy_for_spreadsheets_says_on_each_row_that_it_is_not_verbatim(dc01: Run) -> None:
    content = (dc01.output / "timeline.excel.csv").read_bytes()

    assert content.startswith(b"\xef\xbb\xbf")
    with (dc01.output / "timeline.excel.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, *lines = list(csv.reader(stream, strict=True))
    assert header[1:] == CONTRACT_COLUMNS
    assert {line[0] for line in lines} == {"NOT VERBATIM"}
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for line in lines for cell in line)


def test_no_finding_is_worded_as_proof_of_absence(dc01: Run, clean: Run) -> None:
    for run in (dc01, clean):
        text = (run.output / "limitations.txt").read_text("utf-8")
        assert "is no proof that RustDesk was never there" in text
    assert "No RustDesk indicator was found in the sources examined." in text
