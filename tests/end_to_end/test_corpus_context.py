from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow.parquet as pq
import pytest

from forensics.rule import Rule, RuleKind, shipped_rules
from tests.end_to_end.case_reading import document, findings, read_csv

if TYPE_CHECKING:
    from tests.end_to_end.command_line import Run
    from tests.end_to_end.shared_folder import SharedFolder

LISTED: Final = Path(__file__).with_name("corpus_context.toml")
CONTEXT: Final = tuple(rule for rule in shipped_rules() if rule.kind is RuleKind.CONTEXT)
OF_RUSTDESK: Final = tuple(
    rule
    for rule in shipped_rules()
    if rule.kind is not RuleKind.CONTEXT and rule.rule_id != "rustdesk_execution"
)

Candidates = dict[tuple[str, str], list[str]]
"""By rule and file of the corpus, the record ids of the events that the rule gives."""


@pytest.fixture(scope="session")
def corpus_run(shared: SharedFolder, corpus: Path) -> Run:
    """All real evidence at once."""
    return shared.analyzed("corpus", corpus)


@pytest.fixture(scope="session")
def places(corpus_run: Run) -> dict[str, tuple[str, str]]:
    """By ReportId, the file and the record id of each event."""
    columns = ["report_id", "source_path", "record_id"]
    table = pq.read_table(corpus_run.output / "events/EventProvenance", columns=columns)
    return {str(row["report_id"]): (row["source_path"], row["record_id"]) for row in table.to_pylist()}


def report_ids(run: Run, rule: Rule) -> list[str]:
    return [row["ReportId"] for row in read_csv(run.output / f"rule_results/{rule.rule_id}.csv")]


def listed_candidates() -> Candidates:
    return {
        (each["rule"], each["file"]): each["records"]
        for each in tomllib.loads(LISTED.read_text("utf-8"))["candidate"]
    }


@pytest.mark.parametrize("rule", OF_RUSTDESK, ids=lambda rule: rule.rule_id)
def test_a_rule_on_rustdesk_finds_nothing_among_real_services_programs_and_logs(
    rule: Rule, corpus_run: Run
) -> None:
    assert report_ids(corpus_run, rule) == []


def test_there_is_much_that_the_rules_on_structure_could_have_been_misled_by(corpus_run: Run) -> None:
    events = document(corpus_run.output, "run.json")["counts"]["events"]

    assert events["DeviceRegistryEvents"] > 10_000
    assert events["DeviceEvents"] > 5_000
    assert events["DeviceProcessEvents"] > 100


def test_what_happened_around_nothing_is_not_told(corpus_run: Run) -> None:
    assert findings(corpus_run.output) == {}


@pytest.mark.parametrize("rule", CONTEXT, ids=lambda rule: rule.rule_id)
def test_the_candidates_that_a_context_rule_gives_are_those_of_the_list(
    rule: Rule, corpus_run: Run, places: dict[str, tuple[str, str]]
) -> None:
    found: Candidates = defaultdict(list)
    for report_id in report_ids(corpus_run, rule):
        path, record_id = places[report_id]
        found[rule.rule_id, path].append(record_id)

    listed = {key: records for key, records in listed_candidates().items() if key[0] == rule.rule_id}
    assert {key: in_ranges(records) for key, records in found.items()} == listed


def test_every_entry_of_the_list_has_a_reason() -> None:
    entries = tomllib.loads(LISTED.read_text("utf-8"))["candidate"]

    assert [each for each in entries if not each["reason"].endswith(".")] == []


def in_ranges(records: list[str]) -> list[str]:
    """Return record ids in order, those that follow one another as ``first-last``."""
    ranges: list[list[int]] = []
    for number in sorted(map(int, records)):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return [str(first) if first == last else f"{first}-{last}" for first, last in ranges]
