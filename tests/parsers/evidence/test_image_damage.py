from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.errors import EvidenceError
from parsers.evidence.found import FoundFile, Unreadable
from parsers.evidence.image import find_in_image
from parsers.evidence.volume_keys import VolumeKeys
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

FIXTURE = Path(__file__).parents[3] / "fixtures" / "case-dc01"
ARTIFACTS = 4
SECTOR = 512


def find(path: Path) -> tuple[list[FoundFile], list[Unreadable]]:
    found = list(find_in_image(path, VolumeKeys(), lambda _: None))
    return (
        [each for each in found if isinstance(each, FoundFile)],
        [each for each in found if isinstance(each, Unreadable)],
    )


def refusal(path: Path) -> EvidenceError:
    with unchanged(path.parent), pytest.raises(EvidenceError) as caught:
        find(path)
    return caught.value


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as stream:
        stream.seek(offset)
        stream.write(data)


def needs(kind: ImageToBuild, *tools: str) -> None:
    missing = missing_tools(kind) or next((f"{tool} is missing" for tool in tools if not _has(tool)), None)
    if missing is not None:
        pytest.skip(missing)


def _has(tool: str) -> bool:
    return shutil.which(tool, path="/usr/sbin:/sbin:/usr/bin:/bin") is not None


@pytest.fixture
def disk(ntfs_volume: Path, tmp_path: Path) -> Path:
    needs(ImageToBuild.MBR)
    return build_disk(ntfs_volume, tmp_path / "disk.dd", ImageToBuild.MBR)


@pytest.fixture
def e01(ntfs_volume: Path, tmp_path: Path) -> Path:
    needs(ImageToBuild.E01)
    return build_image(ntfs_volume, ImageToBuild.E01, tmp_path / "disk")


@pytest.fixture
def qcow2(ntfs_volume: Path, tmp_path: Path) -> Path:
    needs(ImageToBuild.QCOW2)
    return build_image(ntfs_volume, ImageToBuild.QCOW2, tmp_path / "disk")


def test_an_e01_of_0_bytes_is_refused(tmp_path: Path) -> None:
    image = tmp_path / "disk.E01"
    image.touch()

    assert refusal(image).reason == "the file is empty, 0 bytes"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="No such file"):
        find(tmp_path / "disk.E01")


@pytest.mark.parametrize("name", ["disk.E01", "disk.vmdk", "disk.vhd", "disk.vhdx", "disk.qcow2", "disk.dd"])
def test_a_file_that_only_its_name_calls_an_image_is_refused(name: str, tmp_path: Path) -> None:
    image = tmp_path / name
    image.write_bytes(b"no image" * 1000)

    assert refusal(image).remedy


@pytest.mark.parametrize("name", ["disk.E01", "disk.vmdk", "disk.vhd", "disk.vhdx", "disk.qcow2"])
def test_an_image_that_is_only_a_signature_is_refused(name: str, tmp_path: Path) -> None:
    signatures = {
        "E01": b"EVF\x09\x0d\x0a\xff\x00\x01\x01\x00\x00\x00",
        "vmdk": b"KDMV",
        "vhd": b"conectix",
        "vhdx": b"vhdxfile",
        "qcow2": b"QFI\xfb\0\0\0\3",
    }
    image = tmp_path / name
    image.write_bytes(signatures[name.split(".")[1]] + bytes(600))

    assert "cannot be opened" in refusal(image).reason


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

    assert "disk.E01, disk.E03 are here: look for one that is missing" in problems[0].reason


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


def test_a_later_segment_is_not_taken_for_an_image(e01: Path) -> None:
    assert refusal(e01.with_suffix(".E02")).remedy == "Give the image's first file, such as .E01 or .001"


def test_segments_with_exchanged_names_are_refused(e01: Path) -> None:
    first, second = e01.read_bytes(), e01.with_suffix(".E02").read_bytes()
    e01.write_bytes(second)
    e01.with_suffix(".E02").write_bytes(first)

    assert refusal(e01).reason == "is called the first segment, and says of itself that it is segment 2"


def test_an_e01_under_another_name_is_told_to_be_renamed(e01: Path, tmp_path: Path) -> None:
    assert "Rename" in refusal(e01.rename(tmp_path / "disk.bin")).remedy


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


def test_a_guid_table_with_a_lost_first_header_is_read_from_its_copy(ntfs_volume: Path, tmp_path: Path) -> None:
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

    assert [(each.path, "no file system that is known" in each.reason) for each in find(disk)[1]] == [("p1", True)]


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


def test_a_disk_without_partitions_or_file_system_is_refused(tmp_path: Path) -> None:
    image = tmp_path / "disk.dd"
    image.write_bytes(bytes(2 * MEBIBYTE))

    assert refusal(image).reason == "has no partition table and no file system that is known"


def test_a_volume_whose_file_table_is_destroyed_is_one_unreadable(ntfs_volume: Path, tmp_path: Path) -> None:
    image = Path(shutil.copyfile(ntfs_volume, tmp_path / "disk.dd"))
    data = image.read_bytes()
    overwrite(image, 0, data[:SECTOR] + data[SECTOR:].replace(b"FILE", b"XXXX"))

    files, problems = find(image)

    assert files == []
    assert [each.path for each in problems] == ["p1"]
    assert "its NTFS file system cannot be opened" in problems[0].reason


def test_a_compressed_qcow2_is_refused_since_it_would_read_as_zeros(qcow2: Path, tmp_path: Path) -> None:
    image = tmp_path / "compressed.qcow2"
    run("qemu-img", "convert", "-c", "-O", "qcow2", qcow2, image)

    refused = refusal(image)

    assert refused.reason == "has compressed clusters, which the library reads as zeros"
    assert "qemu-img convert -O raw" in refused.remedy


def test_a_compressed_qcow2_of_version_2_is_read(qcow2: Path, tmp_path: Path) -> None:
    image = tmp_path / "compressed.qcow2"
    run("qemu-img", "convert", "-c", "-O", "qcow2", "-o", "compat=0.10", qcow2, image)

    files, problems = find(image)

    assert len(files) == ARTIFACTS
    assert problems == []


@pytest.mark.parametrize("kind", ["qcow2", "vmdk"])
def test_a_snapshot_disk_is_refused(kind: str, ntfs_volume: Path, tmp_path: Path) -> None:
    needs(ImageToBuild.QCOW2)
    build_image(ntfs_volume, ImageToBuild(kind), tmp_path / "base")
    image = tmp_path / f"snapshot.{kind}"
    run("qemu-img", "create", "-f", kind, "-b", tmp_path / f"base.{kind}", "-F", kind, image)

    assert "is a snapshot over" in refusal(image).reason


def test_a_renamed_vmdk_is_not_read_from_the_file_that_has_its_name_now(ntfs_volume: Path, tmp_path: Path) -> None:
    needs(ImageToBuild.VMDK)
    image = build_image(ntfs_volume, ImageToBuild.VMDK, tmp_path / "disk")
    renamed = image.rename(tmp_path / "case1.vmdk")
    assert len(find(renamed)[0]) == ARTIFACTS

    image.write_bytes(renamed.read_bytes())

    assert "another file has that name now" in refusal(renamed).reason


def test_a_vmdk_whose_extent_is_missing_names_it(ntfs_volume: Path, tmp_path: Path) -> None:
    needs(ImageToBuild.VMDK_FLAT)
    image = build_image(ntfs_volume, ImageToBuild.VMDK_FLAT, tmp_path / "disk")
    (tmp_path / "disk-flat.vmdk").unlink()

    assert refusal(image).reason == "disk-flat.vmdk, which it names, is missing"


def test_a_vhdx_with_changes_in_its_log_says_so(ntfs_volume: Path, tmp_path: Path) -> None:
    needs(ImageToBuild.VHDX)
    image = build_image(ntfs_volume, ImageToBuild.VHDX, tmp_path / "disk")
    for header in (0x10000, 0x20000):
        overwrite(image, header + 48, b"\x01")

    try:
        _, problems = find(image)
        reasons = [each.reason for each in problems]
    except EvidenceError as error:  # the header's checksum is wrong now, which a stricter reader may refuse
        reasons = [error.reason]

    assert any("not closed cleanly" in reason or "cannot be opened" in reason for reason in reasons)


@pytest.mark.parametrize("kind", [ImageToBuild.VMDK, ImageToBuild.VHD, ImageToBuild.VHDX, ImageToBuild.QCOW2])
@pytest.mark.parametrize("part", [0.2, 0.6, 0.95])
def test_a_cut_container_never_gives_other_bytes(
    kind: ImageToBuild, part: float, ntfs_volume: Path, tmp_path: Path
) -> None:
    needs(kind)
    image = build_image(ntfs_volume, kind, tmp_path / "disk")
    with image.open("r+b") as stream:
        stream.truncate(int(image.stat().st_size * part))
    expected = {f"p2/{path.relative_to(FIXTURE).as_posix()}": path for path in FIXTURE.rglob("*") if path.is_file()}

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
def small_volume(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    if (missing := missing_tools()) is not None:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("small")
    for name in ("Windows/System32/config/SYSTEM", "Windows/System32/winevt/Logs/System.evtx"):
        (folder / "files" / name).parent.mkdir(parents=True)
        shutil.copyfile(FIXTURE / name, folder / "files" / name)
    return build_ntfs_volume(folder / "files", folder / "volume", 4 * MEBIBYTE).read_bytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    damages=st.lists(
        st.tuples(st.integers(0, 4 * MEBIBYTE - 1), st.binary(min_size=1, max_size=64)), min_size=1, max_size=12
    ),
    records=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 1000), st.binary(min_size=1, max_size=8)), max_size=12),
    size=st.integers(SECTOR, 4 * MEBIBYTE),
)
def test_damage_anywhere_is_an_unreadable_or_a_refusal_and_nothing_else(
    damages: list[tuple[int, bytes]],
    records: list[tuple[int, int, bytes]],
    size: int,
    small_volume: bytes,
    tmp_path: Path,
) -> None:
    volume = bytearray(small_volume)
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
