from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.event_model.event import Table
from forensics.independent_evaluator import FILE_NAMES, FOLDERS
from forensics.kql_term import Verdict, ends_term, has_any_term, has_term, match_term
from forensics.rule_engine import KqlEngine
from forensics.truth_table import FILE_NAME_HAS_ANY, FOLDER_PATH_HAS
from tests.builders.event_tables import event_tables

if TYPE_CHECKING:
    from tests.builders.event_tables import Cell

pieces = st.sampled_from(
    [
        *(
            "rustdesk",
            "RUSTDESK",
            "rust",
            "desk",
            ".exe",
            "-service",
            "Program Files",
            "ProgramData",
            "program",
        ),
        *(" ", "_", "-", ".", "\\", "2", "x", "s", "k", "\0", "\n"),
        *("\u00e9", "\u4e2d", "\u0130", "\u017f", "\u212a", "\u00b2", "\u0301", "\u2167", "\u0660", "\u00df"),
    ]
)
texts = st.lists(st.one_of(pieces, st.text(max_size=2)), max_size=6).map("".join)


@settings(max_examples=15, deadline=None)
@given(st.lists(texts, min_size=1, max_size=80))
def test_the_engine_agrees_wherever_the_documentation_decides(values: list[str]) -> None:
    rows: list[dict[str, Cell]] = [
        {"FileName": value, "FolderPath": value, "ReportId": index} for index, value in enumerate(values)
    ]
    query = """
        DeviceProcessEvents
        | project ReportId,
            Name = FileName has_any ("rustdesk.exe","rustdesk-service.exe","rustdesk"),
            Path = FolderPath has "Program Files" or FolderPath has "ProgramData"
        | sort by ReportId asc
    """
    with KqlEngine(tables=event_tables({Table.PROCESS_EVENTS: rows})) as engine:
        answers = engine.run(query, "has.kql")

    for needles, column in ((FILE_NAMES, "Name"), (FOLDERS, "Path")):
        for value, answer in zip(values, answers.column(column).to_pylist(), strict=True):
            verdict = has_any_term(value, needles)
            assert verdict is Verdict.UNDECIDED or (verdict is Verdict.YES) == answer, value


def test_the_engine_agrees_on_every_assigned_character_that_is_decided() -> None:
    characters = [chr(code) for code in range(0x32000) if not 0xD800 <= code <= 0xDFFF]
    rows = event_tables({Table.PROCESS_EVENTS: []})[Table.PROCESS_EVENTS]
    nulls = {field.name: pa.nulls(len(characters), field.type) for field in rows.schema}
    values = {"FileName": pa.array([f"rustdesk{each}" for each in characters])}
    table = pa.table(nulls | values | {"ReportId": pa.array(range(len(characters)), pa.int64())})

    with KqlEngine(tables={Table.PROCESS_EVENTS: table}) as engine:
        found = engine.run(
            'DeviceProcessEvents | where FileName has "rustdesk" | project ReportId', "has.kql"
        )

    ending = set(found.column(0).to_pylist())
    wrong = [
        hex(ord(character))
        for index, character in enumerate(characters)
        if (verdict := ends_term(character)) is not Verdict.UNDECIDED
        and (verdict is Verdict.YES) != (index in ending)
    ]
    assert wrong == []


@pytest.mark.parametrize(("name", "holds"), FILE_NAME_HAS_ANY.items())
def test_a_decided_file_name_is_judged_as_documented(name: str | None, holds: bool) -> None:
    assert has_any_term(name, FILE_NAMES) is (Verdict.YES if holds else Verdict.NO)


@pytest.mark.parametrize(("path", "holds"), FOLDER_PATH_HAS.items())
def test_a_decided_path_is_judged_as_documented(path: str | None, holds: bool) -> None:
    assert has_any_term(path, FOLDERS) is (Verdict.YES if holds else Verdict.NO)


@pytest.mark.parametrize(
    "text",
    ["rustdesk\u00b2", "rustdesk\u0301.exe", "ru\u017ftdesk.exe", "RUSTDES\u212a.exe", "rustdesk\U0001f600"],
    ids=["superscript two", "combining mark", "long s", "Kelvin sign", "younger than Unicode 3.2"],
)
def test_what_no_documentation_decides_is_neither_yes_nor_no(text: str) -> None:
    assert match_term(text, "rustdesk") is Verdict.UNDECIDED
    assert not has_term(text, "rustdesk")


def test_a_decided_occurrence_outweighs_an_undecided_one() -> None:
    assert match_term("ru\u017ftdesk rustdesk", "rustdesk") is Verdict.YES
    assert match_term("rustdeskrustdesk", "rustdesk") is Verdict.NO
