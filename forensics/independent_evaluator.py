"""The shipped rule once more, in plain Python, without KQL and without a database.

It says what the rule's author wrote, not what the rule's text holds: the file names, paths and the join are
stated here again and read from no file. Agreement with the engine is therefore evidence that both are right.
It runs at every analysis, so a column is only read where the rule needs it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from forensics.errors import RuleDisagreement
from forensics.event_model.event import Table
from forensics.kql_term import Verdict, has_any_term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from forensics.shipped_rule import RuleResult

FILE_NAMES: Final = ("rustdesk.exe", "rustdesk-service.exe", "rustdesk")
FOLDERS: Final = ("Program Files", "ProgramData")
PROJECTED: Final = ("Timestamp", "DeviceName", "FileName", "ProcessCommandLine", "FolderPath", "ReportId")

Row = tuple[Any, ...]
"""A row as the rule projects it: Timestamp as microseconds since 1970-01-01 UTC, then the other columns."""


class Multiplicity(NamedTuple):
    """How often the rule gives a row; ``least`` and ``most`` differ where the documentation is silent."""

    least: int
    most: int


class OpenRow(NamedTuple):
    """A row whose multiplicity the documentation of KQL leaves open, and how often the engine ``gave`` it.

    Its file name, or the path of an image load of its device, has a character that :mod:`forensics.kql_term`
    names as undocumented. ``gave`` lies within ``documented``, and may be 0.
    """

    report_id: int
    gave: int
    documented: Multiplicity


@dataclass(slots=True)
class _Bounds:
    least: Counter[Any] = field(default_factory=Counter)
    most: Counter[Any] = field(default_factory=Counter)


class _Process(NamedTuple):
    device_id: str | None
    row: Row
    verdict: Verdict


def evaluate(events_dir: Path) -> Mapping[Row, Multiplicity]:
    """Return the rows that the shipped rule gives over the Parquet tables of ``events_dir``.

    A table that is not there is empty.
    """
    return evaluate_batches(
        _read(events_dir, Table.PROCESS_EVENTS, (*PROJECTED, "DeviceId")),
        _read(events_dir, Table.IMAGE_LOAD_EVENTS, ("DeviceId", "FolderPath")),
    )


def evaluate_batches(
    processes: Iterable[pa.RecordBatch], loads: Iterable[pa.RecordBatch]
) -> Mapping[Row, Multiplicity]:
    """Return the rows that the shipped rule gives over ``processes`` and ``loads``."""
    matched = [process for batch in processes for process in _match_processes(batch)]
    loads_of = _count_loads(loads, {process.device_id for process in matched})
    rows = _Bounds()
    for process in matched:
        decided = process.verdict is Verdict.YES
        rows.least[process.row] += max(1, loads_of.least[process.device_id]) if decided else 0
        rows.most[process.row] += max(1, loads_of.most[process.device_id])
    return {row: Multiplicity(rows.least[row], most) for row, most in rows.most.items()}


def confirm(results: Iterable[RuleResult], independent: Mapping[Row, Multiplicity]) -> tuple[OpenRow, ...]:
    """Return the rows that the documentation leaves open; on all others both evaluations agree exactly.

    Raises RuleDisagreement, naming each row, where the engine's ``results`` and ``independent`` differ.
    """
    given: Counter[Row] = Counter()
    for result in results:
        given[tuple(result[:-1])] += result.multiplicity
    nothing = Multiplicity(0, 0)
    rows = {row: independent.get(row, nothing) for row in (*given, *independent)}
    differences = tuple(
        f"ReportId {row[-1]}: the engine gives it {given[row]} times, {_say(bounds)} were expected"
        for row, bounds in rows.items()
        if not bounds.least <= given[row] <= bounds.most
    )
    if differences:
        raise RuleDisagreement(differences)
    return tuple(OpenRow(row[-1], given[row], bounds) for row, bounds in rows.items() if _is_open(bounds))


def _say(bounds: Multiplicity) -> str:
    return f"{bounds.least} to {bounds.most}" if _is_open(bounds) else str(bounds.most)


def _is_open(bounds: Multiplicity) -> bool:
    return bounds.least != bounds.most


def _read(events_dir: Path, table: Table, names: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    for path in sorted((events_dir / table.value).glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(columns=list(names))


def _match_processes(batch: pa.RecordBatch) -> Iterator[_Process]:
    found = [
        (index, verdict)
        for index, name in enumerate(batch.column("FileName").to_pylist())
        if (verdict := has_any_term(name, FILE_NAMES)) is not Verdict.NO
    ]
    rows = batch.take(pa.array([index for index, _ in found], pa.int64()))
    times = rows.column("Timestamp").cast(pa.int64()).to_pylist()
    others = [rows.column(name).to_pylist() for name in PROJECTED[1:]]
    devices = rows.column("DeviceId").to_pylist()
    for device, row, (_, verdict) in zip(devices, zip(times, *others, strict=True), found, strict=True):
        yield _Process(device, row, verdict)


def _count_loads(batches: Iterable[pa.RecordBatch], devices: set[str | None]) -> _Bounds:
    counts = _Bounds()
    if not devices:
        return counts
    verdicts: dict[str | None, Verdict] = {}
    for batch in batches:
        # A device loads the same few thousand images again and again: each path is judged once.
        paths = zip(batch.column("DeviceId").to_pylist(), batch.column("FolderPath").to_pylist(), strict=True)
        for (device, path), copies in Counter(paths).items():
            if device in devices:
                if path not in verdicts:
                    verdicts[path] = has_any_term(path, FOLDERS)
                counts.least[device] += copies * (verdicts[path] is Verdict.YES)
                counts.most[device] += copies * (verdicts[path] is not Verdict.NO)
    return counts
