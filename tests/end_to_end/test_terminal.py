from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.case_reading import timeline
from tests.end_to_end.command_line import (
    CLEAN,
    DC01,
    LONGEST_RUN,
    PROGRAM,
    ROOT,
    Run,
    analyze,
    environment,
    run_program,
)

if TYPE_CHECKING:
    from pathlib import Path

LOG: Final = DC01 / "Windows/System32/winevt/Logs/System.evtx"
SUMMARY_KEYS: Final = [
    "schema",
    "output",
    "manifest_sha256",
    "complete",
    "inputs_unchanged",
    "devices",
    "counts",
]
COUNTS: Final = {
    *("artifacts", "artifacts_not_read", "files_unreadable", "damage", "hives_not_replayed", "events"),
    *("records_framed", "records_emitted", "records_irrelevant", "records_failed", "records_recovered"),
    *("devices", "findings", "findings_outside_period", "rule_rows_as_written", "records_of_findings"),
}
INSTALLED: Final = (
    r"FS01.harbour.example (file server): installed 2025-09-03 20:02:18 by HARBOUR\adm.reid from "
    r"C:\Users\adm.reid\Downloads\rustdesk-1.4.1-x86_64.exe; service RustDesk, 6 artifacts agree"
)
TOLD: Final = (
    INSTALLED,
    r"password for unattended access set 2025-09-03 20:06:12 by HARBOUR\adm.reid",
    "operator's server rd.northlight.example",
    "somebody connected in 2025-09-04 20:14:38, from 203.0.113.140, for 1 h 33 min",
    r"APP02.harbour.example (server): installed 2025-09-03 20:31:02 by HARBOUR\adm.reid",
    "DC02.harbour.example (domain controller): nothing of RustDesk found in the sources examined; near it: ",
    "an SSH tunnel to 203.0.113.84, first 2025-09-04 19:36:10, 38 min 57 s before a session from outside",
)
SEVERITIES: Final = ["informational", "low", "medium", "high", "critical"]


def words_of(run: Run) -> list[str]:
    """Return the lines above the table, each with the further lines of its sentence."""
    block = run.stdout.partition("\n\n")[0]
    return re.sub(r"\n {6,}", " ", block).splitlines()


def on_a_terminal(*arguments: str | Path, changes: dict[str, str]) -> str:
    """Return what the program shows where both of its streams are one terminal."""
    ours, terminal = os.openpty()
    with subprocess.Popen(  # noqa: S603 - it is this very program
        [*PROGRAM, *map(str, arguments)], env=environment(changes), stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        shown = bytearray()
        while block := _read(ours):
            shown += block
        assert process.wait(LONGEST_RUN) == 0
    os.close(ours)
    return shown.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:  # Linux says so where nobody has the other end any more
        return b""


def test_the_case_is_told_in_ten_lines_before_any_table(akira: Run) -> None:
    words = words_of(akira)

    assert len(words) <= 10
    assert words[0].startswith(
        "RustDesk was found on 2 of 4 machines, first on FS01.harbour.example 2025-09-03"
    )
    told = "\n".join(words)
    for fact in TOLD:
        assert fact in told
    assert words[-2].startswith("How sure: ")
    assert words[-1].startswith("Could not be seen: ")


def test_the_table_shows_the_severest_rows_and_counts_the_rest(akira: Run) -> None:
    table = akira.stdout.split("\n\n")[1].splitlines()

    assert len(table) == 1 + 40 + 1
    severities = [SEVERITIES.index(line.split()[-1]) for line in table[1:-1]]
    assert severities == sorted(severities, reverse=True)
    rest = re.fullmatch(r"and (\d+) more rows, all in timeline.csv", table[-1])
    assert rest is not None
    shown = [line for line in table[1:-1] if " loaded by " not in line]
    assert int(rest[1]) <= len(timeline(akira.output)) - len(shown)


def test_what_scripts_read_keeps_its_keys(tmp_path: Path) -> None:
    run = analyze(CLEAN, output=tmp_path / "case", options=("--json",))

    told = json.loads(run.stdout)
    assert list(told) == SUMMARY_KEYS
    assert told["schema"] == 1
    assert {tuple(each) for each in told["devices"]} == {("device_id", "name", "role")}
    assert set(told["counts"]) == COUNTS


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_severities_are_coloured_on_a_terminal_only_and_where_that_is_wanted(tmp_path: Path) -> None:
    command = ("analyze", LOG, "--output", tmp_path / "case", "--overwrite")

    coloured = on_a_terminal(*command, changes={"TERM": "xterm", "NO_COLOR": "", "FORCE_COLOR": ""})
    plain = on_a_terminal(*command, changes={"TERM": "xterm", "NO_COLOR": "1"})
    piped = run_program(*command)
    forced = run_program(*command, changes={"FORCE_COLOR": "1", "NO_COLOR": ""})

    for shown, colours in ((coloured, True), (plain, False), (piped.stdout, False), (forced.stdout, True)):
        assert bool(re.search(r"\x1b\[[\d;]+m(critical|high|medium)\x1b\[0m", shown)) == colours
    without = re.sub(r"\x1b\[[\d;]+m", "", forced.stdout)
    assert without.splitlines()[:-1] == piped.stdout.splitlines()[:-1]  # the last has the manifest's digest


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_progress_tells_bytes_and_rules_and_is_gone_before_the_result(tmp_path: Path) -> None:
    shown = on_a_terminal("analyze", LOG, "--output", tmp_path / "case", changes={"TERM": "xterm"})

    progress, _, result = shown.rpartition("\r\x1b[K")
    assert re.search(r"Opening: \d+ MiB", progress)
    assert "Reading System.evtx: 0 of 0 MiB" in progress
    assert re.search(r"Asking \w+: \d+ of \d+ rules", progress)
    assert "Hashing again" in progress
    assert result.startswith(("RustDesk was found", "time (UTC)"))


def test_quiet_prints_no_progress_either(tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no pseudo-terminals")
    command = ("analyze", LOG, "--output", tmp_path / "case", "--quiet")
    assert on_a_terminal(*command, changes={"TERM": "xterm"}) == ""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_is_told_how_to_complete_and_completes(tmp_path: Path) -> None:
    program = tmp_path / "rustdesk-forensics"
    program.write_text(f'#!/bin/sh\nexec {PROGRAM[0]} -m forensics "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(rustdesk-forensics --show-completion bash)"\n'
        "COMP_WORDS=(rustdesk-forensics ana); COMP_CWORD=1\n"
        "_rustdesk_forensics_completion rustdesk-forensics\n"
        'printf "%s " "${COMPREPLY[@]}"\n'
        "COMP_WORDS=(rustdesk-forensics analyze --exa); COMP_CWORD=2\n"
        "_rustdesk_forensics_completion rustdesk-forensics\n"
        'printf "%s " "${COMPREPLY[@]}"\n'
    )
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])

    done = subprocess.run(  # noqa: S603 - the script is ours
        ["bash", "-c", script],  # noqa: S607 - whichever bash there is
        env=environment({"PATH": path, "PYTHONPATH": str(ROOT)}),
        capture_output=True,
        timeout=LONGEST_RUN,
        check=False,
    )

    assert done.stdout.split() == [b"analyze", b"--examiner"], done.stderr
