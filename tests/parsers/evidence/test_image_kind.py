from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.evidence.file_system import FileSystem, is_ntfs_boot_sector, tell_file_system
from parsers.evidence.image_kind import IMAGE_HEAD_SIZE, ImageKind, image_kind, is_later_segment
from tests.builders.disk_image import ImageToBuild, build_image, missing_tools

if TYPE_CHECKING:
    from pathlib import Path

BIG = 60 << 30
SECTOR = 512
EVF = b"EVF\x09\x0d\x0a\xff\x00\x01"


def master_boot_record(*entries: tuple[int, int, int, int]) -> bytes:
    table = b"".join(
        struct.pack("<B3xB3xII", flag, kind, first, count) for flag, kind, first, count in entries
    )
    return bytes(446) + table.ljust(64, b"\0") + b"\x55\xaa"


def ntfs_boot_sector(bytes_per_sector: int = 512, sectors_per_cluster: int = 8, total: int = 1000) -> bytes:
    head = b"\xeb\x52\x90NTFS    " + struct.pack("<HB", bytes_per_sector, sectors_per_cluster)
    return (head.ljust(0x28, b"\0") + struct.pack("<Q", total)).ljust(510, b"\0") + b"\x55\xaa"


@pytest.mark.parametrize("kind", ImageToBuild)
def test_every_kind_that_tools_make_is_told_by_content_alone(
    kind: ImageToBuild, ntfs_volume: Path, tmp_path: Path
) -> None:
    if (missing := missing_tools(kind)) is not None:
        pytest.skip(missing)
    image = build_image(ntfs_volume, kind, tmp_path / "disk")
    with image.open("rb") as stream:
        head = stream.read(IMAGE_HEAD_SIZE)
    # A fixed VHD begins as a raw disk does, and only its name says that a footer follows.
    expected = {
        ImageToBuild.E01: ImageKind.EWF,
        ImageToBuild.VMDK: ImageKind.VMDK,
        ImageToBuild.VMDK_FLAT: ImageKind.VMDK,
        ImageToBuild.VMDK_STREAM: ImageKind.VMDK,
        ImageToBuild.VHD: ImageKind.VHD,
        ImageToBuild.VHDX: ImageKind.VHDX,
        ImageToBuild.QCOW2: ImageKind.QCOW,
    }.get(kind, ImageKind.RAW)

    assert image_kind(head, "evidence", image.stat().st_size) is expected
    assert image_kind(head[:SECTOR], "evidence", image.stat().st_size) is expected


@pytest.mark.parametrize(
    ("head", "name", "size", "kind"),
    [
        (ntfs_boot_sector(), "c", BIG, ImageKind.RAW),
        (ntfs_boot_sector(), "BOOTSECT.BAK", 8192, None),
        (ntfs_boot_sector(bytes_per_sector=0), "c", BIG, None),
        (ntfs_boot_sector(total=0), "c", BIG, None),
        (master_boot_record((0x80, 7, 2048, 4096)), "disk", BIG, ImageKind.RAW),
        (master_boot_record((0, 0xEE, 1, 0xFFFFFFFF)), "disk", BIG, ImageKind.RAW),
        (master_boot_record((0x12, 7, 2048, 4096)), "disk", BIG, None),
        (master_boot_record((0x80, 7, 0, 4096)), "disk", BIG, None),
        (master_boot_record((0x80, 7, 4_000_000, 4096)), "disk", 2 << 20, None),
        (master_boot_record(), "disk", BIG, None),
        (bytes(SECTOR) + b"EFI PART", "disk", BIG, ImageKind.RAW),
        (bytes(4096) + b"EFI PART", "disk", BIG, ImageKind.RAW),
        (b"\xeb\x58\x90-FVE-FS-", "disk", BIG, ImageKind.RAW),
        (EVF, "evidence.bin", 100, ImageKind.EWF),
        (b"EVF2\x0d\x0a\x81\x00", "evidence.bin", 100, ImageKind.EWF),
        (b"# Disk DescriptorFile\nversion=1", "disk.vmdk", 300, ImageKind.VMDK),
        (b"", "DISK.E01", 0, ImageKind.EWF),
        (b"", "disk.dd", 0, ImageKind.RAW),
        (b"", "System.evtx", 0, None),
        (b"ElfFile\0", "System.evtx", 1 << 20, None),
        (b"PK\x03\x04", "case.zip", BIG, None),
        (b"MZ", "setup.exe", BIG, None),
    ],
)
def test_an_image_is_told_by_what_it_begins_with(
    head: bytes, name: str, size: int, kind: ImageKind | None
) -> None:
    assert image_kind(head, name, size) is kind


@given(head=st.binary(max_size=IMAGE_HEAD_SIZE), name=st.text(max_size=30), size=st.integers(0, BIG))
def test_any_bytes_have_an_answer(head: bytes, name: str, size: int) -> None:
    assert image_kind(head, name, size) in {*ImageKind, None}


@pytest.mark.parametrize(
    ("first", "later", "head"),
    [
        ("disk.001", "disk.002", b""),
        ("disk.000", "disk.001", b""),
        ("disk.001", "disk.117", b""),
        ("disk.E01", "disk.E02", EVF),
        ("disk.E01", "disk.EAB", EVF),
        ("disk.Ex01", "disk.Ex02", b"EVF2"),
        ("disk.vmdk", "disk-flat.vmdk", b""),
        ("disk.vmdk", "disk-s002.vmdk", b"KDMV"),
    ],
)
def test_a_later_segment_is_none_of_its_own_while_the_first_is_there(
    first: str, later: str, head: bytes, tmp_path: Path
) -> None:
    assert not is_later_segment(tmp_path / later, head)
    (tmp_path / first).touch()

    assert is_later_segment(tmp_path / later, head)
    assert not is_later_segment(tmp_path / first, head)


def test_a_name_that_only_looks_like_a_segment_is_none(tmp_path: Path) -> None:
    (tmp_path / "report.E01").touch()
    (tmp_path / "disk1.vmdk").touch()

    assert not is_later_segment(tmp_path / "report.EXE", b"MZ")
    assert not is_later_segment(tmp_path / "disk2.vmdk", b"KDMV")


@pytest.mark.parametrize(
    ("offset", "text", "file_system"),
    [
        (3, b"-FVE-FS-", FileSystem.BITLOCKER),
        (3, b"ReFS\0\0\0\0", FileSystem.REFS),
        (3, b"EXFAT   ", FileSystem.EXFAT),
        (54, b"FAT16   ", FileSystem.FAT),
        (82, b"FAT32   ", FileSystem.FAT),
        (1080, b"\x53\xef", FileSystem.EXT),
        (0x10040, b"_BHRfS_M", FileSystem.BTRFS),
        (0, b"", None),
    ],
)
def test_a_file_system_is_told_by_its_mark(offset: int, text: bytes, file_system: FileSystem | None) -> None:
    assert tell_file_system(bytes(offset) + text + bytes(2000)) is file_system


def test_bitlocker_to_go_is_not_taken_for_the_fat_that_it_looks_like() -> None:
    head = bytearray(1024)
    head[82:90] = b"FAT32   "
    head[424:440] = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")

    assert tell_file_system(bytes(head)) is FileSystem.BITLOCKER


def test_ntfs_needs_fields_that_can_be_true() -> None:
    assert is_ntfs_boot_sector(ntfs_boot_sector())
    assert not is_ntfs_boot_sector(ntfs_boot_sector(sectors_per_cluster=0))
    assert not is_ntfs_boot_sector(ntfs_boot_sector()[:510])
