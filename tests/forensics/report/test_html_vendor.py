from __future__ import annotations

import re
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

import forensics.report

VENDOR = Path(forensics.report.__path__[0]) / "vendor"
FOLDERS = sorted(path for path in VENDOR.iterdir() if path.is_dir())
LICENCES = {"MIT", "ISC", "BSD-3-Clause", "ISC AND BSD-3-Clause"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_vendored_script_has_the_digest_and_the_licences_that_it_tells(folder: Path) -> None:
    told = tomllib.loads((folder / "vendor.toml").read_text("utf-8"))

    assert sha256((folder / told["file"]).read_bytes()).hexdigest() == told["sha256"]
    assert told["licence"] in LICENCES
    licence = (folder / "LICENSE").read_text("utf-8")
    for package in told["package"]:
        assert package["licence"] in LICENCES
        assert f"{package['name']} {package['version']}\n" in licence
        assert package["integrity"].startswith("sha512-")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_vendored_script_makes_no_code_and_calls_no_one(folder: Path) -> None:
    told = tomllib.loads((folder / "vendor.toml").read_text("utf-8"))
    script = (folder / told["file"]).read_text("utf-8")

    assert not re.search(r"\beval\(|new Function|XMLHttpRequest|\bfetch\(|WebSocket|sendBeacon", script)
    assert not re.search(r"</script|<!--", script, re.IGNORECASE)
    assert "sourceMappingURL" not in script
