"""Events to Parquet: one folder a table, and the side table that leads each row back to its bytes.

Events arrive in the case's order, are numbered (ReportId 1, 2, 3 …) and spooled to disk in batches, so that
memory does not grow with the evidence. Only when all artifacts are read is it known which machine each is of;
``finish`` then writes the tables with their DeviceId. The same events give the same bytes.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from pyarrow import compute, parquet

from forensics.event_model import provenance
from forensics.event_model.arrow_cells import to_array, without_surrogates
from forensics.event_model.event import Event, Facts, Origin, Table
from forensics.event_model.schema import arrow_schema
from forensics.report.verbatim import join_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from forensics.event_model.provenance import EventProvenance
    from parsers.evidence.source import Artifact

ROWS_PER_BATCH: Final = 8192
_PLACE: Final = "_place"
"""The spool's own column: which machine a row is of, as a number that ``finish`` resolves."""

_INT64_MAX: Final = 2**63 - 1
_FACTS: Final = tuple(each.name for each in fields(Facts))
_ORIGIN: Final = tuple(each.name for each in fields(Origin))


class EventStore:
    """The event tables of one case, below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts = dict.fromkeys(Table, 0)
        self._next_id = 1
        self._spools = {
            name: _Spool(folder / name / "spool.arrow", schema) for name, schema in _schemas().items()
        }

    def add(self, event: Event, artifact: Artifact, place: int) -> None:
        """Store ``event`` of ``artifact``; ``place`` stands for its machine until ``finish`` is told."""
        report_id, self._next_id = self._next_id, self._next_id + 1
        self.counts[event.table] += 1
        row: dict[str, object] = {
            **event.columns,
            "DeviceName": event.origin.device_name,
            "ReportId": report_id,
            _PLACE: place,
        }
        self._spools[event.table].add(row)
        self._spools[provenance.NAME].add(_provenance_row(event, artifact, report_id) | {_PLACE: place})

    def finish(self, device_ids: Sequence[str]) -> None:
        """Write the Parquet files; ``device_ids`` gives the DeviceId for each place."""
        ids = pa.array(device_ids, pa.string())
        for name, spool in self._spools.items():
            column = "device_id" if name == provenance.NAME else "DeviceId"
            spool.write_parquet(self.folder / name / "part-0.parquet", column, ids)


def read_provenance(folder: Path, report_ids: Iterable[int]) -> Iterator[EventProvenance]:
    """Give the side table's rows for ``report_ids``, in order of ReportId."""
    path = folder / provenance.NAME / "part-0.parquet"
    wanted = pa.array(sorted(set(report_ids)), pa.int64())
    for batch in parquet.ParquetFile(path).iter_batches():
        kept = batch.filter(compute.is_in(batch.column("report_id"), wanted))
        for row in kept.to_pylist():
            yield provenance.EventProvenance(**row)


def case_clock(folder: Path) -> datetime:
    """Return the latest time that any machine of the case was seen: what a rule takes for the present."""
    table = parquet.read_table(folder / Table.INFO.value / "part-0.parquet", columns=["Timestamp"])
    latest = compute.max(table.column("Timestamp")).as_py()
    return (latest or datetime(1601, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001 - the table's times are UTC


class _Spool:
    """Rows of one table, kept on disk as Arrow batches until they are written as Parquet."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        path.parent.mkdir(parents=True)
        self._path = path
        self._schema = schema
        self._spool_schema = schema.append(pa.field(_PLACE, pa.int32(), nullable=False))
        self._rows: list[dict[str, object]] = []
        self._writer = pa.ipc.new_file(path, self._spool_schema)

    def add(self, row: dict[str, object]) -> None:
        self._rows.append(row)
        if len(self._rows) >= ROWS_PER_BATCH:
            self._flush()

    def _flush(self) -> None:
        filled = set[str]().union(*self._rows)
        nothing = [None] * len(self._rows)
        arrays = [
            to_array(field, [row.get(field.name) for row in self._rows] if field.name in filled else nothing)
            for field in self._spool_schema
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._spool_schema))
        self._rows.clear()

    def write_parquet(self, path: Path, id_column: str, device_ids: pa.Array) -> None:
        if self._rows:
            self._flush()
        self._writer.close()
        place = self._schema.get_field_index(id_column)
        with (
            pa.memory_map(str(self._path)) as source,
            pa.ipc.open_file(source) as batches,
            parquet.ParquetWriter(path, self._schema, compression="zstd") as writer,
        ):
            for number in range(batches.num_record_batches):
                batch = batches.get_batch(number)
                ids = device_ids.take(batch.column(_PLACE))
                arrays = batch.columns[:-1]
                arrays[place] = ids
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._path.unlink()


def _provenance_row(event: Event, artifact: Artifact, report_id: int) -> dict[str, object]:
    """Return the side table's row, all but its machine's id."""
    origin = {name: getattr(event.origin, name) for name in _ORIGIN}
    facts = {name: getattr(event.facts, name) for name in _FACTS}
    row = {
        **origin,
        **facts,
        "ticks": min(event.origin.ticks, _INT64_MAX),
        "report_id": report_id,
        "table": event.table.value,
        "message": event.message,
        "evidence_id": artifact.evidence_id,
        "source_path": artifact.path,
        "source_sha256": artifact.sha256,
    }
    return {**row, "altered_fields": join_names([*_incomplete(event), *_unwritable(row)])}


def _incomplete(event: Event) -> Iterator[str]:
    """Give the columns in which a part of what the record says may be missing: all, which is not known."""
    if event.text_altered:
        yield from ("message", *(name for name in _FACTS if getattr(event.facts, name)))


def _unwritable(row: Mapping[str, object]) -> Iterator[str]:
    """Give the columns whose text UTF-8 cannot hold as it is."""
    texts = {name: cell for name, cell in row.items() if isinstance(cell, str)}
    whole = "".join(texts.values())
    if whole != without_surrogates(whole):
        yield from (name for name, text in texts.items() if text != without_surrogates(text))


def _schemas() -> dict[str, pa.Schema]:
    return {**{table.value: arrow_schema(table) for table in Table}, provenance.NAME: provenance.SCHEMA}
