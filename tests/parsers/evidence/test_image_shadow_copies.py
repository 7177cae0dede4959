"""Volume shadow copies, with volumes that the tests' builder makes as libvshadow's format specification has
it.

libvshadow, which reads them, shares nothing with that builder. Untested, for want of copies that Windows
made: blocks that were moved or overwritten in part since (forwarders and overlays), and the bitmaps of blocks
that were not in use.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from parsers.evidence.found import FoundFile, Unreadable
from parsers.evidence.image import find_in_image
from parsers.evidence.volume_keys import VolumeKeys
from tests.builders.bitlocker import build_bitlocker_volume
from tests.builders.disk_image import (
    MEBIBYTE,
    ImageToBuild,
    build_disk,
    build_ntfs_volume,
    missing_tools,
    mounted,
)
from tests.builders.evidence_state import unchanged
from tests.builders.shadow_copy import BLOCK, build_shadow_copies

FIXTURE = Path(__file__).parents[3] / "fixtures" / "case-dc01"
FILES = {
    path.relative_to(FIXTURE).as_posix(): path.read_bytes() for path in FIXTURE.rglob("*") if path.is_file()
}
SYSTEM_LOG = "Windows/System32/winevt/Logs/System.evtx"
SECURITY_LOG = "Windows/System32/winevt/Logs/Security.evtx"
FIRST, SECOND = 133_000_000_000_000_001, 133_100_000_000_000_002
PASSWORD = "password"  # noqa: S105 - of a volume that tests make


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A volume at first, after its System log was deleted, and after much was written and a log exported."""
    if (missing := missing_tools(ImageToBuild.MBR)) is not None:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("states")
    first = build_ntfs_volume(FIXTURE, folder / "first", 12 * MEBIBYTE)
    second = Path(shutil.copyfile(first, folder / "second"))
    with mounted(second) as inside:
        (inside / SYSTEM_LOG).unlink()
    now = Path(shutil.copyfile(second, folder / "now"))
    with mounted(now) as inside:
        shutil.move(inside / SECURITY_LOG, inside / "exported.evtx")
        (inside / "filled").write_bytes(b"\xff" * 3 * MEBIBYTE)
    return first, second, now


@pytest.fixture(scope="module")
def volume(states: tuple[Path, Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    first, second, now = states
    path = tmp_path_factory.mktemp("copies") / "disk.dd"
    return build_shadow_copies(now, [(first, FIRST), (second, SECOND)], path)


def find(path: Path, *keys: str) -> tuple[dict[str, tuple[bytes, int | None]], list[Unreadable]]:
    files, problems = {}, []
    for each in find_in_image(path, VolumeKeys.from_texts(keys), lambda _: None):
        if isinstance(each, FoundFile):
            with each.source.open_() as stream:
                files[each.path] = (stream.read(), each.snapshot_created)
        else:
            problems.append(each)
    return files, problems


def expected(prefix: str) -> dict[str, tuple[bytes, int | None]]:
    kept = {name: data for name, data in FILES.items() if name != SYSTEM_LOG}
    live = {name: data for name, data in kept.items() if name != SECURITY_LOG}
    sets: list[tuple[str, dict[str, bytes], int | None]] = [
        ("", live | {"exported.evtx": FILES[SECURITY_LOG]}, None),
        ("/vss1", FILES, FIRST),
        ("/vss2", kept, SECOND),
    ]
    return {
        f"{prefix}{part}/{name}": (data, when) for part, files, when in sets for name, data in files.items()
    }


def test_each_shadow_copy_gives_the_files_of_its_time(volume: Path) -> None:
    with unchanged(volume.parent):
        files, problems = find(volume)

    assert files == expected("p1")
    assert problems == []


def test_the_live_files_come_first_and_then_the_oldest_copy(volume: Path) -> None:
    paths = [each.path for each in find_in_image(volume, VolumeKeys(), lambda _: None)]
    sets = [path.split("/")[1] if "/vss" in path else "" for path in paths]

    assert sets == sorted(sets)


def test_shadow_copies_in_a_partition_are_found(volume: Path, tmp_path: Path) -> None:
    files, _ = find(build_disk(volume, tmp_path / "disk.dd", ImageToBuild.MBR))

    assert files == expected("p2")


def test_shadow_copies_inside_bitlocker_are_found(volume: Path, tmp_path: Path) -> None:
    image = build_bitlocker_volume(volume, tmp_path / "disk.dd", password=PASSWORD)

    files, problems = find(image, PASSWORD)

    assert files == expected("p1")
    assert problems == []


def test_a_volume_without_shadow_copies_has_live_files_alone(states: tuple[Path, Path, Path]) -> None:
    files, problems = find(states[0])

    assert {created for _, created in files.values()} == {None}
    assert problems == []


def test_a_damaged_catalog_costs_the_shadow_copies_and_not_the_live_files(
    volume: Path, tmp_path: Path
) -> None:
    image = Path(shutil.copyfile(volume, tmp_path / "disk.dd"))
    catalog = 12 * MEBIBYTE
    with image.open("r+b") as stream:
        stream.seek(catalog)
        stream.write(b"\xff" * BLOCK)

    files, problems = find(image)

    assert {name for name in files if "/vss" not in name} == {
        name for name in expected("p1") if "/vss" not in name
    }
    assert [(each.path, "shadow copies cannot be read" in each.reason) for each in problems] == [("p1", True)]


def test_a_lost_block_list_costs_its_own_copy_alone(volume: Path, tmp_path: Path) -> None:
    image = Path(shutil.copyfile(volume, tmp_path / "disk.dd"))
    oldest = 12 * MEBIBYTE + BLOCK + 4 * BLOCK
    with image.open("r+b") as stream:
        stream.seek(oldest)
        stream.write(b"\xff" * BLOCK)

    files, problems = find(image)

    assert {path: each for path, each in files.items() if "/vss1/" not in path} == {
        path: each for path, each in expected("p1").items() if "/vss1/" not in path
    }
    assert [each.path for each in problems] == ["p1/vss1"]
