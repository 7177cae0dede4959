from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest

from forensics.colour import paint_severity, plain, wants_colour
from forensics.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "on_a_terminal", "in_a_pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
    ],
    ids=str,
)
def test_colour_is_for_terminals_and_for_whoever_wants_it(
    environment: Mapping[str, str], on_a_terminal: bool, in_a_pipe: bool
) -> None:
    assert wants_colour(Terminal(), environment) == on_a_terminal
    assert wants_colour(StringIO(), environment) == in_a_pipe


@pytest.mark.parametrize("severity", Severity)
def test_a_painted_severity_is_the_word_and_ends_its_colour(severity: Severity) -> None:
    painted = paint_severity(severity.value)
    assert plain(severity.value) == severity.value
    assert painted == severity.value or (
        painted.endswith(f"{severity}\x1b[0m") and painted.startswith("\x1b[")
    )


def test_severities_that_need_an_eye_look_different() -> None:
    assert len({paint_severity("x").replace("x", ""), *(paint_severity(each)[:6] for each in Severity)}) >= 4


def test_no_other_word_is_painted() -> None:
    assert paint_severity("severity") == "severity"
