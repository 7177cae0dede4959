from __future__ import annotations

import shutil
from typing import Final

import pytest

from tests.end_to_end.built_evidence import file_server
from tests.end_to_end.case_reading import repeatable_files, timeline
from tests.end_to_end.command_line import DC01, Run, analyze

READERS: Final = ("rust", "python")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """One small evidence, read by either library."""
    root = tmp_path_factory.mktemp("readers")
    evidence = root / "evidence"
    (evidence / "fs02").mkdir(parents=True)
    file_server(evidence / "fs02")
    for path in ("Windows/System32/winevt/Logs/System.evtx", "Windows/System32/config/SYSTEM"):
        shutil.copy(DC01 / path, evidence)
    return {name: analyze(evidence, output=root / name, options=("--reader", name)) for name in READERS}


def test_both_readers_give_the_same_case(both: dict[str, Run]) -> None:
    assert [(run.code, run.stderr) for run in both.values()] == [(0, ""), (0, "")]
    rust, python = (repeatable_files(run.output) for run in both.values())
    assert python == rust
    rows = timeline(both["python"].output)
    assert {row["finding"] for row in rows} >= {
        "rustdesk_execution",
        "rustdesk_image_load",
        "rustdesk_service_installed",
        "rustdesk_service_key",
    }
    assert {(row["artifact"], row["readers"]) for row in rows} == {
        ("EVTX", "evtx+python-evtx agree"),
        ("SYSTEM hive", "python-registry+regipy agree"),
    }
