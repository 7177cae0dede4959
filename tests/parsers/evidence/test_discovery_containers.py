"""Archives and images in a folder are looked into, each under its own path, and none costs the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from parsers.errors import EvidenceError
from parsers.evidence.archive_limits import ArchiveLimits
from parsers.evidence.discovery import Container, Opening, find_artifacts
from parsers.evidence.found import FoundFile, Unreadable
from parsers.evidence.spool import Spool
from tests.builders.archive import PASSWORD, aes_zip_of, tar_of, zip_of
from tests.builders.disk_image import ImageToBuild, build_image, missing_tools
from tests.builders.event_log import build_event_log
from tests.builders.evidence_reading import opening
from tests.builders.evidence_state import unchanged
from tests.builders.sysmon_event import process_created
from tests.parsers.evidence.folder_search import lay_out as lay_out_files

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.evidence.found import Found

LOG: Final = build_event_log([process_created()])
INSIDE: Final = "C/Windows/System32/winevt/Logs/System.evtx"
COLLECTED: Final = {INSIDE: LOG, "notes.txt": b"nothing"}


def search(root: Path, given: Opening | None = None) -> list[Found | Container]:
    with unchanged(root if root.is_dir() else root.parent), opening() as opened:
        return list(find_artifacts(root, given or opened))


def lay_out(root: Path, files: dict[str, bytes]) -> Path:
    lay_out_files(root, files)
    return root


def paths(found: list[Found | Container]) -> list[str]:
    return [each.path for each in found if isinstance(each, FoundFile)]


def reasons(found: list[Found | Container]) -> dict[str, str]:
    return {each.path: each.reason for each in found if isinstance(each, Unreadable)}


def test_artifacts_of_an_archive_in_a_folder_stand_under_its_path(tmp_path: Path) -> None:
    found = search(
        lay_out(
            tmp_path / "fleet",
            {
                "PC2/System.evtx": LOG,
                "hosts/DC01.zip": zip_of(COLLECTED),
                "hosts/PC1.tar": tar_of(COLLECTED),
            },
        )
    )
    assert paths(found) == ["PC2/System.evtx", f"hosts/DC01.zip/{INSIDE}", f"hosts/PC1.tar/{INSIDE}"]
    assert reasons(found) == {}


def test_an_archive_comes_before_what_was_found_in_it(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "fleet", {"DC01.zip": zip_of(COLLECTED)})
    container, artifact = search(root)
    assert container == Container("DC01.zip", (root / "DC01.zip",), is_ewf=False)
    assert isinstance(artifact, FoundFile)


def test_an_archive_that_is_the_evidence_adds_nothing_to_the_paths_inside(tmp_path: Path) -> None:
    root = lay_out(tmp_path, {"DC01.zip": zip_of(COLLECTED)})
    found = search(root / "DC01.zip")
    assert paths(found) == [INSIDE]
    assert [each.path for each in found if isinstance(each, Container)] == [""]


@pytest.mark.parametrize(
    "broken",
    [
        zip_of(COLLECTED)[:60],
        b"7z\xbc\xaf\x27\x1c" + b"\xff" * 200,
        aes_zip_of(COLLECTED),
        b"\x1f\x8b\x08\0" + b"\xff" * 100,
    ],
    ids=["cut zip", "broken 7z", "locked zip", "broken tar.gz"],
)
def test_an_archive_that_cannot_be_opened_is_named_and_the_rest_goes_on(
    tmp_path: Path, broken: bytes
) -> None:
    name = "b.tar.gz" if broken.startswith(b"\x1f") else "b.zip"
    root = lay_out(tmp_path / "fleet", {"a.zip": zip_of(COLLECTED), name: broken, "c/System.evtx": LOG})
    found = search(root)
    assert paths(found) == [f"a.zip/{INSIDE}", "c/System.evtx"]
    assert reasons(found)
    assert all(path.startswith(name) and reason for path, reason in reasons(found).items())


def test_an_archive_that_is_opened_by_a_password_is_read_in_a_folder_too(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "fleet", {"DC01.zip": aes_zip_of(COLLECTED)})
    (tmp_path / "spool").mkdir()
    with Spool(tmp_path / "spool") as spool:
        found = list(find_artifacts(root, Opening(spool, password=PASSWORD)))
    assert paths(found) == [f"DC01.zip/{INSIDE}"]
    assert reasons(found) == {}


def test_each_archive_of_a_folder_has_limits_of_its_own(tmp_path: Path) -> None:
    archive = zip_of({f"{number}.txt": b"" for number in range(5)} | COLLECTED)
    root = lay_out(tmp_path / "fleet", {"a.zip": archive, "b.zip": archive, "c.zip": zip_of(COLLECTED)})
    (tmp_path / "spool").mkdir()
    with Spool(tmp_path / "spool") as spool:
        found = list(find_artifacts(root, Opening(spool, ArchiveLimits(members=3))))
    assert f"c.zip/{INSIDE}" in paths(found)
    assert {path.split("/")[0] for path in reasons(found)} == {"a.zip", "b.zip"}


@pytest.mark.parametrize("name", ["report.docx", "report.zip", "lib.jar"])
def test_documents_and_programs_that_are_zips_are_not_looked_into(tmp_path: Path, name: str) -> None:
    document = zip_of({"[Content_Types].xml": b"<Types/>", "word/System.evtx": LOG})
    assert search(lay_out(tmp_path / "disk", {name: document})) == []


def test_a_document_that_is_the_evidence_is_refused(tmp_path: Path) -> None:
    root = lay_out(tmp_path, {"report.docx": zip_of({"[Content_Types].xml": b"<Types/>"})})
    with pytest.raises(EvidenceError, match="no archive and no disk image that is known"):
        search(root / "report.docx")


def test_a_log_that_is_called_an_archive_is_a_log(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "disk", {"System.zip": LOG, "System.E01": LOG})
    assert paths(search(root)) == ["System.E01", "System.zip"]


def test_a_spool_that_cannot_be_written_ends_the_search(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "fleet", {"DC01.zip": zip_of(COLLECTED)})
    (tmp_path / "spool").mkdir()
    spool = Spool(tmp_path / "spool")
    spool.close()
    with pytest.raises(FileNotFoundError):
        list(find_artifacts(root, Opening(spool)))


def test_an_image_in_a_folder_gives_its_artifacts_under_its_path(tmp_path: Path, ntfs_volume: Path) -> None:
    root = lay_out(tmp_path / "case", {"loose/System.evtx": LOG})
    (root / "disks").mkdir()
    image = build_image(ntfs_volume, ImageToBuild.BARE, root / "disks/DC01")
    found = search(root)
    inside = [path for path in paths(found) if path != "loose/System.evtx"]
    assert inside
    assert all(path.startswith(f"disks/{image.name}/") for path in inside)
    assert any(path.endswith("/Windows/System32/winevt/Logs/System.evtx") for path in inside)
    assert [each.files for each in found if isinstance(each, Container)] == [(image,)]


def test_a_split_image_is_one_container_with_all_its_files(tmp_path: Path, ntfs_volume: Path) -> None:
    if (missing := missing_tools(ImageToBuild.E01)) is not None:
        pytest.skip(missing)
    (tmp_path / "case").mkdir()
    build_image(ntfs_volume, ImageToBuild.E01, tmp_path / "case/DC01")
    found = search(tmp_path / "case")
    (container,) = (each for each in found if isinstance(each, Container))
    assert container.is_ewf
    assert set(container.files) == {path for path in (tmp_path / "case").iterdir() if path.suffix[1] == "E"}
    assert len(container.files) > 1


def test_an_image_that_cannot_be_opened_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    broken = b"EVF\x09\x0d\x0a\xff\0" + bytes(2000)
    root = lay_out(tmp_path / "case", {"a.E01": broken, "b.E01": b"", "c/System.evtx": LOG})
    found = search(root)
    assert paths(found) == ["c/System.evtx"]
    assert reasons(found).get("a.E01")
