from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.command_line import DC01, LONGEST_RUN, PROGRAM, environment

if TYPE_CHECKING:
    from pathlib import Path

SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")


def wait_until_it_writes(folder: Path, process: subprocess.Popen[str]) -> None:
    """Wait for the first file of the case; the slow reader then needs seconds more."""
    deadline = time.monotonic() + LONGEST_RUN
    while not any(folder.glob(".case.partial-*/audit.jsonl")):
        assert process.poll() is None, "it ended before it began to write"
        assert time.monotonic() < deadline, "it never began to write"
        time.sleep(0.01)


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without a signal that they could obey")
@pytest.mark.parametrize("name", SIGNALS)
def test_an_interrupted_run_leaves_no_half_case(tmp_path: Path, name: str) -> None:
    if signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
        pytest.skip(f"these tests were started so that {name} is ignored, and so is what they start")
    command = [*PROGRAM, "analyze", str(DC01), "--output", str(tmp_path / "case"), "--reader", "python"]
    with subprocess.Popen(  # noqa: S603 - it is this very program
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        restore_signals=True,
    ) as process:
        wait_until_it_writes(tmp_path, process)
        process.send_signal(getattr(signal, name))
        stdout, stderr = process.communicate(timeout=LONGEST_RUN)

    assert process.returncode == 128 + getattr(signal, name)
    assert (stdout, stderr) == ("", f"rustdesk-forensics: stopped by {name}; nothing unfinished is left\n")
    assert list(tmp_path.iterdir()) == []
