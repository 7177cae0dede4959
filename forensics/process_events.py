"""The processes that belong around given ones, from the table of process events.

The table may hold millions. It is read a few times, a generation at a time, and only what belongs is kept.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from pyarrow import compute, parquet

from forensics.event_model.event import Table
from forensics.process_tree import ProcessStart
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

_FILE: Final = "part-0.parquet"
_GENERATIONS: Final = 6
_COLUMNS: Final = (
    *(
        "ReportId",
        "DeviceId",
        "Timestamp",
        "ProcessId",
        "ProcessUniqueId",
        "FolderPath",
        "ProcessCommandLine",
    ),
    *("AccountDomain", "AccountName", "InitiatingProcessId", "InitiatingProcessUniqueId"),
    *("InitiatingProcessFolderPath", "InitiatingProcessCommandLine"),
)


def read_processes_around(folder: Path, report_ids: Collection[int]) -> tuple[ProcessStart, ...]:
    """Return the processes ``report_ids`` with six generations above and below them, by ReportId.

    ``folder`` holds the event tables. A process without a GUID may be too many here: ids are used again.
    """
    path = folder / Table.PROCESS_EVENTS.value / _FILE
    if not report_ids or not path.is_file():
        return ()
    targets = {each.report_id: each for each in _read(path, "ReportId", report_ids, pa.int64())}
    known = _generations(path, targets, up=True) | _generations(path, targets, up=False)
    return tuple(known[each] for each in sorted(known))


def _generations(path: Path, targets: dict[int, ProcessStart], *, up: bool) -> dict[int, ProcessStart]:
    """Return ``targets`` with six generations above or below them."""
    known = dict(targets)
    latest = tuple(known.values())
    for _ in range(_GENERATIONS):
        latest = _new(known, _related(path, latest, up=up))
        if not latest:
            break
    return known


def _new(known: dict[int, ProcessStart], read: Iterable[ProcessStart]) -> tuple[ProcessStart, ...]:
    new = tuple({each.report_id: each for each in read if each.report_id not in known}.values())
    known.update({each.report_id: each for each in new})
    return new


def _related(path: Path, of: Collection[ProcessStart], *, up: bool) -> Iterator[ProcessStart]:
    """Give the parents of ``of``, or their children: by GUID and, where there is none, by process id."""
    guids = {each.parent_guid if up else each.guid for each in of} - {""}
    keys = {(each.device_id, each.parent_pid if up else each.pid) for each in of}
    column = "ProcessUniqueId" if up else "InitiatingProcessUniqueId"
    if guids:
        yield from _read(path, column, guids, pa.string())
    column = "ProcessId" if up else "InitiatingProcessId"
    for each in _read(path, column, {pid for _, pid in keys if pid >= 0}, pa.int64()):
        if (each.device_id, each.pid if up else each.parent_pid) in keys:
            yield each


def _read(path: Path, column: str, wanted: Collection[object], kind: pa.DataType) -> Iterator[ProcessStart]:
    values = pa.array(sorted(wanted, key=str), kind)
    for batch in parquet.ParquetFile(path).iter_batches(columns=list(_COLUMNS)):
        for row in batch.filter(compute.is_in(batch.column(column), values)).to_pylist():
            yield _process(row)


def _process(row: dict[str, object]) -> ProcessStart:
    domain, name = str(row["AccountDomain"]), str(row["AccountName"])
    time: datetime = row["Timestamp"]  # type: ignore[assignment]
    return ProcessStart(
        report_id=_number(row["ReportId"]),
        device_id=str(row["DeviceId"]),
        ticks=filetime.from_datetime(time.replace(tzinfo=UTC)),
        pid=_number(row["ProcessId"]),
        guid=str(row["ProcessUniqueId"]),
        image=str(row["FolderPath"]),
        command_line=str(row["ProcessCommandLine"]),
        user=f"{domain}\\{name}" if domain else name,
        parent_pid=_number(row["InitiatingProcessId"]),
        parent_guid=str(row["InitiatingProcessUniqueId"]),
        parent_image=str(row["InitiatingProcessFolderPath"]),
        parent_command_line=str(row["InitiatingProcessCommandLine"]),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1
