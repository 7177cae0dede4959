from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders.disk_image import MEBIBYTE, build_ntfs_volume, missing_tools

FIXTURE = Path(__file__).parents[3] / "fixtures" / "case-dc01"


@pytest.fixture(scope="session")
def ntfs_volume(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An NTFS volume with the files of case-dc01. Tests that change it work on a copy."""
    if (missing := missing_tools()) is not None:
        pytest.skip(missing)
    return build_ntfs_volume(FIXTURE, tmp_path_factory.mktemp("ntfs") / "volume", 24 * MEBIBYTE)
