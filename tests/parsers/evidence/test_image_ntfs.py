from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parsers.evidence import image_ntfs
from tests.builders.disk_image import MEBIBYTE, ImageToBuild, build_ntfs_volume, mounted
from tests.parsers.evidence.image_search import find, needs

if TYPE_CHECKING:
    from pathlib import Path

ARTIFACTS = 4


def test_a_file_that_claims_more_than_its_volume_has_is_named_and_not_read(tmp_path: Path) -> None:
    needs(ImageToBuild.BARE)
    (tmp_path / "files").mkdir()
    image = build_ntfs_volume(tmp_path / "files", tmp_path / "disk.dd", 8 * MEBIBYTE)
    with mounted(image) as inside, (inside / "bomb.evtx").open("wb") as stream:
        stream.truncate(1 << 40)

    files, problems = find(image)

    assert files == []
    assert [each.path for each in problems] == ["p1/bomb.evtx"]
    assert "more than its volume has" in problems[0].reason


@pytest.mark.parametrize(("limit", "value"), [("MOST_FILES", 3), ("DEEPEST", 2)])
def test_a_walk_that_ends_early_says_so(
    limit: str, value: int, ntfs_volume: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_ntfs, limit, value)

    files, problems = find(ntfs_volume)

    assert len(files) < ARTIFACTS
    assert len(problems) == 1
    assert "not" in problems[0].reason
    assert "looked at" in problems[0].reason
