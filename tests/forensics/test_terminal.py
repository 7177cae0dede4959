from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from forensics import terminal
from forensics.errors import RuleDisagreement, RuleError, RuleLocation, TruthTableMismatch

if TYPE_CHECKING:
    from collections.abc import Callable


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    told = capsys.readouterr()
    assert told.out == ""
    return told.err.splitlines()


def test_an_error_is_one_line_whatever_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say_error(ValueError("a\nb\x1b[2J\u202e"))
    assert said(capsys) == ["rustdesk-forensics: a<U+000A>b<U+001B>[2J<U+202E>"]


def test_a_note_is_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    error = ValueError("one")
    error.add_note("two\r")
    terminal.say_error(error)
    assert said(capsys) == ["rustdesk-forensics: one", "rustdesk-forensics: two<U+000D>"]


@pytest.mark.parametrize("kind", [TruthTableMismatch, RuleDisagreement])
def test_an_engine_that_cannot_be_trusted_is_told_in_lines_with_the_remedy_first(
    kind: Callable[[tuple[str, ...]], Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.say_error(kind(("one case", "another case")))
    first, *others = said(capsys)
    assert "nothing was reported" in first
    assert others == ["rustdesk-forensics: one case", "rustdesk-forensics: another case"]


def test_a_question_mark_needs_no_full_stop() -> None:
    error = RuleError(RuleLocation("a.toml"), "did you mean 'x'?", "Write x")
    assert str(error) == "a.toml:1:1: did you mean 'x'? Write x"


def test_a_defect_is_told_with_its_place_and_nothing_hostile(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError("\x1b[2J\u202e")
    terminal.say_defect(caught.value)
    lines = said(capsys)
    assert all(line.isprintable() for line in lines)
    assert any("test_terminal.py" in line for line in lines)
    assert lines[-1].startswith(
        "rustdesk-forensics: this is a defect of the program: RuntimeError: <U+001B>[2J"
    )
