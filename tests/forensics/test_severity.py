from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from forensics.correlation import near
from forensics.device_role import DeviceRole, RoleDecision
from forensics.rule import Severity
from forensics.severity import ARITHMETIC, CORROBORATES, LEVELS, ROLE_RAISE, Weighed, weigh
from tests.builders.found import DEVICE_ID, HOUR, TICKS, context_rule, event, found, rule

if TYPE_CHECKING:
    from forensics.finding import Found

DAY = 24 * HOUR


def weighed(subject: Found, *others: Found, role: DeviceRole = DeviceRole.WORKSTATION) -> Weighed:
    every = [subject, *others]
    roles = {each.event.device_id: RoleDecision(role, ()) for each in every}
    return weigh(every, near(every, DAY), roles, DAY)[subject.key]


@pytest.mark.parametrize("role", DeviceRole)
def test_the_role_raises_by_its_own_number_of_levels(role: DeviceRole) -> None:
    result = weighed(found(), role=role)

    assert LEVELS.index(result.severity) - LEVELS.index(result.base) == ROLE_RAISE[role]
    assert bool(result.steps) is bool(ROLE_RAISE[role])


def test_nothing_is_more_than_critical() -> None:
    severe = found(rule(severity=Severity.CRITICAL))

    assert weighed(severe, role=DeviceRole.DOMAIN_CONTROLLER).severity is Severity.CRITICAL


@pytest.mark.parametrize("activity", ["set_password", "inbound_session"])
def test_unattended_access_and_a_session_raise_their_own_row(activity: str) -> None:
    assert weighed(found(activity=activity)).severity is Severity.MEDIUM


@pytest.mark.parametrize("activity", ["set_password", "inbound_session"])
def test_an_install_is_raised_by_what_followed_within_the_window(activity: str) -> None:
    install = found(event_of=event(1), activity="install")
    soon = found(event_of=event(2, TICKS + HOUR), activity=activity)
    late = found(event_of=event(2, TICKS + DAY + 1), activity=activity)
    elsewhere = found(event_of=event(2, TICKS + HOUR, device_id="e" * 40), activity=activity)

    assert weighed(install, soon).severity is Severity.MEDIUM
    assert weighed(install, late).severity is weighed(install, elsewhere).severity is Severity.LOW


def test_a_tunnel_near_raises_a_row_and_a_service_near_does_not() -> None:
    tunnel = found(context_rule(), event(2, TICKS + HOUR))
    service = found(context_rule("service_created", Severity.INFORMATIONAL), event(2, TICKS + HOUR))

    assert weighed(found(), tunnel).severity is Severity.MEDIUM
    assert weighed(found(), service).severity is Severity.LOW


def test_a_tunnel_of_the_same_user_on_another_machine_raises_too() -> None:
    mine = found(event_of=event(1, user="C\\amy"))
    tunnel = found(context_rule(), event(2, TICKS + HOUR, device_id="e" * 40, user="C\\amy"))

    assert weighed(mine, tunnel).severity is Severity.MEDIUM


def test_a_task_that_runs_rustdesk_raises_the_rows_around_it() -> None:
    task = found(rule("task", finding="scheduled_task", severity=Severity.HIGH), event(2, TICKS + HOUR))
    own = found(rule("mine", finding="custom_rule", severity=Severity.HIGH), event(2, TICKS + HOUR))

    assert weighed(found(), task).severity is Severity.MEDIUM
    assert weighed(found(), own).severity is Severity.LOW


def test_a_row_that_only_corroborates_is_low_at_most_and_says_so() -> None:
    load = found(rule("rustdesk_image_load", severity=Severity.INFORMATIONAL))
    session = found(rule("rustdesk_trace", severity=Severity.INFORMATIONAL), activity="inbound_session")

    result = weighed(load, role=DeviceRole.DOMAIN_CONTROLLER)

    assert result.severity is Severity.LOW
    assert [(step.reason, step.levels) for step in result.steps[1:]] == [(CORROBORATES, -1)]
    assert weighed(session, role=DeviceRole.DOMAIN_CONTROLLER).severity is Severity.HIGH


def test_context_itself_is_raised_by_the_role_alone() -> None:
    tunnel = found(context_rule(), event(2))

    assert weighed(tunnel, found(event_of=event(1, device_id=DEVICE_ID))).severity is Severity.MEDIUM
    assert weighed(tunnel, found(), role=DeviceRole.SERVER).severity is Severity.HIGH


def test_every_step_stands_in_the_arithmetic() -> None:
    documented = {reason for reason, _ in ARITHMETIC}
    install = found(event_of=event(1), activity="install")
    others = [
        found(event_of=event(n + 2), activity=each)
        for n, each in enumerate(("set_password", "inbound_session"))
    ]
    rows = [install, *others, found(context_rule(), event(9))]
    roles = {DEVICE_ID: RoleDecision(DeviceRole.DOMAIN_CONTROLLER, ())}

    steps = [step for each in weigh(rows, near(rows, DAY), roles, DAY).values() for step in each.steps]

    assert {step.reason for step in steps} <= documented
    assert len({step.reason for step in steps}) == 6
