"""What the timelines of the fixture cases must say, row by row, as somebody read them against the stories.

``expected/<case>.csv`` holds every row with the columns that say what was found. They were read beside
``fixtures/stories``; after a change that was meant, ``python -m tests.end_to_end.expected_timeline`` writes
them anew, and what it changed is to be read again before it is committed.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path
from typing import Final

from fixtures.build import HERE as FIXTURES
from tests.end_to_end.case_reading import read_csv, timeline
from tests.end_to_end.command_line import analyze

CASES: Final = ("case-akira", "case-authorised", "case-portable", "case-rebranded", "case-removed")
COLUMNS: Final = (
    *("datetime", "timestamp_desc", "device_name", "device_role", "finding", "rule_id", "activity"),
    *("severity", "basis", "attack", "user", "event_id", "record_id", "record_state", "message"),
)
_FOLDER: Final = Path(__file__).with_name("expected")


def expected(case: str) -> list[dict[str, str]]:
    """Return the rows that the timeline of ``case`` must have."""
    return read_csv(_FOLDER / f"{case}.csv")


def found(output: Path) -> list[dict[str, str]]:
    """Return the rows of the case folder ``output``, with the columns that are compared."""
    return [{name: row[name] for name in COLUMNS} for row in timeline(output)]


def write(case: str, rows: list[dict[str, str]]) -> None:
    """Write ``rows`` as what is expected of ``case``."""
    with (_FOLDER / f"{case}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    for name in sys.argv[1:] or CASES:
        with tempfile.TemporaryDirectory() as folder:
            run = analyze(FIXTURES / name, output=Path(folder) / "case")
            write(name, found(run.output))
