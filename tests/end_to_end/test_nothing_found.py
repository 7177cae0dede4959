from __future__ import annotations

import csv
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

import pyarrow.parquet as pq
import pytest

from tests.end_to_end.case_reading import document, findings, timeline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.command_line import Run
    from tests.end_to_end.shared_folder import SharedFolder

DAMAGED: Final = (
    "evtx/omerbenamram/sample_with_a_bad_chunk_magic.evtx",
    "evtx/omerbenamram/sample-with-zero-data-size-event.evtx",
    "evtx/omerbenamram/security_bad_string_cache.evtx",
    "evtx/omerbenamram/Microsoft-Windows-LanguagePackSetup%4Operational.evtx",
    "evtx/plaso/System2.evtx",
    "hive/corrupted_system_hive",
)
"""Files of the corpus that its own list calls damaged, beyond a log that was copied while in use."""

LOGS: Final = "evtx/omerbenamram"
RECORDS: Final = {
    f"{LOGS}/sysmon.evtx": 358,
    f"{LOGS}/2-vss_7-System.evtx": 1160,
    f"{LOGS}/security_bad_string_cache.evtx": 2261,
}
COUNTED: Final = {
    "n_sysmon1": ("Microsoft-Windows-Sysmon", "1"),
    "n_sysmon7": ("Microsoft-Windows-Sysmon", "7"),
    "n_7045": ("Service Control Manager", "7045"),
}
KINDS: Final = {"evtx", "hive", "hivelog"}
BEHIND_A_GAP: Final = {(f"{LOGS}/sample-with-zero-data-size-event.evtx", "7045"): 2}
"""Events that no other reader reaches: a record without a size stops them, and these stand behind it."""

HIVES: Final = ("hive/SYSTEM", "hive/SYSTEM_2", "hive/BitCurator_SYSTEM")


@pytest.fixture(scope="session")
def corpus_run(shared: SharedFolder, corpus: Path) -> Run:
    """All real evidence at once."""
    return shared.analyzed("corpus", corpus)


@pytest.fixture(scope="session")
def artifacts(corpus_run: Run) -> dict[str, dict[str, object]]:
    """What context.json says of each artifact, by its path."""
    return {each["path"]: each for each in document(corpus_run.output, "context.json")["artifacts"]}


def index_of(corpus: Path) -> list[dict[str, str]]:
    with (corpus / "index.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_look_alikes_give_no_finding_at_all(clean: Run) -> None:
    assert (clean.code, clean.stderr) == (0, "")
    assert timeline(clean.output) == []
    assert json.loads(clean.stdout)["counts"]["rule_rows_as_written"] == 0


def test_a_case_without_findings_says_so_and_what_was_not_examined(clean: Run) -> None:
    text = (clean.output / "limitations.txt").read_text("utf-8")

    assert "No RustDesk indicator was found in the sources examined." in text
    assert document(clean.output, "context.json")["sources_never_examined"]


def test_real_evidence_without_rustdesk_gives_no_finding(corpus_run: Run) -> None:
    assert findings(corpus_run.output) == {}
    assert "No RustDesk indicator was found in the sources examined." in corpus_run.stdout


def test_damage_in_real_evidence_is_told_by_the_exit_code_and_by_name(corpus_run: Run) -> None:
    assert corpus_run.code == 3
    assert [path for path in DAMAGED if path not in corpus_run.stderr] == []


def test_every_damage_on_the_terminal_says_where_it_is(corpus_run: Run) -> None:
    text = (corpus_run.output / "limitations.txt").read_text("utf-8")

    assert all(re.search(rf"{re.escape(path)}, bytes 0x[0-9a-f]+-0x[0-9a-f]+: ", text) for path in DAMAGED)


def test_every_log_and_hive_of_the_corpus_is_examined(
    corpus: Path, artifacts: dict[str, dict[str, object]]
) -> None:
    listed = {row["path"]: row["sha256"] for row in index_of(corpus) if row["kind"] in KINDS}

    assert {path: each["sha256"] for path, each in artifacts.items()} == listed
    assert [path for path, each in artifacts.items() if each["failure"] is not None] == []


def test_the_records_of_every_log_are_accounted_for(artifacts: dict[str, dict[str, object]]) -> None:
    for path, artifact in artifacts.items():
        log = artifact.get("log")
        if isinstance(log, dict):
            parts = sum(log[f"records_{name}"] for name in ("emitted", "irrelevant", "failed"))
            assert log["records_framed"] == parts, path


@pytest.mark.parametrize("path", RECORDS)
def test_a_real_log_gives_all_its_records(artifacts: dict[str, dict[str, object]], path: str) -> None:
    log = artifacts[path]["log"]
    assert isinstance(log, dict)

    assert (log["records_framed"], log["records_failed"]) == (RECORDS[path], 0)


def test_a_log_with_bad_chunks_gives_what_the_best_reader_gives(
    artifacts: dict[str, dict[str, object]],
) -> None:
    log = artifacts[f"{LOGS}/sample_with_a_bad_chunk_magic.evtx"]["log"]
    assert isinstance(log, dict)

    assert log["records_framed"] - log["records_failed"] >= 270


def test_events_of_every_release_and_language_are_as_many_as_other_readers_count(
    corpus: Path, corpus_run: Run
) -> None:
    columns = ["source_path", "provider", "event_id", "record_state"]
    table = pq.read_table(
        corpus_run.output / "events" / "EventProvenance" / "part-0.parquet", columns=columns
    )
    found = Counter(
        (row["source_path"], row["provider"], row["event_id"])
        for row in table.to_pylist()
        if row["record_state"] != "recovered"
    )

    logs = [row for row in index_of(corpus) if row["kind"] == "evtx"]
    expected = {
        (row["path"], *COUNTED[name]): int(row[name]) + BEHIND_A_GAP.get((row["path"], COUNTED[name][1]), 0)
        for row in logs
        for name in COUNTED
    }
    assert {place: found[place] for place in expected} == expected
    assert sum(count for (path, _, _), count in expected.items() if "localised" in path) == 28 + 16


@pytest.mark.parametrize("path", HIVES)
def test_a_real_hive_has_as_many_services_as_other_readers_count(
    corpus: Path, artifacts: dict[str, dict[str, object]], path: str
) -> None:
    expected = next(int(row["hive_services_ccs"]) for row in index_of(corpus) if row["path"] == path)

    hive = artifacts[path]["hive"]
    assert isinstance(hive, dict)
    assert [each["services"] for each in hive["control_sets"] if each["current"]] == [expected]
