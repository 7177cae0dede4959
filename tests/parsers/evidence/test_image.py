"""Images in every format that tools here can make, from the files of case-dc01.

Untested for want of a tool that writes them: Ex01, differencing VHD and VHDX, disks with sectors of 4096
bytes.
"""

from __future__ import annotations

import multiprocessing
import pickle
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parsers.evidence.found import FoundFile
from parsers.evidence.image import find_in_image
from parsers.evidence.image_files import split_files
from parsers.evidence.source import ArtifactKind
from parsers.evidence.volume_keys import VolumeKeys
from tests.builders.disk_image import MEBIBYTE, ImageToBuild, build_image, build_ntfs_volume, missing_tools
from tests.builders.evidence_state import unchanged

if TYPE_CHECKING:
    from parsers.evidence.found import Found
    from parsers.evidence.source import ByteSource

FIXTURE = Path(__file__).parents[3] / "fixtures" / "case-dc01"
FILES = {
    path.relative_to(FIXTURE).as_posix(): path.read_bytes() for path in FIXTURE.rglob("*") if path.is_file()
}
LOGS = "Windows/System32/winevt/Logs"


def find(path: Path, *keys: str) -> list[Found]:
    return list(find_in_image(path, VolumeKeys.from_texts(keys), lambda _: None))


def read(source: ByteSource) -> bytes:
    with source.open_() as stream:
        return stream.read()


def contents(found: list[Found]) -> dict[str, bytes]:
    return {each.path: read(each.source) for each in found if isinstance(each, FoundFile)}


@pytest.mark.parametrize("kind", ImageToBuild)
def test_every_kind_of_image_gives_the_files_that_were_put_in(
    kind: ImageToBuild, ntfs_volume: Path, tmp_path: Path
) -> None:
    if (missing := missing_tools(kind)) is not None:
        pytest.skip(missing)
    image = build_image(ntfs_volume, kind, tmp_path / "disk")
    prefix = "p1" if kind is ImageToBuild.BARE else "p2"

    with unchanged(tmp_path):
        found = find(image)
        read_files = contents(found)

    assert read_files == {f"{prefix}/{name}": data for name, data in FILES.items()}
    assert [each.path for each in found] == sorted(read_files)


def test_an_image_split_in_three_is_one_disk(ntfs_volume: Path, tmp_path: Path) -> None:
    image = build_image(ntfs_volume, ImageToBuild.SPLIT, tmp_path / "disk")

    assert [path.name for path in split_files(image)] == ["disk.001", "disk.002", "disk.003"]


def test_an_e01_of_the_tests_has_three_segments(ntfs_volume: Path, tmp_path: Path) -> None:
    if (missing := missing_tools(ImageToBuild.E01)) is not None:
        pytest.skip(missing)
    build_image(ntfs_volume, ImageToBuild.E01, tmp_path / "disk")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk.E01", "disk.E02", "disk.E03"]


def test_live_files_belong_to_no_snapshot(ntfs_volume: Path) -> None:
    assert {each.snapshot_created for each in find(ntfs_volume) if isinstance(each, FoundFile)} == {None}


@pytest.mark.parametrize("start", ["spawn", "fork"])
def test_another_process_reads_the_same_bytes(start: str, ntfs_volume: Path) -> None:
    found = [each for each in find(ntfs_volume) if isinstance(each, FoundFile)]
    here = [read(each.source) for each in found]

    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(start)) as pool:
        there = list(pool.map(read, [each.source for each in found]))

    assert there == here


def test_a_source_survives_pickling(ntfs_volume: Path) -> None:
    found = next(each for each in find(ntfs_volume) if isinstance(each, FoundFile))

    assert pickle.loads(pickle.dumps(found.source)) == found.source  # noqa: S301 - made here


def test_two_streams_of_one_file_have_each_its_own_position(ntfs_volume: Path) -> None:
    found = next(each for each in find(ntfs_volume) if isinstance(each, FoundFile))
    whole = read(found.source)

    with found.source.open_() as one, found.source.open_() as other:
        assert one.read(100) == whole[:100]
        assert other.read(50) == whole[:50]
        other.seek(-10, 2)
        assert one.read(100) == whole[100:200]
        assert other.read() == whole[-10:]
        assert other.tell() == len(whole)


def test_a_stream_cannot_be_written_to(ntfs_volume: Path) -> None:
    found = next(each for each in find(ntfs_volume) if isinstance(each, FoundFile))

    with found.source.open_() as stream:
        assert not stream.writable()


def test_what_was_read_is_told(ntfs_volume: Path) -> None:
    told: list[int] = []

    list(find_in_image(ntfs_volume, VolumeKeys(), told.append))

    assert sum(told) > 1024


def test_a_file_that_was_exchanged_is_opened_anew(ntfs_volume: Path, tmp_path: Path) -> None:
    image = tmp_path / "disk.dd"
    shutil.copyfile(ntfs_volume, image)
    assert len(find(image)) == len(FILES)

    other = build_ntfs_volume(FIXTURE / LOGS, tmp_path / "other", 8 * MEBIBYTE)
    other.replace(image)

    assert {each.path for each in find(image)} == {f"p1/{Path(name).name}" for name in FILES if LOGS in name}


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    """What is found on a volume with copies in many places, and with files that only look like artifacts."""
    if (missing := missing_tools()) is not None:
        pytest.skip(missing)
    log, hive = FILES[f"{LOGS}/System.evtx"], FILES["Windows/System32/config/SYSTEM"]
    folder = tmp_path_factory.mktemp("crowded")
    for name, data in {
        "WINDOWS/system32/WinEvt/LOGS/Renamed.bin": log,
        "WINDOWS/system32/config/SYSTEM": hive,
        "WINDOWS/system32/config/SYSTEM.LOG1": hive[:512],
        "WINDOWS/system32/config/SOFTWARE": b"regf" + bytes(600),
        "WINDOWS/system32/config/RegBack/SYSTEM": hive,
        "Windows.old/Windows/System32/winevt/Logs/System.evtx": log,
        "Users/eve/a/b/c/d/e/f/g/h/i/j/k/l/exported.EVTX": log,
        "Users/eve/empty.evtx": b"",
        "Users/eve/system.bak": hive,
        "Users/eve/renamed.txt": log,
        "Program Files/app/system.log": b"started",
        "Program Files/app/System.dat": b"settings",
        "$Recycle.Bin/S-1-5-21/$R1A2B3.evtx": log,
    }.items():
        path = folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return find(build_ntfs_volume(folder / "files", folder / "volume", 16 * MEBIBYTE))


def test_artifacts_are_found_wherever_they_are_and_nothing_else_is(crowded: list[Found]) -> None:
    assert {each.path: each.kind for each in crowded if isinstance(each, FoundFile)} == {
        "p1/$Recycle.Bin/S-1-5-21/$R1A2B3.evtx": ArtifactKind.EVENT_LOG,
        "p1/Users/eve/a/b/c/d/e/f/g/h/i/j/k/l/exported.EVTX": ArtifactKind.EVENT_LOG,
        "p1/Users/eve/empty.evtx": ArtifactKind.EVENT_LOG,
        "p1/Users/eve/system.bak": ArtifactKind.SYSTEM_HIVE,
        "p1/WINDOWS/system32/WinEvt/LOGS/Renamed.bin": ArtifactKind.EVENT_LOG,
        "p1/WINDOWS/system32/config/RegBack/SYSTEM": ArtifactKind.SYSTEM_HIVE,
        "p1/WINDOWS/system32/config/SYSTEM": ArtifactKind.SYSTEM_HIVE,
        "p1/WINDOWS/system32/config/SYSTEM.LOG1": ArtifactKind.HIVE_LOG,
        "p1/Windows.old/Windows/System32/winevt/Logs/System.evtx": ArtifactKind.EVENT_LOG,
    }
    assert all(isinstance(each, FoundFile) for each in crowded)


def test_an_empty_file_reads_as_nothing(crowded: list[Found]) -> None:
    assert contents(crowded)["p1/Users/eve/empty.evtx"] == b""
