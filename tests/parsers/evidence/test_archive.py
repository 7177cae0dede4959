from __future__ import annotations

import pickle
import resource
from typing import TYPE_CHECKING

import pytest

from parsers.errors import EvidenceError
from parsers.evidence.archive import find_in_archive
from parsers.evidence.archive_limits import ArchiveLimits
from parsers.evidence.found import FoundFile, Unreadable
from parsers.evidence.source import ArtifactKind
from parsers.evidence.spool import Spool
from tests.builders.archive import ALL_KINDS, EVENT_LOG, HIVE, aes_zip_of, tar_of, zip_of
from tests.parsers.evidence.archive_search import CASE_FILES, BytesSource, search

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KAPE = {f"C/{name.replace('Logs', 'logs')}": content for name, content in CASE_FILES.items()}
VELOCIRAPTOR = {
    (f"uploads/ntfs/%5C%5C.%5CC%3A/{name}" if "config" in name else f"uploads/auto/C%3A/{name}"): content
    for name, content in CASE_FILES.items()
}


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
@pytest.mark.parametrize("collection", [KAPE, VELOCIRAPTOR], ids=["kape", "velociraptor"])
def test_every_artifact_of_a_collection_is_found_byte_for_byte(
    kind: str, collection: dict[str, bytes]
) -> None:
    searched = search(
        ALL_KINDS[kind]({"uploads.json": b"{}", **collection, "results/notes.txt": b"x" * 5000})
    )

    assert searched.files == collection
    assert list(searched.files) == list(collection)
    assert searched.said == ()


def test_artifacts_are_told_by_their_first_bytes_whatever_they_are_called() -> None:
    searched = search(zip_of({"a": EVENT_LOG, "b.txt": b"", "c/SYSTEM": HIVE, "SYSTEM.LOG1": b"x"}))

    assert {each.path: each.kind for each in searched.found} == {
        "a": ArtifactKind.EVENT_LOG,
        "c/SYSTEM": ArtifactKind.SYSTEM_HIVE,
        "SYSTEM.LOG1": ArtifactKind.HIVE_LOG,
    }


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
def test_an_empty_file_that_is_called_an_event_log_is_given(kind: str) -> None:
    assert search(ALL_KINDS[kind]({"a.evtx": b"", "b.txt": b"b"})).files == {"a.evtx": b""}


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
def test_an_archive_without_artifacts_gives_nothing_and_says_nothing(kind: str) -> None:
    searched = search(ALL_KINDS[kind]({"a.txt": b"a", "b/c.dll": b"MZ" * 600}))

    assert (searched.files, searched.said) == ({}, ())


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
def test_a_later_member_of_the_same_name_is_read_too_and_named(kind: str) -> None:
    # Three names that mean one path, for the builders take each name but once.
    searched = search(ALL_KINDS[kind]({"a/b.evtx": EVENT_LOG, "a//b.evtx": b"2", "a/./b.evtx": b"3"}))

    assert searched.files == {"a/b.evtx": EVENT_LOG, "a/b.evtx (2)": b"2", "a/b.evtx (3)": b"3"}
    assert [each.path for each in searched.said] == ["a/b.evtx (2)", "a/b.evtx (3)"]
    assert "later member of the name 'a/b.evtx'" in searched.said[0].reason


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
def test_names_that_lead_outside_are_read_inside_and_it_is_said(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = tmp_path / "a" / "b"
    working.mkdir(parents=True)
    monkeypatch.chdir(working)
    names = ["../../up.evtx", f"{tmp_path}/absolute.evtx", "C:\\Windows\\drive.evtx", "..\\..\\back.evtx"]

    searched = search(ALL_KINDS[kind](dict.fromkeys(names, EVENT_LOG)))

    absolute = f"{tmp_path}/absolute.evtx".lstrip("/")
    assert set(searched.files) == {"up.evtx", absolute, "C/Windows/drive.evtx", "back.evtx"}
    assert {each.path for each in searched.said} == set(searched.files)
    assert all("leads out of the archive" in each.reason for each in searched.said)
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "a", working]


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
def test_an_archive_in_the_archive_is_searched(kind: str) -> None:
    inner = ALL_KINDS[kind]({"C/System.evtx": EVENT_LOG, "C/notes.txt": b"x" * 9000})

    searched = search(zip_of({"data": inner, "notes.txt": b""}))

    assert searched.files == {"data/C/System.evtx": EVENT_LOG}
    assert searched.said == ()


def test_an_encrypted_collection_with_the_collection_inside_is_searched() -> None:
    searched = search(aes_zip_of({"metadata.json": b"{}", "data.zip": zip_of(VELOCIRAPTOR)}, "pw"), "pw")

    assert searched.files == {f"data.zip/{name}": content for name, content in VELOCIRAPTOR.items()}


def test_an_archive_too_deep_inside_is_said_and_not_opened() -> None:
    deepest = zip_of({"System.evtx": EVENT_LOG})

    searched = search(tar_of({"middle.zip": zip_of({"deepest.zip": deepest, "a.evtx": b"a"})}))

    assert searched.files == {"middle.zip/a.evtx": b"a"}
    assert "2 levels deep" in searched.reasons("middle.zip/deepest.zip")


def test_documents_and_programs_are_not_looked_into() -> None:
    document = zip_of({"[Content_Types].xml": b"<x/>", "System.evtx": EVENT_LOG})

    assert search(zip_of({"report": document, "lib.jar": zip_of({"a/b.evtx": EVENT_LOG})})).files == {}


def test_a_damaged_archive_in_the_archive_is_said() -> None:
    searched = search(zip_of({"a.evtx": b"a", "data.7z": b"7z\xbc\xaf\x27\x1c" + b"x" * 900}))

    assert searched.files == {"a.evtx": b"a"}
    assert "no whole 7z archive" in searched.reasons("data.7z")


def test_paths_begin_with_the_place_of_the_archive_inside_the_evidence() -> None:
    searched = search(zip_of({"a.evtx": b"a"})[:-9], inside="hosts/WS07.zip")

    assert list(searched.files) == ["hosts/WS07.zip/a.evtx"]
    assert [each.path for each in searched.said] == ["hosts/WS07.zip"]


def test_what_is_found_can_be_handed_to_another_process(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        (found,) = find_in_archive(BytesSource(zip_of({"a.evtx": EVENT_LOG})), spool, ArchiveLimits(), None)
        assert isinstance(found, FoundFile)

        with pickle.loads(pickle.dumps(found)).source.open_() as stream:  # noqa: S301 - pickled just here
            assert stream.read() == EVENT_LOG


def test_an_archive_is_left_as_it_is(tmp_path: Path) -> None:
    archive = tmp_path / "case.zip"
    archive.write_bytes(zip_of(KAPE))
    before = (archive.read_bytes(), archive.stat().st_mtime_ns)

    assert search(archive).files == KAPE
    assert (archive.read_bytes(), archive.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    "content", [b"", b"text", b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08" + bytes(99)]
)
def test_what_cannot_be_opened_is_an_evidence_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "evidence.tgz"
    path.write_bytes(content)

    with pytest.raises(EvidenceError, match=r"evidence\.tgz: .*\. [A-Z]"):
        search(path)


def test_a_missing_archive_is_an_evidence_error(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"No such file"):
        search(tmp_path / "missing.zip")


def test_a_search_that_is_given_up_leaves_nothing_half_written(tmp_path: Path) -> None:
    inner = zip_of({"a.evtx": EVENT_LOG, "b.evtx": EVENT_LOG})
    with Spool(tmp_path) as spool:
        search_in_data: Iterator[FoundFile | Unreadable] = find_in_archive(
            BytesSource(zip_of({"data.zip": inner})), spool, ArchiveLimits(), None
        )
        next(search_in_data)
        del search_in_data

        assert spool.held == len(EVENT_LOG)


def test_a_disk_that_takes_no_more_is_told_as_it_is(tmp_path: Path) -> None:
    source = BytesSource(zip_of({"a.evtx": bytes(1 << 20)}))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Spool(tmp_path) as spool:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                list(find_in_archive(source, spool, ArchiveLimits(), None))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

        assert spool.held == 0
