"""A spreadsheet program that opens a CSV as its users do, and what it made of the cells."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final, NamedTuple
from zipfile import ZipFile

import pytest
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_SHEET: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LONGEST: Final = 120


class Sheet(NamedTuple):
    """A sheet: its rows as the texts of their cells, and the formulas in it."""

    rows: list[list[str]]
    formulas: list[str]


def opened(csv: Path, folder: Path) -> Sheet:
    """Return what LibreOffice makes of ``csv`` without being told anything of it. Skips where it is not."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    for form in ("fods", "xlsx"):
        convert = ("--headless", "--convert-to", form, "--outdir", str(folder), str(csv))
        subprocess.run([office, profile, *convert], check=True, capture_output=True, timeout=_LONGEST)  # noqa: S603 - found on the path
    return _sheet(folder / f"{csv.stem}.fods", folder / f"{csv.stem}.xlsx")


def _sheet(document: Path, workbook: Path) -> Sheet:
    root = etree.parse(document, etree.XMLParser(huge_tree=True)).getroot()
    rows = [row for each in root.iter(f"{_TABLE}table-row") for row in _repeated(each)]
    while rows and not any(rows[-1]):
        rows.pop()
    formulas = [each.get(f"{_TABLE}formula", "") for each in root.iter(f"{_TABLE}table-cell")]
    return Sheet(rows, [*filter(None, formulas), *_formulas(workbook)])


def _repeated(row: etree._Element) -> Iterator[list[str]]:
    cells = []
    for cell in row.iter(f"{_TABLE}table-cell"):
        text = "\n".join("".join(map(str, each.itertext())) for each in cell)
        cells += [text] * min(int(cell.get(f"{_TABLE}number-columns-repeated", "1")), 100)
    for _ in range(int(row.get(f"{_TABLE}number-rows-repeated", "1")) if any(cells) else 1):
        yield cells


def _formulas(workbook: Path) -> Iterator[str]:
    """Give the formulas of an Office Open XML workbook (ECMA-376, 18.3.1.40)."""
    with ZipFile(workbook) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                sheet = etree.fromstring(parts.read(name), etree.XMLParser(huge_tree=True))
                yield from (each.text or "=" for each in sheet.iter(f"{_SHEET}f"))
