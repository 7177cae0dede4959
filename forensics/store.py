"""Events to Parquet: one folder a table, and the side table that leads each row back to its bytes.

Events arrive in the case's order, are numbered (ReportId 1, 2, 3 …) and spooled to disk in batches, so that
memory does not grow with the evidence. Only when all artifacts are read is it known which machine each is of,
which are copies of one record and which tell of one process; ``finish`` then writes the tables with their
DeviceId, one row an event.
The same events give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa
from pyarrow import compute, parquet

from forensics.event_model import provenance
from forensics.event_model.arrow_cells import without_surrogates
from forensics.event_model.event import Event, Facts, Origin, Table
from forensics.event_model.provenance import Relation
from forensics.event_model.schema import arrow_schema
from forensics.event_spool import PLACE, EventSpool
from forensics.report.verbatim import join_names
from forensics.same_event import CopyFinder
from forensics.same_process import ProcessFinder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from forensics.event_model.provenance import EventCopy, EventProvenance
    from parsers.evidence.source import Artifact

_FILE: Final = "part-0.parquet"
_INT64_MAX: Final = 2**63 - 1
_FACTS: Final = tuple(each.name for each in fields(Facts))
_ORIGIN: Final = tuple(each.name for each in fields(Origin))


class _Speaker(NamedTuple):
    """The event that speaks for another one, and what that one is to it."""

    report_id: int
    relation: Relation


class _Owners(NamedTuple):
    """By place, the id and the name of the machine."""

    ids: pa.Array
    names: pa.Array


class EventStore:
    """The event tables of one case, below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts = dict.fromkeys(Table, 0)
        self._copies = CopyFinder()
        self._processes = ProcessFinder()
        self._spools = {
            name: EventSpool(folder / name / "spool.arrow", schema) for name, schema in _schemas().items()
        }
        self._provenance = EventSpool(folder / provenance.NAME / "spool.arrow", provenance.SCHEMA)

    def add(self, event: Event, artifact: Artifact, place: int, same_event: str) -> None:
        """Store ``event`` of ``artifact``; ``place`` stands for its machine until ``finish`` is told.

        ``same_event`` is the digest of what makes records copies of one (:mod:`forensics.same_event`),
        machine apart.
        """
        report_id = self._copies.add(event.origin, artifact, place, same_event)
        self._processes.add(report_id, event, place)
        self.counts[event.table] += 1
        row: dict[str, object] = {
            **event.columns,
            "DeviceName": event.origin.device_name,
            "ReportId": report_id,
            PLACE: place,
        }
        self._spools[event.table].add(row)
        self._provenance.add(_provenance_row(event, artifact, report_id) | {PLACE: place})

    def finish(self, device_ids: Sequence[str], device_names: Sequence[str] = ()) -> None:
        """Write the Parquet files, one row an event; ``device_ids`` gives the DeviceId for each place.

        ``device_names`` gives each place's machine a name, for rows of artifacts that name none.
        """
        names = device_names or [""] * len(device_ids)
        owners = _Owners(
            pa.array(device_ids, pa.string()), pa.array(map(without_surrogates, names), pa.string())
        )
        speakers = self._speakers(device_ids)
        for table, spool in self._spools.items():
            kept = (_speaking(batch, "ReportId", speakers) for batch in spool.drain())
            owned = (_with_owner(batch, "DeviceId", "DeviceName", owners) for batch in kept)
            self.counts[table] = _write_parquet(self.folder / table / _FILE, arrow_schema(table), owned)
        self._write_provenance(owners, speakers)

    def _speakers(self, device_ids: Sequence[str]) -> Mapping[int, _Speaker]:
        """Return, for every event that has no row, the one that speaks for it.

        Copies come first: only those that speak can be of one process, and their copies go with them.
        """
        copies = self._copies.speakers(device_ids)
        processes = self._processes.pairs(device_ids, copies)
        speakers = {number: _Speaker(speaks, Relation.COPY) for number, speaks in copies.items()}
        same = {number: _Speaker(speaks, Relation.SAME_PROCESS) for number, speaks in processes.items()}
        return {number: same.get(speaker.report_id, speaker) for number, speaker in speakers.items()} | same

    def _write_provenance(self, owners: _Owners, speakers: Mapping[int, _Speaker]) -> None:
        """Write the side table of the events that speak, and beside it that of their copies."""
        numbers = Counter(
            speaker.report_id for speaker in speakers.values() if speaker.relation is Relation.COPY
        )
        others: list[pa.RecordBatch] = []

        def speaking() -> Iterator[pa.RecordBatch]:
            for batch in self._provenance.drain():
                owned = _with_owner(batch, "device_id", "device_name", owners)
                others.append(_copies_of(owned, speakers))
                kept = _speaking(owned, "report_id", speakers)
                counts = [1 + numbers[each] for each in kept.column("report_id").to_pylist()]
                place = provenance.SCHEMA.get_field_index("copies")
                yield kept.set_column(place, provenance.SCHEMA.field(place), pa.array(counts, pa.int64()))

        _write_parquet(self.folder / provenance.NAME / _FILE, provenance.SCHEMA, speaking())
        _write_parquet(self.folder / provenance.COPIES_NAME / _FILE, provenance.COPIES_SCHEMA, iter(others))


def read_copies(folder: Path, report_ids: Iterable[int]) -> Mapping[int, Sequence[EventCopy]]:
    """Return the other copies of the events ``report_ids``, by ReportId, in the case's order."""
    table = parquet.read_table(folder / provenance.COPIES_NAME / _FILE)
    wanted = pa.array(sorted(set(report_ids)), pa.int64())
    found: dict[int, list[EventCopy]] = {}
    for row in table.filter(compute.is_in(table.column("report_id"), wanted)).to_pylist():
        found.setdefault(row["report_id"], []).append(provenance.EventCopy(**row))
    return found


def read_provenance(folder: Path, report_ids: Iterable[int]) -> Iterator[EventProvenance]:
    """Give the side table's rows for ``report_ids``, in order of ReportId."""
    path = folder / provenance.NAME / _FILE
    wanted = pa.array(sorted(set(report_ids)), pa.int64())
    for batch in parquet.ParquetFile(path).iter_batches():
        kept = batch.filter(compute.is_in(batch.column("report_id"), wanted))
        for row in kept.to_pylist():
            yield provenance.EventProvenance(**row)


def case_clock(folder: Path) -> datetime:
    """Return the latest time that any machine of the case was seen: what a rule takes for the present."""
    table = parquet.read_table(folder / Table.INFO.value / _FILE, columns=["Timestamp"])
    latest = compute.max(table.column("Timestamp")).as_py()
    return (latest or datetime(1601, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001 - the table's times are UTC


def _speaking(batch: pa.RecordBatch, id_column: str, speakers: Mapping[int, _Speaker]) -> pa.RecordBatch:
    """Return the rows for which no other copy speaks."""
    silent = compute.is_in(batch.column(id_column), pa.array(list(speakers), pa.int64()))
    return batch.filter(compute.invert(silent))


def _with_owner(batch: pa.RecordBatch, id_column: str, name_column: str, owners: _Owners) -> pa.RecordBatch:
    """Return the rows with their machine's id in place of its number, and its name where they have none."""
    places = batch.column(PLACE)
    recorded = batch.column(name_column)
    named = compute.if_else(compute.equal(recorded, ""), owners.names.take(places), recorded)
    columns = {id_column: owners.ids.take(places), name_column: named}
    for name, cells in columns.items():
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(place, batch.schema.field(place), cells)
    return batch.drop_columns([PLACE])


def _copies_of(batch: pa.RecordBatch, speakers: Mapping[int, _Speaker]) -> pa.RecordBatch:
    """Return the rows for which another record speaks, as that one's copies."""
    silent = batch.filter(compute.is_in(batch.column("report_id"), pa.array(list(speakers), pa.int64())))
    spoken = [speakers[each] for each in silent.column("report_id").to_pylist()]
    columns = {
        "report_id": pa.array([speaker.report_id for speaker in spoken], pa.int64()),
        "relation": pa.array([speaker.relation.value for speaker in spoken], pa.string()),
    }
    schema = provenance.COPIES_SCHEMA
    return pa.RecordBatch.from_arrays(
        [columns[name] if name in columns else silent.column(name) for name in schema.names], schema=schema
    )


def _write_parquet(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> int:
    """Write the rows to a new file; return how many there are."""
    rows = 0
    path.parent.mkdir(exist_ok=True)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch.cast(schema))
                rows += batch.num_rows
    return rows


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


def _schemas() -> dict[Table, pa.Schema]:
    return {table: arrow_schema(table) for table in Table}
