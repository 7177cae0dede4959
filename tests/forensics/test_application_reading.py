from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pyarrow import parquet

from forensics.artifact_reading import ArtifactReader, ArtifactReading
from forensics.event_model.event import Table
from forensics.request import NamedEvidence
from forensics.store import EventStore, read_copies
from parsers.evidence.source import ArtifactKind
from parsers.evtx.sweep import Reader
from tests.builders.archive import tar_of, zip_of
from tests.builders.artifacts import artifact_of, hive_of, log_of
from tests.builders.evidence_reading import read_named
from tests.builders.prefetch import PrefetchToWrite, build_prefetch, compress_prefetch
from tests.builders.rustdesk_files import (
    PREFETCH,
    SERVER_CONFIGURATION,
    SERVER_LOG,
    STARTUP_LINK,
    LineToWrite,
    build_log,
    server_configuration,
    session_log,
)
from tests.builders.shortcut import build_shortcut
from tests.builders.sysmon_event import process_created
from tests.parsers.evidence.folder_search import lay_out

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.device import Devices
    from parsers.evidence.source import Artifact

SYSTEM = "Windows/System32/config/SYSTEM"
SYSMON = "Windows/System32/winevt/Logs/Microsoft-Windows-Sysmon%4Operational.evtx"
ROTATED = SERVER_LOG.replace("_rCURRENT", "_r2024-03-01_00-00-00")


def log(path: str = SERVER_LOG, content: bytes | None = None, evidence_id: str = "E-1") -> Artifact:
    return artifact_of(content or session_log(), path, evidence_id, ArtifactKind.APPLICATION_LOG)


def configuration(
    path: str = SERVER_CONFIGURATION, content: bytes | None = None, modified: int | None = None
) -> Artifact:
    kind = ArtifactKind.APPLICATION_CONFIGURATION
    return replace(artifact_of(content or server_configuration(), path, kind=kind), modified=modified)


def link(path: str = STARTUP_LINK, content: bytes | None = None) -> Artifact:
    return artifact_of(content or build_shortcut(), path, kind=ArtifactKind.SHORTCUT)


def runs(path: str = PREFETCH, *times: int) -> Artifact:
    content = build_prefetch(PrefetchToWrite(run_times=times) if times else None)
    return artifact_of(compress_prefetch(content), path, kind=ArtifactKind.PREFETCH)


class Read:
    """Artifacts that were read, with what they came to."""

    def __init__(self, folder: Path, *artifacts: Artifact) -> None:
        self.folder = folder / "events"
        reader = ArtifactReader(EventStore(self.folder), Reader.RUST, None)
        self.readings: list[ArtifactReading] = [reader.read(each) for each in artifacts]
        self.devices: Devices = reader.finish()

    @property
    def rows(self) -> list[dict[str, Any]]:
        table = parquet.read_table(self.folder / Table.EVENTS.value / "part-0.parquet")
        found: list[dict[str, Any]] = table.to_pylist()
        return found

    @property
    def machines(self) -> dict[str, tuple[int, ...]]:
        return {each.name: self.devices.artifacts_of(each) for each in self.devices.all}


def test_each_kind_gives_its_rows_of_the_machine_of_its_place(tmp_path: Path) -> None:
    read = Read(tmp_path, hive_of("WS07", path=SYSTEM), log(), configuration(), link(), runs())

    assert read.machines == {"WS07": (0, 1, 2, 3, 4)}
    actions = [row["ActionType"] for row in read.rows]
    assert actions.count("ApplicationLogLine") == actions.count("ConfigurationFound") == 4
    assert (actions.count("ShortcutFound"), actions.count("ProgramRun")) == (1, 2)
    assert {row["DeviceName"] for row in read.rows} == {"WS07"}
    assert [each.file.holds for each in read.readings if each.file] == [
        "5 lines",
        "7 settings",
        "a link",
        "2 of 2 runs of RUSTDESK.EXE",
    ]


def test_machines_are_told_apart_by_what_stands_before_their_folders(tmp_path: Path) -> None:
    read = Read(
        tmp_path,
        hive_of("WS07", path=f"one/C/{SYSTEM}"),
        hive_of("WS08", path=f"two/C/{SYSTEM}"),
        log(f"two/D/{SERVER_LOG}"),
        runs(f"one/C/{PREFETCH}"),
    )

    assert read.machines == {"WS07": (0, 3), "WS08": (1, 2)}


def test_another_evidence_s_files_are_not_of_this_machine(tmp_path: Path) -> None:
    read = Read(tmp_path, hive_of("WS07", path=SYSTEM), log(evidence_id="E-2"))

    assert read.machines == {"WS07": (0,), "": (1,)}


LOOSE = {
    "rustdesk_rCURRENT.log": "WS07",
    "loose/rustdesk_rCURRENT.log": "WS07",
    "two/rustdesk_rCURRENT.log": "WS08",
    "two/deep/er/rustdesk_rCURRENT.log": "WS08",
    "twofold/rustdesk_rCURRENT.log": "WS07",
}


@pytest.mark.parametrize("path", LOOSE)
def test_a_loose_file_is_of_the_machine_below_whose_folder_it_lies(path: str, tmp_path: Path) -> None:
    read = Read(tmp_path, hive_of("WS07", path=SYSTEM), hive_of("WS08", path=f"two/{SYSTEM}"), log(path))

    assert 2 in read.machines[LOOSE[path]]


def test_a_loose_file_beside_machines_is_of_none_of_them(tmp_path: Path) -> None:
    read = Read(tmp_path, hive_of("WS07", path=f"one/{SYSTEM}"), log("two/rustdesk_rCURRENT.log"))

    assert read.machines == {"WS07": (0,), "": (1,)}


def test_loose_files_are_of_a_loose_log_s_machine(tmp_path: Path) -> None:
    read = Read(tmp_path, log_of(process_created(computer="WS07"), path="Sysmon.evtx"), log("a_rCURRENT.log"))

    assert read.machines == {"WS07": (0, 1)}


def test_a_log_that_tells_of_nothing_is_of_its_machine_all_the_same(tmp_path: Path) -> None:
    silent = log(content=build_log(LineToWrite("hello")))
    read = Read(tmp_path, hive_of("WS07", path=SYSTEM), silent)

    assert read.machines == {"WS07": (0, 1)}
    assert read.readings[1].events == 0


def test_a_line_in_a_shadow_copy_or_a_renamed_log_is_a_copy(tmp_path: Path) -> None:
    later = session_log() + build_log(LineToWrite("drop wakelock"))
    read = Read(tmp_path, log(content=later), log(f"vss1/{SERVER_LOG}"), log(f"vss2/{ROTATED}", later))

    assert len(read.rows) == 5
    copies = read_copies(read.folder, [row["ReportId"] for row in read.rows])
    assert sorted(len(each) for each in copies.values()) == [1, 2, 2, 2, 2]


def test_a_setting_is_a_copy_where_its_file_has_the_same_time(tmp_path: Path) -> None:
    shadow = f"vss1/{SERVER_CONFIGURATION}"

    assert len(Read(tmp_path / "a", configuration(modified=7), configuration(shadow, modified=7)).rows) == 4
    assert len(Read(tmp_path / "b", configuration(modified=7), configuration(shadow, modified=6)).rows) == 8


def test_settings_of_two_profiles_are_two_rows(tmp_path: Path) -> None:
    other = "Users/amy/AppData/Roaming/RustDesk/config/RustDesk2.toml"

    assert len(Read(tmp_path, configuration(), configuration(other)).rows) == 8


def test_a_link_and_a_run_in_a_shadow_copy_are_copies(tmp_path: Path) -> None:
    shadow = runs(f"vss1/{PREFETCH}", 133_700_000_000_000_000, 133_600_000_000_000_000)
    read = Read(tmp_path, link(), link(f"vss1/{STARTUP_LINK}"), runs(), shadow)

    assert [row["ActionType"] for row in read.rows].count("ShortcutFound") == 1
    times = [row["Timestamp"] for row in read.rows if row["ActionType"] == "ProgramRun"]
    assert len(times) == len(set(times)) == 3


BROKEN = {
    "configuration": configuration(content=b"\0\0\0"),
    "link": link(content=b"no link"),
    "runs": artifact_of(b"MAM\x04", PREFETCH, kind=ArtifactKind.PREFETCH),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_a_failure_with_its_reason(name: str, tmp_path: Path) -> None:
    read = Read(tmp_path, BROKEN[name], log())

    assert read.readings[0].failure
    assert (read.readings[0].events, read.readings[1].events) == (0, 4)


def test_a_log_that_cannot_be_read_to_its_end_keeps_what_was_read(tmp_path: Path) -> None:
    (reading, *_) = Read(tmp_path, log(content=session_log() + b"\0\0")).readings

    assert (reading.events, reading.failure) == (4, None)
    assert [each.reason for each in reading.damage] == ["holds bytes that were never written (NUL)"]


def test_the_latest_line_or_run_is_when_the_machine_was_last_seen(tmp_path: Path) -> None:
    read = Read(tmp_path, log(), runs(PREFETCH, 133_800_000_000_000_000))
    info = parquet.read_table(read.folder / Table.INFO.value / "part-0.parquet").to_pylist()

    assert [row["Timestamp"].isoformat() for row in info] == ["2024-12-30T02:40:00"]


def test_a_folder_and_an_archive_keep_no_time_of_a_file(tmp_path: Path) -> None:
    files = {SERVER_CONFIGURATION: server_configuration()}
    lay_out(tmp_path / "folder", files)
    (tmp_path / "a.zip").write_bytes(zip_of(files))
    (tmp_path / "a.tar").write_bytes(tar_of(files))
    named = [NamedEvidence(tmp_path / name, name) for name in ("folder", "a.zip", "a.tar")]
    read = read_named(named, tmp_path / "events")

    assert [each.modified for each in read.artifacts] == [None, None, None]


def test_a_log_of_rustdesk_s_alone_is_evidence(tmp_path: Path) -> None:
    lay_out(tmp_path, {"rustdesk_rCURRENT.log": session_log()})
    read = read_named([NamedEvidence(tmp_path / "rustdesk_rCURRENT.log", None)], tmp_path / "events")

    assert (read.event_counts["DeviceEvents"], read.complete) == (4, True)
