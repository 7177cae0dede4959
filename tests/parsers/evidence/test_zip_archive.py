from __future__ import annotations

import io
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.builders.archive import (
    EVENT_LOG,
    HIVE,
    PASSWORD,
    aes_zip_of,
    classic_zip_of,
    zip_of,
    zip_written_forwards,
)
from tests.parsers.evidence.archive_search import CASE_FILES, search

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TWO = {"a.evtx": EVENT_LOG, "SYSTEM": HIVE}
LOCAL, DIRECTORY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


@pytest.mark.parametrize("build", [zip_of, zip_written_forwards])
def test_a_zip_cut_in_half_gives_what_lies_whole_before_the_cut(
    build: Callable[[Mapping[str, bytes]], bytes],
) -> None:
    whole = build(CASE_FILES)

    searched = search(whole[: len(whole) // 2])

    assert 0 < len(searched.files) < len(CASE_FILES)
    assert searched.files.items() <= CASE_FILES.items()
    cut, archive = searched.said
    assert cut.path in CASE_FILES
    assert "is cut off" in cut.reason
    assert archive.path == "archive"
    assert "is cut off or damaged" in archive.reason


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("build", [zip_of, zip_written_forwards])
def test_without_its_directory_members_are_found_by_their_own_headers(
    build: Callable[[Mapping[str, bytes], int], bytes], method: int
) -> None:
    inner = zip_of({"b.evtx": b"b" * 999})
    whole = build({"inner.zip": inner, **TWO, "empty.evtx": b""}, method)
    directory = zipfile.ZipFile(io.BytesIO(whole)).start_dir

    searched = search(whole[:directory])

    assert searched.files == {"inner.zip/b.evtx": b"b" * 999, **TWO, "empty.evtx": b""}
    assert "found by walking" in searched.reasons("archive")


def test_sizes_behind_a_member_are_found_without_their_signature() -> None:
    whole = zip_written_forwards(TWO)

    searched = search(whole.replace(b"PK\x07\x08", b"").replace(END, b"PK\x05\x05"))

    assert searched.files == TWO


def test_an_encrypted_zip_without_its_directory_is_read_with_the_password() -> None:
    for whole in (aes_zip_of(TWO), classic_zip_of(TWO)):
        assert search(whole[:-10], PASSWORD).files == TWO


def test_the_directory_of_an_archive_inside_is_not_taken_for_that_of_the_cut_archive() -> None:
    inner = zip_of({"b.evtx": b"b"}, zipfile.ZIP_STORED)
    whole = zip_of({"a.evtx": b"a", "inner.bin": inner + bytes(5000)}, zipfile.ZIP_STORED)

    searched = search(whole[: whole.index(LOCAL, 60) + 2000])

    # Its directory is the last that is left, and its member lies where it lies.
    assert searched.files == {"a.evtx": b"a", "b.evtx": b"b"}
    assert "is cut off" in searched.reasons("inner.bin")
    assert "directory at its end is that of an archive inside it" in searched.reasons("archive")


def test_a_member_whose_local_header_is_damaged_costs_no_other() -> None:
    whole = zip_of({"first.evtx": b"1", **TWO})
    at = whole.index(LOCAL, 4)

    searched = search(whole[:at] + b"PK??" + whole[at + 4 :])

    assert searched.files == {"first.evtx": b"1", "SYSTEM": HIVE}
    assert "Bad magic number" in searched.reasons("a.evtx")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_of_a_member_with_a_wrong_checksum_nothing_is_given_and_it_is_said(method: int) -> None:
    whole = bytearray(zip_of({"a.evtx": bytes(range(256)) * 40, "SYSTEM": HIVE}, method))
    whole[60] ^= 1

    searched = search(bytes(whole))

    assert searched.files == {"SYSTEM": HIVE}
    assert searched.reasons("a.evtx").startswith("cannot be read: ")


def test_a_member_that_is_shorter_than_the_directory_says_is_not_given() -> None:
    whole = bytearray(zip_of({"a.evtx": EVENT_LOG}))
    whole[whole.index(DIRECTORY) + 24] += 1

    assert "holds 2,056 bytes where the archive says 2,057" in search(bytes(whole)).reasons("a.evtx")


def test_a_member_with_two_names_is_not_given() -> None:
    whole = zip_of({"a.evtx": EVENT_LOG})

    searched = search(whole.replace(b"a.evtx", b"b.evtx", 1))

    assert searched.files == {}
    assert "differ" in searched.reasons("a.evtx")


def test_zip64_is_read_with_its_directory_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 0)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in TWO.items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(content)
    monkeypatch.undo()
    whole = stream.getvalue()
    assert b"PK\x06\x06" in whole

    assert search(whole).files == TWO
    assert search(whole[: whole.index(DIRECTORY)]).files == TWO


def test_links_are_not_followed_and_said_where_they_hide_an_artifact() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("System.evtx", "other"):
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "/etc/passwd")

    searched = search(stream.getvalue())

    assert searched.files == {}
    assert [each.path for each in searched.said] == ["System.evtx"]
    assert "is a link" in searched.said[0].reason


def test_names_are_read_as_utf8_where_they_are_that_and_else_byte_by_byte() -> None:
    unmarked = zip_of({"Kxxche.evtx": b"1", "Tx.evtx": b"2"})

    named = unmarked.replace(b"Kxxche", "Küche".encode()).replace(b"Tx.", b"T\x81.")

    assert search(named).files == {"Küche.evtx": b"1", "Tü.evtx": b"2"}


def test_a_name_that_is_not_the_utf8_that_it_claims_to_be_costs_nothing() -> None:
    whole = zip_of({"Kü.evtx": b"1", "b.evtx": b"2"}).replace("Kü".encode(), b"K\xff\xfe")

    assert search(whole).files == {"K\udcff\udcfe.evtx": b"1", "b.evtx": b"2"}


def test_methods_that_are_not_read_are_said_once() -> None:
    searched = search(zip_of({"x.txt": b"x", **TWO}, zipfile.ZIP_BZIP2))

    assert searched.files == {}
    (said,) = searched.said
    assert said.path == "a.evtx"
    assert said.reason.startswith("is packed in a way that is not read, bzip2. Unpack the archive")
    assert said.reason.endswith("The same goes for 2 more members")


def test_folders_are_no_members() -> None:
    assert search(zip_of({"a.evtx/": b"", "a.evtx/b.evtx": b"b"})).files == {"a.evtx/b.evtx": b"b"}


def test_an_empty_zip_holds_nothing() -> None:
    assert search(zip_of({})).files == {}
