from __future__ import annotations

from collections import Counter
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forensics.errors import RuleDisagreement
from forensics.event_model.event import Table
from forensics.independent_evaluator import Multiplicity, confirm, evaluate, evaluate_batches
from forensics.rule_engine import KqlEngine
from forensics.shipped_rule import RuleResult, count_rows, expand_rule_bag, rule_results, shipped_rule
from tests.builders.event_tables import DEVICE_ID, event_tables, write_event_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.builders.event_tables import Cell

SHA256 = "930e86075fb8e0dfa290ee069c279e2b857b2e2a86aff6b5d0f87aec6741a322"

devices = st.sampled_from(["d1", "d2", "D1", ""])
file_names = st.sampled_from(
    ["rustdesk.exe", "RustDesk (1).exe", "myrustdesk.exe", "cmd.exe", "rustdesk\u0301", ""]
)
paths = st.sampled_from(
    [
        r"C:\Program Files\x.dll",
        r"C:\ProgramData\x",
        r"C:\ProgramData2",
        "",
        "C:\\program \u017files",
        r"C:\x",
    ]
)
process_rows = st.lists(st.fixed_dictionaries({"DeviceId": devices, "FileName": file_names}), max_size=8)
load_rows = st.lists(st.fixed_dictionaries({"DeviceId": devices, "FolderPath": paths}), max_size=12)


def tables_of(
    processes: Sequence[Mapping[str, Cell]], loads: Sequence[Mapping[str, Cell]]
) -> dict[Table, pa.Table]:
    return event_tables({Table.PROCESS_EVENTS: processes, Table.IMAGE_LOAD_EVENTS: loads})


def literal_bag(engine: KqlEngine) -> Counter[tuple[object, ...]]:
    rows = engine.run(shipped_rule().query, "rule.kql")
    times = rows.column("Timestamp").cast(pa.int64()).to_pylist()
    others = [rows.column(name).to_pylist() for name in rows.column_names[1:]]
    return Counter(zip(times, *others, strict=True))


def test_the_shipped_rule_is_unchanged_to_the_byte() -> None:
    text = files("forensics").joinpath("rules", "rustdesk_execution.kql").read_bytes()

    assert sha256(text).hexdigest() == SHA256
    assert shipped_rule().query.encode() == text


@settings(max_examples=20, deadline=None)
@given(process_rows, load_rows)
def test_three_ways_to_evaluate_the_unchanged_rule_give_one_bag(
    processes: list[dict[str, Cell]], loads: list[dict[str, Cell]]
) -> None:
    tables = tables_of(processes, loads)
    with KqlEngine(tables=tables) as engine:
        results = rule_results(engine)
        bag = literal_bag(engine)
    independent = evaluate_batches(
        tables[Table.PROCESS_EVENTS].to_batches(max_chunksize=3),
        tables[Table.IMAGE_LOAD_EVENTS].to_batches(max_chunksize=5),
    )

    assert Counter({tuple(each[:-1]): each.multiplicity for each in results}) == bag
    assert list(results) == sorted(results)
    for row in confirm(results, independent):
        assert row.documented.least <= row.gave <= row.documented.most


def test_the_multiplicities_add_up_to_the_rows_of_the_unchanged_rule() -> None:
    processes = [{"FileName": "rustdesk.exe"}, {"FileName": "rustdesk.exe"}, {"FileName": "cmd.exe"}]
    loads = [{"FolderPath": r"C:\Program Files\x.dll"}] * 5

    with KqlEngine(tables=tables_of(processes, loads)) as engine:
        multiplicities = [each.multiplicity for each in rule_results(engine)]
        assert multiplicities == [5, 5]
        assert {type(each) for each in multiplicities} == {int}
        assert count_rows(engine, shipped_rule()) == 10


def test_both_evaluations_read_the_same_parquet_files(tmp_path: Path) -> None:
    loads = [{"FolderPath": r"C:\Program Files\a.dll"}, {"FolderPath": r"C:\ProgramData\b.dll"}]
    rows = {Table.PROCESS_EVENTS: [{"FileName": "rustdesk.exe"}], Table.IMAGE_LOAD_EVENTS: loads}
    events_dir = write_event_tables(tmp_path, rows)

    with KqlEngine(events_dir) as engine:
        results = rule_results(engine)

    assert [each.multiplicity for each in results] == [2]
    assert confirm(results, evaluate(events_dir)) == ()


def test_missing_tables_are_empty_to_both_evaluations(tmp_path: Path) -> None:
    with KqlEngine(tmp_path) as engine:
        assert rule_results(engine) == ()
    assert evaluate(tmp_path) == {}


RESULT = RuleResult(0, "desk", "rustdesk.exe", "", "", 7, 2)


@pytest.mark.parametrize(
    ("results", "independent"),
    [
        ([RESULT], {}),
        ([], {RESULT[:-1]: Multiplicity(2, 2)}),
        ([RESULT], {RESULT[:-1]: Multiplicity(3, 3)}),
        ([RESULT, RESULT], {RESULT[:-1]: Multiplicity(2, 2)}),
    ],
    ids=["a row too many", "a row too few", "another multiplicity", "a row twice"],
)
def test_any_difference_between_two_evaluations_stops_the_analysis(
    results: list[RuleResult], independent: dict[tuple[object, ...], Multiplicity]
) -> None:
    with pytest.raises(RuleDisagreement, match="ReportId 7"):
        confirm(results, independent)


def test_a_name_that_the_documentation_leaves_open_is_named_and_stops_nothing() -> None:
    tables = tables_of([{"ReportId": 9, "FileName": "ru\u017ftdesk.exe"}], [])
    with KqlEngine(tables=tables) as engine:
        results = rule_results(engine)

    rows = confirm(results, evaluate_batches(tables[Table.PROCESS_EVENTS].to_batches(), []))

    assert [(row.report_id, row.documented) for row in rows] == [(9, Multiplicity(0, 1))]


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(process_rows, load_rows)
def test_the_expanded_bag_is_every_row_of_the_unchanged_rule(
    tmp_path: Path, processes: list[dict[str, Cell]], loads: list[dict[str, Cell]]
) -> None:
    with KqlEngine(tables=tables_of(processes, loads)) as engine:
        written = expand_rule_bag(engine, tmp_path / "bag.parquet")
        bag = literal_bag(engine)

    ids = pq.read_table(tmp_path / "bag.parquet").column("ReportId").to_pylist()
    assert len(ids) == written
    assert Counter(ids) == Counter(
        {report_id: sum(n for row, n in bag.items() if row[-1] == report_id) for report_id in ids}
    )


def test_the_expanded_bag_is_byte_identical_when_it_is_written_again(tmp_path: Path) -> None:
    processes: list[dict[str, Cell]] = [
        {"FileName": "rustdesk.exe", "ReportId": number} for number in range(1, 40)
    ]
    loads = [{"FolderPath": r"C:\Program Files\x.dll", "DeviceId": DEVICE_ID}] * 3000
    tables = tables_of(processes, loads)

    digests = set()
    for name in ("a", "b"):
        with KqlEngine(tables=tables) as engine:
            assert expand_rule_bag(engine, tmp_path / name) == 39 * 3000
        digests.add(sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
