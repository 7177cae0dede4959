from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from fixtures.build import HERE as FIXTURES
from tests.end_to_end.case_reading import document, timeline, timeline_objects
from tests.end_to_end.expected_timeline import CASES, expected, found

if TYPE_CHECKING:
    from tests.end_to_end.command_line import Run
    from tests.end_to_end.shared_folder import SharedFolder


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, shared: SharedFolder) -> tuple[str, Run]:
    name: str = request.param
    return name, shared.analyzed(name, FIXTURES / name)


@pytest.fixture
def akira(shared: SharedFolder) -> Run:
    return shared.analyzed("case-akira", FIXTURES / "case-akira")


@pytest.fixture
def authorised(shared: SharedFolder) -> Run:
    return shared.analyzed("case-authorised", FIXTURES / "case-authorised")


def test_the_timeline_is_the_one_that_was_read_against_the_story(case: tuple[str, Run]) -> None:
    name, run = case

    assert (run.code, run.stderr) == (0, "")
    assert found(run.output) == expected(name)


def test_no_process_is_found_twice_though_two_logs_recorded_it(case: tuple[str, Run]) -> None:
    _, run = case
    executions = [row for row in timeline_objects(run.output) if row["finding"] == "rustdesk_execution"]
    starts = Counter((row["device_id"], row["process_id"], row["datetime"]) for row in executions)

    assert starts
    assert set(starts.values()) == {1}


def test_the_four_machines_have_the_roles_of_the_story(akira: Run) -> None:
    roles = {
        each["name"].partition(".")[0]: each["role"]
        for each in document(akira.output, "context.json")["devices"]
    }

    assert roles == {
        "FS01": "file_server",
        "APP02": "server",
        "DC02": "domain_controller",
        "WS11": "workstation",
    }


def test_the_clean_machine_is_silent(akira: Run) -> None:
    assert {row["device_name"].partition(".")[0] for row in timeline(akira.output)} == {
        "FS01",
        "APP02",
        "DC02",
    }


def test_the_tunnel_names_the_rustdesk_row_it_is_tied_to_and_raises_the_rows_around_it(akira: Run) -> None:
    rows = {row["row"]: row for row in timeline_objects(akira.output)}
    (tunnel,) = (row for row in rows.values() if row["rule_id"] == "ssh_tunnel")
    (related,) = tunnel["related"]
    anchor = rows[related["row"]]

    assert related["relation"] == "same user"
    assert anchor["finding"].startswith("rustdesk_")
    assert f"row {anchor['row']}" in tunnel["message"]
    assert related["distance"] == tunnel["ticks"] - anchor["ticks"]
    assert "-R *:10400 asks for a reverse proxy" in tunnel["message"]


def test_every_context_row_names_a_rustdesk_row_and_how_far_it_is(akira: Run) -> None:
    rows = {row["row"]: row for row in timeline_objects(akira.output)}
    context = [row for row in rows.values() if not row["finding"].startswith("rustdesk_")]

    assert context
    for row in context:
        near = [each for each in row["related"] if each["row"] is not None]
        assert rows[near[0]["row"]]["finding"].startswith("rustdesk_")
        assert f"row {near[0]['row']}, " in row["message"]


def test_the_log_events_and_the_key_of_one_service_are_rows_of_one_story(akira: Run) -> None:
    rows = timeline_objects(akira.output)
    for story in document(akira.output, "context.json")["services"]:
        artifacts = {each["artifact"] for each in story["rows"]}
        assert {"System 7045", "Security 4697", "service key"} <= artifacts
        numbers = {each["row"] for each in story["rows"]}
        assert {row["device_id"] for row in rows if row["row"] in numbers} == {story["device_id"]}


def test_every_row_that_was_raised_says_by_what(akira: Run) -> None:
    severity = document(akira.output, "context.json")["severity"]
    reasons = {each["reason"] for each in severity["arithmetic"]}
    rows = {row["row"]: row for row in timeline_objects(akira.output)}

    for each in severity["raised"]:
        assert rows[each["row"]]["severity"] == each["severity"]
        assert {step["reason"] for step in each["steps"]} <= reasons


def test_authorised_use_on_a_workstation_is_informational_or_low(authorised: Run) -> None:
    assert {row["severity"] for row in timeline(authorised.output)} == {"informational", "low"}
