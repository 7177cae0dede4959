from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
from random import Random
from typing import Final

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from parsers.evidence.archive_kind import ArchiveKind, archive_kind
from parsers.evidence.artifact_kind import HEAD_SIZE
from tests.builders.archive import EVENT_LOG, HIVE, seven_zip_of, tar_of, zip_of

LARGE: Final = {"a.bin": Random(1).randbytes(100_000).hex().encode(), "b.evtx": EVENT_LOG}  # noqa: S311 - no secret
TAR: Final = tar_of(LARGE)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (zip_of(LARGE), ArchiveKind.ZIP),
        (zip_of({}), ArchiveKind.ZIP),
        (seven_zip_of(LARGE), ArchiveKind.SEVEN_ZIP),
        (TAR, ArchiveKind.TAR),
        (tar_of(LARGE, form=tarfile.USTAR_FORMAT), ArchiveKind.TAR),
        (gzip.compress(TAR), ArchiveKind.TAR_GZIP),
        (lzma.compress(TAR), ArchiveKind.TAR_XZ),
    ],
)
def test_the_first_512_bytes_tell_whatever_the_name(content: bytes, kind: ArchiveKind) -> None:
    assert archive_kind(content[:HEAD_SIZE], "evidence.bin") is kind


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (bz2.compress(TAR), ArchiveKind.TAR_BZIP2, "case.tar.bz2"),
        (zstandard.compress(TAR), ArchiveKind.TAR_ZSTANDARD, "case.TZST"),
    ],
)
def test_what_is_packed_in_large_blocks_is_told_by_a_longer_start_or_by_its_name(
    content: bytes, kind: ArchiveKind, name: str
) -> None:
    assert archive_kind(content[:HEAD_SIZE], name) is kind
    assert archive_kind(content[:HEAD_SIZE], "evidence.bin") is None
    assert archive_kind(content, "evidence.bin") is kind


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_a_compressed_file_that_is_no_tar_is_no_archive(pack: object) -> None:
    assert callable(pack)
    assert archive_kind(pack(EVENT_LOG), "System.evtx.gz") is None


@pytest.mark.parametrize("content", [b"", EVENT_LOG, HIVE, b"MZ", bytes(512), b"P", b"\x1f\x8b"])
def test_other_files_are_no_archives(content: bytes) -> None:
    assert archive_kind(content, "case.zip") is None


@pytest.mark.parametrize("name", ["report.docx", "tool.JAR", "package.nupkg"])
def test_a_document_or_a_program_is_no_archive_to_look_into(name: str) -> None:
    assert archive_kind(zip_of({"a": b"a"}), name) is None


@pytest.mark.parametrize("first", ["[Content_Types].xml", "META-INF/MANIFEST.MF", "mimetype"])
def test_a_document_is_known_by_its_first_member_too(first: str) -> None:
    assert archive_kind(zip_of({first: b"a"}), "data") is None


@given(
    st.binary(max_size=600),
    st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"]),
)
def test_any_bytes_are_told(content: bytes, magic: bytes) -> None:
    archive_kind(magic + content, "name")
