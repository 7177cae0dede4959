"""timeline.jsonl and timeline.csv by the rules of Timesketch's importer, written down here as our own test.

Facts: google/timesketch, timesketch/lib/utils.py (read_and_validate_jsonl, read_and_validate_csv) and
data/generic.mappings; OpenSearch, field types ``keyword``, ``wildcard`` and ``date``.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from parsers.filetime import TICKS_PER_MICROSECOND, from_text
from tests.builders.event_log import build_event_log
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.service_event import service_installed
from tests.end_to_end.case_reading import timeline, timeline_objects
from tests.end_to_end.command_line import Run, analyze
from tests.end_to_end.hostile_strings import LONG_OF_EVENT

if TYPE_CHECKING:
    from pathlib import Path

MANDATORY: Final = ("message", "datetime", "timestamp_desc")
SCRUBBED: Final = {"_id", "_type", "_index", "_source", "__ts_timeline_id"}
"""Keys that the importer takes away."""

TAKEN: Final = {"tag", "timesketch_label"}
"""Keys that have a meaning of their own there."""

FIRST_YEAR, LAST_YEAR = 1700, 9999
"""Rows of other years are dropped; pandas and OpenSearch hold no others."""

MOST_FIELDS: Final = 1000
"""How many fields an index takes (OpenSearch, index.mapping.total_fields.limit)."""

UNIX_EPOCH: Final = from_text("1970-01-01T00:00:00Z")
EARLY: Final = from_text("1601-02-01T00:00:00Z")


def imported(path: Path) -> list[dict[str, Any]]:
    """Return the rows that are taken, as the importer reads them: a line, an object; all else stops it."""
    taken = []
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line, parse_constant=_no_number)
            assert not [name for name in MANDATORY if name not in row]
            assert not SCRUBBED & row.keys()
            assert isinstance(row["timestamp"], int)
            if _has_year(row["datetime"]):
                taken.append(row)
    return taken


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _has_year(text: str) -> bool:
    try:
        return FIRST_YEAR <= datetime.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        return False


def test_every_row_of_a_case_is_taken_with_its_time_to_the_microsecond(akira: Run) -> None:
    path = akira.output / "timeline.jsonl"

    rows = imported(path)

    assert len(rows) == len(timeline(akira.output)) > 0
    assert path.suffix == ".jsonl"  # the name decides which importer reads it
    for row in rows:
        assert all(isinstance(row[name], str) and row[name] for name in MANDATORY)
        assert row["timestamp"] == (from_text(row["datetime"]) - UNIX_EPOCH) // TICKS_PER_MICROSECOND


def test_a_field_has_one_type_in_every_row(akira: Run) -> None:
    types: dict[str, set[type]] = {}
    for row in timeline_objects(akira.output):
        for name, value in row.items():
            types.setdefault(name, set()).add(type(value))
    assert {name for name, kinds in types.items() if len(kinds) > 1} == set()
    assert not TAKEN & types.keys()
    assert len(types) < MOST_FIELDS


def test_the_time_is_a_date_to_the_store(akira: Run) -> None:
    for row in timeline_objects(akira.output):
        date, _, clock = row["datetime"].partition("T")
        assert (len(date), clock[-1]) == (len("2024-01-01"), "Z")
        assert len(clock.partition(".")[2]) <= len("123456789Z")  # strict_date_optional_time_nanos


def test_a_row_with_a_string_beyond_the_limit_of_a_keyword_is_a_row_all_the_same(tmp_path: Path) -> None:
    # A keyword of more than 32,766 bytes would have the whole document refused. Timesketch's mapping keeps
    # longer strings as text and ignores them as keywords (ignore_above), so that nothing has to be cut here.
    log = tmp_path / "System.evtx"
    image_path = f"C:\\RustDesk\\rustdesk.exe {LONG_OF_EVENT.replace('y', 'é')}"
    log.write_bytes(build_event_log([service_installed(service_name="RustDesk", image_path=image_path)]))

    run = analyze(log, output=tmp_path / "case")

    (row,) = [row for row in imported(run.output / "timeline.jsonl") if row["service_name"] == "RustDesk"]
    assert row["command_line"] == image_path
    assert len(row["command_line"].encode()) > 32_766


def test_a_time_that_no_calendar_has_stops_no_import(tmp_path: Path) -> None:
    events = [
        service_installed(
            record_id=number, time_created=time, service_name="RustDesk", image_path="rustdesk.exe"
        )
        for number, time in enumerate((EARLY, DEFAULT_TIME), start=1)
    ]
    log = tmp_path / "System.evtx"
    log.write_bytes(build_event_log(events))

    run = analyze(log, output=tmp_path / "case")

    assert len(timeline(run.output)) == len(events)
    assert [row["record_id"] for row in imported(run.output / "timeline.jsonl")] == ["2"]


def test_the_csv_has_the_columns_that_its_importer_asks_for(akira: Run) -> None:
    path = akira.output / "timeline.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))

    assert set(MANDATORY) <= set(header)
    for row in timeline(akira.output):
        moment = datetime.fromisoformat(row["datetime"])
        assert moment.tzinfo == UTC
