"""What is known and not read is named with a remedy, and never leaves a folder in silence."""

from __future__ import annotations

import bz2
import gzip
import lzma
from typing import TYPE_CHECKING, Final

import pytest

from parsers.errors import EvidenceError
from parsers.evidence.found import Unreadable
from parsers.evidence.known_formats import known_format
from tests.builders.archive import EVENT_LOG, seven_zip_of, tar_of, zip_of
from tests.parsers.evidence.folder_search import found, kinds, lay_out

if TYPE_CHECKING:
    from pathlib import Path

REST: Final = bytes(range(256)) * 20
UNREAD: Final = {
    "DC01.rar": b"Rar!\x1a\x07\x01\0" + REST,
    "DC02.bin": b"Rar!\x1a\x07\0" + REST,
    "DC03.L01": b"LVF\x09\r\n\xff\0" + REST,
    "DC04.Lx01": b"LEF2\r\n\x81\0" + REST,
    "DC05.vdi": b"<<< Oracle VM VirtualBox Disk Image >>>\n" + REST,
    "DC06.bin": bytes(64) + b"\x7f\x10\xda\xbe" + REST,
    "DC07.wim": b"MSWIM\0\0\0" + REST,
    "DC08.ad1": b"ADSEGMENTEDFILE\0" + REST,
    "DC09.aff": b"AFF10\r\n\0" + REST,
    "DC10.aff4": zip_of({"container.description": b"aff4://"}),
    "DC11.bin": zip_of({"container.description": b"aff4://"}),
    "DC12.dd.gz": gzip.compress(REST),
    "DC13.evtx.bz2": bz2.compress(EVENT_LOG),
    "DC14.E01.xz": lzma.compress(REST),
    "DC15.gz": gzip.compress(EVENT_LOG + bytes(4096)),
    "SYSTEM.zst": b"\x28\xb5\x2f\xfd" + REST,
    "DC16.z01": b"PK\x07\x08PK\x03\x04" + REST,
    "DC17.zip": b"",
    "DC18.vdi": b"",
    "DC19.7z": REST,
    "DC20.E01": b"",
    "DC21.evtx.gz": b"",
    "DC22.zip.002": REST,
    "DC23.zip.001": b"",
}


@pytest.mark.parametrize("name", sorted(UNREAD))
def test_a_host_that_is_not_read_is_named_and_costs_no_other(name: str, tmp_path: Path) -> None:
    lay_out(tmp_path / "fleet", {name: UNREAD[name], "PC1/System.evtx": EVENT_LOG})

    (said,) = (each for each in found(tmp_path / "fleet") if isinstance(each, Unreadable))

    assert said.path == name
    assert said.reason.startswith("is ")
    assert said.remedy
    assert list(kinds(tmp_path / "fleet")) == ["PC1/System.evtx"]


@pytest.mark.parametrize("name", sorted(UNREAD))
def test_it_is_refused_with_its_remedy_where_it_is_the_evidence(name: str, tmp_path: Path) -> None:
    lay_out(tmp_path, {name: UNREAD[name]})

    with pytest.raises(EvidenceError) as caught:
        found(tmp_path / name)

    assert caught.value.reason.startswith("is ")
    assert "no event log (EVTX), no SYSTEM hive" not in caught.value.reason
    assert caught.value.remedy


def test_what_is_no_evidence_is_not_named(tmp_path: Path) -> None:
    files = {
        "notes.txt.gz": gzip.compress(b"notes"),
        "data.gz": gzip.compress(REST),
        "empty.txt": b"",
        "Recovery/Winre.wim": UNREAD["DC07.wim"],
        "en_US.aff": b"SET UTF-8",
        "report.docx": zip_of({"[Content_Types].xml": b"<Types/>"}),
        "report.zip": zip_of({"[Content_Types].xml": b"<Types/>"}),
        "program.z01": REST,
    }
    lay_out(tmp_path / "disk", files)

    assert found(tmp_path / "disk") == []


def test_a_compressed_file_that_is_the_evidence_is_named_whatever_it_holds(tmp_path: Path) -> None:
    lay_out(tmp_path, {"data.gz": gzip.compress(REST)})

    with pytest.raises(EvidenceError, match=r"is a compressed file\. Unpack it and give what is in it"):
        found(tmp_path / "data.gz")


@pytest.mark.parametrize("make", [zip_of, seven_zip_of], ids=["zip", "7z"])
def test_a_first_part_without_a_second_is_a_whole_archive(make: object, tmp_path: Path) -> None:
    assert callable(make)
    name = "DC01.zip.001" if make is zip_of else "DC01.7z.001"
    lay_out(tmp_path / "fleet", {name: make({"System.evtx": EVENT_LOG})})

    assert list(kinds(tmp_path / "fleet")) == [f"{name}/System.evtx"]


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ("DC01.zip.001", "DC01.zip.002"),
        ("DC01.L01", "DC01.L02"),
        ("DC01.ad1", "DC01.ad2"),
        ("DC01.part1.rar", "DC01.part2.rar"),
        ("DC01.part01.rar", "DC01.part12.rar"),
        ("DC01.rar", "DC01.r00"),
    ],
)
def test_parts_are_named_once_by_the_first(first: str, later: str, tmp_path: Path) -> None:
    lay_out(tmp_path / "fleet", {first: UNREAD["DC01.rar"], later: UNREAD["DC01.rar"]})

    assert [each.path for each in found(tmp_path / "fleet")] == [first]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", zip_of({"a": b"a"})),
        ("a.7z", seven_zip_of({"a": b"a"})),
        ("a.tar", tar_of({"a": b"a"})),
        ("a.tar.gz", gzip.compress(tar_of({"a": b"a"}), mtime=0)),
        ("System.evtx", EVENT_LOG),
        ("disk.E01", b"EVF\x09\r\n\xff\0" + REST),
    ],
    ids=["zip", "7z", "tar", "tar.gz", "event log", "E01"],
)
def test_what_is_read_is_left_to_its_readers(name: str, content: bytes) -> None:
    assert known_format(name, content, len(content)) is None
