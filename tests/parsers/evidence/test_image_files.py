"""Links to the first file of an image, and the names of the files that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parsers.evidence.discovery import Container
from parsers.evidence.ewf_hash import verify_ewf
from parsers.evidence.found import FoundFile, Unreadable
from parsers.evidence.image_files import ewf_parts, gaps_in_split, with_its_files
from tests.builders.disk_image import ImageToBuild, build_image
from tests.parsers.evidence.folder_search import found, lay_out
from tests.parsers.evidence.image_search import find, needs

if TYPE_CHECKING:
    from pathlib import Path

SEGMENT = b"EVF\x09\x0d\x0a\xff\0\x01"


@pytest.mark.parametrize("kind", [ImageToBuild.E01, ImageToBuild.SPLIT, ImageToBuild.VMDK_FLAT])
def test_a_link_to_the_first_file_reads_the_whole_image(
    kind: ImageToBuild, ntfs_volume: Path, tmp_path: Path
) -> None:
    needs(kind)
    (tmp_path / "store").mkdir()
    (tmp_path / "case").mkdir()
    image = build_image(ntfs_volume, kind, tmp_path / "store/disk")
    link = tmp_path / f"case/DC01{image.suffix}"
    link.symlink_to(image)

    given = found(tmp_path / "case")

    assert [each for each in given if isinstance(each, Unreadable)] == []
    paths = [each.path for each in given if isinstance(each, FoundFile)]
    assert sorted(paths) == sorted(f"{link.name}/{each.path}" for each in find(image)[0])
    (container,) = (each for each in given if isinstance(each, Container))
    assert container.path == link.name
    assert len(container.files) > 1


def test_a_linked_e01_is_verified_with_all_its_segments(ntfs_volume: Path, tmp_path: Path) -> None:
    needs(ImageToBuild.E01)
    (tmp_path / "store").mkdir()
    image = build_image(ntfs_volume, ImageToBuild.E01, tmp_path / "store/disk")
    (tmp_path / "DC01.E01").symlink_to(image)

    assert verify_ewf(tmp_path / "DC01.E01", lambda _: None).ok


def test_a_folder_of_links_to_every_segment_stays_as_it_is(tmp_path: Path) -> None:
    lay_out(tmp_path / "store", {"9f": b"", "a0": b""})
    for name, target in (("disk.E01", "9f"), ("disk.E02", "a0")):
        (tmp_path / name).symlink_to(tmp_path / "store" / target)

    assert with_its_files(tmp_path / "disk.E01") == tmp_path / "disk.E01"


def test_problems_of_a_linked_image_have_the_name_that_was_given(ntfs_volume: Path, tmp_path: Path) -> None:
    needs(ImageToBuild.E01)
    (tmp_path / "store").mkdir()
    image = build_image(ntfs_volume, ImageToBuild.E01, tmp_path / "store/disk")
    image.with_suffix(".E02").unlink()
    (tmp_path / "DC01.E01").symlink_to(image)

    problem = find(tmp_path / "DC01.E01")[1][0]

    assert problem.path == "DC01.E01"
    assert "disk.E02 is missing" in problem.reason


def test_every_missing_segment_of_an_e01_is_named(tmp_path: Path) -> None:
    numbers = (1, 3, 6)
    lay_out(tmp_path, {f"d.E{each:02d}": SEGMENT + bytes([each, 0, 0, 0]) for each in numbers})

    assert "d.E02, d.E04, d.E05 are missing" in ewf_parts(tmp_path / "d.E01")


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        (("001", "002", "004"), ("d.003",)),
        (("000", "002", "004"), ("d.001", "d.003")),
        (("001", "002", "003"), ()),
        (("001", "002", "2024"), ()),
    ],
)
def test_every_missing_file_of_a_split_image_is_named(
    names: tuple[str, ...], missing: tuple[str, ...], tmp_path: Path
) -> None:
    lay_out(tmp_path, {f"d.{each}": b"" for each in names})

    assert gaps_in_split(tmp_path / f"d.{names[0]}") == missing
