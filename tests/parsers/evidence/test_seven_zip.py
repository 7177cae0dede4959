from __future__ import annotations

import io

import py7zr
import pytest

from parsers.errors import EvidenceError
from parsers.evidence.archive_limits import ArchiveLimits
from tests.builders.archive import EVENT_LOG, HIVE, seven_zip_of, with_seven_zip_header, zip_of
from tests.parsers.evidence.archive_search import CASE_FILES, search

TWO = {"a.evtx": EVENT_LOG, "SYSTEM": HIVE}
COPY = [{"id": py7zr.FILTER_COPY}]
LZMA = [{"id": py7zr.FILTER_LZMA}]
LZMA2 = [{"id": py7zr.FILTER_LZMA2, "preset": 1}]


def in_two_blocks(first: dict[str, bytes], second: dict[str, bytes], filters: list[dict[str, int]]) -> bytes:
    stream = io.BytesIO(seven_zip_of(first, filters=filters, plain_header=True))
    with py7zr.SevenZipFile(stream, "a", filters=filters) as archive:
        archive.set_encoded_header_mode(False)
        for name, content in second.items():
            archive.writestr(content, name)
    return stream.getvalue()


@pytest.mark.parametrize(
    "filters",
    [
        COPY,
        LZMA,
        LZMA2,
        [{"id": py7zr.FILTER_BZIP2}],
        [{"id": py7zr.FILTER_X86}, *LZMA],
        [{"id": py7zr.FILTER_X86}, *LZMA2],
        [{"id": py7zr.FILTER_DELTA}, *LZMA2],
    ],
)
def test_what_7_zip_packs_with_is_read(filters: list[dict[str, int]]) -> None:
    searched = search(seven_zip_of(CASE_FILES, filters=filters))

    assert (searched.files, searched.said) == (CASE_FILES, ())


def test_members_of_several_blocks_are_given_in_order() -> None:
    searched = search(in_two_blocks({"a.evtx": b"1", "x": b"x" * 3000}, {"b.evtx": b"2"}, LZMA2))

    assert list(searched.files.items()) == [("a.evtx", b"1"), ("b.evtx", b"2")]
    assert searched.said == ()


def test_of_a_member_with_a_wrong_checksum_nothing_is_given_and_the_others_are() -> None:
    whole = bytearray(seven_zip_of({"a.evtx": EVENT_LOG, "b.evtx": b"b" * 999, "SYSTEM": HIVE}, filters=COPY))
    whole[whole.index(b"bbb")] ^= 1

    searched = search(bytes(whole))

    assert searched.files == TWO
    assert searched.reasons("b.evtx") == "is not what was packed: its CRC-32 differs"


def test_a_wrong_checksum_of_what_is_no_artifact_is_said_too() -> None:
    whole = bytearray(seven_zip_of({"notes": b"b" * 9999, **TWO}, filters=COPY))
    whole[9000] ^= 1

    searched = search(bytes(whole))

    assert searched.files == TWO
    assert "CRC-32 differs" in searched.reasons("notes")


def test_behind_damage_the_rest_of_the_block_is_lost_and_other_blocks_are_not() -> None:
    first = {
        "a.evtx": b"1" * 50,
        "b.evtx": CASE_FILES["Windows/System32/config/SYSTEM"],
        "c.evtx": b"3",
        "d": b"4",
    }
    whole = bytearray(in_two_blocks(first, {"e.evtx": b"5"}, LZMA))
    whole[3000:3400] = bytes(400)

    searched = search(bytes(whole))

    assert searched.files == {"a.evtx": first["a.evtx"], "e.evtx": b"5"}
    assert [each.path for each in searched.said] == ["b.evtx", "c.evtx"]
    assert searched.reasons("c.evtx") == "lies behind damage in the archive. The same goes for 1 more members"


@pytest.mark.parametrize("filters", [LZMA2, COPY])
def test_a_7z_that_is_cut_cannot_be_opened(filters: list[dict[str, int]]) -> None:
    whole = seven_zip_of(CASE_FILES, filters=filters)

    with pytest.raises(EvidenceError, match=r"no whole 7z archive.*join them"):
        search(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    "method",
    [
        {"id": py7zr.FILTER_PPMD, "order": 6, "mem": 16},
        {"id": py7zr.FILTER_ZSTD, "level": 1},
        {"id": py7zr.FILTER_BROTLI, "level": 1},
        {"id": py7zr.FILTER_DEFLATE},
    ],
)
def test_methods_that_are_unfit_for_hostile_bytes_are_refused(method: dict[str, int]) -> None:
    searched = search(seven_zip_of({"x": b"x", **TWO}, filters=[method]))

    assert searched.files == {}
    (said,) = searched.said
    assert said.path == "a.evtx"
    assert "packed in a way that is not read" in said.reason
    assert "Unpack the archive" in said.reason


def test_a_method_that_nobody_knows_is_said() -> None:
    whole = seven_zip_of(TWO, filters=LZMA2, plain_header=True)

    searched = search(
        with_seven_zip_header(whole, lambda header: header.replace(b"\x21\x21\x01", b"\x21\x7f\x01", 1))
    )

    assert searched.files == {}
    assert "packed in a way that is not read" in searched.reasons("a.evtx")


def test_a_dictionary_larger_than_the_limit_is_refused() -> None:
    whole = seven_zip_of(TWO, filters=[{"id": py7zr.FILTER_LZMA2, "preset": 1, "dict_size": 1 << 24}])

    searched = search(whole, limits=ArchiveLimits(memory=1 << 23))

    assert searched.files == {}
    assert "takes 16,777,216 bytes of memory to unpack" in searched.reasons("a.evtx")


def test_a_header_that_claims_millions_of_members_is_refused() -> None:
    # Files, two million of them, and nothing else.
    header = b"\x01\x05\xde\x80\x84" + bytes(1 << 21)

    searched = search(with_seven_zip_header(seven_zip_of({}), lambda _: header))

    assert "lists more than 500,000 members" in searched.reasons("archive")


def test_an_archive_with_nothing_in_it_gives_nothing() -> None:
    assert search(seven_zip_of({})).files == {}


def test_an_archive_inside_is_searched_with_the_rest_of_the_block() -> None:
    searched = search(seven_zip_of({"data.zip": zip_of({"a.evtx": EVENT_LOG}), "SYSTEM": HIVE}))

    assert searched.files == {"data.zip/a.evtx": EVENT_LOG, "SYSTEM": HIVE}
