"""What E01 images store of their disks. Damage is done where ewfacquire put data, and found by the hash
alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from parsers.errors import EvidenceError
from parsers.evidence.ewf_hash import verify_ewf
from tests.builders.disk_image import ImageToBuild, build_disk, build_image, missing_tools, run
from tests.builders.evidence_state import unchanged


@pytest.fixture(scope="module")
def disk(ntfs_volume: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if (missing := missing_tools(ImageToBuild.E01)) is not None:
        pytest.skip(missing)
    return build_disk(ntfs_volume, tmp_path_factory.mktemp("disk") / "disk", ImageToBuild.GPT)


@pytest.fixture
def e01(ntfs_volume: Path, disk: Path, tmp_path: Path) -> Path:
    assert disk.exists()
    return build_image(ntfs_volume, ImageToBuild.E01, tmp_path / "disk")


def test_an_undamaged_image_has_the_hashes_that_it_stores(disk: Path, tmp_path: Path) -> None:
    run("ewfacquire", "-u", "-q", "-c", "fast", "-d", "sha1", "-t", tmp_path / "disk", disk)
    data, told = disk.read_bytes(), list[int]()
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()

    with unchanged(tmp_path):
        verified = verify_ewf(tmp_path / "disk.E01", told.append)

    assert (verified.stored_md5, verified.computed_md5) == (md5, md5)
    assert (verified.stored_sha1, verified.computed_sha1) == (sha1, sha1)
    assert verified.ok
    assert verified.problem is None
    assert sum(told) == len(data)


def test_an_image_that_stores_only_md5_is_verified_by_that(disk: Path, tmp_path: Path) -> None:
    run("ewfacquire", "-u", "-q", "-c", "fast", "-t", tmp_path / "disk", disk)

    verified = verify_ewf(tmp_path / "disk.E01", lambda _: None)

    assert verified.ok
    assert verified.stored_sha1 is None


def test_a_damaged_chunk_is_found_by_the_hash(e01: Path) -> None:
    with e01.open("r+b") as stream:
        place = stream.read().find(b"NTFS    ")
        stream.seek(place)
        stream.write(b"XXXX")

    verified = verify_ewf(e01, lambda _: None)

    assert not verified.ok
    assert verified.stored_md5 != verified.computed_md5
    assert verified.problem is not None
    assert verified.problem.startswith("its MD5 and SHA-1 is not what the image stores")
    assert "Copy the image again" in verified.problem


def test_a_missing_segment_cannot_be_verified(e01: Path) -> None:
    e01.with_suffix(".E03").unlink()

    verified = verify_ewf(e01, lambda _: None)

    assert not verified.ok
    assert verified.computed_md5 is None
    assert verified.problem == (
        "not all of it can be read: it lies in a segment of the image that is missing or cut short"
    )


def test_a_segment_of_another_image_is_found_by_the_hash(e01: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    other = Path(folder / "disk.dd")
    data = bytearray(e01.with_suffix(".E02").read_bytes())
    other.write_bytes(bytes(len(data)))
    data[len(data) // 2 : len(data) // 2 + 100_000] = b"Z" * 100_000
    e01.with_suffix(".E02").write_bytes(data)

    assert not verify_ewf(e01, lambda _: None).ok


def test_an_image_of_another_kind_stores_no_hash(disk: Path) -> None:
    with pytest.raises(EvidenceError, match="is a raw image, which stores no hash"):
        verify_ewf(disk, lambda _: None)


def test_an_e01_of_0_bytes_is_refused(tmp_path: Path) -> None:
    image = tmp_path / "disk.E01"
    image.touch()

    with pytest.raises(EvidenceError, match="0 bytes"):
        verify_ewf(image, lambda _: None)
