"""The cell names every field with both texts, shows where they part, and can be read aloud."""

from __future__ import annotations

from hypothesis import given

from forensics.readers_cell import LONGEST_TEXT, reader_differences, readers_cell
from forensics.report.verbatim import escape
from parsers.two_readings import FieldReading, TwoReadings
from tests.builders.timeline_rows import any_text

FIRST, SECOND = "evtx", "python-evtx"


def cell(*fields: FieldReading, note: str = "", missing: str = "", **failures: str) -> str:
    named = {name.replace("_", "-"): reason for name, reason in failures.items()}
    return readers_cell(TwoReadings(FIRST, SECOND, named, fields, note, missing))


def test_agreement_is_said_in_few_words() -> None:
    assert cell() == "evtx+python-evtx agree"
    assert cell(note="it is so") == "evtx+python-evtx agree; it is so"


def test_each_field_that_differs_is_named_with_both_texts() -> None:
    fields = FieldReading("CommandLine", "a", "b"), FieldReading("Image", None, "c")
    assert cell(*fields) == 'evtx+python-evtx differ: CommandLine ("a" / "b"), Image (absent / "c")'


def test_what_the_record_s_bytes_have_is_said_beside_it() -> None:
    told = cell(FieldReading("CommandLine", "a", "b", "c"))
    assert told == 'evtx+python-evtx differ: CommandLine ("a" / "b", the record has "c")'


def test_lost_text_is_no_disagreement_and_says_who_has_it() -> None:
    told = cell(FieldReading("CommandLine", "a\x01b", "ab", "a\x01b", (SECOND,)))
    lost = 'python-evtx lost a part of CommandLine, evtx has "a<U+0001>b"'
    assert told == f"evtx+python-evtx agree but for lost text; {lost}"


def test_a_reader_that_fails_is_named_with_its_reason_and_what_the_other_lost() -> None:
    lost = FieldReading("CommandLine", "ab", None, "a\ud800b", (FIRST,))
    told = cell(lost, python_evtx="UnicodeDecodeError: illegal")
    one = "evtx only: python-evtx cannot read it (UnicodeDecodeError: illegal)"
    assert told == f'{one}; evtx lost a part of CommandLine, the record has "a<U+D800>b"'
    assert cell(evtx="no") == "python-evtx only: evtx cannot read it (no)"


def test_a_record_that_neither_reads_is_not_read_again() -> None:
    assert cell(missing="it is gone") == "not read again (it is gone)"
    assert cell(evtx="no", python_evtx="nor this") == "not read again (no; nor this)"


def test_of_long_texts_what_is_about_the_first_difference_is_shown() -> None:
    head, tail = "x" * 500, "y" * 500
    told = cell(FieldReading("CommandLine", f"{head}1{tail}", f"{head}2{tail}"))
    shown = [text.strip("…") for text in told.split('"')[1::2]]
    assert [len(text) for text in shown] == [LONGEST_TEXT] * 2
    assert [text.strip("xy") for text in shown] == ["1", "2"]


def test_a_long_reason_is_cut() -> None:
    assert len(cell(evtx="x" * 5_000)) < 250


@given(any_text(), any_text(), any_text())
def test_no_text_of_the_evidence_gets_out_of_the_cell_unescaped(name: str, first: str, second: str) -> None:
    told = cell(FieldReading(name, first, second), note=first, python_evtx=second)
    assert escape(told) == told
    differ = cell(FieldReading(name, first, second))
    assert escape(differ) == differ


def test_the_differences_have_the_whole_texts() -> None:
    field = FieldReading("CommandLine", "a" * 5_000, None, "c", (FIRST,))
    (difference,) = reader_differences(TwoReadings(FIRST, SECOND, fields=(field,)))
    assert difference == ("CommandLine", ((FIRST, "a" * 5_000), (SECOND, None)), "c", (FIRST,))
