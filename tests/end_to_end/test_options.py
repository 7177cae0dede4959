from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.case_reading import document, findings, sha256_of, timeline
from tests.end_to_end.command_line import (
    CLEAN,
    DC01,
    LONGEST_RUN,
    PROGRAM,
    Run,
    analyze,
    environment,
    run_program,
)

if TYPE_CHECKING:
    from tests.end_to_end.shared_folder import SharedFolder

SINCE, UNTIL = "2025-09-16T21:47:19Z", "2025-09-16T21:47:23.999Z"
ESCAPE: Final = "\x1b"
RULES: Final = Path(__file__).parents[2] / "forensics" / "rules"


@pytest.fixture(scope="session")
def narrowed(shared: SharedFolder) -> Run:
    """Two labelled evidences, a few seconds of them, the summary as JSON, findings told by the exit code."""
    options = (
        "--since",
        SINCE,
        "--until",
        UNTIL,
        "--json",
        "--fail-on-findings",
        "--examiner",
        "A. Examiner",
    )
    return shared.analyzed("narrowed", f"DC={DC01}", f"WS-07={CLEAN}", options=options)


def test_findings_are_told_by_the_exit_code_where_that_is_asked_for(narrowed: Run, clean: Run) -> None:
    assert (narrowed.code, narrowed.stderr) == (10, "")
    assert clean.code == 0


def places_of(row: dict[str, str]) -> tuple[str, ...]:
    """Return what tells a row apart; the numbers of other rows that its message names begin anew."""
    own_words = row["message"].partition(" [")[0]
    return (own_words, *(row[name] for name in ("rule_id", "source_path", "locator", "severity", "activity")))


def test_the_timeline_is_bounded_by_since_and_until(narrowed: Run, dc01: Run) -> None:
    inside = [places_of(row) for row in timeline(dc01.output) if SINCE[:-1] <= row["datetime"] <= UNTIL]

    assert [places_of(row) for row in timeline(narrowed.output)] == inside
    assert 0 < len(inside) < len(timeline(dc01.output))


def test_a_bound_that_is_a_day_has_the_whole_day_in_it(dc01: Run, tmp_path: Path) -> None:
    run = analyze(DC01, output=tmp_path / "case", options=("--since", "2025-09-17", "--until", "2025-09-17"))

    expected = [row for row in timeline(dc01.output) if row["datetime"].startswith("2025-09-17")]
    assert [places_of(row) for row in timeline(run.output)] == [places_of(row) for row in expected]
    assert expected


def test_a_label_is_the_evidences_id(narrowed: Run) -> None:
    assert {row["evidence_id"] for row in timeline(narrowed.output)} == {"DC"}
    artifacts = document(narrowed.output, "context.json")["artifacts"]
    assert {each["evidence_id"] for each in artifacts} == {"DC", "WS-07"}


def test_the_summary_in_json_is_all_that_is_printed(narrowed: Run) -> None:
    summary = json.loads(narrowed.stdout)

    assert summary["counts"]["findings"] == dict(findings(narrowed.output))
    assert (summary["complete"], summary["inputs_unchanged"]) == (True, True)
    assert summary["manifest_sha256"] == sha256_of(narrowed.output / "SHA256SUMS")
    assert {each["name"] for each in summary["devices"]} == {"DC01.corp.example", "WS07.corp.example"}


def test_the_examiner_is_named_in_the_record_of_the_run(narrowed: Run) -> None:
    assert document(narrowed.output, "run.json")["examiner"] == "A. Examiner"


def test_a_quiet_run_prints_nothing(tmp_path: Path) -> None:
    run = analyze(DC01, output=tmp_path / "case", options=("--quiet",))

    assert (run.code, run.stdout, run.stderr) == (0, "", "")


def test_into_a_pipe_goes_neither_progress_nor_an_escape_sequence(dc01: Run, clean: Run) -> None:
    for run in (dc01, clean):
        assert run.stderr == ""
        assert ESCAPE not in run.stdout
        assert "\r" not in run.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_progress_is_told_where_errors_go_to_a_terminal(tmp_path: Path) -> None:
    ours, terminal = os.openpty()
    log = DC01 / "Windows/System32/winevt/Logs/System.evtx"
    command = [*PROGRAM, "analyze", str(log), "--output", str(tmp_path / "case"), "--json"]

    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=terminal) as process:  # noqa: S603 - it is this very program
        os.close(terminal)
        stdout, _ = process.communicate(timeout=LONGEST_RUN)
    told = os.read(ours, 1 << 16).decode()
    os.close(ours)

    assert process.returncode == 0
    assert "Opening" in told
    assert "Reading System.evtx" in told
    assert json.loads(stdout)["complete"] is True


def test_without_options_there_is_no_copy_for_spreadsheets_and_no_bag(clean: Run) -> None:
    assert not (clean.output / "timeline.excel.csv").exists()
    assert not (clean.output / "rule_bag.parquet").exists()


@pytest.mark.parametrize("command", [(), ("analyze",), ("query",), ("rules",)], ids=" ".join)
def test_the_help_of_a_command_shows_an_example(command: tuple[str, ...]) -> None:
    run = run_program(*command, "--help")

    assert (run.code, run.stderr) == (0, "")
    assert re.search(r"Examples?:\s+rustdesk-forensics", run.stdout)
    assert ESCAPE not in run.stdout


def test_every_shipped_rule_is_listed_with_its_question_and_blind_spots() -> None:
    run = run_program("rules")

    assert (run.code, run.stderr) == (0, "")
    texts = run.stdout.split("\n\n")
    assert [text.split()[0] for text in texts] == sorted(path.stem for path in RULES.glob("*.kql"))
    for text in texts:
        assert "  Question: " in text
        assert "  Blind spot: " in text
