"""A hole of 4 KiB in a log, counted by the numbers of its records against the log without it.

Every log is analyzed together with its damaged copies: what each file gives stands in EventProvenance or,
where another file's record speaks for it, in EventCopies.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow.parquet as pq
import pytest

from tests.end_to_end.case_reading import document
from tests.end_to_end.command_line import DC01

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.command_line import Run
    from tests.end_to_end.shared_folder import SharedFolder

HOLE: Final = 0x1000
CHUNK: Final = 0x11000
HOLES: Final = (CHUNK + 0x3000, CHUNK + 0x8A10, CHUNK + 0xE000)
"""Where the holes begin: among the records of the second chunk, behind the templates that it begins with."""

SYSMON: Final = DC01 / "Windows/System32/winevt/Logs/Microsoft-Windows-Sysmon%4Operational.evtx"
REAL_LOGS: Final = ("omerbenamram/sysmon.evtx", "python-evtx/issue_43.evtx", "omerbenamram/system.evtx")


class Span(NamedTuple):
    """The bytes of a record."""

    start: int
    end: int


def with_holes(log: Path, folder: Path) -> None:
    """Write ``log`` and a copy for each hole below ``folder``."""
    folder.mkdir(parents=True)
    content = log.read_bytes()
    (folder / "whole.evtx").write_bytes(content)
    for at in HOLES:
        (folder / f"{at:#x}.evtx").write_bytes(content[:at] + bytes(HOLE) + content[at + HOLE :])


@pytest.fixture(scope="session")
def fixture_run(shared: SharedFolder) -> Run:
    evidence = shared.once("holes-evidence", lambda folder: with_holes(SYSMON, folder / "dc01"))
    return shared.analyzed("holes", evidence, options=("--quiet",))


@pytest.fixture(scope="session")
def real_run(shared: SharedFolder, corpus: Path) -> Run:
    def make(folder: Path) -> None:
        for name in REAL_LOGS:
            with_holes(corpus / "evtx" / name, folder / name.replace("/", "-"))

    return shared.analyzed("real-holes", shared.once("real-holes-evidence", make), options=("--quiet",))


def spans(run: Run) -> dict[str, dict[str, Span]]:
    """Return the place of each record of each file, by the record's number."""
    events = run.output / "events"
    found: dict[str, dict[str, Span]] = defaultdict(dict)
    numbers: dict[int, str] = {}
    for row in pq.read_table(events / "EventProvenance" / "part-0.parquet").to_pylist():
        if row["table"] != "DeviceInfo":
            numbers[row["report_id"]] = row["record_id"]
            found[row["source_path"]][row["record_id"]] = span(row)
    for row in pq.read_table(events / "EventCopies" / "part-0.parquet").to_pylist():
        if row["report_id"] in numbers:
            found[row["source_path"]][numbers[row["report_id"]]] = span(row)
    return found


def span(row: dict[str, int | str]) -> Span:
    size = re.search(r"(\d+) bytes", str(row["locator"]))
    assert size is not None
    return Span(int(row["offset"]), int(row["offset"]) + int(size[1]))


def assert_only_what_is_covered_is_lost(run: Run, log: str) -> None:
    found = spans(run)
    whole = found[f"{log}/whole.evtx"]
    damage = {each["path"]: each["damage"] for each in document(run.output, "context.json")["artifacts"]}
    assert len(whole) > 50
    for at in HOLES:
        path = f"{log}/{at:#x}.evtx"
        covered = {number for number, place in whole.items() if place.start < at + HOLE and place.end > at}
        lost = whole.keys() - found[path].keys()
        assert lost <= covered, path
        assert found[path].keys() <= whole.keys(), path
        # A record whose last bytes only are gone may still be whole in all that it says.
        assert all(whole[number].start < at for number in covered - lost), path
        assert any(
            each["offset"] < at + HOLE and each["offset"] + each["length"] > at for each in damage[path]
        )


def test_a_hole_costs_only_the_records_it_covers(fixture_run: Run) -> None:
    assert fixture_run.code == 3
    assert_only_what_is_covered_is_lost(fixture_run, "dc01")


@pytest.mark.parametrize("log", REAL_LOGS)
def test_a_hole_in_a_real_log_costs_only_the_records_it_covers(real_run: Run, log: str) -> None:
    assert real_run.code == 3
    assert_only_what_is_covered_is_lost(real_run, log.replace("/", "-"))
