"""Folders laid out for a test, and what searching them gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.evidence.discovery import find_artifacts
from parsers.evidence.found import FoundFile, Unreadable
from tests.builders.evidence_reading import opening

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.evidence.discovery import Container
    from parsers.evidence.found import Found
    from parsers.evidence.source import ArtifactKind


def lay_out(root: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def found(root: Path) -> list[Found | Container]:
    with opening() as opened:
        return list(find_artifacts(root, opened))


def kinds(root: Path) -> dict[str, ArtifactKind]:
    return {each.path: each.kind for each in found(root) if isinstance(each, FoundFile)}


def unreadable(root: Path) -> dict[str, str]:
    return {each.path: each.reason for each in found(root) if isinstance(each, Unreadable)}
