from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.correlation import ACTIVITY_WINDOW, Connection, distance_text, is_everywhere, near, told
from forensics.rule import RuleKind
from parsers.filetime import TICKS_PER_SECOND
from tests.builders.found import HOUR, TICKS, context_rule, event, found, rule

DAY = 24 * HOUR
RUSTDESK = found(event_of=event(1, user="CONTOSO\\amy"), server="203.0.113.9")


def test_context_within_the_window_is_told_with_the_row_it_is_near() -> None:
    tunnel = found(context_rule(), event(2, TICKS - 9 * HOUR))

    (selected,) = near([RUSTDESK, tunnel], DAY)

    assert (selected.context, selected.anchor, selected.distance) == (tunnel, RUSTDESK, -9 * HOUR)
    assert selected.connection is Connection.SAME_DEVICE
    assert told([selected], [RUSTDESK, tunnel]) == (RUSTDESK, tunnel)


@pytest.mark.parametrize(
    ("distance", "is_told"), [(DAY, True), (-DAY, True), (DAY + 1, False), (-DAY - 1, False)]
)
def test_both_ends_of_the_window_belong_to_it(distance: int, *, is_told: bool) -> None:
    tunnel = found(context_rule(), event(2, TICKS + distance))

    assert bool(near([RUSTDESK, tunnel], DAY)) is is_told


def test_context_without_any_finding_of_rustdesk_is_not_told() -> None:
    tunnel = found(context_rule(), event(2))

    assert near([tunnel], DAY) == ()
    assert told((), [tunnel]) == ()


def test_of_two_findings_the_nearer_one_is_named() -> None:
    later = found(event_of=event(3, TICKS + 3 * HOUR))
    tunnel = found(context_rule(), event(2, TICKS + 2 * HOUR))

    (selected,) = near([RUSTDESK, later, tunnel], DAY)

    assert (selected.anchor, selected.distance) == (later, -HOUR)


def test_a_moment_is_named_before_a_key_that_was_last_written_nearer() -> None:
    key = found(rule("rustdesk_service_key"), event(3, TICKS + HOUR, time_means="Registry key last written"))
    tunnel = found(context_rule(), event(2, TICKS + HOUR))

    (selected,) = near([RUSTDESK, key, tunnel], DAY)
    (alone,) = near([key, tunnel], DAY)

    assert (selected.anchor, alone.anchor) == (RUSTDESK, key)


def test_an_act_is_named_before_a_trace_that_is_nearer() -> None:
    load = found(rule("rustdesk_image_load", activity="load"), event(3, TICKS + HOUR))
    session = found(rule("rustdesk_trace", activity="inbound_session"), event(4, TICKS + HOUR))
    tunnel = found(context_rule(), event(2, TICKS + HOUR))

    (beside_a_load,) = near([RUSTDESK, load, tunnel], DAY)
    (beside_a_session,) = near([RUSTDESK, session, tunnel], DAY)

    assert (beside_a_load.anchor, beside_a_session.anchor) == (RUSTDESK, session)


def test_the_time_of_a_file_is_near_to_nothing() -> None:
    cached = found(rule("rustdesk_trace"), event(3, time_means="File last modified (AppCompatCache)"))

    assert near([cached, found(context_rule(), event(2))], DAY) == ()


def test_on_another_machine_the_same_user_connects() -> None:
    elsewhere = found(context_rule(), event(2, TICKS + HOUR, device_id="e" * 40, user="contoso\\AMY"))

    (selected,) = near([RUSTDESK, elsewhere], DAY)

    assert selected.connection is Connection.SAME_USER


def test_on_another_machine_the_same_server_connects() -> None:
    elsewhere = found(context_rule(), event(2, device_id="e" * 40, user="x"), server="203.0.113.9")

    (selected,) = near([RUSTDESK, elsewhere], DAY)

    assert selected.connection is Connection.SAME_SERVER


@pytest.mark.parametrize("user", ["NT AUTHORITY\\SYSTEM", "S-1-5-18", "CONTOSO\\DC01$", "LocalSystem", ""])
def test_an_account_that_every_machine_has_connects_nothing(user: str) -> None:
    service = found(event_of=event(1, user=user))
    elsewhere = found(context_rule(), event(2, device_id="e" * 40, user=user))

    assert near([service, elsewhere], DAY) == ()
    assert not user or is_everywhere(user)


def test_another_user_on_another_machine_is_not_told() -> None:
    elsewhere = found(context_rule(), event(2, device_id="e" * 40, user="CONTOSO\\bob"))

    assert near([RUSTDESK, elsewhere], DAY) == ()


def test_an_event_that_is_a_finding_of_rustdesk_is_no_context_of_itself() -> None:
    installed = found(rule("rustdesk_service_installed"), event(2))
    created = found(context_rule("service_created"), event(2))

    assert near([installed, created], DAY) == ()


def test_a_rule_about_an_activity_looks_at_that_activity_alone_and_not_far() -> None:
    session = found(event_of=event(3, TICKS + HOUR), activity="inbound_session")
    close = found(context_rule("logon", near="inbound_session"), event(2, TICKS + HOUR - ACTIVITY_WINDOW))
    far = found(context_rule("logon", near="inbound_session"), event(4, TICKS + HOUR - ACTIVITY_WINDOW - 1))

    (selected,) = near([RUSTDESK, session, close, far], DAY)

    assert (selected.context, selected.anchor) == (close, session)


def test_a_users_own_rule_is_a_finding_and_always_told() -> None:
    own = found(rule("mine", finding="custom_rule", kind=RuleKind.FINDING), event(2))

    assert told((), [own]) == (own,)


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (0, "at the time of"),
        (1, "less than 1 s after"),
        (-(9 * 60 + 3) * TICKS_PER_SECOND, "9 min 3 s before"),
        (HOUR + TICKS_PER_SECOND - 1, "1 h after"),
        (25 * HOUR + 61 * TICKS_PER_SECOND, "25 h 1 min 1 s after"),
    ],
)
def test_a_distance_is_said_as_one_says_it(distance: int, text: str) -> None:
    assert distance_text(distance) == text


@given(st.lists(st.integers(-30, 30), min_size=1, max_size=12), st.integers(-30, 30), st.integers(0, 20))
def test_the_nearest_is_what_looking_at_all_of_them_gives(hours: list[int], at: int, window: int) -> None:
    anchors = [found(event_of=event(n, TICKS + hour * HOUR)) for n, hour in enumerate(hours, start=10)]
    tunnel = found(context_rule(), event(2, TICKS + at * HOUR))
    distances = [abs(at - hour) for hour in hours if abs(at - hour) <= window]

    selected = near([*anchors, tunnel], window * HOUR)

    assert (
        [abs(each.distance) for each in selected] == [min(distances) * HOUR][: len(distances)]
        if distances
        else not selected
    )
