from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from forensics.readers_cell import ReaderDifference
from forensics.report.timeline_jsonl import write_timeline_jsonl
from forensics.report.verbatim import TEXT_COLUMNS
from forensics.timeline_row import COLUMNS, TimelineRow
from tests.builders.timeline_rows import timeline_row, timeline_rows


def written(rows: list[TimelineRow]) -> str:
    stream = io.StringIO(newline="")
    write_timeline_jsonl(rows, stream)
    return stream.getvalue()


def test_the_keys_are_the_columns_in_order_with_the_way_back_after_them() -> None:
    keys = list(json.loads(written([timeline_row()])))
    way_back = ["ticks", "offset", "report_id", "related", "other_copies", "reader_differences"]
    assert keys == [*COLUMNS, "timestamp", *way_back]


def test_what_two_readers_do_not_give_alike_is_told_whole_and_harmless() -> None:
    readings = (("evtx", "a\ud800" + "x" * 40_000), ("python-evtx", None))
    difference = ReaderDifference("Command\u202eLine", readings, "a\0b", ("evtx",))
    (told,) = json.loads(written([replace(timeline_row(), reader_differences=(difference,))]))[
        "reader_differences"
    ]
    assert told == {
        "field": "Command<U+202E>Line",
        "readings": {"evtx": "a<U+D800>" + "x" * 40_000, "python-evtx": None},
        "record": "a<U+0000>b",
        "lost_by": ["evtx"],
    }


def test_numbers_are_numbers() -> None:
    row = json.loads(written([timeline_row()]))
    numbers = {name: value for name, value in row.items() if isinstance(value, int)}
    assert numbers == {
        "row": 1,
        "copies": 2,
        "timestamp": 1_705_526_400_123_456,
        "ticks": 133_500_000_001_234_567,
        "offset": 4096,
        "report_id": 7,
    }


def test_the_timestamp_is_microseconds_since_1970() -> None:
    timestamp = json.loads(written([timeline_row()]))["timestamp"]
    assert datetime.fromtimestamp(timestamp // 1_000_000, UTC) == datetime(2024, 1, 17, 21, 20, tzinfo=UTC)


def test_a_time_before_1970_is_negative() -> None:
    assert json.loads(written([timeline_row(ticks=1)]))["timestamp"] == -11_644_473_600_000_000


def test_each_line_ends_in_a_line_feed() -> None:
    assert [line[-2:] for line in written([timeline_row()] * 2).splitlines(keepends=True)] == ["}\n", "}\n"]


def test_text_is_not_written_as_ascii() -> None:
    assert '"user":"日本"' in written([timeline_row(user="日本")])


def test_raw_hex_is_there_where_something_was_altered() -> None:
    row = json.loads(written([timeline_row(user="A\u202e")]))
    assert (row["user"], row["altered_fields"], row["raw_hex"]) == ("A<U+202E>", "user", {"user": "41002e20"})


@given(st.lists(timeline_rows(), max_size=3))
def test_every_text_can_be_had_back_exactly(rows: list[TimelineRow]) -> None:
    lines = written(rows).encode().decode().split("\n")
    assert lines.pop() == ""
    for row, line in zip(rows, lines, strict=True):
        members = json.loads(line)
        for name in TEXT_COLUMNS:
            raw = members.get("raw_hex", {}).get(name)
            assert (raw is not None) == (name in members["altered_fields"].split(";"))
            given_bytes = bytes.fromhex(raw) if raw is not None else members[name].encode("utf-16-le")
            assert given_bytes == getattr(row, name).encode("utf-16-le", "surrogatepass")


@given(timeline_rows())
def test_a_row_is_a_line_whatever_is_in_it(row: TimelineRow) -> None:
    assert len(written([row]).splitlines()) == 1
