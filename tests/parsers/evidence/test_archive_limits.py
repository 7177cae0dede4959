from __future__ import annotations

import gzip
import lzma
import tarfile
import tracemalloc
import zipfile
from typing import IO, TYPE_CHECKING, Final, cast

import py7zr
import pytest
import zstandard

from parsers.evidence.archive import find_in_archive
from parsers.evidence.archive_limits import ArchiveLimits
from parsers.evidence.found import FoundFile
from parsers.evidence.spool import Spool
from tests.builders.archive import ALL_KINDS, EVENT_LOG, HIVE, tar_of, zip_of
from tests.parsers.evidence.archive_search import BytesSource, search

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ZEROS: Final = 128 << 20
MEMORY: Final = 24 << 20
KINDS = pytest.mark.parametrize("kind", sorted(ALL_KINDS))


@KINDS
def test_a_member_that_is_too_large_is_refused_and_the_others_are_given(kind: str) -> None:
    archive = ALL_KINDS[kind]({"a.evtx": EVENT_LOG, "b.evtx": bytes(100_000), "SYSTEM": HIVE})

    searched = search(archive, limits=ArchiveLimits(member_bytes=50_000))

    assert searched.files == {"a.evtx": EVENT_LOG, "SYSTEM": HIVE}
    assert searched.reasons("b.evtx") == (
        "is larger than 50,000 bytes. Raise this limit with --archive-limit if the archive is to be trusted"
    )


@KINDS
def test_more_copies_than_allowed_are_refused_and_what_was_found_before_is_kept(kind: str) -> None:
    files = {f"{number}.evtx": EVENT_LOG for number in range(5)}

    searched = search(ALL_KINDS[kind](files), limits=ArchiveLimits(spooled_bytes=3 * len(EVENT_LOG)))

    assert list(searched.files) == ["0.evtx", "1.evtx", "2.evtx"]
    assert [each.path for each in searched.said] == ["3.evtx", "4.evtx"]
    assert "would be copied beyond" in searched.said[0].reason


@KINDS
def test_more_members_than_allowed_end_the_search_and_what_was_found_before_is_kept(kind: str) -> None:
    files = {"a.evtx": b"a", **{f"{number}.txt": b"t" for number in range(9)}, "b.evtx": b"b"}

    searched = search(ALL_KINDS[kind](files), limits=ArchiveLimits(members=5))

    # The list of a 7z is read at once, or not at all.
    assert searched.files == ({} if kind == "7z" else {"a.evtx": b"a"})
    assert searched.reasons("archive").startswith("lists more than 5 members. Raise this limit")


@KINDS
def test_more_unpacked_bytes_than_allowed_end_the_search(kind: str) -> None:
    files = {"a.evtx": b"a", "b.txt": b"b" * 9000, "c.evtx": b"c" * 30_000, "d.evtx": b"d"}

    searched = search(ALL_KINDS[kind](files), limits=ArchiveLimits(decompressed_bytes=25_000))

    assert "d.evtx" not in searched.files
    assert searched.reasons("archive").startswith("unpacks to more than 25,000 bytes. Raise this limit")


def test_an_archive_inside_shares_the_limits_of_the_one_around_it() -> None:
    inner = zip_of({"x.evtx": bytes(30_000)})
    outer = zip_of({f"{number}.zip": inner for number in range(5)})

    searched = search(outer, limits=ArchiveLimits(decompressed_bytes=100_000))

    assert list(searched.files) == ["0.zip/x.evtx", "1.zip/x.evtx", "2.zip/x.evtx"]
    assert searched.reasons("3.zip").startswith("unpacks to more than")


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_archives_are_opened_as_deep_as_allowed(depth: int) -> None:
    archive = zip_of({"0.evtx": b"0", "1": tar_of({"1.evtx": b"1", "2": zip_of({"2.evtx": b"2"})})})

    searched = search(archive, limits=ArchiveLimits(depth=depth))

    assert list(searched.files) == ["0.evtx", "1/1.evtx", "1/2/2.evtx"][: depth + 1]
    assert len(searched.said) == (depth < 2)


def test_a_log_with_much_empty_space_is_no_bomb() -> None:
    log = EVENT_LOG + bytes(20 << 20)

    assert search(zip_of({"a.evtx": log})).files == {"a.evtx": log}


@pytest.mark.parametrize("kind", sorted({*ALL_KINDS} - {"stored zip", "tar", "pax tar"}))
def test_a_large_member_out_of_nearly_nothing_is_refused(kind: str) -> None:
    archive = ALL_KINDS[kind]({"bomb.evtx": bytes(8 << 20), "a.evtx": b"a"})

    searched = search(archive, limits=ArchiveLimits(ratio_from=1 << 20))

    assert searched.files == {"a.evtx": b"a"}
    assert searched.reasons("bomb.evtx").startswith(
        "unpacks to more than 200 times its compressed size. Raise"
    )


def test_a_sparse_member_that_claims_a_terabyte_is_refused() -> None:
    header = tarfile.TarInfo("a.evtx")
    header.size = 0
    header.type = tarfile.GNUTYPE_SPARSE
    block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    block[386:410] = b"00000000000\0" + b"00000000000\0"
    block[483:495] = b"\x80" + (1 << 40).to_bytes(11, "big")
    block[148:156] = b" " * 8
    block[148:155] = f"{sum(block):06o}\0".encode()

    searched = search(bytes(block) + tar_of({"b.evtx": b"b"}), limits=ArchiveLimits(ratio_from=1 << 20))

    assert searched.files == {"b.evtx": b"b"}
    assert "a.evtx" in [each.path for each in searched.said]


def bomb_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in ("bomb.evtx", "bomb.txt"):
            with archive.open(name, "w") as member:
                for _ in range(ZEROS >> 20):
                    member.write(bytes(1 << 20))


def bomb_tar(path: Path) -> None:
    modes: dict[str, Callable[[], IO[bytes]]] = {
        ".gz": lambda: cast("IO[bytes]", gzip.open(path, "wb", 1)),  # noqa: SIM115 - closed below
        ".xz": lambda: cast("IO[bytes]", lzma.open(path, "wb", preset=0)),  # noqa: SIM115 - closed below
        ".zst": lambda: cast("IO[bytes]", zstandard.open(path, "wb")),
    }
    info = tarfile.TarInfo("bomb.evtx")
    info.size = ZEROS
    with modes[path.suffix]() as stream:
        stream.write(info.tobuf())
        for _ in range(ZEROS >> 20):
            stream.write(bytes(1 << 20))
        stream.write(bytes(1024))


def bomb_seven_zip(path: Path) -> None:
    with py7zr.SevenZipFile(path, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 0}]) as archive:
        archive.writestr(bytes(ZEROS), "bomb.evtx")


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("bomb.zip", bomb_zip),
        ("bomb.tar.gz", bomb_tar),
        ("bomb.tar.xz", bomb_tar),
        ("bomb.tar.zst", bomb_tar),
        ("bomb.7z", bomb_seven_zip),
    ],
)
def test_memory_stays_flat_whatever_is_unpacked(
    name: str, build: Callable[[Path], None], tmp_path: Path
) -> None:
    build(tmp_path / name)
    tracemalloc.start()
    with Spool(tmp_path) as spool:
        given = list(find_in_archive(tmp_path / name, spool, ArchiveLimits(), None))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        (found,) = given
        assert isinstance(found, FoundFile)
        assert spool.held == ZEROS

    assert peak < MEMORY


def test_a_bomb_is_refused_before_the_disk_is_full(tmp_path: Path) -> None:
    with Spool(tmp_path, capacity=1 << 20) as spool:
        source = BytesSource(zip_of({"a.evtx": b"a", "bomb.evtx": bytes(4 << 20), "b.evtx": b"b"}))
        given = list(find_in_archive(source, spool, ArchiveLimits(), None))

    assert [each.path for each in given] == ["a.evtx", "bomb.evtx", "b.evtx"]
    assert "would fill the temporary folder beyond 1,048,576 bytes" in str(given[1])
