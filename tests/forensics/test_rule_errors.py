from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import RuleError, RuleLocation
from forensics.event_model.event import Table
from forensics.event_model.schema import columns
from forensics.kql_text import OPERATORS, to_query, tokenize
from forensics.kql_translation import translate
from forensics.rule import shipped_rules
from forensics.rule_engine import KqlEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.rule import Rule

TABLES = {table.value: tuple(columns(table)) for table in Table}


@pytest.fixture(scope="module")
def engine() -> Iterator[KqlEngine]:
    with KqlEngine() as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "place", "says"),
    [
        ("DeviceProcessEvents\n| wher FileName has 'x'", (2, 3), "did you mean 'where'"),
        ("DeviceProcessEvents\n| where FileName has (", (2, 23), "not KQL"),
        ("", (1, 1), "the end of the query"),
        ("DeviceProcesEvents | take 1", (1, 1), "did you mean 'DeviceProcessEvents'"),
        ("DeviceNetworkInfo | take 1", (1, 1), "no evidence is turned into the table"),
        ("DeviceProcessEvents\n| where Filename has 'x'", (2, 9), "did you mean 'FileName'"),
        (
            "DeviceProcessEvents | where TimeGenerated > datetime(2025-01-01)",
            (1, 29),
            "Defender's is Timestamp",
        ),
        ("DeviceProcessEvents\n| project FileName\n| where FolderPath has 'x'", (3, 9), "'FolderPath'"),
        (
            "DeviceEvents | where ProcessId == 4\n| join (DeviceInfo | where ProcessId == 4) on DeviceId",
            (2, 28),
            "no column 'ProcessId' here",
        ),
        ("DeviceInfo | join DeviceEvents on $left.DeviceId == $right.DevId", (1, 60), "'DevId'"),
        ("DeviceInfo | summarize makeset(DeviceName), makelist(Nam)", (1, 54), "'Nam'"),
        ("DeviceInfo\n| project-reorder DeviceName, b*\n| where Nam == ''", (3, 9), "'Nam'"),
        ("DeviceInfo | where Deviceid == '' // DeviceName", (1, 20), "did you mean 'DeviceId'"),
        ("let A = DeviceInfo;\nunion A, B", (2, 10), "no table 'B'"),
        ("DeviceInfo | evaluate bag_unpack(AdditionalFields)", (1, 14), "cannot run 'evaluate'"),
        ("DeviceInfo | where frob(DeviceName)", (1, 20), "cannot run 'frob'"),
        ("externaldata(a: string)['https://example.com/x.csv']", (1, 1), "reads from the network"),
        ("DeviceProcessEvents\n| invoke FileProfile(SHA1)", (2, 10), "only Defender's cloud"),
        ("DeviceInfo | where Timestamp > ago(1d)", (1, 32), "evidence has no now"),
        (".show tables", (1, 1), "management command"),
        ("DeviceInfo | where DeviceName > 3", (1, 1), "Cannot compare"),
    ],
)
def test_a_slip_is_named_with_its_line_and_column(
    engine: KqlEngine, query: str, place: tuple[int, int], says: str
) -> None:
    with pytest.raises(RuleError) as caught:
        engine.check(query, "mine.kql")

    location = caught.value.location
    assert (location.path, location.line, location.column) == ("mine.kql", *place)
    assert says in str(caught.value)


@pytest.mark.parametrize("rule", shipped_rules(), ids=lambda rule: rule.rule_id)
def test_every_shipped_rule_passes_the_check(engine: KqlEngine, rule: Rule) -> None:
    engine.check(rule.query, rule.path)


@pytest.mark.parametrize(
    "query",
    [
        "DeviceInfo | extend X = AdditionalFields.filename | project X",
        "let N = 5; DeviceProcessEvents | where ProcessId == N",
        "let F = (s: string) { strcat(s, 'x') }; DeviceInfo | extend A = F(DeviceName) | where A != ''",
        "union isfuzzy=true DeviceInfo, DeviceFileEvents | count",
        "DeviceInfo | project-rename Host = DeviceName | summarize dcount(Host) by bin(Timestamp, 1h)",
        "DeviceInfo | where DeviceId in ((DeviceEvents | distinct DeviceId))",
        "DeviceInfo | extend P = parse_json(AdditionalFields) | mv-expand P | project-reorder P",
        "DeviceInfo | summarize arg_max(Timestamp, *) by DeviceId | project DeviceName",
        "set query_now = datetime(2025-01-31); DeviceInfo | where Timestamp > ago(1d)",
        "print x = 'project-reorder | makeset('",
    ],
)
def test_what_is_right_is_not_refused(engine: KqlEngine, query: str) -> None:
    engine.run(query, "mine.kql")


def test_now_is_the_moment_that_the_engine_was_given() -> None:
    with KqlEngine(query_now=datetime(2025, 1, 31, 12, tzinfo=UTC)) as engine:
        moment = engine.run("print Then = ago(1d)", "mine.kql").column("Then")[0].as_py()

    assert moment == datetime(2025, 1, 30, 12)  # noqa: DTZ001 - KQL's UTC without saying so


words = st.sampled_from(
    [
        *(
            "DeviceInfo",
            "DeviceName",
            "Nam",
            "where",
            "project-reorder",
            "makeset",
            "makelist",
            "let",
            "join",
            "=",
        ),
        *(
            "|",
            "(",
            ")",
            "[",
            "]",
            ",",
            ";",
            "'",
            '"',
            "@'",
            "\n",
            " ",
            "//",
            "has",
            "x",
            "1d",
            ".",
            "$left",
            "```",
        ),
    ]
)


@settings(max_examples=80, deadline=None)
@given(st.lists(words, max_size=14).map(" ".join))
def test_any_text_is_either_translated_or_refused_with_a_place_inside_it(text: str) -> None:
    location = place_of_refusal(text)

    assert 1 <= location.line <= text.count("\n") + 1
    assert 1 <= location.column <= len(text.split("\n")[location.line - 1]) + 1


def place_of_refusal(text: str) -> RuleLocation:
    try:
        translate(text, "mine.kql", TABLES)
    except RuleError as error:
        return error.location
    return RuleLocation("mine.kql")


@given(st.lists(words, max_size=20).map(" ".join))
def test_rewriting_keeps_every_character_in_a_place_that_can_be_found_again(text: str) -> None:
    query = to_query(text, "mine.kql")

    for token in tokenize(query.parsed):
        before = query.parsed[: token.start]
        line, column = before.count("\n") + 1, token.start - (before.rfind("\n") + 1)
        written = query.parsed_offset(line, column)
        assert text[written] == token.text[0]


def test_operators_with_a_hyphen_are_one_token() -> None:
    for operator in OPERATORS:
        assert [token.text for token in tokenize(f"| {operator} x")] == ["|", operator, "x"]
