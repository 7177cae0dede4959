from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from forensics.errors import RuleError
from forensics.rule import FINDINGS, Severity, read_rule, shipped_rules

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER: Final = Path(__file__).parents[2] / "forensics" / "rules"


def stems(pattern: str) -> Iterable[str]:
    return (path.stem for path in FOLDER.glob(pattern))


def test_the_shipped_rules_are_all_of_the_folder_in_the_order_of_their_ids() -> None:
    ids = [rule.rule_id for rule in shipped_rules()]

    assert ids == sorted(stems("*.kql"))
    assert ids == sorted(stems("*.toml"))


def test_a_shipped_rule_has_all_that_it_needs() -> None:
    for rule in shipped_rules():
        assert rule.finding != "custom_rule"
        assert rule.question.endswith("?")
        assert all((rule.attack, rule.references, rule.blind_spots, rule.false_positives))
        assert rule.path == f"forensics/rules/{rule.rule_id}.kql"


def test_a_rule_without_metadata_has_sensible_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.kql"
    path.write_text("\ufeffDeviceInfo", "utf-8")

    rule = read_rule(path)

    assert (rule.rule_id, rule.title, rule.question) == ("mine", "mine", "mine")
    assert (rule.finding, rule.severity) == ("custom_rule", Severity.MEDIUM)
    assert (rule.query, rule.path) == ("DeviceInfo", str(path))


def test_a_rule_takes_its_metadata_from_the_file_of_the_same_stem(tmp_path: Path) -> None:
    (tmp_path / "mine.kql").write_text("DeviceInfo")
    (tmp_path / "mine.toml").write_text('title = "Mine"\nseverity = "low"\nattack = ["T1219.002", "T1059"]\n')

    rule = read_rule(tmp_path / "mine.kql")

    assert (rule.title, rule.question, rule.severity) == ("Mine", "Mine", Severity.LOW)
    assert rule.attack == ("T1219.002", "T1059")


@pytest.mark.parametrize(
    ("metadata", "line", "says"),
    [
        ('title = "x"\nseverty = "low"', 2, "no key 'severty'; did you mean 'severity'"),
        ('title = "x"\nseverity = "hihg"', 2, "did you mean 'high'"),
        ('finding = "rustdesk"', 1, "finding cannot be 'rustdesk'"),
        ("title = 5", 1, "title is not a text"),
        ('title = "  "', 1, "title is not a text"),
        ('\n\nattack = "T1219"', 3, "attack is not a list of texts"),
        ('attack = ["T1219", 5]', 1, "attack is not a list of texts"),
        ('attack = ["1219"]', 1, "'1219' is no ATT&CK technique"),
        ('title = "x"\nquestion = ', 2, "not TOML"),
        ('[title]\nx = "y"', 1, "title is not a text"),
    ],
)
def test_bad_metadata_is_named_with_its_file_and_key(
    tmp_path: Path, metadata: str, line: int, says: str
) -> None:
    (tmp_path / "mine.kql").write_text("DeviceInfo")
    (tmp_path / "mine.toml").write_text(metadata)

    with pytest.raises(RuleError) as caught:
        read_rule(tmp_path / "mine.kql")

    assert caught.value.location.path == str(tmp_path / "mine.toml")
    assert caught.value.location.line == line
    assert says in str(caught.value)


def test_a_rule_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read"):
        read_rule(tmp_path / "none.kql")
    (tmp_path / "bytes.kql").write_bytes(b"DeviceInfo\n\xff")
    with pytest.raises(RuleError, match=r"bytes\.kql:2:1: byte 11 is not UTF-8"):
        read_rule(tmp_path / "bytes.kql")


def test_every_finding_is_named_once() -> None:
    assert len(set(FINDINGS)) == len(FINDINGS)
