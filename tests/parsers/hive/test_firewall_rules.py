from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.hive.firewall_rules import FirewallRule, parse_firewall_rule
from parsers.hive.held_record import HeldValue
from parsers.hive.record import HiveValue
from tests.builders.held_records import WRITTEN, control_set_with
from tests.builders.hive import dword_value, text_value
from tests.builders.hive_artifacts import firewall_rules, key_at

PROGRAM = r"C:\Program Files\RustDesk\RustDesk.exe"
RUSTDESK = f"v2.30|Action=Allow|Active=TRUE|Dir=In|App={PROGRAM}|Name=RustDesk Service|"
POLICY = r"ControlSet001\Services\SharedAccess\Parameters\FirewallPolicy"


def parsed(text: str) -> FirewallRule:
    value = HiveValue("{1}", "REG_SZ", text, text.encode("utf-16-le", "surrogatepass"), 8)
    return parse_firewall_rule(HeldValue("x", 0, WRITTEN, value), value, "FirewallRules")


def test_a_rule_is_taken_apart_with_its_id_and_place() -> None:
    (rule,) = control_set_with(firewall_rules(WRITTEN + 5, {"{1A}": RUSTDESK})).firewall_rules
    assert (rule.rule_id, rule.version, rule.store) == ("{1A}", "2.30", "FirewallRules")
    assert (rule.text, rule.problem) == (RUSTDESK, "")
    assert (rule.held.path, rule.held.last_written) == (f"{POLICY}\\FirewallRules", WRITTEN + 5)
    assert dict(rule.fields) == {
        "Action": "Allow", "Active": "TRUE", "Dir": "In", "App": PROGRAM, "Name": "RustDesk Service",
    }  # fmt: skip


def test_a_field_may_stand_more_than_once_and_in_any_case() -> None:
    rule = parsed("V2.0|action=Block|Profile=Domain|profile=Public|LPort=80|LPort=443|")
    assert rule.all("Profile") == ("Domain", "Public")
    assert (rule.first("ACTION"), rule.first("Svc")) == ("Block", "")
    assert rule.all("lport") == ("80", "443")
    assert rule.problem == ""


def test_unknown_fields_and_those_with_more_signs_of_equality_are_kept() -> None:
    rule = parsed("v2.99|New2_99=a=b|EmbedCtxt=|")
    assert rule.fields == (("New2_99", "a=b"), ("EmbedCtxt", ""))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it does not begin with the version of a schema; it does not end with a |"),
        ("Action=Allow|", "it does not begin with the version of a schema"),
        ("v2.30|Action=Allow|Dir=I", "it does not end with a |"),
        ("v2.30|Action=Allow|Name=a|b|", "1 of its fields have no ="),
    ],
)
def test_a_rule_that_breaks_the_grammar_is_kept_with_what_is_wrong(text: str, problem: str) -> None:
    rule = parsed(text)
    assert (rule.problem, rule.text) == (problem, text)


def test_a_rule_that_was_cut_off_keeps_the_fields_that_are_there() -> None:
    assert parsed("v2.30|Action=Allow|Dir=I").fields == (("Action", "Allow"), ("Dir", "I"))


def test_a_value_of_another_type_is_told() -> None:
    policy = r"Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules"
    (rule,) = control_set_with(key_at(policy, WRITTEN, [dword_value("odd", 7)])).firewall_rules
    assert (rule.text, rule.problem.partition(";")[0]) == ("7", "it is of type REG_DWORD")


def test_rules_of_app_containers_and_of_services_are_told_apart() -> None:
    stores = (
        "FirewallRules",
        r"RestrictedServices\AppIso\FirewallRules",
        r"RestrictedServices\Configurable\System",
        r"RestrictedServices\Static\System",
    )
    rules = control_set_with(*(firewall_rules(WRITTEN, {"x": RUSTDESK}, store) for store in stores))
    assert [rule.store for rule in rules.firewall_rules] == list(stores)


def test_profiles_and_other_keys_of_the_policy_are_no_rules() -> None:
    profile = r"Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile"
    assert control_set_with(key_at(profile, WRITTEN, [text_value("x", RUSTDESK)])).firewall_rules == ()


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_is_a_rule_with_all_its_parts(text: str) -> None:
    rule = parsed(text)
    assert rule.text == text
    parts = [part for part in text.split("|")[1:] if part]
    assert len(rule.fields) == len(parts)
