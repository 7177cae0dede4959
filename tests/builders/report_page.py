"""Pages of report.html with any rows, of a machine whose evidence was really read."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from forensics.request import NamedEvidence
from tests.builders.analysis import analysis_of
from tests.builders.artifacts import SYSTEM_LOG, hive_of, log_of, write_evidence
from tests.builders.evidence_reading import read_named
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created
from tests.builders.timeline_rows import timeline_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forensics.pipeline import Analysis
    from forensics.timeline_row import TimelineRow

MACHINE: Final = "PC1"


def row_of_case(number: int = 1, **changes: str | int) -> TimelineRow:
    """Return a row as rules give it: of RustDesk, observed, low."""
    plain: dict[str, str | int] = {
        "row": number,
        "report_id": number,
        "finding": "rustdesk_execution",
        "activity": "run",
        "severity": "low",
        "basis": "observed",
        "record_state": "live",
        "time_flags": "",
        "readers": "",
        "hashes": "",
        "timestamp_desc": "Process created (Sysmon UtcTime)",
        "device_name": MACHINE,
    }
    return timeline_row(**{**plain, **changes})


def analysis_with(rows: Iterable[TimelineRow]) -> Analysis:
    """Return an analysis of one machine's evidence, which is read once, with ``rows`` for its timeline."""
    analysis = _of_evidence()
    (device,) = analysis.read.devices.all
    return replace(analysis, rows=tuple(replace(row, device_id=device.device_id) for row in rows))


@cache
def _of_evidence() -> Analysis:
    artifacts = (
        log_of(process_created(computer=MACHINE)),
        log_of(service_installed(computer=MACHINE), path=SYSTEM_LOG),
        hive_of(MACHINE),
    )
    folder = Path(tempfile.mkdtemp(prefix="report-page-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    named = NamedEvidence(write_evidence(folder / "evidence", artifacts), "E-1")
    return analysis_of(read_named([named], folder / "events"))
