from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from fixtures.build import HERE as FIXTURES
from tests.end_to_end.case_reading import document, findings

if TYPE_CHECKING:
    from tests.end_to_end.command_line import Run
    from tests.end_to_end.shared_folder import SharedFolder

HEADINGS: Final = (
    "What was found",
    "What was examined",
    "What could not be read",
    "What was expected and is not in the evidence",
    "What could not have been seen in what was examined",
    "What was read by two readers, and what by one",
    "What is never examined, whatever the evidence holds",
    "The clock of each machine",
    "What the flags of this case's times mean",
    "What the findings of this case show, and what they do not",
    "What the rules that found something say of themselves",
    "How severity was reached",
    "What holds for every case",
    "Which versions were used",
)
CLAIMS: Final = re.compile(
    r"was (never|not) (installed|used|run|there)|is (clean|free of)|no RustDesk (is|was) |did not happen",
    re.IGNORECASE,
)
"""What nobody can know from what was not found."""


@pytest.fixture(scope="session")
def akira(shared: SharedFolder) -> Run:
    """The fixture case of four machines."""
    return shared.analyzed("akira", FIXTURES / "case-akira")


def sections(run: Run) -> dict[str, list[str]]:
    text = (run.output / "limitations.txt").read_text("utf-8")
    found = re.findall(r"^(.+)\n-+\n((?:- .*\n)+)", text, re.MULTILINE)
    return {heading: body.splitlines() for heading, body in found}


def test_p27_the_limits_of_a_case_are_told_section_by_section(akira: Run, clean: Run, dc01: Run) -> None:
    for run in (akira, clean, dc01):
        assert tuple(sections(run)) == HEADINGS


def test_p29_nothing_that_was_not_found_is_said_not_to_have_been(akira: Run, clean: Run, dc01: Run) -> None:
    for run in (akira, clean, dc01):
        for lines in sections(run).values():
            claims = [line for line in lines for match in CLAIMS.finditer(line) if not _denied(line, match)]
            assert claims == []


def _denied(line: str, claim: re.Match[str]) -> bool:
    """Whether the claim stands in a sentence that says that there is no proof of it."""
    sentence = line[: claim.start()].rpartition(". ")[2]
    return "no proof that" in sentence or "not show that" in sentence


def test_p29_a_case_without_findings_speaks_of_the_sources_examined(clean: Run) -> None:
    assert sections(clean)["What was found"] == ["- No RustDesk indicator was found in the sources examined."]
    assert findings(clean.output) == {}


def test_every_finding_of_the_case_says_what_it_shows(akira: Run) -> None:
    told = sections(akira)["What the findings of this case show, and what they do not"]
    kinds = {line.removeprefix("- ").partition(":")[0] for line in told}
    assert kinds == set(findings(akira.output))
    assert all("not" in line for line in told)


def test_every_rule_that_found_something_speaks(akira: Run) -> None:
    told = sections(akira)["What the rules that found something say of themselves"]
    rules = {line.removeprefix("- ").partition(" ")[0] for line in told}
    assert {"rustdesk_execution", "rustdesk_service_installed"} <= rules
    assert all("It does not see all: " in line for line in told)


def test_what_a_machine_s_logs_could_not_show_is_told_with_its_span(akira: Run) -> None:
    told = sections(akira)["What could not have been seen in what was examined"]
    machines = [each["name"] for each in document(akira.output, "context.json")["devices"]]
    assert all(line.removeprefix("- ").startswith(tuple(machines)) for line in told)
    spans = [line for line in told if "has no event" in line]
    assert spans
    assert all(re.search(r"(from|of) 20\d\d-", line) for line in spans)


def test_severity_is_explained_with_its_counts(akira: Run) -> None:
    told = sections(akira)["How severity was reached"]
    reached = re.search(r"Severities reached in this case: (.*);", told[-1])
    assert reached is not None
    numbers = [int(each.replace(",", "")) for each in re.findall(r"[\d,]+\d|\d", reached[1])]
    assert sum(numbers) == sum(findings(akira.output).values())


def test_p28_every_machine_has_a_clock_statement(akira: Run, dc01: Run) -> None:
    for run in (akira, dc01):
        told = sections(run)["The clock of each machine"]
        for device in document(run.output, "context.json")["devices"]:
            own = [line for line in told if line.startswith(f"- {device['name']}: ")]
            assert any("time zone" in line for line in own)
            assert any("clock" in line and ("they cover" in line or "was supplied" in line) for line in own)
            assert any("run backwards" in line for line in own)


def test_versions_are_there_but_no_library_s(akira: Run) -> None:
    told = "\n".join(sections(akira)["Which versions were used"])
    assert re.search(r"rustdesk-forensics \d+\.\d+\.\d+", told)
    assert re.search(r"SHA-256 [0-9a-f]{64}", told)
    assert not re.search(r"duckdb|pyarrow|python \d", told, re.IGNORECASE)
