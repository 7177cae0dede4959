from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

import pytest

from forensics import processes, reading
from forensics.errors import AnalysisError
from forensics.reading import Observer, ReadEvidence
from forensics.request import NamedEvidence
from parsers.errors import EvidenceError
from tests.builders.artifacts import SYSTEM_LOG, artifact_of, hive_of, log_of, write_evidence
from tests.builders.evidence_reading import read_named
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.evidence.source import Artifact

LOG = log_of(process_created(computer="PC1"))
HIVE = hive_of("PC1")
SERVICE_LOG = log_of(service_installed(computer="PC2"), path=SYSTEM_LOG)


def read(tmp_path: Path, **evidence: list[Artifact]) -> ReadEvidence:
    """Read folders of ``evidence``, each under its label."""
    named = [
        NamedEvidence(write_evidence(tmp_path / label, artifacts), label)
        for label, artifacts in evidence.items()
    ]
    return read_named(named, tmp_path / "out/events")


def test_all_evidence_is_read_in_the_order_of_its_ids(tmp_path: Path) -> None:
    found = read(tmp_path, B=[LOG, HIVE], A=[SERVICE_LOG])
    places = [(each.artifact.evidence_id, each.artifact.path) for each in found.readings]
    assert places == [("A", SYSTEM_LOG), ("B", LOG.path), ("B", HIVE.path)]
    assert [each.path for each in found.artifacts] == [path for _, path in places]
    assert found.complete
    assert found.event_counts["DeviceProcessEvents"] == found.event_counts["DeviceEvents"] == 1
    assert found.event_counts["DeviceInfo"] == len(found.devices.all) == 2


def test_evidence_without_an_artifact_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/notes.txt").write_text("nothing")
    with pytest.raises(AnalysisError, match=r"no event log \(EVTX\) and no SYSTEM hive in .*Name the folder"):
        read_named([NamedEvidence(tmp_path / "a")], tmp_path / "events")


def test_evidence_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="there is no such file or folder"):
        read_named([NamedEvidence(tmp_path / "a")], tmp_path / "events")


def test_evidence_is_not_complete_where_an_artifact_failed(tmp_path: Path) -> None:
    assert not read(tmp_path, A=[LOG, artifact_of(b"nothing", "broken.evtx")]).complete


def test_evidence_is_not_complete_where_it_is_damaged(tmp_path: Path) -> None:
    assert not read(tmp_path, A=[hive_of("PC1", select_current=None)]).complete


def test_whoever_asks_is_told_how_reading_goes_on(tmp_path: Path) -> None:
    told: list[str] = []
    sizes: list[tuple[int, int]] = []

    def progress(what: str, done: int, total: int) -> None:
        told.append(what)
        sizes.append((done, total))

    observer = Observer(
        progress,
        lambda evidence: told.append(f"opened {evidence.evidence_id}"),
        lambda each: told.append(f"read {each.artifact.path}"),
    )
    named = NamedEvidence(write_evidence(tmp_path / "a", [LOG, SERVICE_LOG]), "A")
    read_named([named], tmp_path / "events", observer=observer)
    assert told == [
        *("Opening", "Opening", "opened A"),
        *(f"Reading {LOG.path}", f"read {LOG.path}", f"Reading {SYSTEM_LOG}", f"read {SYSTEM_LOG}"),
    ]
    total = LOG.size + SERVICE_LOG.size
    assert sizes == [(LOG.size, 0), (total, 0), (0, total), (LOG.size, total)]


def test_a_long_log_tells_how_far_it_is_read(tmp_path: Path) -> None:
    sizes: list[int] = []
    events = [process_created(computer="PC1", record_id=n, command_line="x" * 12_000) for n in range(1, 401)]
    log = log_of(*events)
    named = NamedEvidence(write_evidence(tmp_path / "a", [log]), "A")

    observer = Observer(lambda _what, done, total: sizes.append(done) if total else None)
    read_named([named], tmp_path / "events", observer=observer)

    assert log.size > 8 << 20
    assert len(sizes) >= 3
    assert sizes == sorted(set(sizes))
    assert sizes[-1] < log.size


def test_small_evidence_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "ProcessPoolExecutor", None)
    named = NamedEvidence(write_evidence(tmp_path / "a", [LOG]))
    assert read_named([named], tmp_path / "events", workers=8).complete


def test_processes_read_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = read(tmp_path / "one", A=[LOG, HIVE])
    monkeypatch.setattr(reading, "POOL_FROM_BYTES", 0)
    named = NamedEvidence(tmp_path / "one/A", "A")
    many = read_named([named], tmp_path / "events", workers=2)
    assert many.readings == one.readings
    files = [path.relative_to(one.events) for path in sorted(one.events.rglob("*.parquet"))]
    assert all((one.events / name).read_bytes() == (many.events / name).read_bytes() for name in files)


def test_a_process_that_dies_stops_the_analysis_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "POOL_FROM_BYTES", 0)

    def die(_what: str, _done: int, total: int) -> None:
        if total:
            raise BrokenProcessPool("a process in the pool was terminated")

    named = NamedEvidence(write_evidence(tmp_path / "a", [LOG]))
    with pytest.raises(AnalysisError, match=r"Give it more memory, or fewer --workers"):
        read_named([named], tmp_path / "events", workers=2, observer=Observer(die))
