"""How long a report of many rows takes to write, to open and to filter, and what it weighs.

``python -m tests.bench.bench_report [--rows 10000]``
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from forensics.report.html_report import report
from tests.builders.browser import chromium, watched
from tests.builders.report_page import analysis_with, row_of_case
from tests.builders.timeline_rows import TICKS

READY_AT = "performance.timing.loadEventEnd - performance.timing.navigationStart"
PROGRAM = '"C:\\Program Files\\RustDesk\\RustDesk.exe"'


def main() -> None:
    """Print one line for each thing that is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    number = parser.parse_args().rows
    rows = [
        row_of_case(
            each,
            message=f"Process created: {PROGRAM} --server by CORP\\DC01$, from {PROGRAM} --service {each}",
            command_line=f"{PROGRAM} --server {each}",
            process_guid=f"{{93C4E15B-7210-68B6-0F00-{each:012}}}",
            hashes=f"SHA1={each:040},SHA256={each:064}",
            severity="critical" if each % 100 == 0 else "low",
            ticks=TICKS + each * 10_000_000,
        )
        for each in range(1, number + 1)
    ]
    analysis = analysis_with(rows)
    begin = time.perf_counter()
    text = report(analysis)
    print(f"written in {time.perf_counter() - begin:.2f} s, {len(text.encode()):,} bytes")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        path = Path(folder) / "report.html"
        path.write_bytes(text.encode())
        begin = time.perf_counter()
        with watched(browser, path) as page:
            loaded = page.evaluate(READY_AT)
            print(f"opened in {time.perf_counter() - begin:.2f} s, the page itself in {loaded:.0f} ms")
            for words in ("critical", "service 7777", "nothing like it"):
                begin = time.perf_counter()
                page.fill("#words", words)
                page.wait_for_selector(f"#count:not(:has-text('{number:,} of'))")
                told = page.inner_text("#count")
                print(f"filtered by {words!r} in {time.perf_counter() - begin:.2f} s: {told}")
                page.click("#filters button[type=reset]")
                page.wait_for_selector(f"#count:has-text('{number:,} of')")


if __name__ == "__main__":
    main()
