"""What tests of damaged and refused images share: searching one, and doing harm to it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from parsers.errors import EvidenceError
from parsers.evidence.found import FoundFile, Unreadable
from parsers.evidence.image import find_in_image
from parsers.evidence.volume_keys import VolumeKeys
from tests.builders.disk_image import ImageToBuild, missing_tools
from tests.builders.evidence_state import unchanged

if TYPE_CHECKING:
    from pathlib import Path


def find(path: Path) -> tuple[list[FoundFile], list[Unreadable]]:
    found = list(find_in_image(path, VolumeKeys(), lambda _: None))
    return (
        [each for each in found if isinstance(each, FoundFile)],
        [each for each in found if isinstance(each, Unreadable)],
    )


def refusal(path: Path) -> EvidenceError:
    with unchanged(path.parent), pytest.raises(EvidenceError) as caught:
        find(path)
    return caught.value


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as stream:
        stream.seek(offset)
        stream.write(data)


def needs(kind: ImageToBuild, *tools: str) -> None:
    missing = missing_tools(kind) or next((f"{tool} is missing" for tool in tools if not _has(tool)), None)
    if missing is not None:
        pytest.skip(missing)


def _has(tool: str) -> bool:
    return shutil.which(tool, path="/usr/sbin:/sbin:/usr/bin:/bin") is not None
