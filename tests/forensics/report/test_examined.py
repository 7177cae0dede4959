from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from forensics import summary
from forensics.pipeline import Case
from forensics.report.examined import examined, stored_hashes
from forensics.request import NamedEvidence
from parsers.evidence.ewf_hash import EwfVerification
from tests.builders.analysis import analysis_of
from tests.builders.archive import zip_of
from tests.builders.artifacts import log_of
from tests.builders.evidence_reading import read_named
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.reading import ReadEvidence

SAME = EwfVerification("a" * 32, "b" * 40, "a" * 32, "b" * 40, ok=True, problem=None)
OTHER = replace(SAME, computed_sha1="c" * 40, ok=False, problem="its SHA-1 is not what the image stores")
NONE = EwfVerification(None, None, "a" * 32, "b" * 40, ok=False, problem="it stores no hash")


def test_p3_stored_and_computed_digests_of_an_image_are_both_told() -> None:
    assert stored_hashes(SAME) == (
        f"of its disk, MD5 stored {'a' * 32}, computed {'a' * 32}; SHA-1 stored {'b' * 40}, computed "
        f"{'b' * 40}: equal"
    )
    told = stored_hashes(OTHER)
    assert f"SHA-1 stored {'b' * 40}, computed {'c' * 40}" in told
    assert told.endswith("NOT EQUAL: its SHA-1 is not what the image stores")


def test_p3_an_image_without_a_hash_and_one_that_cannot_be_read_say_so() -> None:
    assert stored_hashes(NONE) == "it stores no hash of its disk, so there is nothing to compare"
    unread = replace(OTHER, computed_md5=None, computed_sha1=None)
    assert f"MD5 stored {'a' * 32}, computed none, since not all of it can be read" in stored_hashes(unread)


def read_zip(folder: Path) -> ReadEvidence:
    folder.mkdir()
    log = log_of(process_created(computer="PC1"))
    with log.source.open_() as stream:
        (folder / "PC1.zip").write_bytes(zip_of({log.path: stream.read()}))
    return read_named([NamedEvidence(folder / "PC1.zip", "E-1")], folder / "events")


def test_an_archive_stands_with_its_digest_and_without_its_place(tmp_path: Path) -> None:
    read = read_zip(tmp_path / "case")
    archive, log = examined(read)
    content = (tmp_path / "case" / "PC1.zip").read_bytes()
    assert archive == (
        f"E-1: the evidence itself ({len(content):,} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}): "
        "an archive or a disk image, whose files follow."
    )
    assert "Sysmon" in log


def test_p3_the_terminal_tells_of_an_image_s_hashes_too(tmp_path: Path) -> None:
    read = read_zip(tmp_path / "case")
    (evidence,) = read.evidence
    image = replace(evidence.containers[0], path="disk\u202e.E01", ewf=SAME)
    with_image = replace(read, evidence=(replace(evidence, containers=(image,)),))
    text = summary.as_text(Case(analysis_of(with_image), tmp_path / "out", "f" * 64))
    assert f"Image    E-1: disk<U+202E>.E01: {stored_hashes(SAME)}" in text.splitlines()
