"""Names that an event and its fields may have are told from what was overwritten and taken for names."""

from __future__ import annotations

import pytest

from parsers.evtx.data_values import DataValue, ValueType
from parsers.evtx.fields import are_names_of_an_event, with_names_apart
from parsers.evtx.recovery import are_names_of_fields

SYSTEM_NAMES = (
    *("Event/System", "System/Provider", "System/EventID", "System/TimeCreated", "System/EventRecordID"),
    *("System/Channel", "System/Computer", "System/Security"),
)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Event/EventData", "EventData/Data", "EventData/Data@Name", "EventData/Binary"], True),
        (["Event/UserData", "UserData/LogFileCleared", "LogFileCleared/Channel"], True),
        ([], False),
        (["Event/EventData", "Event/UserData"], False),
        (["Event/EventData", "EventData/Binary@Name"], False),
        (["Event/EventData", "UserData/LogFileCleared"], False),
        (["Event/UserData", "UserData/LogFileCleared", "LogFileCleared/DriverName"], False),
        (["Event/UserData", "UserData/LogFileCleared", "LogFileCleared/Channel@Name"], False),
        (["Event/UserData", "UserData/LogFileCleared", "UserData/EventData"], False),
        (["Event/UserData", "UserData/SomethingElse", "SomethingElse/Channel"], False),
        (["Event/UserData", "LogFileCleared/Channel"], False),
        (["Event/UserData"], False),
    ],
)
def test_only_names_that_an_event_may_have_make_one(names: list[str], expected: bool) -> None:
    assert are_names_of_an_event([*SYSTEM_NAMES, *names]) == expected
    assert not are_names_of_an_event([*SYSTEM_NAMES[1:], *names])


@pytest.mark.parametrize(
    ("names", "kinds", "expected"),
    [
        (["A", "B"], [ValueType.STRING, ValueType.STRING], True),
        (["A", "Binary"], [ValueType.STRING, ValueType.BINARY], True),
        (["#1", "#2", "Binary"], [ValueType.STRING_ARRAY, ValueType.BINARY], True),
        ([], [], False),
        (["A", "#1"], [ValueType.STRING, ValueType.STRING], False),
        (["A", "#1"], [ValueType.STRING, ValueType.STRING_ARRAY], False),
        (["A"], [ValueType.STRING_ARRAY], False),
        (["A", "Computer"], [ValueType.STRING, ValueType.BINARY], False),
        (["A", "Binary"], [ValueType.STRING, ValueType.STRING], False),
    ],
)
def test_only_names_that_fit_the_values_are_those_of_the_fields(
    names: list[str], kinds: list[ValueType], expected: bool
) -> None:
    assert are_names_of_fields(names, [DataValue(kind, b"x") for kind in kinds]) == expected


def test_fields_of_one_name_are_told_apart_and_none_is_lost() -> None:
    fields = [("A", "1"), ("A", "2"), ("A_1", "3"), ("B", "4"), ("A", "5")]
    assert with_names_apart(fields) == {"A": "1", "A_1": "2", "A_1_1": "3", "B": "4", "A_2": "5"}
