"""Disk images in archives are named, with what to do: none is left out in silence."""

from __future__ import annotations

import struct
from typing import Final

import pytest

from tests.builders.archive import ALL_KINDS, EVENT_LOG, HIVE, zip_of
from tests.parsers.evidence.archive_search import search

MEBIBYTE: Final = 1 << 20
E01: Final = b"EVF\x09\x0d\x0a\xff\0\x01\x01\0\0\0" + bytes(3000)
LATER: Final = b"EVF\x09\x0d\x0a\xff\0\x01\x02\0\0\0" + bytes(3000)
PARTITION: Final = struct.pack("<B3xB3xII", 0x80, 7, 63, 1000)
DISK: Final = (bytes(446) + PARTITION + bytes(48) + b"\x55\xaa").ljust(MEBIBYTE, b"\0")
GPT_4K: Final = (bytes(4096) + b"EFI PART").ljust(MEBIBYTE, b"\0")
LATER_REASON: Final = "is a later segment of a disk image inside an archive. Unpack it and give the image"
IMAGES: Final = {
    "DC01.E01": E01,
    "DC02.img": DISK,
    "DC03.001": DISK,
    "DC04.bin": GPT_4K,
    "DC05.vmdk": b"KDMV" + bytes(600),
    "DC06.vhdx": b"vhdxfile" + bytes(600),
    "DC07.qcow2": b"QFI\xfb\0\0\0\3" + bytes(600),
}


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
def test_a_disk_image_in_an_archive_is_named(kind: str) -> None:
    searched = search(ALL_KINDS[kind]({**IMAGES, "C/System.evtx": EVENT_LOG, "C/a.bin": bytes(9000)}))

    assert list(searched.files) == ["C/System.evtx"]
    assert {(each.path, each.reason, each.remedy) for each in searched.said} == {
        (name, "is a disk image inside an archive", "Unpack it and give the image") for name in IMAGES
    }


def test_a_file_that_only_its_name_calls_an_image_is_named_too() -> None:
    (said,) = search(zip_of({"memory.raw": b"\x01" * 5000})).said

    assert said.reason == "is called a disk image, inside an archive"


def test_an_image_in_an_archive_in_an_archive_has_both_paths() -> None:
    (said,) = search(zip_of({"fleet/DC01.zip": zip_of({"disk.E01": E01})})).said

    assert said.path == "fleet/DC01.zip/disk.E01"


def test_later_segments_share_one_sentence() -> None:
    searched = search(zip_of({"a.E01": E01, "a.E02": LATER, "a.E03": LATER, "b-flat.vmdk": DISK}))

    assert [(each.path, each.reason) for each in searched.said] == [
        ("a.E01", "is a disk image inside an archive"),
        (
            "a.E02",
            f"{LATER_REASON}. The same goes for 2 more members",
        ),
    ]


def test_a_known_format_in_an_archive_is_named() -> None:
    (said,) = search(zip_of({"DC01.rar": b"Rar!\x1a\x07\x01\0" + bytes(100)})).said

    assert (said.reason, said.remedy) == ("is a RAR archive", "Unpack it and give the folder")


def test_artifacts_larger_than_the_head_are_still_found_whole() -> None:
    files = {"a.evtx": EVENT_LOG * 9, "b": bytes(4096) + b"ElfChnk\0" + bytes(9000), "SYSTEM": HIVE * 9}

    assert search(zip_of(files)).files == files
