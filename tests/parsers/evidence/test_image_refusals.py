from __future__ import annotations

from pathlib import Path

import pytest

from parsers.errors import EvidenceError
from tests.builders.disk_image import (
    MEBIBYTE,
    ImageToBuild,
    build_image,
    run,
)
from tests.parsers.evidence.image_search import find, needs, overwrite, refusal

FIXTURE = Path(__file__).parents[3] / "fixtures" / "case-dc01"
ARTIFACTS = 4
SECTOR = 512


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


def test_a_later_segment_is_not_taken_for_an_image(e01: Path) -> None:
    assert refusal(e01.with_suffix(".E02")).remedy == "Give the image's first file, such as .E01 or .001"


def test_segments_with_exchanged_names_are_refused(e01: Path) -> None:
    first, second = e01.read_bytes(), e01.with_suffix(".E02").read_bytes()
    e01.write_bytes(second)
    e01.with_suffix(".E02").write_bytes(first)

    assert refusal(e01).reason == "is called the first segment, and says of itself that it is segment 2"


def test_an_e01_under_another_name_is_told_to_be_renamed(e01: Path, tmp_path: Path) -> None:
    assert "Rename" in refusal(e01.rename(tmp_path / "disk.bin")).remedy


def test_a_disk_without_partitions_or_file_system_is_refused(tmp_path: Path) -> None:
    image = tmp_path / "disk.dd"
    image.write_bytes(bytes(2 * MEBIBYTE))

    assert refusal(image).reason == "has no partition table and no file system that is known"


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


def test_a_renamed_vmdk_is_not_read_from_the_file_that_has_its_name_now(
    ntfs_volume: Path, tmp_path: Path
) -> None:
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
