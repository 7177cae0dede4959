"""KQL over the event tables: DuckDB embedded, offline, and the same answer every time.

The only module that imports duckdb. An engine is opened on a case's Parquet tables or on Arrow tables, and
then closed to everything else: no network, no extension, no file outside the tables' folder, UTC, and no
setting can be changed any more.

However many threads it has, a query gives the same rows in the same order for the same tables: what
depends on the order in which rows arrive (``take``, ties of ``top`` and ``arg_max``, ``make_list``, a
stream) is run by one thread.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Self

import duckdb

from forensics.errors import AnalysisError, RuleError, RuleLocation
from forensics.event_model.event import Table
from forensics.event_model.schema import arrow_schema, columns
from forensics.translation import Translation, translate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    import pyarrow as pa

ROWS_PER_BATCH: Final = 100_000

_SETTINGS: Final[dict[str, str | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
}


@dataclass(frozen=True, slots=True)
class CheckedQuery:
    """A query that the engine can run: its result's ``columns``, in order."""

    name: str
    columns: tuple[str, ...]


class KqlEngine:
    """Runs KQL over ``tables``, over the Parquet files of ``events_dir``, or over empty tables.

    A table that is neither given nor in the folder is empty. ``query_now`` is what ``now()`` gives; without
    it a query that asks for the time is refused. ``spill_dir`` is where DuckDB may put what does not fit into
    memory; without it such a query fails. Use it in a ``with`` statement.

    Raises AnalysisError where a table cannot be read or has other columns than the schema.
    """

    def __init__(
        self,
        events_dir: Path | None = None,
        *,
        tables: Mapping[Table, pa.Table] | None = None,
        threads: int = 1,
        query_now: datetime | None = None,
        spill_dir: Path | None = None,
    ) -> None:
        self._query_now = query_now
        self._threads = threads
        self._alone: KqlEngine | None = None
        self._one_thread = partial(
            KqlEngine, events_dir, tables=tables, threads=1, query_now=query_now, spill_dir=spill_dir
        )
        self._columns = {table.value: tuple(columns(table)) for table in Table}
        # Not told where to spill, DuckDB makes a folder in the working directory.
        spill = "" if spill_dir is None else str(spill_dir)
        self._connection = duckdb.connect(
            ":memory:", config={"threads": threads, "temp_directory": spill, **_SETTINGS}
        )
        try:
            self._connection.execute("SET TimeZone = 'UTC'")
            for table in Table:
                self._open_table(table, events_dir, tables or {})
            self._close_to_the_world(events_dir)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._alone is not None:
            self._alone.__exit__(kind, error, trace)
        self._connection.close()

    def check(self, query: str, name: str) -> CheckedQuery:
        """Parse, translate and bind ``query`` without reading an event; ``name`` is its file's.

        Raises RuleError with the place of what is wrong: no KQL, an unknown table or column, an operator
        that the engine lacks, types that do not go together.
        """
        return CheckedQuery(name, tuple(self._bind(query, name)[1].columns))

    def run(self, query: str, name: str) -> pa.Table:
        """Return all rows that ``query`` results in, in an order that depends on the rows alone.

        A query that ends in ``sort`` or ``top`` keeps its own order; any other is ordered by all columns
        from left to right. Raises RuleError and AnalysisError.
        """
        translation = translate(query, name, self._columns, self._query_now)
        if translation.order_sensitive and self._threads > 1:
            return self._with_one_thread().run(query, name)
        # One statement, which is bound once: binding a long query takes longer than running it on little.
        order = "" if translation.ordered else " ORDER BY ALL"
        with _explained(name):
            relation = self._connection.sql(
                f"FROM ({translation.sql}){order}", params=dict(translation.parameters)
            )
            return relation.to_arrow_table()

    def stream(self, query: str, name: str) -> pa.RecordBatchReader:
        """Return the rows that ``query`` results in, batch by batch as one thread comes upon them.

        They are not ordered, and come the same way each time. Memory stays flat however many they are. The
        engine can run nothing else until the reader is exhausted or closed. Raises RuleError and
        AnalysisError.
        """
        if self._threads > 1:
            return self._with_one_thread().stream(query, name)
        _, relation = self._bind(query, name)
        with _explained(name):
            return relation.to_arrow_reader(ROWS_PER_BATCH)

    def _with_one_thread(self) -> KqlEngine:
        # The number of threads is locked with all other settings, so it takes another engine.
        if self._alone is None:
            self._alone = self._one_thread()
        return self._alone

    def _bind(self, query: str, name: str) -> tuple[Translation, duckdb.DuckDBPyRelation]:
        translation = translate(query, name, self._columns, self._query_now)
        with _explained(name):
            return translation, self._connection.sql(translation.sql, params=dict(translation.parameters))

    def _open_table(self, table: Table, events_dir: Path | None, tables: Mapping[Table, pa.Table]) -> None:
        files = [] if events_dir is None else sorted((events_dir.absolute() / table.value).glob("*.parquet"))
        if table in tables or not files:
            self._copy_arrow(table, tables.get(table, arrow_schema(table).empty_table()))
        else:
            self._view_parquet(table, files)

    def _view_parquet(self, table: Table, files: list[Path]) -> None:
        # Named one by one: a case folder may have any name, and DuckDB would read * ? [ in a pattern.
        names = ", ".join(_quoted(str(file)) for file in files)
        try:
            # A view cannot be given values to bind.
            self._connection.execute(f"CREATE VIEW {table.value} AS FROM read_parquet([{names}])")
            found = tuple(self._connection.table(table.value).columns)
        except duckdb.Error as error:
            raise _unreadable(table, str(error).splitlines()[0]) from error
        if found != tuple(columns(table)):
            raise _unreadable(table, "its columns are not those of the schema")

    def _copy_arrow(self, table: Table, rows: pa.Table) -> None:
        if tuple(rows.schema.names) != tuple(columns(table)):
            raise _unreadable(table, "its columns are not those of the schema")
        self._connection.register("arrow_rows", rows)
        self._connection.execute(f"CREATE TABLE {table.value} AS FROM arrow_rows")
        self._connection.unregister("arrow_rows")

    def _close_to_the_world(self, events_dir: Path | None) -> None:
        if events_dir is not None:
            self._connection.execute(f"SET allowed_directories = [{_quoted(str(events_dir.absolute()))}]")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn DuckDB's errors into ours: a lack of memory or a bad file is not the rule's fault, all else is."""
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException, duckdb.InternalException) as error:
        raise AnalysisError(
            f"{name} could not be run: {error}", "Give it more memory, or a folder to spill"
        ) from error
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise RuleError(
            RuleLocation(name), f"the engine refuses the query: {reason}", "Mend the query"
        ) from error


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _unreadable(table: Table, reason: str) -> AnalysisError:
    return AnalysisError(
        f"the events of {table.value} cannot be read: {reason}", "Analyze the evidence again"
    )
