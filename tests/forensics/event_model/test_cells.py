from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model import cells
from tests.builders.artifacts import record_of
from tests.builders.service_event import service_installed

RECORD = record_of(service_installed())


@pytest.mark.parametrize("value", ["", "-", "?"])
def test_a_placeholder_is_nothing(value: str) -> None:
    assert cells.text({"A": value}, "A") == cells.text({}, "A") == ""


@pytest.mark.parametrize("value", ["--", " -", "C:\\-", "0"])
def test_anything_else_is_the_text_itself(value: str) -> None:
    assert cells.text({"A": value}, "A") == value


@pytest.mark.parametrize(
    ("value", "number"),
    [("0", 0), ("042", 42), ("0x1864", 0x1864), ("0XFF", 255), ("0xffffffffffffffff", (1 << 64) - 1)],
)
def test_numbers_are_decimal_or_hexadecimal(value: str, number: int) -> None:
    assert cells.to_number(value) == number
    assert cells.number({"A": value}, "A", "Column") == {"Column": number}


@pytest.mark.parametrize("value", ["", "-", "-1", "0x", "1.5", "1 ", "٣", "ff", "0x" + "f" * 17, "9" * 21])
def test_what_is_no_number_gives_no_cell(value: str) -> None:
    assert cells.to_number(value) is None
    assert cells.number({"A": value}, "A", "Column") == cells.number({}, "A", "Column") == {}


@given(st.integers(0, (1 << 64) - 1))
def test_any_number_of_64_bits_is_read_in_both_notations(number: int) -> None:
    assert cells.to_number(str(number)) == cells.to_number(hex(number)) == number


@pytest.mark.parametrize(
    ("value", "domain", "name"),
    [
        (r"NT AUTHORITY\SYSTEM", "nt authority", "system"),
        ("Amy", "", "amy"),
        ("-", "", ""),
        ("", "", ""),
    ],
)
def test_an_account_is_a_domain_and_a_name(value: str, domain: str, name: str) -> None:
    assert cells.account({"User": value}, "User", "Account") == {"AccountDomain": domain, "AccountName": name}


def test_an_account_of_parts_keeps_its_sid_and_loses_its_capitals() -> None:
    data = {"TargetUserSid": "S-1-5-18", "TargetUserName": "SYSTEM", "TargetDomainName": "NT AUTHORITY"}
    assert cells.account_by_parts(data, "Target", "Account") == {
        "AccountDomain": "nt authority",
        "AccountName": "system",
        "AccountSid": "S-1-5-18",
    }
    assert cells.account_in_words(data, "Target") == r"NT AUTHORITY\SYSTEM"


@pytest.mark.parametrize(
    ("domain", "name", "sid", "words"),
    [
        ("-", "Amy", "S-1-5-21-1-2-3-4", "Amy"),
        ("-", "-", "S-1-5-21-1-2-3-4", "S-1-5-21-1-2-3-4"),
        ("-", "-", "S-1-0-0", ""),
        ("", "", "", ""),
    ],
)
def test_an_account_is_told_by_what_it_has(domain: str, name: str, sid: str, words: str) -> None:
    data = {"SubjectUserSid": sid, "SubjectUserName": name, "SubjectDomainName": domain}
    assert cells.account_in_words(data, "Subject") == words


def test_nobody_s_sid_is_nothing() -> None:
    account = cells.account_by_parts({"SubjectUserSid": "S-1-0-0"}, "Subject", "Account")
    assert set(account.values()) == {""}


def test_additional_fields_name_their_source_and_leave_out_what_is_empty() -> None:
    written = cells.additional(RECORD, {"Z": "ü", "A": "", "B": 0, "C": False, "D": -1.5})
    assert written == '{"B": 0, "C": false, "D": -1.5, "Source": "System/7045", "Z": "ü"}'


def test_the_source_is_the_log_and_the_event() -> None:
    record = replace(RECORD, channel="Microsoft-Windows-Sysmon/Operational", event_id=22)
    assert cells.source(record) == "Microsoft-Windows-Sysmon/Operational/22"


@given(st.dictionaries(st.text(), st.text(min_size=1)))
def test_any_fields_come_back_from_their_json(fields: dict[str, str]) -> None:
    assert json.loads(cells.additional(RECORD, fields)) == {"Source": "System/7045", **fields}


def test_no_fields_are_no_json() -> None:
    assert cells.to_json({}) == ""
