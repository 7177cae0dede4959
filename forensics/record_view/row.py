"""One row as the case folder keeps it: its columns as the evidence has them, and where its record is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from forensics.arguments import UsageError
from forensics.record_view.section import Section
from forensics.report.manifest import verify_manifest
from forensics.report.verbatim import SEPARATOR, unescape
from forensics.timeline_row import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TIMELINE_NAME: Final = "timeline.jsonl"
_RECORD_PLACE: Final = re.compile(r"chunk (\d+), offset (0x[0-9a-f]+), (\d+) bytes")
_KEY_PLACE: Final = re.compile(
    r"key (?P<path>.*?) at offset (?P<key>0x[0-9a-f]+)"
    r"(?:, value (?P<name>.*?) at offset (?P<value>0x[0-9a-f]+))?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a row of a hive is: its key's path and cell and, if it is of one value, that one's."""

    path: str
    key_offset: int
    value_name: str | None
    value_offset: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of timeline.jsonl. ``columns`` are those of timeline.csv that are filled, verbatim."""

    columns: Mapping[str, str]
    number: int
    offset: int
    other_copies: tuple[Mapping[str, Any], ...]

    def text(self, column: str) -> str:
        """Return a column, ``""`` where it is empty."""
        return self.columns.get(column, "")

    @property
    def record_size(self) -> int | None:
        """How many bytes the record of an event log has, or None where the row is of something else."""
        match = _RECORD_PLACE.match(self.text("locator"))
        return None if match is None else int(match[3])

    @property
    def key_place(self) -> KeyPlace | None:
        """Where in a hive the row is, or None where it is of something else."""
        match = _KEY_PLACE.match(self.text("locator"))
        if match is None:
            return None
        value = None if match["value"] is None else int(match["value"], 16)
        return KeyPlace(match["path"], int(match["key"], 16), match["name"], value)


def read_row(case: Path, number: int) -> Row:
    """Return row ``number`` of the case. Raises UsageError where there is none."""
    path = case / TIMELINE_NAME
    if not path.is_file():
        raise UsageError(f"{case}: is no case folder, it has no {TIMELINE_NAME}. Name one")
    last = 0
    with path.open("rb") as stream:
        for last, line in enumerate(stream, start=1):
            if last == number:
                return _row(line, path, number)
    raise UsageError(f"{case}: there is no row {number}; the rows are 1 to {last}")


def changes_of_timeline(case: Path) -> str:
    """Return what speaks against the row itself, ``""`` where timeline.jsonl is as SHA256SUMS lists it."""
    check = verify_manifest(case)
    if TIMELINE_NAME in check.changed or not check.sha256:
        return f"{TIMELINE_NAME} is not as SHA256SUMS lists it, so this row may have been changed"
    return ""


def columns_section(row: Row) -> Section:
    """Return all columns that are filled."""
    width = max(map(len, row.columns))
    lines = [f"{name:<{width}}  {value}" for name, value in row.columns.items()]
    lines += [
        f"{'copy':<{width}}  {copy.get('source_path')}: {copy.get('locator')}" for copy in row.other_copies
    ]
    copies = [dict(copy) for copy in row.other_copies]
    return Section("row", f"Row {row.number}", tuple(lines), {**row.columns, "other_copies": copies})


def _row(line: bytes, path: Path, number: int) -> Row:
    try:
        members = json.loads(line)
        altered = members["altered_fields"].split(SEPARATOR)
        texts = {name: str(members[name]) for name in COLUMNS}
        columns = {name: unescape(text) if name in altered else text for name, text in texts.items() if text}
        return Row(columns, number, int(members["offset"]), tuple(members["other_copies"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"{path}:{number}: is no row of a timeline of this version"
        raise UsageError(f"{reason}. Use the version of rustdesk-forensics that made the case") from error
