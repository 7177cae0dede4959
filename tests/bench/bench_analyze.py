"""How fast an analysis is, and how much memory it takes, beside the bare decoder on the same file.

``make bench`` runs it; ``make bench EVENTS=1000000`` with more. Times are wall clock, medians of several runs
in turns; memory is the peak of the whole process tree. Prints, and writes nothing that stays.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from tests.bench.process_tree import peak_memory_of
from tests.builders.event_log import build_event_log
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.sysmon_event import image_loaded, process_created

_MEBIBYTE: Final = 1 << 20
_BARE: Final = "import evtx, sys; print(sum(1 for _ in evtx.PyEvtxParser(sys.argv[1]).records_json()))"
_EVERY: Final = 1000
"""One process in so many is RustDesk."""


class Run(NamedTuple):
    """One run: seconds by the wall clock, and bytes at the peak."""

    seconds: float
    peak: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        log = _build(folder, asked.events)
        bare: list[Run] = []
        ours: list[Run] = []
        for number in range(asked.runs):
            bare.append(_run([sys.executable, "-c", _BARE, str(log)]))
            output = folder / f"case-{number}"
            command = [sys.executable, "-m", "forensics", "analyze", str(log), "--output", str(output)]
            ours.append(_run([*command, "--quiet"]))
        _report(log, asked.events, bare, ours)


def _build(folder: Path, events: int) -> Path:
    log = folder / "Microsoft-Windows-Sysmon%4Operational.evtx"
    print(f"Building {events:,} Sysmon events ...", flush=True)
    log.write_bytes(
        build_event_log(
            [
                process_created(
                    record_id=number,
                    time_created=DEFAULT_TIME + number * 10_000,
                    image=r"C:\Program Files\RustDesk\rustdesk.exe" if number % _EVERY == 0 else r"C:\a.exe",
                    process_id=number,
                )
                if number % 2 == 0
                else image_loaded(
                    record_id=number,
                    time_created=DEFAULT_TIME + number * 10_000,
                    image_loaded=rf"C:\Program Files\Example\library-{number % 50}.dll",
                    process_id=number,
                )
                for number in range(1, events + 1)
            ]
        )
    )
    return log


def _run(command: list[str]) -> Run:
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        peak = peak_memory_of(process)
    if process.returncode:
        raise SystemExit(f"{command[:4]} ended with {process.returncode}")
    return Run(time.perf_counter() - started, peak)


def _report(log: Path, events: int, bare: list[Run], ours: list[Run]) -> None:
    size = log.stat().st_size
    print(f"\n{size / _MEBIBYTE:,.0f} MiB, {events:,} events, median of {len(ours)} runs each\n")
    print(f"{'':24}{'seconds':>9}{'records/s':>12}{'MiB/s':>8}{'peak MiB':>10}")
    for label, runs in (("bare evtx, to JSON", bare), ("analyze, whole case", ours)):
        seconds, peak = median(run.seconds for run in runs), max(run.peak for run in runs)
        rate, speed = events / seconds, size / _MEBIBYTE / seconds
        print(f"{label:24}{seconds:9.2f}{rate:12,.0f}{speed:8.1f}{peak / _MEBIBYTE:10,.0f}")
    ratio = median(o.seconds / b.seconds for o, b in zip(ours, bare, strict=True))
    print(f"\nanalyze takes {ratio:.2f} times as long as the bare decoder")


if __name__ == "__main__":
    main()
