from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from forensics.cli import main
from tests.end_to_end.command_line import CLEAN, DC01, ROOT, run_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LOG: Final = str(DC01 / "Windows/System32/winevt/Logs/System.evtx")
ANALYZE: Final = ("analyze", LOG, "--output", "case")


class Wrong(NamedTuple):
    """A command line that is wrong, the code it ends with, and what has to be said: what, and the remedy."""

    arguments: Sequence[str]
    code: int
    what: str
    remedy: str


SEE: Final = "See rustdesk-forensics analyze --help"
WRONG: Final = {
    "no such command": Wrong(("analyse", LOG), 2, "no such command 'analyse'", "Did you mean 'analyze'?"),
    "no evidence": Wrong(("analyze", "--output", "case"), 2, "missing argument 'evidence'", SEE),
    "no output": Wrong(("analyze", LOG), 2, "missing option '--output' / '-o'", SEE),
    "no such option": Wrong((*ANALYZE, "--exel"), 2, "no such option: --exel", "See rustdesk-forensics"),
    "option without value": Wrong((*ANALYZE, "--since"), 2, "'--since' requires an argument", "See "),
    "no such reader": Wrong(
        (*ANALYZE, "--reader", "perl"), 2, "'--reader': 'perl' is not", "'rust', 'python'"
    ),
    "no workers": Wrong((*ANALYZE, "--workers", "0"), 2, "value for '--workers'", "than or equal to 1"),
    "no number": Wrong((*ANALYZE, "--archive-limit", "all"), 2, "value for '--archive-limit'", SEE),
    "no such path": Wrong(
        ("analyze", "none", "--output", "case"), 2, "no such file or folder", "Check the path"
    ),
    "no path": Wrong(
        ("analyze", "A=", "--output", "case"), 2, "names no evidence", "Write PATH or NAME=PATH"
    ),
    "given twice": Wrong(("analyze", LOG, LOG, "--output", "case"), 2, "is given twice", "Name it once"),
    "two of one name": Wrong(
        ("analyze", f"A={LOG}", f"A={CLEAN}", "--output", "case"), 2, "are called A", "a name of its own"
    ),
    "one in the other": Wrong(
        ("analyze", str(DC01), LOG, "--output", "case"), 2, "would be read twice", "alone"
    ),
    "no time": Wrong((*ANALYZE, "--since", "soon"), 2, "--since soon: not a time", "Write 2026-03-01"),
    "until before since": Wrong(
        (*ANALYZE, "--since", "2026-03-02", "--until", "2026-03-01"), 2, "is later than", "Nothing can be"
    ),
    "no window": Wrong((*ANALYZE, "--window", "long"), 2, "not a stretch of time", "Write 24h"),
    "no role": Wrong((*ANALYZE, "--role", "DC01"), 2, "not HOST=ROLE", "Write DC01=domain_controller"),
    "no such role": Wrong((*ANALYZE, "--role", "DC01=king"), 2, "no role 'king'", "It is one of"),
    "no assets": Wrong((*ANALYZE, "--assets", "none.csv"), 2, "No such file", "Give a CSV file"),
    "assets without columns": Wrong(
        (*ANALYZE, "--assets", "note.txt"), 2, "no columns host", "Begin the file"
    ),
    "no digest": Wrong((*ANALYZE, "--expect-sha256", "abc"), 2, "abc", ". "),
    "no rule": Wrong((*ANALYZE, "--rule", "none.kql"), 2, "none.kql:1:1: the file cannot", "Name a file"),
    "empty rule": Wrong((*ANALYZE, "--rule", "empty.kql"), 2, "empty.kql:1:1", ". "),
    "rule that is no query": Wrong((*ANALYZE, "--rule", "note.txt"), 2, "note.txt", ". "),
    "rule of a shipped name": Wrong(
        (*ANALYZE, "--rule", "rustdesk_execution.kql"),
        2,
        "called rustdesk_execution already",
        "Rename the file",
    ),
    "rule with a wrong key": Wrong(
        (*ANALYZE, "--rule", "keyed.kql"), 2, "no key 'titel'", "did you mean 'title'?"
    ),
    "rule with broken TOML": Wrong((*ANALYZE, "--rule", "broken.kql"), 2, "broken.toml:1:", "Mend the file"),
    "no artifact": Wrong(
        ("analyze", "note.txt", "--output", "case"), 2, "is no event log (EVTX)", "Give one of"
    ),
    "empty folder": Wrong(
        ("analyze", "folder", "--output", "case"), 1, "no event log (EVTX)", "Name the folder"
    ),
    "output is a file": Wrong(
        ("analyze", LOG, "--output", "note.txt"), 1, "it is a file", "Name another --output"
    ),
    "output in a file": Wrong(
        ("analyze", LOG, "--output", "note.txt/case"), 1, "note.txt", "Name another --output"
    ),
    "output holds something": Wrong(
        ("analyze", LOG, "--output", "full"), 1, "no case folder", "Name another"
    ),
    "output is the evidence": Wrong(
        ("analyze", "copy", "--output", "copy"), 1, "never written to", "Name another"
    ),
    "query without source": Wrong(("query",), 2, "missing argument", "See rustdesk-forensics query --help"),
    "query of nothing": Wrong(("query", "none", "DeviceInfo"), 2, "no such file or folder", "Check the path"),
    "query of no table": Wrong(
        ("query", LOG, "Devices"), 2, "query:1:1: there is no table", "The tables are"
    ),
    "query cut short": Wrong(("query", LOG, "DeviceInfo | where"), 2, "query:1:", ". "),
    "query in no form": Wrong(
        ("query", LOG, "DeviceInfo", "--format", "xml"), 2, "'xml' is not one of", "csv"
    ),
    "empty query": Wrong(("query", LOG, ""), 2, "query:1:1: ", ". "),
    "rules with an argument": Wrong(
        ("rules", "all"), 2, "unexpected extra argument", "See rustdesk-forensics rules"
    ),
}


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few files that are no evidence, and a few rules that are wrong."""
    folder = tmp_path_factory.mktemp("workplace")
    shipped = (ROOT / "forensics/rules/rustdesk_execution.kql").read_text("utf-8")
    files = {
        "note.txt": "hello, world",
        "empty.kql": "",
        "rustdesk_execution.kql": shipped,
        "keyed.kql": "DeviceInfo",
        "keyed.toml": 'titel = "x"\n',
        "broken.kql": "DeviceInfo",
        "broken.toml": "title = ",
        "full/photo.jpg": "sun",
        "copy/System.evtx": "no log",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "folder").mkdir()
    return folder


@pytest.fixture
def own_signals() -> Iterator[None]:
    """Signals do afterwards what they did before: the program makes them end it in order."""
    handlers = {each: signal.getsignal(each) for each in signal.Signals}
    yield
    for each, handler in handlers.items():
        if handler is not signal.getsignal(each):
            signal.signal(each, handler)


@pytest.mark.usefixtures("own_signals")
@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_in_one_line_with_the_remedy(
    case: str, workplace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = WRONG[case]
    monkeypatch.chdir(workplace)
    monkeypatch.setattr("sys.argv", ["rustdesk-forensics", *wrong.arguments])

    with pytest.raises(SystemExit) as left:
        main()

    told = capsys.readouterr()
    assert (left.value.code, told.out) == (wrong.code, "")
    (line,) = told.err.splitlines()
    assert line.startswith("rustdesk-forensics: ")
    assert wrong.what in line
    assert wrong.remedy in line[line.index(wrong.what) :]
    assert not (workplace / "case").exists()


def test_without_arguments_the_help_is_shown(workplace: Path) -> None:
    run = run_program(cwd=workplace)

    assert (run.code, run.stderr) == (2, "")
    assert run.stdout == run_program("--help").stdout
