from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from typing import TYPE_CHECKING

import pytest
import zstandard

from parsers.errors import EvidenceError
from tests.builders.archive import EVENT_LOG, HIVE, tar_of
from tests.parsers.evidence.archive_search import CASE_FILES, search

if TYPE_CHECKING:
    from collections.abc import Callable

PACKED = pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, bz2.compress, lzma.compress, zstandard.compress],
    ids=lambda each: each.__name__,
)
TWO = {"a.evtx": EVENT_LOG, "SYSTEM": HIVE}
BLOCK = 512


@PACKED
def test_a_tar_cut_in_half_gives_what_lies_before_the_cut(pack: Callable[[bytes], bytes]) -> None:
    whole = pack(tar_of(CASE_FILES))

    # bzip2 packs 900 KB at once.
    searched = search(whole[: len(whole) * 4 // 5])

    assert 0 < len(searched.files) < len(CASE_FILES)
    assert searched.files.items() <= CASE_FILES.items()
    assert any("lies behind is lost" in each.reason for each in searched.said if each.path == "archive")


@PACKED
def test_a_tar_without_its_end_mark_is_read_and_it_is_said(pack: Callable[[bytes], bytes]) -> None:
    whole = tar_of(TWO)

    searched = search(pack(whole.rstrip(b"\0").ljust(BLOCK * 15, b"\0")))

    assert searched.files == TWO
    assert "ends without the mark of its end" in searched.reasons("archive")


def test_a_damaged_header_is_said_and_not_taken_for_the_end() -> None:
    whole = bytearray(tar_of({**TWO, "b.evtx": b"b"}))
    whole[whole.index(b"b.evtx")] ^= 1

    searched = search(bytes(whole))

    assert searched.files == TWO
    assert "is damaged in a header" in searched.reasons("archive")


def test_a_header_cut_in_two_is_said() -> None:
    whole = tar_of(TWO)

    assert "is cut off in a header" in search(whole[: whole.index(b"SYSTEM") + 100]).reasons("archive")


@PACKED
def test_what_follows_the_end_mark_is_said(pack: Callable[[bytes], bytes]) -> None:
    searched = search(pack(tar_of(TWO) + tar_of({"c.evtx": b"c"})))

    assert searched.files == TWO
    assert "goes on behind the mark of its end" in searched.reasons("archive")


def test_a_wrong_checksum_at_the_end_of_the_stream_is_said() -> None:
    whole = bytearray(gzip.compress(tar_of(TWO)))
    whole[-5] ^= 1

    searched = search(bytes(whole))

    assert searched.files == TWO
    assert "CRC check failed" in searched.reasons("archive")


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstandard.compress])
def test_streams_one_behind_the_other_are_one_tar(pack: Callable[[bytes], bytes]) -> None:
    whole = tar_of(TWO)

    searched = search(pack(whole[:3000]) + pack(whole[3000:]))

    assert (searched.files, searched.said) == (TWO, ())


def test_links_and_devices_are_not_followed_and_said_where_they_hide_an_artifact() -> None:
    others = []
    for name, form, target in (
        ("System.evtx", tarfile.SYMTYPE, "System.evtx"),
        ("Security.evtx", tarfile.LNKTYPE, "a.evtx"),
        ("SYSTEM", tarfile.CHRTYPE, ""),
        ("other", tarfile.SYMTYPE, "/"),
        ("pipe", tarfile.FIFOTYPE, ""),
    ):
        info = tarfile.TarInfo(name)
        info.type, info.linkname = form, target
        others.append(info)

    searched = search(tar_of({"a.evtx": EVENT_LOG}, others))

    assert searched.files == {"a.evtx": EVENT_LOG}
    assert {each.path: each.reason for each in searched.said} == {
        "System.evtx": "is a link to 'System.evtx', and holds nothing itself",
        "Security.evtx": "is a link to 'a.evtx', and holds nothing itself",
        "SYSTEM": "is a device or a pipe, and holds nothing itself",
    }


def test_the_same_name_twice_is_read_twice() -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for content in (b"1", b"2"):
            info = tarfile.TarInfo("a.evtx")
            info.size = 1
            archive.addfile(info, io.BytesIO(content))

    assert search(stream.getvalue()).files == {"a.evtx": b"1", "a.evtx (2)": b"2"}


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_whole(form: int) -> None:
    name = "/".join(["folder" * 10] * 8) + "/System.evtx"

    assert search(tar_of({name: EVENT_LOG}, form=form)).files == {name: EVENT_LOG}


def test_names_that_are_no_utf8_keep_their_bytes() -> None:
    whole = tar_of({"K?.evtx": EVENT_LOG}).replace(b"K?", b"K\xfc")

    # The changed byte changes the header's sum.
    header = bytearray(whole[:BLOCK])
    header[148:156] = b" " * 8
    header[148:155] = f"{sum(header):06o}\0".encode()

    assert search(bytes(header) + whole[BLOCK:]).files == {"K\udcfc.evtx": EVENT_LOG}


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_a_header_of_a_gigabyte_is_refused(kind: bytes) -> None:
    bomb = tarfile.TarInfo("x")
    bomb.type, bomb.size = kind, 1 << 30

    searched = search(
        gzip.compress(tar_of({"a.evtx": b"a"}).rstrip(b"\0").ljust(BLOCK * 2, b"\0") + bomb.tobuf())
    )

    assert searched.files == {"a.evtx": b"a"}
    assert "has a header of more than 65,536 bytes" in searched.reasons("archive")


def test_a_member_of_less_than_nothing_is_no_way_back() -> None:
    header = bytearray(tarfile.TarInfo("a.evtx").tobuf())
    header[124:136] = b"\xff" * 10 + b"\xf6\x00"
    header[148:156] = b" " * 8
    header[148:155] = f"{sum(header):06o}\0".encode()

    searched = search(tar_of({"b.evtx": b"b"}).rstrip(b"\0").ljust(BLOCK * 2, b"\0") + bytes(header) * 3)

    assert searched.files["b.evtx"] == b"b"
    assert searched.said


def test_an_xz_stream_that_takes_too_much_memory_is_refused() -> None:
    packed = bytearray(lzma.compress(tar_of(TWO)))
    # The block's header begins at 12 with its length; its one filter is LZMA2, whose one byte of properties
    # is the size of the dictionary, here 1 GiB.
    packed[packed.index(b"\x21\x01", 12) + 2] = 36
    end = 12 + packed[12] * 4
    packed[end : end + 4] = zlib.crc32(packed[12:end]).to_bytes(4, "little")

    with pytest.raises(EvidenceError, match="Memory usage limit"):
        search(bytes(packed), inside="case.tar.xz")


def test_a_compressed_file_that_holds_no_tar_is_no_archive() -> None:
    with pytest.raises(EvidenceError, match="no archive of a kind"):
        search(gzip.compress(EVENT_LOG))
