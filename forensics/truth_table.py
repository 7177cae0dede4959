"""What the shipped rule must answer for cases whose answer is known, asked of the engine at every start.

The engine's KQL is young. So before any evidence is read, the unchanged rule runs over a few dozen made-up
events: each file name is a process on a device of its own, each path an image load on a device with one
RustDesk process and one load that passes for certain. Every case then shows in how often the rule gives a
row. Only what Microsoft's documentation, its emulator or Kusto itself decides is in the table.

Sources: Kusto query language reference, "Understanding string terms", "has operator", "leftouter join".
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa

from forensics.errors import TruthTableMismatch
from forensics.event_model.event import Table
from forensics.event_model.schema import arrow_schema
from forensics.rule_engine import KqlEngine
from forensics.shipped_rule import shipped_rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FILE_NAME_HAS_ANY: Final[Mapping[str | None, bool]] = {
    # Without regard to case.
    "rustdesk.exe": True,
    "RustDesk.exe": True,
    "RUSTDESK.EXE": True,
    # Every sign ends a term, the underscore too.
    "rustdesk-1.2.3-x86_64.exe": True,
    "rustdesk-host=1.2.3.4,key=abc.exe": True,
    "rustdesk_portable.exe": True,
    "RuntimeBroker_rustdesk.exe": True,
    "rustdesk (1).exe": True,
    "rustdesk.exe.mui": True,
    "x.rustdesk.exe.bak": True,
    "rustdesk-service.exe": True,
    "rustdesk": True,
    # A letter or digit beside it makes it another term.
    "myrustdesk.exe": False,
    "rustdesk2.exe": False,
    "rustdeskservice.exe": False,
    "rust desk.exe": False,
    # Letters of every script.
    "rustdesk\N{LATIN SMALL LETTER E WITH ACUTE}.exe": False,
    "\N{LATIN SMALL LETTER E WITH ACUTE}rustdesk.exe": False,
    "rustdesk\N{CJK UNIFIED IDEOGRAPH-4E2D}.exe": False,
    "": False,
    None: False,
}
"""Names of files, and whether ``FileName has_any ("rustdesk.exe","rustdesk-service.exe","rustdesk")``."""

FOLDER_PATH_HAS: Final[Mapping[str | None, bool]] = {
    r"C:\Program Files\RustDesk\x.dll": True,
    r"C:\PROGRAM FILES\x.dll": True,
    r"C:\Program Files": True,
    r"C:\Program Files (x86)\RustDesk\x.dll": True,
    r"C:\ProgramData\x.dll": True,
    r"C:\Users\a\ProgramData\x": True,
    r"C:\_ProgramData_\x": True,
    r"\Device\HarddiskVolume3\Program Files\x.dll": True,
    r"D:\MyProgram Files\x.dll": False,
    r"C:\AllProgramData\x": False,
    r"C:\ProgramDataBackup\x": False,
    r"C:\Program Files2\x": False,
    # What stands between the words of a needle counts as it stands.
    r"C:\Program  Files\x": False,
    r"C:\Program_Files\x": False,
    r"C:\ProgramFiles\x": False,
    r"C:\PROGRA~1\RustDesk\x.dll": False,
    r"C:\Programmi\x.dll": False,
    "": False,
    None: False,
}
"""Paths, and whether ``FolderPath has "Program Files" or FolderPath has "ProgramData"``."""

PASSES: Final = r"C:\Program Files\x.dll"
FAILS: Final = r"C:\Windows\x.dll"


class JoinCase(NamedTuple):
    """One RustDesk process on ``device``, the loads of all join cases beside it, and its rows."""

    device: str | None
    loads: tuple[tuple[str | None, str], ...]
    rows: int


JOINS: Final = (
    JoinCase("two and one", (("two and one", PASSES), ("two and one", PASSES), ("two and one", FAILS)), 2),
    JoinCase("none", (), 1),
    JoinCase("only failing", (("only failing", FAILS),), 1),
    # Keys of a join are compared with regard to case, unlike terms.
    JoinCase("D1", (("d1", PASSES), ("d1", PASSES)), 1),
    # Empty keys match each other, and so do missing ones.
    JoinCase("", (("", PASSES), ("", PASSES)), 2),
    JoinCase(None, ((None, PASSES), (None, PASSES), (None, PASSES)), 3),
)


class _Case(NamedTuple):
    says: str
    device: str | None
    file_name: str | None
    loads: tuple[tuple[str | None, str | None], ...]
    rows: int


def check_truth_table() -> None:
    """Ask the engine for every case. Raises TruthTableMismatch where an answer is not the known one."""
    cases = tuple(_cases())
    rule = shipped_rule()
    with KqlEngine(tables=_event_tables(cases)) as engine:
        rows = engine.run(rule.query, rule.path)
    found = Counter(rows.column("ReportId").to_pylist())
    wrong = tuple(
        f"{case.says}: {found[index]} rows instead of {case.rows}"
        for index, case in enumerate(cases)
        if found[index] != case.rows
    )
    if wrong:
        raise TruthTableMismatch(wrong)


def _cases() -> Iterator[_Case]:
    for number, (name, holds) in enumerate(FILE_NAME_HAS_ANY.items()):
        yield _Case(f"file name {name!r}", f"file name {number}", name, (), int(holds))
    for number, (path, holds) in enumerate(FOLDER_PATH_HAS.items()):
        device = f"path {number}"
        yield _Case(f"path {path!r}", device, "rustdesk", ((device, PASSES), (device, path)), 1 + holds)
    for join in JOINS:
        yield _Case(f"join on device {join.device!r}", join.device, "rustdesk", join.loads, join.rows)


def _event_tables(cases: tuple[_Case, ...]) -> dict[Table, pa.Table]:
    loads = [load for case in cases for load in case.loads]
    return {
        Table.PROCESS_EVENTS: _event_table(
            Table.PROCESS_EVENTS,
            {
                "DeviceId": [case.device for case in cases],
                "FileName": [case.file_name for case in cases],
                "ReportId": list(range(len(cases))),
            },
        ),
        Table.IMAGE_LOAD_EVENTS: _event_table(
            Table.IMAGE_LOAD_EVENTS,
            {"DeviceId": [device for device, _ in loads], "FolderPath": [path for _, path in loads]},
        ),
    }


def _event_table(table: Table, given: Mapping[str, Sequence[object]]) -> pa.Table:
    length = len(next(iter(given.values())))
    nulls = [pa.field(field.name, field.type) for field in arrow_schema(table)]
    return pa.table(
        [
            pa.array(given[field.name], field.type) if field.name in given else pa.nulls(length, field.type)
            for field in nulls
        ],
        schema=pa.schema(nulls),
    )
