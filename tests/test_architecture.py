from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("forensics", "parsers", "tests", "fixtures")
LONGEST_MODULE = 300
GRAB_BAGS = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
ONE_IMPORTER = {
    "evtx": "parsers/evtx/decode.py",
    "Evtx": "parsers/evtx/python_reader.py",
    "dfvfs": "parsers/evidence/image_access.py",
    "duckdb": "forensics/rule_engine.py",
    "duckdb_kql": "forensics/kql_translation.py",
    "jinja2": "forensics/report/html_template.py",
    "py7zr": "parsers/evidence/seven_zip_library.py",
    "pyewf": "parsers/evidence/ewf_hash.py",
    "cryptography": "forensics/report/signature.py",
    "pyfsntfs": "parsers/evidence/image_ntfs.py",
    "pylnk": "parsers/shortcut/reader.py",
    "pyqcow": "parsers/evidence/image_container.py",
    "pyscca": "parsers/prefetch/reader.py",
    "pytsk3": "parsers/evidence/image_partitions.py",
    "pyvhdi": "parsers/evidence/image_container.py",
    "pyvmdk": "parsers/evidence/image_container.py",
    "pyvsgpt": "parsers/evidence/image_partitions.py",
    "pyvshadow": "parsers/evidence/image_volumes.py",
    "pyzipper": "parsers/evidence/zip_archive.py",
    "rfc3161_client": "forensics/report/signature.py",
    "zstandard": "parsers/evidence/decompression.py",
}
SEVERAL_IMPORTERS = {
    "lxml": {
        "parsers/evtx/python_reader.py",
        "parsers/evtx/second_reader.py",  # names its type only
        "parsers/task/task_xml.py",
    },
    "regipy": {
        "parsers/hive/regipy_reader.py",
        "parsers/hive/regipy_recovery.py",
    },
}
"""One for each format, or for each of the things that the library is used for."""
OFFLINE = {"socket", "urllib.request", "http.client", "requests", "ftplib", "smtplib"}


def modules(*packages: str) -> list[Path]:
    return sorted(path for name in packages for path in (ROOT / name).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_parsers_know_nothing_of_forensics() -> None:
    importers = [
        name_of(path)
        for path in modules("parsers")
        if any(name.split(".")[0] == "forensics" for name in imports(path))
    ]

    assert importers == []


def test_the_program_never_imports_tests_or_fixtures() -> None:
    importers = [
        name_of(path)
        for path in modules("parsers", "forensics")
        if {name.split(".")[0] for name in imports(path)} & {"tests", "fixtures"}
    ]

    assert importers == []


@pytest.mark.parametrize("library", sorted(ONE_IMPORTER))
def test_each_reader_library_has_one_importer(library: str) -> None:
    importers = {
        name_of(path)
        for path in modules("parsers", "forensics")
        if any(name.split(".")[0] == library for name in imports(path))
    }

    assert importers == {ONE_IMPORTER[library]}


@pytest.mark.parametrize("library", sorted(SEVERAL_IMPORTERS))
def test_a_library_of_more_than_one_use_has_one_importer_for_each(library: str) -> None:
    importers = {
        name_of(path)
        for path in modules("parsers", "forensics")
        if any(name.split(".")[0] == library for name in imports(path))
    }

    assert importers == SEVERAL_IMPORTERS[library]


def test_the_registry_library_is_imported_below_the_hive_package_alone() -> None:
    importers = [
        name_of(path)
        for path in modules("parsers", "forensics")
        if any(name.split(".")[0] == "Registry" for name in imports(path))
    ]

    assert len(importers) == 1
    assert importers[0].startswith("parsers/hive/")


def test_no_module_reaches_for_the_network() -> None:
    importers = [name_of(path) for path in modules("parsers", "forensics") if imports(path) & OFFLINE]

    assert importers == []


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=name_of)
def test_no_module_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) < LONGEST_MODULE


def test_no_module_is_a_grab_bag() -> None:
    assert [name_of(path) for path in modules(*PACKAGES) if path.stem in GRAB_BAGS] == []


def test_every_module_of_the_program_says_what_it_is() -> None:
    silent = [
        name_of(path)
        for path in modules("parsers", "forensics")
        if ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
    ]

    assert silent == []
