"""Real logs: what public readers count in them is found, or the difference is explained here."""

from __future__ import annotations

import csv
import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from forensics.event_model.sources import LOG_SOURCES
from parsers.evidence.source import FileSource
from parsers.evtx import layout
from parsers.evtx.frame import frame_chunk
from parsers.evtx.record import RecordState
from parsers.evtx.sweep import Reader, Wanted
from tests.parsers.evtx.reading import CHUNK, FILE_HEADER, WANTED, Reading, artifact, read_artifact

CORPUS = os.environ.get("FORENSICS_CORPUS")
pytestmark = pytest.mark.skipif(CORPUS is None, reason="FORENSICS_CORPUS names no folder of real logs")


class Counts(NamedTuple):
    """Records, and among them Sysmon 1, Sysmon 7 and 7045."""

    records: int
    processes: int
    images: int
    services: int


class Difference(NamedTuple):
    """What is found in a log instead of what the index says, and why."""

    found: Counts
    why: str


RDP = "evtx/omerbenamram/2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS%4Operational.evtx"
TERMINAL = (
    "evtx/omerbenamram/2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx"
)
ZERO_SIZE = "evtx/omerbenamram/sample-with-zero-data-size-event.evtx"
BAD_MAGIC = "evtx/omerbenamram/sample_with_a_bad_chunk_magic.evtx"
CUT = "evtx/plaso/System2.evtx"
SYSMON = "evtx/omerbenamram/sysmon.evtx"
VSS_SYSTEM = "evtx/omerbenamram/2-vss_7-System.evtx"
SLACK = "evtx/python-evtx/issue_43.evtx"
SLACK_OF_ANOTHER_MACHINE = (
    "evtx/mdecrevoisier/TA0002-Execution/T1053.005-Scheduled Task/"
    "ID5145-Remote schedule task creation (ATexec).evtx"
)

DIFFERENCES = {
    RDP: Difference(Counts(1912, 0, 0, 0), "two records that lost their tails are framed, and fail"),
    TERMINAL: Difference(Counts(1796, 0, 0, 0), "21 records behind one that lost its tail; that one fails"),
    ZERO_SIZE: Difference(Counts(449, 0, 0, 3), "the walk goes on behind a hole where all readers stop"),
    BAD_MAGIC: Difference(Counts(301, 0, 0, 0), "the walk goes on behind holes where all readers stop"),
    CUT: Difference(Counts(283, 0, 0, 0), "the chunk in which the file ends is read"),
}

OF_INTEREST = frozenset(LOG_SOURCES)
FEW_RECORDS = 60
WITHOUT_TEMPLATE = {
    "evtx/mdecrevoisier/TA0002-Execution/T1059.001-PowerShell/"
    "ID800-4103-Interactive PipeShell over named pipe (server and client).evtx": 30,
}
"""Events that a collector wrote without templates, which the second reader needs."""

UNDECLARED = {TERMINAL: {*range(462980, 463012), *range(462726, 462792)}}
"""A snapshot caught two chunks half overwritten: blocks of newer records stand in the older chunks."""


def corpus() -> Path:
    assert CORPUS is not None
    return Path(CORPUS)


@cache
def index() -> dict[str, Counts]:
    if CORPUS is None:
        return {}
    with (corpus() / "index.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["path"]: Counts(
                int(row["records"]), int(row["n_sysmon1"]), int(row["n_sysmon7"]), int(row["n_7045"])
            )
            for row in csv.DictReader(stream)
            if row["kind"] == "evtx"
        }


@cache
def reading(path: str, reader: Reader = Reader.RUST, wanted: Wanted = WANTED) -> Reading:
    place = corpus() / path
    return read_artifact(artifact(FileSource(place), place.stat().st_size), reader, wanted=wanted)


def counts(path: str) -> Counts:
    ledger, ids = reading(path).ledger, [record.event_id for record in reading(path).live]
    return Counts(ledger.framed, ids.count(1), ids.count(7), ids.count(7045))


@pytest.mark.parametrize("path", index())
def test_every_record_that_public_readers_count_is_found(path: str) -> None:
    assert counts(path) == (DIFFERENCES[path].found if path in DIFFERENCES else index()[path])


@pytest.mark.parametrize("path", index())
def test_every_frame_is_a_record_of_its_own_and_of_its_chunk(path: str) -> None:
    ids, undeclared = ids_by_frame(path)
    assert len(ids) == len(set(ids)) == counts(path).records
    assert undeclared == UNDECLARED.get(path, set())


def ids_by_frame(path: str) -> tuple[list[int], set[int]]:
    """Return the record ids of all frames, and those that the header of their chunk does not declare."""
    log = (corpus() / path).read_bytes()
    ids: list[int] = []
    undeclared: set[int] = set()
    for start in range(FILE_HEADER, len(log), CHUNK):
        chunk = log[start : start + CHUNK]
        if chunk.startswith(layout.CHUNK_SIGNATURE):
            header = layout.chunk_header(chunk)
            own = [frame.record_id for frame in frame_chunk(chunk, start).frames]
            ids += own
            undeclared |= set(own) - set(range(header.first_record_id, header.last_record_id + 1))
    return ids, undeclared


@pytest.mark.parametrize("path", index())
def test_every_failure_and_every_wrong_checksum_is_told(path: str) -> None:
    ledger, reasons = reading(path).ledger, reading(path).reasons
    assert ledger.failed == sum("cannot be read" in each for each in reasons)
    assert bool(ledger.chunks_crc_bad) == any(
        "checksum of the chunk" in each or "over the chunk" in each for each in reasons
    )


@pytest.mark.parametrize("path", index())
def test_no_text_of_a_real_event_is_altered(path: str) -> None:
    records = reading(path, wanted=OF_INTEREST).records
    assert [record for record in records if record.text_altered] == []


@pytest.mark.parametrize("path", [path for path, found in index().items() if found.records <= FEW_RECORDS])
def test_both_readers_read_every_event_of_interest_alike(path: str) -> None:
    rust, python = (reading(path, reader, OF_INTEREST) for reader in Reader)
    unreadable = {damage.offset for damage in python.ledger.damage if "cannot be read" in damage.reason}
    read_by_both = [each for each in rust.records if each.location.offset not in unreadable]
    assert [(each, list(each.data)) for each in read_by_both] == [
        (each, list(each.data)) for each in python.records
    ]
    assert len(rust.records) == len(read_by_both) + WITHOUT_TEMPLATE.get(path, 0)


def test_a_log_whose_header_counts_one_chunk_of_nine_is_read_whole() -> None:
    ledger = reading(SYSMON).ledger
    assert (ledger.dirty, ledger.header_chunk_count, ledger.chunks, ledger.framed) == (True, 1, 9, 358)
    records = reading(SYSMON).records
    assert len(records) == 227
    assert {len(record.data) for record in records} == {16}
    assert not any("RuleName" in record.data for record in records)


def test_services_behind_the_chunks_that_the_header_counts_are_found() -> None:
    services = {record.record_id: record.data["ServiceName"] for record in reading(VSS_SYSTEM).records}
    assert reading(VSS_SYSTEM).ledger.framed == 1160
    assert "TeamViewer" in services[964]
    assert "TeamViewer" in services[965]


def test_chunks_that_a_snapshot_lost_are_told() -> None:
    (damage,) = reading(VSS_SYSTEM).ledger.damage
    assert damage.reason == "zeros where 2 chunks should be"
    assert (damage.offset, damage.length) == (FILE_HEADER + 10 * CHUNK, 2 * CHUNK)


def test_a_log_cut_short_says_what_is_missing() -> None:
    told = {damage.offset: damage for damage in reading(CUT).ledger.damage}
    cut = told[FILE_HEADER + 3 * CHUNK - 704]
    assert cut.reason == "the file ends in the records of this chunk, 704 bytes of it are missing"
    assert cut.records_lost == 1
    assert "the header counts 96 chunks, 93 of them are not in the file" in reading(CUT).reasons


def test_records_of_a_damaged_chunk_are_marked() -> None:
    assert RecordState.CRC_BAD in {record.state for record in reading(ZERO_SIZE).records}
    assert {record.state for record in reading(SYSMON).records} == {RecordState.LIVE}


@pytest.mark.parametrize(
    "path",
    [
        SYSMON,
        "evtx/localised/System_Japanese.evtx",
        *(path for path, found in index().items() if found.records < 10 and found.services),
    ],
)
def test_both_readers_read_real_events_alike(path: str) -> None:
    rust, python = reading(path, Reader.RUST), reading(path, Reader.PYTHON)
    assert rust.records == python.records
    assert rust.ledger == python.ledger
    assert rust.records


def test_records_in_slack_are_those_that_their_log_still_has_elsewhere() -> None:
    rust, python = reading(SLACK, Reader.RUST), reading(SLACK, Reader.PYTHON)
    live = {each.record_id: each for each in rust.live}
    assert len(rust.recovered) == 24
    assert rust.recovered == python.recovered
    for each in rust.recovered:
        assert each.data == live[each.record_id].data
        assert each.time_created == live[each.record_id].time_created


def test_slack_whose_names_an_export_overwrote_is_not_misread() -> None:
    """19 installs of services, whole like their templates; where EventData was named is something else."""
    for reader in Reader:
        found = reading(SLACK_OF_ANOTHER_MACHINE, reader)
        assert (found.recovered, found.ledger.recovered_computers) == ((), ())
