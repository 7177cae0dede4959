from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from forensics.timeline_row import COLUMNS, NOT_COLUMNS, SCHEMA_VERSION

ROOT: Final = Path(__file__).parents[2]

PINNED_VERSION: Final = 3
PINNED_COLUMNS: Final = (
    *("datetime", "timestamp_desc", "message", "row", "finding", "activity", "severity", "basis"),
    *("rule_id", "attack", "device_name", "device_id", "device_role", "user", "artifact", "channel_or_key"),
    *("provider", "event_id", "record_id", "service_name", "image_path", "command_line", "parent_image"),
    *("parent_command_line", "process_id", "process_guid", "hashes", "raw_time", "time_flags"),
    *("record_state", "altered_fields", "readers", "copies", "evidence_id", "source_path", "source_sha256"),
    "locator",
)
PINNED_KEYS: Final = ("ticks", "offset", "report_id", "related", "other_copies", "reader_differences")
NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def test_columns_change_together_with_the_schema_version_only() -> None:
    # Whoever changes this: raise SCHEMA_VERSION, name the change in CHANGELOG.md, see docs/columns.md.
    assert (SCHEMA_VERSION, COLUMNS, NOT_COLUMNS) == (PINNED_VERSION, PINNED_COLUMNS, PINNED_KEYS)


def test_the_changelog_names_the_schema_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = [int(number) for number in re.findall(r"schema version (\d+)", text)]
    assert SCHEMA_VERSION in versions
    assert max(versions) == SCHEMA_VERSION


def test_the_rule_for_changing_columns_is_written_down() -> None:
    text = (ROOT / "docs/columns.md").read_text("utf-8")
    assert f"schema version {SCHEMA_VERSION}" in text
    assert "CHANGELOG.md" in text
    for name in (*COLUMNS, *NOT_COLUMNS):
        assert f"`{name}`" in text


def test_columns_are_named_as_viewers_of_timelines_want_them() -> None:
    # Timeline Explorer shows the first columns without scrolling, takes one header line, and keeps the order;
    # a name without spaces is one that its filters, pandas and OpenSearch take as it is.
    assert COLUMNS[:3] == ("datetime", "timestamp_desc", "message")
    assert all(NAME.fullmatch(name) for name in COLUMNS)
    assert len(set(map(str.casefold, COLUMNS))) == len(COLUMNS)
