"""A case folder as somebody reads it who has only the contract and ordinary tools."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

DIFFER_BY_RUN: Final = {"run.json", "audit.jsonl", "SHA256SUMS"}


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV as dictionaries."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def timeline(case: Path) -> list[dict[str, str]]:
    return read_csv(case / "timeline.csv")


def timeline_objects(case: Path) -> list[dict[str, Any]]:
    lines = (case / "timeline.jsonl").read_bytes().decode().split("\n")
    return [json.loads(line) for line in lines[:-1]]


def document(case: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((case / name).read_text("utf-8"))
    return content


def findings(case: Path) -> Counter[str]:
    """Count the rows of the timeline by finding."""
    return Counter(row["finding"] for row in timeline(case))


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def repeatable_files(case: Path) -> dict[str, str]:
    """Return the digests of all files but the three that tell of the run itself."""
    return {name: sha256_of(case / name) for name in sorted(files_of(case) - DIFFER_BY_RUN)}
