from __future__ import annotations

from importlib.resources import files

import pytest

from forensics import kql_translation
from forensics.event_model.event import Table
from forensics.event_model.schema import columns
from forensics.rule import shipped_rules
from forensics.translated_queries import find_translated, own_queries, to_file_text, translate_all
from forensics.translation import translate

TABLES = {table.value: tuple(columns(table)) for table in Table}


def test_the_file_is_what_the_translator_gives_today() -> None:
    written = files("forensics").joinpath("translated_queries.json").read_text("utf-8")

    assert written == to_file_text(translate_all()), "run: make queries"


def test_every_query_of_the_programs_own_is_looked_up() -> None:
    missing = [name for name, text in own_queries() if find_translated(text, TABLES.items()) is None]

    assert missing == []


def test_what_is_looked_up_is_what_would_be_translated() -> None:
    rule = shipped_rules()[0]

    translated = kql_translation.translate(rule.query, rule.path, TABLES)

    assert translate(rule.query, rule.path, TABLES) == translated


@pytest.mark.parametrize("change", ["text", "table", "column"])
def test_whatever_differs_is_translated_anew(change: str) -> None:
    rule = shipped_rules()[0]
    text = rule.query + "\n" if change == "text" else rule.query
    tables = dict(TABLES)
    if change == "table":
        tables["Another"] = ("Timestamp",)
    if change == "column":
        tables["DeviceInfo"] = (*tables["DeviceInfo"], "Another")

    assert find_translated(text, tables.items()) is None
    assert translate(text, rule.path, tables).sql
