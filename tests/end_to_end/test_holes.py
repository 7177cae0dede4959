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
OVER_TEMPLATES: Final = (CHUNK, CHUNK + 0x200)
"""Holes that take the definitions of templates, without which no record that uses them can be decoded."""

SYSMON: Final = DC01 / "Windows/System32/winevt/Logs/Microsoft-Windows-Sysmon%4Operational.evtx"
REAL_LOGS: Final = ("omerbenamram/sysmon.evtx", "python-evtx/issue_43.evtx", "omerbenamram/system.evtx")

CLASSIC: Final = frozenset({"EventLog", "Service Control Manager"})


class Span(NamedTuple):
    """The bytes of a record, the state in which it was read, and its provider and event id."""

    start: int
    end: int
    state: str
    kind: tuple[str, str] = ("", "")

    def meets(self, start: int, length: int) -> bool:
        return self.start < start + length and self.end > start


def with_holes(log: Path, folder: Path) -> None:
    """Write ``log`` and a copy for each hole below ``folder``."""
    folder.mkdir(parents=True)
    content = log.read_bytes()
    (folder / "whole.evtx").write_bytes(content)
    for at in (*HOLES, *OVER_TEMPLATES):
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
    # A classic provider's events have one template, whatever their ids.
    classic = row["provider"] in CLASSIC
    kind = str(row["provider"]), "" if classic else str(row["event_id"])
    return Span(int(row["offset"]), int(row["offset"]) + int(size[1]), str(row["record_state"]), kind)


def damage_of(run: Run, path: str) -> list[tuple[int, int]]:
    """Return offset and length of each damage of a file."""
    artifacts = document(run.output, "context.json")["artifacts"]
    damage = next(each["damage"] for each in artifacts if each["path"] == path)
    return [(each["offset"], each["length"]) for each in damage]


def without_template(whole: dict[str, Span], at: int) -> set[str]:
    """Return the records of a hole's chunk whose template it takes: it stands in the first of each kind."""
    chunk = (at - HOLE) // 0x10000
    here = {n: place for n, place in whole.items() if (place.start - HOLE) // 0x10000 == chunk}
    firsts = {place.kind: place for _, place in sorted(here.items(), key=lambda each: -each[1].start)}
    taken = {kind for kind, place in firsts.items() if place.meets(at, HOLE)}
    return {number for number, place in here.items() if place.kind in taken}


def assert_only_what_is_covered_is_lost(run: Run, log: str) -> None:
    found = spans(run)
    whole = found[f"{log}/whole.evtx"]
    assert len(whole) > 50
    for at in HOLES:
        path = f"{log}/{at:#x}.evtx"
        covered = {number for number, place in whole.items() if place.meets(at, HOLE)}
        lost = whole.keys() - found[path].keys()
        assert lost <= covered | without_template(whole, at), path
        told = damage_of(run, path)
        assert all(any(whole[number].meets(*place) for place in told) for number in lost), path
        assert found[path].keys() <= whole.keys(), path
        # A record that begins before the hole is read as far as it goes, and says that it is not sound.
        assert all(whole[number].start < at for number in covered - lost), path
        assert {found[path][number].state for number in covered - lost} <= {"crc_bad"}, path
        assert any(Span(at, at + HOLE, "").meets(*place) for place in damage_of(run, path)), path


def assert_nothing_is_lost_in_silence(run: Run, log: str) -> None:
    found = spans(run)
    whole = found[f"{log}/whole.evtx"]
    for at in OVER_TEMPLATES:
        path = f"{log}/{at:#x}.evtx"
        lost = whole.keys() - found[path].keys()
        told = damage_of(run, path)
        assert lost, path
        assert all(any(whole[number].meets(*place) for place in told) for number in lost), path
        assert all(whole[number].meets(CHUNK, 0x10000) for number in lost), path


def test_a_hole_costs_only_the_records_it_covers(fixture_run: Run) -> None:
    assert fixture_run.code == 3
    assert_only_what_is_covered_is_lost(fixture_run, "dc01")


@pytest.mark.parametrize("log", REAL_LOGS)
def test_a_hole_in_a_real_log_costs_only_the_records_it_covers(real_run: Run, log: str) -> None:
    assert real_run.code == 3
    assert_only_what_is_covered_is_lost(real_run, log.replace("/", "-"))


def test_a_hole_over_templates_costs_nothing_in_silence(fixture_run: Run) -> None:
    assert_nothing_is_lost_in_silence(fixture_run, "dc01")


@pytest.mark.parametrize("log", REAL_LOGS[:2])
def test_a_hole_over_templates_of_a_real_log_costs_nothing_in_silence(real_run: Run, log: str) -> None:
    assert_nothing_is_lost_in_silence(real_run, log.replace("/", "-"))
