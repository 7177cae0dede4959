from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forensics.errors import AnalysisError
from forensics.event_model.event import Table
from forensics.rule_engine import KqlEngine
from tests.builders.event_tables import EPOCH, event_tables, write_event_tables

if TYPE_CHECKING:
    from pathlib import Path

    from tests.builders.event_tables import Cell

NAMES = ["c", "a", "b", "a"]
ROWS = {Table.PROCESS_EVENTS: [{"FileName": name} for name in NAMES]}


def test_a_result_is_ordered_by_all_its_columns() -> None:
    with KqlEngine(tables=event_tables(ROWS)) as engine:
        rows = engine.run("DeviceProcessEvents | project FileName, ReportId", "mine.kql")

    assert rows.column("FileName").to_pylist() == ["a", "a", "b", "c"]
    assert rows.column("ReportId").to_pylist() == [2, 4, 3, 1]


def test_a_query_that_orders_its_result_keeps_its_order() -> None:
    with KqlEngine(tables=event_tables(ROWS)) as engine:
        rows = engine.run("DeviceProcessEvents | sort by ReportId desc | project FileName", "mine.kql")

    assert rows.column("FileName").to_pylist() == NAMES[::-1]


def test_an_order_inside_a_query_is_no_order_of_its_result() -> None:
    with KqlEngine(tables=event_tables(ROWS)) as engine:
        query = "DeviceProcessEvents | sort by ReportId desc | summarize count() by FileName"
        assert engine.run(query, "mine.kql").column("FileName").to_pylist() == ["a", "b", "c"]


def test_a_stream_gives_the_same_rows_in_batches() -> None:
    with KqlEngine(tables=event_tables(ROWS)) as engine, engine.stream("DeviceProcessEvents", "q") as reader:
        names = pa.Table.from_batches(reader).column("FileName").to_pylist()

    assert sorted(names) == sorted(NAMES)


@pytest.mark.parametrize(
    "query",
    [
        "DeviceProcessEvents | summarize count() by FileName",
        "DeviceProcessEvents | summarize Ids = make_list(ReportId) by FileName",
        "DeviceProcessEvents | summarize arg_max(Timestamp, ReportId) by FileName",
        "DeviceProcessEvents | where FileName != '1' | take 10",
        "DeviceProcessEvents | sort by FileName asc | project FileName, ReportId",
    ],
)
def test_a_result_does_not_depend_on_threads(tmp_path: Path, query: str) -> None:
    many: list[dict[str, Cell]] = [
        {"FileName": f"{n * 7919 % 50}", "Timestamp": EPOCH} for n in range(10_000)
    ]
    events = event_tables({Table.PROCESS_EVENTS: many})[Table.PROCESS_EVENTS]
    (tmp_path / "DeviceProcessEvents").mkdir()
    pq.write_table(events, tmp_path / "DeviceProcessEvents" / "part-0.parquet", row_group_size=1000)

    results = []
    for threads in (1, 2):
        with KqlEngine(tmp_path, threads=threads) as engine:
            results.append(engine.run(query, "mine.kql"))

    assert results[0].equals(results[1])


@pytest.mark.parametrize("name", ["plain", "it's [1]*", "caf\u00e9 \u4e2d"])
def test_a_case_folder_of_any_name_is_read(tmp_path: Path, name: str) -> None:
    if os.name == "nt" and "*" in name:
        pytest.skip("Windows has no such names")
    events_dir = write_event_tables(tmp_path / name, ROWS)

    with KqlEngine(events_dir) as engine:
        assert engine.run("DeviceProcessEvents", "mine.kql").num_rows == len(NAMES)


def test_a_folder_without_a_table_has_it_empty(tmp_path: Path) -> None:
    with KqlEngine(tmp_path) as engine:
        assert engine.run("DeviceEvents", "mine.kql").num_rows == 0


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "DeviceInfo").mkdir()
    (tmp_path / "DeviceInfo" / "part-0.parquet").write_bytes(b"no parquet, and more than a few bytes")

    with pytest.raises(AnalysisError, match="DeviceInfo"):
        KqlEngine(tmp_path)


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "DeviceInfo").mkdir()
    pq.write_table(pa.table({"Timestamp": [1]}), tmp_path / "DeviceInfo" / "part-0.parquet")

    with pytest.raises(AnalysisError, match="columns"):
        KqlEngine(tmp_path)


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_csv('{outside}')",
        "COPY (SELECT 1) TO '{outside}.copy'",
        "ATTACH '{outside}.db'",
        "INSTALL httpfs",
        "SET threads = 2",
        "SET TimeZone = 'Asia/Tokyo'",
    ],
)
def test_an_engine_reaches_nothing_outside_its_tables_and_keeps_its_settings(
    tmp_path: Path, sql: str
) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("secret\n1\n")
    events_dir = write_event_tables(tmp_path / "events", ROWS)

    with KqlEngine(events_dir) as engine, pytest.raises(Exception, match=r"disabled|locked|[Cc]annot"):
        engine._connection.execute(sql.format(outside=outside)).fetchall()  # noqa: SLF001 - below what KQL can say

    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("outside")] == ["outside.csv"]
