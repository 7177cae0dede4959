"""One row an event, however many copies of its record the evidence holds, and the best of them speaks."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

import pytest
from pyarrow import parquet

from forensics.event_model import provenance
from forensics.event_model.event import Table
from forensics.request import NamedEvidence
from forensics.store import read_copies, read_provenance
from tests.builders.artifacts import artifact_of, hive_of, log_of, write_evidence
from tests.builders.event_log import build_event_log
from tests.builders.evidence_reading import read_named
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created
from tests.builders.system_hive import ServiceToWrite

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from forensics.event_model.provenance import EventProvenance
    from forensics.reading import ReadEvidence
    from parsers.evidence.source import Artifact

LOGS: Final = "Windows/System32/winevt/Logs"
LIVE: Final = f"p2/{LOGS}/System.evtx"
SHADOW: Final = f"p2/vss1/{LOGS}/System.evtx"
ARCHIVED: Final = f"p2/{LOGS}/Archive-System-2024-03-01-00-00-00-000.evtx"
INSTALLS: Final = [service_installed(record_id=n, computer="PC1") for n in (40, 41)]
CONTENT: Final = build_event_log(INSTALLS)
SIGNATURE_AT: Final = 4096


def read(folder: Path, *artifacts: Artifact, name: str = "evidence") -> ReadEvidence:
    """Read one evidence with ``artifacts`` in it."""
    named = NamedEvidence(write_evidence(folder / name, artifacts), "E-1")
    return read_named([named], folder / f"events of {name}")


def rows(found: ReadEvidence, table: str) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = parquet.read_table(found.events / table / "part-0.parquet").to_pylist()
    return made


def services(found: ReadEvidence) -> list[EventProvenance]:
    ids = [row["ReportId"] for row in rows(found, Table.EVENTS)]
    return list(read_provenance(found.events, ids))


def with_bad_checksum(log: bytes) -> bytes:
    """Change a byte of the first chunk's header that no reader asks for."""
    place = SIGNATURE_AT + 70
    return log[:place] + bytes([log[place] ^ 1]) + log[place + 1 :]


def without_signature(log: bytes) -> bytes:
    return log[:SIGNATURE_AT] + bytes(8) + log[SIGNATURE_AT + 8 :]


def speaker_of(folder: Path, contents: dict[str, bytes]) -> tuple[str, str, list[str]]:
    """Return path and state of the copy that speaks, and the paths of the others."""
    found = read(folder, *(artifact_of(content, path) for path, content in contents.items()))
    first, _ = services(found)
    copies = read_copies(found.events, [first.report_id])
    others = copies.get(first.report_id, ())
    assert first.copies == len(contents) == 1 + len(others)
    return first.source_path, first.record_state, sorted(each.source_path for each in others)


def test_a_log_in_three_places_gives_one_row_an_event_with_three_copies(tmp_path: Path) -> None:
    found = read(tmp_path, *(artifact_of(CONTENT, path) for path in (LIVE, SHADOW, ARCHIVED)))
    made = services(found)
    assert [(each.record_id, each.copies, each.source_path) for each in made] == [
        ("40", 3, LIVE),
        ("41", 3, LIVE),
    ]
    copies = rows(found, provenance.COPIES_NAME)
    assert len(copies) == 4
    assert {each["source_path"] for each in copies} == {SHADOW, ARCHIVED}
    assert {each["report_id"] for each in copies} == {each.report_id for each in made}
    assert {each["source_sha256"] for each in copies} == {artifact_of(CONTENT).sha256}


def test_a_log_in_three_evidences_gives_one_row_an_event_with_three_copies(tmp_path: Path) -> None:
    logs = [artifact_of(CONTENT, LIVE)]
    named = [NamedEvidence(write_evidence(tmp_path / label, logs), label) for label in "CAB"]
    found = read_named(named, tmp_path / "events")
    assert [(each.copies, each.evidence_id) for each in services(found)] == [(3, "A"), (3, "A")]
    assert sorted(each["evidence_id"] for each in rows(found, provenance.COPIES_NAME)) == list("BBCC")


def test_counts_are_those_of_the_tables(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        *(artifact_of(CONTENT, path) for path in (LIVE, SHADOW)),
        hive_of(
            "PC1", ServiceToWrite("RustDesk", 5, "rustdesk.exe"), path="p2/Windows/System32/config/SYSTEM"
        ),
    )
    assert found.event_counts == {table.value: len(rows(found, table)) for table in Table}
    assert found.event_counts["DeviceEvents"] == 2
    side = rows(found, provenance.NAME)
    assert len(side) == sum(found.event_counts.values())
    assert {each["report_id"] for each in side} == {
        row["ReportId"] for table in Table for row in rows(found, table)
    }


@pytest.mark.parametrize("other", [SHADOW, ARCHIVED, "a/export.evtx"])
def test_the_live_log_speaks_before_any_copy(tmp_path: Path, other: str) -> None:
    assert speaker_of(tmp_path, {other: CONTENT, LIVE: CONTENT}) == (LIVE, "live", [other])


@pytest.mark.parametrize("other", [SHADOW, ARCHIVED, "a/export.evtx"])
def test_a_sound_copy_speaks_before_a_damaged_live_log(tmp_path: Path, other: str) -> None:
    contents = {LIVE: with_bad_checksum(CONTENT), other: CONTENT}
    assert speaker_of(tmp_path, contents) == (other, "live", [LIVE])


@pytest.mark.parametrize("other", [CONTENT, with_bad_checksum(CONTENT)], ids=["sound", "damaged"])
def test_a_recovered_record_never_speaks_where_another_is(tmp_path: Path, other: bytes) -> None:
    path, state, others = speaker_of(tmp_path, {LIVE: without_signature(CONTENT), SHADOW: other})
    assert (path, others) == (SHADOW, [LIVE])
    assert state in {"live", "crc_bad"}


def test_what_was_recovered_alone_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, artifact_of(without_signature(CONTENT), LIVE))
    assert [(each.record_state, each.copies) for each in services(found)] == [("recovered", 1)] * 2


@pytest.mark.parametrize(
    "other",
    [
        service_installed(record_id=90, computer="PC1"),
        service_installed(record_id=40, computer="PC1", time_created=134_000_000_000_000_000),
        service_installed(record_id=40, computer="PC1", service_name="Another"),
        service_installed(record_id=40, computer="PC1", user_sid="S-1-5-21-1-2-3-500"),
    ],
    ids=["number", "time", "text", "user"],
)
def test_records_that_only_look_alike_stay_two(tmp_path: Path, other: Any) -> None:  # noqa: ANN401
    found = read(tmp_path, log_of(INSTALLS[0], path=LIVE), log_of(other, path=SHADOW))
    assert [each.copies for each in services(found)] == [1, 1]
    assert rows(found, provenance.COPIES_NAME) == []


def test_an_export_counts_anew_and_is_a_copy_all_the_same(tmp_path: Path) -> None:
    export = service_installed(record_id=40, header_record_id=1, computer="PC1")
    found = read(tmp_path, log_of(INSTALLS[0], path=LIVE), log_of(export, path="export.evtx"))
    assert [(each.copies, each.source_path) for each in services(found)] == [(2, LIVE)]


def test_values_of_a_hive_and_its_backup_are_one_row(tmp_path: Path) -> None:
    service = ServiceToWrite("RustDesk", 5, "rustdesk.exe")
    hives = [
        hive_of("PC1", service, path=f"p2/Windows/System32/config/{path}")
        for path in ("RegBack/SYSTEM", "SYSTEM")
    ]
    found = read(tmp_path, *hives)
    ids = [row["ReportId"] for row in rows(found, Table.REGISTRY_EVENTS)]
    made = list(read_provenance(found.events, ids))
    assert {(each.copies, each.source_path) for each in made} == {(2, hives[1].path)}


def test_the_case_is_the_same_byte_for_byte_whatever_the_order(tmp_path: Path) -> None:
    labels = {"A": LIVE, "B": SHADOW, "C": ARCHIVED}
    named = [
        NamedEvidence(
            write_evidence(
                tmp_path / label,
                [artifact_of(CONTENT, path), log_of(process_created(computer="PC1"), path="sysmon.evtx")],
            ),
            label,
        )
        for label, path in labels.items()
    ]
    first = read_named(named, tmp_path / "events")
    assert [each.copies for each in services(first)] == [3, 3]
    for seed in range(3):
        other = read_named(_shuffled(named, seed), tmp_path / f"events {seed}")
        assert _files(other.events) == _files(first.events)
        assert [each.evidence_id for each in services(other)] == ["A", "A"]


def _shuffled(named: Sequence[NamedEvidence], seed: int) -> list[NamedEvidence]:
    shuffled = list(named)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - an order for a test
    return shuffled


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")}
