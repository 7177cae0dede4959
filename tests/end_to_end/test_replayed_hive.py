from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Final

import pyarrow.parquet as pq
import pytest

from tests.builders.dirty_hive import LOG1
from tests.builders.evidence_state import unchanged
from tests.end_to_end.case_reading import document
from tests.end_to_end.command_line import analyze

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.command_line import Run
    from tests.end_to_end.shared_folder import SharedFolder

HIVE: Final = "SYSTEM_B"
IN_THE_HIVE: Final = 655
"""Services of the current control set, as other readers count them without the logs."""


@pytest.fixture(scope="session")
def replayed(shared: SharedFolder, corpus: Path) -> Run:
    """A real hive that was in use when it was copied, with its logs."""

    def make(folder: Path) -> None:
        for suffix in ("", ".LOG1", ".LOG2"):
            shutil.copy(corpus / "hive" / f"{HIVE}{suffix}", folder)

    return shared.analyzed("replayed", shared.once("dirty-hive", make))


def services(run: Run) -> dict[str, set[str]]:
    """Return the names of the services' keys by the state of their rows."""
    events = run.output / "events"
    keys = {
        row["ReportId"]: row["RegistryKey"].split("\\")
        for row in pq.read_table(events / "DeviceRegistryEvents" / "part-0.parquet").to_pylist()
    }
    found: dict[str, set[str]] = {"live": set(), "log_replayed": set()}
    for row in pq.read_table(events / "EventProvenance" / "part-0.parquet").to_pylist():
        if row["report_id"] in keys:
            names = keys[row["report_id"]]
            found[row["record_state"]].add(names[names.index("Services") + 1])
    return found


def hive_of(run: Run) -> dict[str, Any]:
    artifacts: list[dict[str, Any]] = document(run.output, "context.json")["artifacts"]
    return next(each for each in artifacts if each["path"] == HIVE)


def test_both_views_of_a_dirty_hive_are_kept(replayed: Run) -> None:
    found = services(replayed)

    assert replayed.code == 0
    assert len(found["live"]) == IN_THE_HIVE
    assert len(found["live"] | found["log_replayed"]) == IN_THE_HIVE + 1
    assert "ad_driver" in found["log_replayed"] - found["live"]


def test_the_replay_is_told(replayed: Run) -> None:
    logs = hive_of(replayed)["transaction_logs"]

    assert (logs["outcome"], logs["entries"], logs["complete"]) == ("applied", 24, True)
    assert [name.partition(",")[0] for name in logs["applied"]] == ["SYSTEM_B.LOG1", "SYSTEM_B.LOG2"]
    assert "Replayed on a copy: SYSTEM_B.LOG1" in (replayed.output / "limitations.txt").read_text("utf-8")


def test_the_log_of_another_hive_is_not_replayed_and_this_is_told(corpus: Path, tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    shutil.copy(corpus / "hive" / HIVE, evidence)
    (evidence / f"{HIVE}.LOG1").write_bytes(LOG1.data)

    with unchanged(evidence):
        run = analyze(evidence, output=tmp_path / "case")

    found = services(run)
    assert (len(found["live"]), found["log_replayed"]) == (IN_THE_HIVE, set())
    logs = hive_of(run)["transaction_logs"]
    assert (logs["outcome"], logs["applied"]) == ("logs_do_not_match", [])
    assert f"{HIVE}.LOG1" in logs["reason"]
    assert logs["reason"].rstrip(".") in (run.output / "limitations.txt").read_text("utf-8")
