"""Event tables with only the columns that a test is about; all others are filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from forensics.event_model.event import Table
from forensics.event_model.schema import KqlType, arrow_schema, columns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Cell = str | int | bool | datetime | Mapping[str, object] | None
"""What a test gives for a cell; a mapping becomes JSON."""

DEVICE_ID: Final = "d" * 40
EPOCH: Final = datetime(2025, 1, 31, 12)  # noqa: DTZ001 - the tables' times are UTC without saying so
ACTIONS: Final = {
    Table.PROCESS_EVENTS: "ProcessCreated",
    Table.IMAGE_LOAD_EVENTS: "ImageLoaded",
    Table.EVENTS: "ServiceInstalled",
    Table.REGISTRY_EVENTS: "RegistryValueSet",
    Table.FILE_EVENTS: "FileCreated",
    Table.NETWORK_EVENTS: "ConnectionSuccess",
    Table.LOGON_EVENTS: "LogonSuccess",
}


def event_tables(rows: Mapping[Table, Sequence[Mapping[str, Cell]]]) -> dict[Table, pa.Table]:
    """Return every table as Arrow: ``rows`` with their missing columns filled in, or no row.

    ReportId counts from 1 over all tables in the order of :class:`Table`, or is a row's own; Timestamp is one
    second after the row before. Strings become ``""``, all else null. A column that a table does not have is
    a KeyError.
    """
    filled: dict[Table, pa.Table] = {}
    next_id = 1
    for table in Table:
        partial = list(rows.get(table, ()))
        whole = [_fill(table, row, next_id + index) for index, row in enumerate(partial)]
        filled[table] = pa.Table.from_pylist(whole, schema=arrow_schema(table))
        next_id += len(partial)
    return filled


def write_event_tables(folder: Path, rows: Mapping[Table, Sequence[Mapping[str, Cell]]]) -> Path:
    """Write ``event_tables(rows)`` to ``folder/<Table>/part-0.parquet`` and return ``folder``."""
    for table, filled in event_tables(rows).items():
        (folder / table.value).mkdir(parents=True)
        pq.write_table(filled, folder / table.value / "part-0.parquet")
    return folder


def _fill(table: Table, row: Mapping[str, Cell], report_id: int) -> dict[str, Cell]:
    types = columns(table)
    if unknown := set(row) - set(types):
        raise KeyError(f"{table} has no column {sorted(unknown)}")
    defaults: dict[str, Cell] = {name: "" if kind is KqlType.STRING else None for name, kind in types.items()}
    defaults |= {
        "Timestamp": EPOCH + timedelta(seconds=report_id),
        "DeviceId": DEVICE_ID,
        "DeviceName": "desk-1",
        "ReportId": report_id,
    }
    if table in ACTIONS:
        defaults["ActionType"] = ACTIONS[table]
    given = {name: _json(cell) if isinstance(cell, Mapping) else cell for name, cell in row.items()}
    return defaults | given


def _json(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True)
