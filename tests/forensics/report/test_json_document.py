from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.report.json_document import JsonValue, to_json, write_json_document
from tests.builders.timeline_rows import any_text

leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), any_text()
)
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text(), inner, max_size=3),
    max_leaves=8,
)


def written(document: JsonValue) -> str:
    stream = io.StringIO(newline="")
    write_json_document(document, stream)
    return stream.getvalue()


def read_back(value: Any) -> Any:  # noqa: ANN401 - what json.loads gives
    match value:
        case str():
            return re.sub(r"<U\+([0-9A-F]{4,6})>", lambda match: chr(int(match[1], 16)), value)
        case dict():
            return {read_back(key): read_back(member) for key, member in value.items()}
        case list():
            return [read_back(member) for member in value]
        case _:
            return value


def test_a_document_is_indented_and_ends_in_a_line_feed() -> None:
    assert written({"b": [1, "é"], "a": {}}) == '{\n  "b": [\n    1,\n    "é"\n  ],\n  "a": {}\n}\n'


def test_a_line_has_no_spaces() -> None:
    assert to_json({"b": [1, None], "a": True}) == '{"b":[1,null],"a":true}'


def test_tuples_are_lists() -> None:
    assert to_json({"argv": ("analyze", "x")}) == '{"argv":["analyze","x"]}'


def test_two_keys_never_become_one() -> None:
    assert len(json.loads(to_json({"\u202e": 1, "<U+202E>": 2}))) == 2


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_json_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        written([number])


@given(documents)
def test_a_document_can_be_read_back(document: JsonValue) -> None:
    assert read_back(json.loads(written(document).encode())) == document
