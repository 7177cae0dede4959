"""What holds artifacts is hashed before and after, as the artifacts are."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final

import pytest

from parsers.evidence.evidence import ChangedFile, Evidence, changed_files, open_evidence, order_evidence
from tests.builders.archive import tar_of, zip_of
from tests.builders.disk_image import ImageToBuild, build_image, missing_tools
from tests.builders.event_log import build_event_log
from tests.builders.evidence_reading import opening
from tests.builders.evidence_state import unchanged
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from pathlib import Path

LOG: Final = build_event_log([process_created()])
COLLECTED: Final = {"Logs/System.evtx": LOG, "Logs/Security.evtx": LOG}


def opened(path: Path, label: str | None = None) -> Evidence:
    with opening() as given:
        return open_evidence(path, label, given, lambda _size: None)


def fleet(root: Path, **archives: bytes) -> Path:
    root.mkdir(parents=True)
    for name, content in archives.items():
        (root / f"{name}.zip").write_bytes(content)
    (root / "loose.evtx").write_bytes(LOG)
    return root


def test_an_archive_is_hashed_and_so_is_each_artifact_in_it(tmp_path: Path) -> None:
    archive = zip_of(COLLECTED)
    evidence = opened(fleet(tmp_path / "case", PC1=archive))
    (container,) = evidence.containers
    assert (container.path, container.ewf) == ("PC1.zip", None)
    assert [(each.path.name, each.sha256, each.size) for each in container.files] == [
        ("PC1.zip", hashlib.sha256(archive).hexdigest(), len(archive))
    ]
    assert {each.path: each.sha256 for each in evidence.artifacts} == dict.fromkeys(
        ("PC1.zip/Logs/Security.evtx", "PC1.zip/Logs/System.evtx", "loose.evtx"),
        hashlib.sha256(LOG).hexdigest(),
    )


def test_the_name_of_an_archive_that_is_the_evidence_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "kape.zip").write_bytes(zip_of(COLLECTED))
    (tmp_path / "renamed.zip").write_bytes(zip_of(COLLECTED))

    one, other = opened(tmp_path / "kape.zip"), opened(tmp_path / "renamed.zip")

    assert one.evidence_id == other.evidence_id
    assert [each.path for each in one.containers] == [each.path for each in other.containers] == [""]
    assert (one.containers[0].name, other.containers[0].name) == ("kape.zip", "renamed.zip")


def test_opening_and_hashing_again_change_nothing(tmp_path: Path) -> None:
    case = fleet(tmp_path / "case", PC1=zip_of(COLLECTED))
    with unchanged(case):
        assert changed_files(opened(case)) == ()


def test_an_archive_that_changed_is_noticed_after_its_copies_are_gone(tmp_path: Path) -> None:
    case = fleet(tmp_path / "case", a=zip_of(COLLECTED), b=zip_of(COLLECTED), c=tar_of(COLLECTED))
    evidence = opened(case, "X")
    with (case / "a.zip").open("ab") as stream:
        stream.write(b"\0")
    (case / "c.zip").unlink()
    os.utime(case / "b.zip", (1, 1))
    assert changed_files(evidence) == (ChangedFile("X", "a.zip"), ChangedFile("X", "c.zip"))


def test_an_archive_and_a_loose_file_that_changed_are_both_named(tmp_path: Path) -> None:
    case = fleet(tmp_path / "case", a=zip_of(COLLECTED))
    evidence = opened(case, "X")
    (case / "a.zip").write_bytes(b"PK")
    (case / "loose.evtx").write_bytes(LOG[:-1])
    assert set(changed_files(evidence)) == {ChangedFile("X", "a.zip"), ChangedFile("X", "loose.evtx")}


def test_the_id_is_the_same_wherever_an_archive_lies_and_another_for_another_archive(tmp_path: Path) -> None:
    here = opened(fleet(tmp_path / "here", a=zip_of(COLLECTED)))
    there = opened(fleet(tmp_path / "far/away", a=zip_of(COLLECTED)))
    other = opened(fleet(tmp_path / "other", a=tar_of(COLLECTED)))
    assert here.evidence_id == there.evidence_id != other.evidence_id


def test_one_archive_given_twice_has_two_ids(tmp_path: Path) -> None:
    cases = [opened(fleet(tmp_path / name, a=zip_of(COLLECTED))) for name in ("x", "y")]
    first, second = order_evidence(cases)
    assert second.evidence_id == f"{first.evidence_id}-2"
    assert {each.evidence_id for each in second.artifacts} == {second.evidence_id}


def test_every_byte_that_is_hashed_is_told(tmp_path: Path) -> None:
    archive = zip_of(COLLECTED)
    sizes: list[int] = []
    with opening() as given:
        open_evidence(fleet(tmp_path / "case", a=archive), None, given, sizes.append)
    assert sum(sizes) >= len(archive) + 3 * len(LOG)


def test_every_file_of_a_split_image_is_hashed_and_its_own_hash_is_checked(
    tmp_path: Path, ntfs_volume: Path
) -> None:
    if (missing := missing_tools(ImageToBuild.E01)) is not None:
        pytest.skip(missing)
    case = tmp_path / "case"
    case.mkdir()
    first = build_image(ntfs_volume, ImageToBuild.E01, case / "DC01")
    with unchanged(case):
        evidence = opened(first, "X")
    (container,) = evidence.containers
    assert [each.sha256 for each in container.files] == [
        hashlib.sha256(each.path.read_bytes()).hexdigest() for each in container.files
    ]
    assert container.ewf is not None
    assert (container.ewf.ok, evidence.unreadable) == (True, ())
    last = container.files[-1].path
    last.write_bytes(last.read_bytes()[:-1])
    assert changed_files(evidence) == (ChangedFile("X", container.name),)
