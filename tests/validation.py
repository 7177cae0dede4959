"""What the program promises to courts, and where that is shown: docs/validation.toml to docs/validation.md.

``python -m tests.validation`` writes the page.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent
SOURCE: Final = ROOT / "docs" / "validation.toml"
PAGE: Final = ROOT / "docs" / "validation.md"
_TEST: Final = re.compile(r"^def (test_\w+)\(", re.MULTILINE)
_HEAD: Final = """\
# How it was validated

Each property is shown by the tests beside it, which run with every change (`make test`). A property holds
where they pass; `pytest -k <name>` runs one alone. Tests whose names say "real" read real logs and hives,
and skip where `FORENSICS_CORPUS` names none. What the program cannot do is in each case's `limitations.txt`,
and in the blind spots of [detections.md](detections.md).

| property | what it says | shown by |
|---|---|---|
"""


class Property(NamedTuple):
    """One property: its id, what it says, and the names of the tests that show it."""

    id: str
    says: str
    tests: tuple[str, ...]


def properties() -> tuple[Property, ...]:
    """Return all properties in order."""
    document = tomllib.loads(SOURCE.read_text("utf-8"))
    return tuple(Property(each["id"], each["says"], tuple(each["tests"])) for each in document["property"])


def places() -> dict[str, list[str]]:
    """Return the files that have a test of each name."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in _TEST.findall(path.read_text("utf-8")):
            found.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    return found


def page() -> str:
    """Return the page's text."""
    where = places()
    rows = [
        f"| {each.id} | {each.says} | {'<br>'.join(_link(name, where[name][0]) for name in each.tests)} |"
        for each in properties()
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _link(name: str, path: str) -> str:
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{path})"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8", newline="\n")
