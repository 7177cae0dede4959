from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import pytest

from forensics.expected_digest import (
    DigestMismatch,
    ExpectedDigest,
    ExpectedDigestError,
    match_digests,
    parse_expected,
)
from parsers.evidence.evidence import Evidence, open_evidence
from tests.builders.archive import zip_of
from tests.builders.artifacts import SYSTEM_LOG, log_of, write_evidence
from tests.builders.evidence_reading import opening
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from pathlib import Path

SYSMON = log_of(process_created(computer="PC1"))
SYSTEM = log_of(service_installed(computer="PC1"), path=SYSTEM_LOG)
OTHER: Final = "0" * 64


def opened(path: Path, label: str | None = None) -> Evidence:
    with opening() as given:
        return open_evidence(path, label, given, lambda _size: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_evidence(tmp_path / "evidence", [SYSMON, SYSTEM])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "PC1.zip"
    with SYSMON.source.open_() as stream:
        path.write_bytes(zip_of({SYSMON.path: stream.read()}))
    return path


def test_a_digest_stands_alone_or_behind_a_name() -> None:
    assert parse_expected(OTHER) == ExpectedDigest(OTHER)
    assert parse_expected(f" a=b.E01 = {'AB' * 32}") == ExpectedDigest("ab" * 32, "a=b.E01")


@pytest.mark.parametrize("text", ["", "a", "0" * 63, "g" * 64, f"{OTHER}=", f"disk.E01={OTHER}0", "a" * 40])
def test_what_is_no_digest_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ExpectedDigestError, match=r"not a SHA-256.*Write \[NAME=\]HEX"):
        parse_expected(text)


def test_a_digest_without_a_name_is_of_any_file_on_disk(folder: Path) -> None:
    (matched,) = match_digests([ExpectedDigest(SYSTEM.sha256)], [opened(folder)])
    assert [each.path for each in matched.files] == [SYSTEM_LOG]


@pytest.mark.parametrize("name", [SYSTEM_LOG, "System.evtx", f"PC1/{SYSTEM_LOG}"])
def test_a_file_is_called_by_its_path_or_its_own_name(folder: Path, name: str) -> None:
    evidence = [opened(folder, "PC1")]
    assert match_digests([ExpectedDigest(SYSTEM.sha256, name)], evidence)
    with pytest.raises(DigestMismatch) as refused:
        match_digests([ExpectedDigest(OTHER, name)], evidence)
    assert SYSTEM.sha256 in str(refused.value)
    assert OTHER in str(refused.value)


def test_a_digest_is_only_of_the_file_that_is_named(folder: Path) -> None:
    with pytest.raises(DigestMismatch, match=SYSTEM.sha256):
        match_digests([ExpectedDigest(SYSMON.sha256, "System.evtx")], [opened(folder)])


def test_one_file_is_called_by_its_label(folder: Path) -> None:
    evidence = opened(folder / SYSTEM_LOG, "E/1")
    assert match_digests([ExpectedDigest(SYSTEM.sha256, "E/1")], [evidence])


@pytest.mark.parametrize("name", ["", "PC1.zip", "E/1"])
def test_an_archive_is_meant_by_its_name_its_label_or_by_none(archive: Path, name: str) -> None:
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert match_digests([ExpectedDigest(sha256, name)], [opened(archive, "E/1")])
    with pytest.raises(DigestMismatch):
        match_digests([ExpectedDigest(SYSMON.sha256, name)], [opened(archive, "E/1")])


def test_what_lies_in_an_archive_is_called_by_its_name(archive: Path) -> None:
    name = SYSMON.path.rpartition("/")[2]
    assert match_digests([ExpectedDigest(SYSMON.sha256, name)], [opened(archive)])


def test_a_name_that_nothing_bears_is_refused(folder: Path) -> None:
    with pytest.raises(DigestMismatch, match=r"nothing in the evidence is called disk\.E01"):
        match_digests([ExpectedDigest(SYSTEM.sha256, "disk.E01")], [opened(folder)])
