from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING, Final

import pyarrow.parquet as pq
import pytest

from tests.builders.archive import zip_of
from tests.end_to_end.case_reading import document, findings, sha256_of, timeline_objects
from tests.end_to_end.command_line import CLEAN, DC01
from tests.end_to_end.confinement import Confinement
from tests.end_to_end.evidence_forms import copy_of_dc01, kape_zip, velociraptor_zip

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.command_line import Run

LOGS: Final = "Windows/System32/winevt/Logs"
LIVE: Final = f"DC01/C/{LOGS}/System.evtx"
ARCHIVED: Final = f"DC01/C/{LOGS}/Archive-System-2025-09-18-02-00-00-000.evtx"
ZIPPED: Final = "DC01/exports.zip/System (2).evtx"


@pytest.fixture
def confined(tmp_path: Path) -> Confinement:
    return Confinement(tmp_path)


def of_the_service_log(run: Run) -> list[dict[str, object]]:
    rows = [row for row in timeline_objects(run.output) if row["finding"] == "rustdesk_service_installed"]
    return [row for row in rows if row["event_id"] == "7045"]


def test_the_same_log_in_three_places_gives_each_event_once(confined: Confinement, dc01: Run) -> None:
    root = confined.evidence
    copy_of_dc01(root / "DC01/C")
    shutil.copy(root / LIVE, root / ARCHIVED)
    (root / "DC01/exports.zip").write_bytes(zip_of({"System (2).evtx": (root / LIVE).read_bytes()}))

    run = confined.analyze()

    assert (run.code, run.stderr) == (0, "")
    assert findings(run.output) == findings(dc01.output)
    rows = of_the_service_log(run)
    assert len(rows) == 2
    digest = sha256_of(root / LIVE)
    for row, alone in zip(rows, of_the_service_log(dc01), strict=True):
        assert (row["copies"], row["source_path"], row["record_state"]) == (3, LIVE, "live")
        record = {"relation": "copy", "provider": "Service Control Manager", "event_id": "7045"}
        place = {name: row[name] for name in ("record_id", "offset", "locator", "record_state")}
        assert row["other_copies"] == [
            {"evidence_id": row["evidence_id"], "source_path": path, "source_sha256": digest} | record | place
            for path in (ARCHIVED, ZIPPED)
        ]
        assert (row["offset"], row["message"]) == (alone["offset"], alone["message"])


def test_one_log_alone_has_one_copy_of_each_event(dc01: Run) -> None:
    rows = timeline_objects(dc01.output)
    assert {row["copies"] for row in rows} == {1}
    assert {each["relation"] for row in rows for each in row["other_copies"]} == {"same_process"}


def test_the_security_log_s_record_of_a_process_is_listed_beside_sysmon_s(dc01: Run) -> None:
    processes = [row for row in timeline_objects(dc01.output) if row["finding"] == "rustdesk_execution"]
    assert len(processes) == 15
    assert {row["provider"] for row in processes} == {"Microsoft-Windows-Sysmon"}
    others = [each for row in processes for each in row["other_copies"]]
    assert {(each["event_id"], each["relation"]) for each in others} == {("4688", "same_process")}
    assert len({each["record_id"] for each in others}) == 15


def test_a_log_that_windows_closed_and_its_successor_are_one_history(
    confined: Confinement, dc01: Run
) -> None:
    """The older half of a log's chunks is in an archive, the newer in the live log; one chunk is in both."""
    copy_of_dc01(confined.evidence / "DC01")
    name = "Microsoft-Windows-Sysmon%4Operational"
    live = confined.evidence / "DC01" / LOGS / f"{name}.evtx"
    content = live.read_bytes()
    header, chunks = (
        content[:0x1000],
        [content[at : at + 0x10000] for at in range(0x1000, len(content), 0x10000)],
    )
    live.with_name(f"Archive-{name}-2025-09-16-21-50-00-000.evtx").write_bytes(header + b"".join(chunks[:9]))
    live.write_bytes(header + b"".join(chunks[8:]))

    run = confined.analyze()

    assert findings(run.output) == findings(dc01.output)
    copies = Counter(row["copies"] for row in timeline_objects(run.output))
    assert copies.keys() == {1, 2}
    expected = {(row["record_id"], row["message"]) for row in timeline_objects(dc01.output)}
    assert {(row["record_id"], row["message"]) for row in timeline_objects(run.output)} == expected


def test_a_zip_a_host_gives_a_machine_a_host(confined: Confinement, dc01: Run, clean: Run) -> None:
    (confined.evidence / "dc01.zip").write_bytes(kape_zip(DC01))
    (confined.evidence / "ws07.zip").write_bytes(velociraptor_zip(CLEAN))

    run = confined.analyze()

    assert (run.code, run.stderr) == (0, "")
    machines = {each["name"]: each["device_id"] for each in document(run.output, "context.json")["devices"]}
    alone = [document(each.output, "context.json")["devices"] for each in (dc01, clean)]
    assert machines == {each["name"]: each["device_id"] for devices in alone for each in devices}
    assert len(machines) == 2
    assert {row["device_name"] for row in timeline_objects(run.output)} == {"DC01.corp.example"}
    assert findings(run.output) == findings(dc01.output)


def test_one_machine_collected_twice_is_one_machine_and_no_finding_twice(
    confined: Confinement, dc01: Run
) -> None:
    (confined.evidence / "kape.zip").write_bytes(kape_zip())
    (confined.evidence / "velociraptor.zip").write_bytes(velociraptor_zip())

    run = confined.analyze()

    assert (run.code, run.stderr) == (0, "")
    assert findings(run.output) == findings(dc01.output)
    assert {row["copies"] for row in timeline_objects(run.output)} == {2}
    others = pq.read_table(run.output / "events" / "EventCopies" / "part-0.parquet").to_pylist()
    assert {each["source_path"] for each in others if each["relation"] == "copy"} == {
        path for path in paths(run) if path.startswith("velociraptor.zip/")
    }
    assert {each["source_path"] for each in others if each["relation"] == "same_process"} == {
        path for path in paths(run) if path.endswith("/Security.evtx")
    }


def paths(run: Run) -> list[str]:
    return [each["path"] for each in document(run.output, "context.json")["artifacts"]]
