from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given

from forensics.report.verbatim import escape, escape_row, escape_unambiguously, join_names, raw_hex
from forensics.timeline_row import COLUMNS, TimelineRow
from tests.builders.timeline_rows import any_text, timeline_row, timeline_rows


def read_back(escaped: str) -> str:
    """What the module says that an altered cell means."""
    return re.sub(r"<U\+([0-9A-F]{4,6})>", lambda match: chr(int(match[1], 16)), escaped)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a\tb\r\nc", "a<U+0009>b<U+000D><U+000A>c"),
        ("\x00\x1b\x7f\x85", "<U+0000><U+001B><U+007F><U+0085>"),
        ("rust\u202eexe.ksed", "rust<U+202E>exe.ksed"),
        ("\u061c\u200e\u200f\u2066\u2069", "<U+061C><U+200E><U+200F><U+2066><U+2069>"),
        ("\u200b\u200c\u200d\u2060\ufeff", "<U+200B><U+200C><U+200D><U+2060><U+FEFF>"),
        ("\u2028\u2029", "<U+2028><U+2029>"),
        ("\ufdd0\uffff\U0010fffe", "<U+FDD0><U+FFFF><U+10FFFE>"),
        ("\ud800x\udfff", "<U+D800>x<U+DFFF>"),
        ("\ud83d\ude00", "<U+D83D><U+DE00>"),
    ],
    ids=[
        "line-breaks",
        "controls",
        "override",
        "bidi",
        "zero-width",
        "separators",
        "nonchars",
        "lone",
        "pair",
    ],
)
def test_what_deceives_a_reader_is_named(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@pytest.mark.parametrize(
    "text", ["", "C:\\Program Files\\RustDesk\\rustdesk.exe", "日本語 😀 é ﷺ", "=1+1", "a  b "]
)
def test_what_deceives_nobody_is_verbatim(text: str) -> None:
    assert escape(text) is text


def test_every_control_character_there_is_is_named() -> None:
    for code in range(0x110000):
        character = chr(code)
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or code & 0xFFFE == 0xFFFE:
            assert escape(character) == f"<U+{code:04X}>"


def test_a_literal_look_alike_alone_is_verbatim() -> None:
    assert escape("<U+202E>") == "<U+202E>"


def test_a_literal_look_alike_beside_an_escape_is_taken_apart() -> None:
    assert escape("<U+202E>\u202e") == "<U+003C>U+202E><U+202E>"


@given(any_text())
def test_an_altered_text_can_be_read_back_from_its_cell(text: str) -> None:
    escaped = escape(text)
    assert (text if escaped == text else read_back(escaped)) == text


@given(any_text(), any_text())
def test_no_two_texts_become_one_cell(one: str, other: str) -> None:
    cells = [(escape(text), escape(text) != text) for text in (one, other)]
    assert (cells[0] == cells[1]) == (one == other)


@given(any_text())
def test_the_unambiguous_form_can_always_be_read_back(text: str) -> None:
    assert read_back(escape_unambiguously(text)) == text


@given(any_text())
def test_escaping_again_changes_nothing(text: str) -> None:
    assert escape(escape(text)) == escape(text)


@given(any_text())
def test_escaped_text_is_one_line_of_utf_8(text: str) -> None:
    assert len(escape(text).encode().decode().splitlines()) <= 1


def test_a_verbatim_row_is_returned_as_it_is() -> None:
    row = timeline_row(command_line="<U+202E>")
    assert escape_row(row) is row


def test_the_altered_columns_are_named_in_their_order() -> None:
    row = escape_row(timeline_row(command_line="a\u202eb", user="\x00"))
    assert (row.user, row.command_line, row.altered_fields) == ("<U+0000>", "a<U+202E>b", "user;command_line")


def test_names_that_stand_there_already_are_kept() -> None:
    row = escape_row(timeline_row(command_line="\x00", altered_fields="locator;user;elsewhere"))
    assert row.altered_fields == "user;command_line;locator;elsewhere"


def test_names_are_joined_once_each() -> None:
    assert join_names(["user", "", "message", "user"]) == "message;user"


@given(timeline_rows())
def test_escaping_a_row_again_changes_nothing(row: TimelineRow) -> None:
    once = escape_row(row)
    assert escape_row(once) == once


@given(timeline_rows())
def test_altered_fields_names_what_changed(row: TimelineRow) -> None:
    escaped = escape_row(row)
    changed = [name for name in COLUMNS if getattr(row, name) != getattr(escaped, name)]
    assert escaped.altered_fields == ";".join(name for name in changed if name != "altered_fields")


def test_raw_hex_is_the_utf_16_of_what_was_altered() -> None:
    row = timeline_row(service_name="A\ud800", user="<U+202E>")
    assert raw_hex(row) == {"service_name": "410000d8"}
