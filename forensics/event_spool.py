"""Rows of one table on their way to Parquet: kept on disk as Arrow batches until all of them are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from forensics.event_model.arrow_cells import to_array

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS_PER_BATCH: Final = 8192
PLACE: Final = "_place"
"""The spool's own column: which machine a row is of, as a number that is resolved in the end."""


class EventSpool:
    """Rows that follow ``schema``, each with its place, in a file that ``drain`` reads once and removes."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        path.parent.mkdir(parents=True)
        self._path = path
        self._schema = schema.append(pa.field(PLACE, pa.int32(), nullable=False))
        self._rows: list[dict[str, object]] = []
        self._writer = pa.ipc.new_file(path, self._schema)

    def add(self, row: dict[str, object]) -> None:
        """Keep one row; what it does not fill is empty."""
        self._rows.append(row)
        if len(self._rows) >= ROWS_PER_BATCH:
            self._flush()

    def drain(self) -> Iterator[pa.RecordBatch]:
        """Give all rows in batches, and remove the file behind the last."""
        if self._rows:
            self._flush()
        self._writer.close()
        with pa.memory_map(str(self._path)) as source, pa.ipc.open_file(source) as batches:
            for number in range(batches.num_record_batches):
                yield batches.get_batch(number)
        self._path.unlink()

    def _flush(self) -> None:
        filled = set[str]().union(*self._rows)
        nothing = [None] * len(self._rows)
        arrays = [
            to_array(field, [row.get(field.name) for row in self._rows] if field.name in filled else nothing)
            for field in self._schema
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._rows.clear()
