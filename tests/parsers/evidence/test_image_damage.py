from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.errors import EvidenceError
from tests.builders.disk_image import (
    EFI_OFFSET,
    MEBIBYTE,
    VOLUME_OFFSET,
    ImageToBuild,
    build_disk,
    build_image,
    build_ntfs_volume,
    missing_tools,
    run,
)
from tests.builders.evidence_state import unchanged
from tests.parsers.evidence.image_search import find, needs, overwrite

FIXTURE = Path(__file__).parents[3] / "fixtures" / "case-dc01"
ARTIFACTS = 4
SECTOR = 512


@pytest.fixture
def disk(ntfs_volume: Path, tmp_path: Path) -> Path:
    needs(ImageToBuild.MBR)
    return build_disk(ntfs_volume, tmp_path / "disk.dd", ImageToBuild.MBR)


@pytest.fixture
def e01(ntfs_volume: Path, tmp_path: Path) -> Path:
    needs(ImageToBuild.E01)
    return build_image(ntfs_volume, ImageToBuild.E01, tmp_path / "disk")


def test_what_a_missing_segment_held_is_said_and_the_rest_is_read(e01: Path) -> None:
    e01.with_suffix(".E03").unlink()

    with unchanged(e01.parent):
        files, problems = find(e01)

    assert len(files) + len(problems) > ARTIFACTS
    assert problems[0].path == "disk.E01"
    assert "disk.E01, disk.E02 are here: look for one that is missing" in problems[0].reason


def test_a_gap_between_segments_is_said(e01: Path) -> None:
    e01.with_suffix(".E02").unlink()

    _, problems = find(e01)

    assert "disk.E01, disk.E03 are here, and disk.E02 is missing" in problems[0].reason


def test_a_file_in_a_missing_segment_fails_as_an_ordinary_unreadable_file_does(e01: Path) -> None:
    files, _ = find(e01)
    for segment in (".E02", ".E03"):
        e01.with_suffix(segment).unlink()
    overwrite(e01, 8, b"\x01")  # nothing changes but its time, so that it is opened anew

    failures = []
    for each in files:
        try:
            with each.source.open_() as stream:
                stream.read()
        except OSError as error:
            failures.append(error.strerror)
    assert failures
    assert set(failures) == {"it lies in a segment of the image that is missing or cut short"}


def test_a_missing_part_of_a_split_image_is_said(ntfs_volume: Path, tmp_path: Path) -> None:
    needs(ImageToBuild.SPLIT)
    image = build_image(ntfs_volume, ImageToBuild.SPLIT, tmp_path / "disk")
    image.with_suffix(".002").unlink()

    _, problems = find(image)

    assert "its segment disk.002 is missing" in problems[0].reason


def test_a_raw_image_that_was_cut_short_gives_what_lies_before_the_cut(disk: Path) -> None:
    with disk.open("r+b") as stream:
        stream.truncate(VOLUME_OFFSET + 10 * MEBIBYTE)

    with unchanged(disk.parent):
        files, problems = find(disk)

    assert {each.path for each in files} | {each.path for each in problems} >= {"p2"}
    assert any("the image was cut short" in each.reason for each in problems)
    assert len(files) + len(problems) > ARTIFACTS


def test_a_partition_that_begins_behind_the_disk_does_not_hide_the_others(disk: Path) -> None:
    overwrite(disk, 446 + 8, struct.pack("<II", 2_000_000, 4096))

    files, problems = find(disk)

    assert len(files) == ARTIFACTS
    assert [each.path for each in problems] == ["p1"]
    assert "the image was cut short, or the table is wrong" in problems[0].reason


def test_a_partition_that_ends_behind_the_disk_is_read_to_the_disks_end(disk: Path) -> None:
    overwrite(disk, 446 + 16 + 12, struct.pack("<I", 0xFFFFFFF0))

    files, problems = find(disk)

    assert len(files) == ARTIFACTS
    assert [each.path for each in problems] == ["p2"]


def test_a_guid_table_with_a_lost_first_header_is_read_from_its_copy(
    ntfs_volume: Path, tmp_path: Path
) -> None:
    image = build_disk(ntfs_volume, tmp_path / "disk.dd", ImageToBuild.GPT)
    overwrite(image, SECTOR, bytes(SECTOR))

    assert len(find(image)[0]) == ARTIFACTS


def test_a_stale_guid_table_does_not_count(ntfs_volume: Path, tmp_path: Path) -> None:
    image = build_disk(ntfs_volume, tmp_path / "disk.dd", ImageToBuild.GPT)
    master = build_disk(ntfs_volume, tmp_path / "other.dd", ImageToBuild.MBR)
    overwrite(image, 0, master.read_bytes()[:SECTOR])
    overwrite(image, 446 + 16, bytes(16))  # the second partition is no longer in the master boot record

    assert find(image) == ([], [])


@pytest.mark.parametrize(("tool", "name"), [("mkfs.ext4", "ext2/3/4"), ("mkfs.vfat", "FAT")])
def test_another_file_system_is_named_with_its_partition(
    tool: str, name: str, ntfs_volume: Path, tmp_path: Path
) -> None:
    needs(ImageToBuild.MBR, tool)
    other = tmp_path / "other"
    with other.open("xb") as stream:
        stream.truncate(8 * MEBIBYTE)
    run(tool, other)
    image = build_disk(other, tmp_path / "disk.dd", ImageToBuild.MBR)

    files, problems = find(image)

    assert files == []
    assert [each.path for each in problems] == ["p2"]
    assert f"its file system is {name}. Only NTFS is read: export its files" in problems[0].reason
    assert ntfs_volume.exists()


def test_a_partition_with_nothing_known_in_it_is_named(disk: Path) -> None:
    overwrite(disk, 446 + 4, b"\x07")

    assert [(each.path, "no file system that is known" in each.reason) for each in find(disk)[1]] == [
        ("p1", True)
    ]


def test_the_partition_that_windows_starts_from_is_no_loss(ntfs_volume: Path, tmp_path: Path) -> None:
    needs(ImageToBuild.GPT, "mkfs.vfat")
    start = tmp_path / "start"
    with start.open("xb") as stream:
        stream.truncate(MEBIBYTE)
    run("mkfs.vfat", start)
    image = build_disk(ntfs_volume, tmp_path / "disk.dd", ImageToBuild.GPT)
    overwrite(image, EFI_OFFSET, start.read_bytes())

    files, problems = find(image)

    assert len(files) == ARTIFACTS
    assert problems == []


@pytest.mark.parametrize(
    "kind", [ImageToBuild.E01, ImageToBuild.SPLIT, ImageToBuild.VMDK, ImageToBuild.QCOW2]
)
def test_a_cut_image_says_nothing_of_a_partition_that_is_no_loss(
    kind: ImageToBuild, ntfs_volume: Path, tmp_path: Path
) -> None:
    needs(kind)
    image = build_image(ntfs_volume, kind, tmp_path / "disk")
    last = {ImageToBuild.E01: ".E03", ImageToBuild.SPLIT: ".003"}.get(kind, image.suffix)
    with image.with_suffix(last).open("r+b") as stream:
        stream.truncate(image.with_suffix(last).stat().st_size // 2)

    _, problems = find(image)

    assert problems
    assert not [each for each in problems if each.path == "p1"]


def test_a_volume_whose_file_table_is_destroyed_is_one_unreadable(ntfs_volume: Path, tmp_path: Path) -> None:
    image = Path(shutil.copyfile(ntfs_volume, tmp_path / "disk.dd"))
    data = image.read_bytes()
    overwrite(image, 0, data[:SECTOR] + data[SECTOR:].replace(b"FILE", b"XXXX"))

    files, problems = find(image)

    assert files == []
    assert [each.path for each in problems] == ["p1"]
    assert "its NTFS file system cannot be opened" in problems[0].reason


@pytest.mark.parametrize("kind", [ImageToBuild.VMDK, ImageToBuild.VHD, ImageToBuild.VHDX, ImageToBuild.QCOW2])
@pytest.mark.parametrize("part", [0.2, 0.6, 0.95])
def test_a_cut_container_never_gives_other_bytes(
    kind: ImageToBuild, part: float, ntfs_volume: Path, tmp_path: Path
) -> None:
    needs(kind)
    image = build_image(ntfs_volume, kind, tmp_path / "disk")
    with image.open("r+b") as stream:
        stream.truncate(int(image.stat().st_size * part))
    expected = {
        f"p2/{path.relative_to(FIXTURE).as_posix()}": path for path in FIXTURE.rglob("*") if path.is_file()
    }

    try:
        files, problems = find(image)
    except EvidenceError:
        return
    for each in files:
        try:
            with each.source.open_() as stream:
                data = stream.read()
        except OSError:
            continue
        assert data == expected[each.path].read_bytes()
    assert problems


@pytest.fixture(scope="module")
def small_volume(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if (missing := missing_tools()) is not None:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("small")
    for name in ("Windows/System32/config/SYSTEM", "Windows/System32/winevt/Logs/System.evtx"):
        (folder / "files" / name).parent.mkdir(parents=True)
        shutil.copyfile(FIXTURE / name, folder / "files" / name)
    return build_ntfs_volume(folder / "files", folder / "volume", 4 * MEBIBYTE)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    damages=st.lists(
        st.tuples(st.integers(0, 4 * MEBIBYTE - 1), st.binary(min_size=1, max_size=64)),
        min_size=1,
        max_size=12,
    ),
    records=st.lists(
        st.tuples(st.integers(0, 80), st.integers(0, 1000), st.binary(min_size=1, max_size=8)), max_size=12
    ),
    size=st.integers(SECTOR, 4 * MEBIBYTE),
)
def test_damage_anywhere_is_an_unreadable_or_a_refusal_and_nothing_else(
    damages: list[tuple[int, bytes]],
    records: list[tuple[int, int, bytes]],
    size: int,
    small_volume: Path,
    tmp_path: Path,
) -> None:
    volume = bytearray(small_volume.read_bytes())
    table = volume.find(b"FILE0")
    for offset, data in [*damages, *((table + record * 1024 + at, data) for record, at, data in records)]:
        volume[offset : offset + len(data)] = data
    image = tmp_path / "disk.dd"
    image.write_bytes(volume[:size] if size % 3 == 0 else volume)

    try:
        files, _ = find(image)
    except EvidenceError:
        return
    for each in files:
        try:
            with each.source.open_() as stream:
                while stream.read(MEBIBYTE):
                    pass
        except OSError:
            continue


def test_a_partition_that_begins_with_the_table_itself_is_read_as_the_disk(disk: Path) -> None:
    overwrite(disk, 446 + 8, struct.pack("<II", 0, 4096))

    files, problems = find(disk)

    assert len(files) in {0, ARTIFACTS}
    assert all(each.path.startswith("p") for each in problems)
