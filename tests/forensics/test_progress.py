from __future__ import annotations

from io import StringIO

import pytest

from forensics.progress import ProgressLine

MEBIBYTE = 1 << 20


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def lines(stream: StringIO) -> list[str]:
    return stream.getvalue().split("\r\x1b[K")[1:]


def test_the_rest_takes_as_long_as_what_was_done_says() -> None:
    stream, clock = Terminal(), Clock()
    line = ProgressLine(stream, clock=clock)
    for now, done in ((0, 0), (10, 25), (30, 75)):
        clock.now = now
        line.of_bytes("Reading a", done * MEBIBYTE, 100 * MEBIBYTE)
    assert lines(stream) == [
        "Reading a: 0 of 100 MiB",
        "Reading a: 25 of 100 MiB, about 30 s left",
        "Reading a: 75 of 100 MiB, about 10 s left",
    ]


@pytest.mark.parametrize(("seconds", "told"), [(59, "59 s"), (61, "1 min"), (7260, "2 h 1 min")])
def test_the_time_left_is_said_in_units_that_fit(seconds: int, told: str) -> None:
    stream, clock = Terminal(), Clock()
    line = ProgressLine(stream, clock=clock)
    line.of_rules("Asking x", 0, 2)
    clock.now = seconds
    line.of_rules("Asking y", 1, 2)
    assert lines(stream)[-1] == f"Asking y: 1 of 2 rules, about {told} left"


def test_each_phase_has_its_own_time() -> None:
    stream, clock = Terminal(), Clock()
    line = ProgressLine(stream, clock=clock)
    line.of_bytes("Opening", MEBIBYTE, 0)
    clock.now = 100
    line.of_rules("Asking x", 0, 10)
    clock.now = 110
    line.of_rules("Asking x", 5, 10)
    assert lines(stream) == [
        "Opening: 1 MiB",
        "Asking x: 0 of 10 rules",
        "Asking x: 5 of 10 rules, about 10 s left",
    ]


def test_a_terminal_is_not_written_to_all_the_time() -> None:
    stream, clock = Terminal(), Clock()
    line = ProgressLine(stream, clock=clock)
    for done in range(1000):
        clock.now += 0.001
        line.of_bytes("Reading", done, 1000)
    assert len(lines(stream)) < 25


def test_the_line_is_gone_afterwards_however_that_comes() -> None:
    stream = Terminal()

    def break_off() -> None:
        with ProgressLine(stream) as line:
            line.of_bytes("Reading", 1, 2)
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert lines(stream)[-1] == ""


def test_nothing_is_written_but_to_a_terminal_that_wants_it() -> None:
    for stream, show in ((StringIO(), True), (Terminal(), False)):
        with ProgressLine(stream, show=show) as line:
            line.of_bytes("Reading", 1, 2)
        assert stream.getvalue() == ""


def test_the_line_fits_the_terminal_and_moves_no_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    ProgressLine(stream).of_bytes("Reading \x1b[2J\n" + "日" * 50, 1, 2)
    (line,) = lines(stream)
    assert line.startswith("Reading <U+001B>[2J<U+000A>日")
    assert "\x1b" not in line
    assert len(line) < 40
