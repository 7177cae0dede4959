from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forensics.arguments import UsageError, to_request
from forensics.errors import RuleError
from forensics.request import NamedEvidence, Period, Request
from parsers import filetime
from parsers.evidence.archive_limits import ArchiveLimits
from parsers.evidence.volume_keys import VolumeKeys
from parsers.evtx.sweep import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = 86_400 * filetime.TICKS_PER_SECOND
MARCH = filetime.from_text("2026-03-01T00:00:00Z")


def request(  # noqa: PLR0913 - what tests type
    *evidence: str | Path,
    rules: Sequence[Path] = (),
    since: str | None = None,
    until: str | None = None,
    password: str | None = None,
    volume_keys: Sequence[str] = (),
    archive_limit: int | None = None,
    window: str = "24h",
    roles: Sequence[str] = (),
    assets: Path | None = None,
    expected: Sequence[str] = (),
    argv: Sequence[str] = ("rustdesk-forensics", "analyze"),
) -> Request:
    return to_request(
        evidence=[str(each) for each in evidence],
        output=Path("case"),
        rules=rules,
        since=since,
        until=until,
        reader=Reader.RUST,
        workers=2,
        recover=True,
        password=password,
        volume_keys=volume_keys,
        archive_limit=archive_limit,
        excel=True,
        expand_rule_bag=False,
        overwrite=False,
        examiner="A. Examiner",
        exhibit="E/1",
        case_number="2026/17",
        expected=expected,
        window=window,
        roles=roles,
        assets=assets,
        argv=argv,
    )


def test_a_path_is_evidence_without_a_label(tmp_path: Path) -> None:
    assert request(tmp_path).evidence == (NamedEvidence(tmp_path, None),)


def test_what_stands_before_the_equals_sign_is_the_label(tmp_path: Path) -> None:
    assert request(f"DC01={tmp_path}").evidence == (NamedEvidence(tmp_path, "DC01"),)


def test_a_path_may_hold_an_equals_sign(tmp_path: Path) -> None:
    here = tmp_path / "a=b"
    here.mkdir()
    assert request(here).evidence == (NamedEvidence(here, None),)
    assert request(f"DC01={here}").evidence == (NamedEvidence(here, "DC01"),)


def test_what_is_there_as_it_stands_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("DC01=x").mkdir()
    assert request("DC01=x").evidence == (NamedEvidence(Path("DC01=x"), None),)


@pytest.mark.parametrize("text", ["/mnt/a=b", "two words=x", "a/b=c", "x" * 65 + "=y", "=y"])
def test_what_cannot_be_a_label_is_part_of_the_path(text: str) -> None:
    assert request(text).evidence == (NamedEvidence(Path(text), None),)


@pytest.mark.parametrize("text", ["", "DC01="])
def test_evidence_without_a_path_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"names no evidence\. Write PATH or NAME=PATH"):
        request(text)


def test_two_labels_alike_are_refused() -> None:
    with pytest.raises(UsageError, match="two pieces of evidence are called DC01"):
        request("DC01=a", "DC01=b")


@pytest.mark.parametrize(("one", "other"), [("a", "a"), ("a", "./a"), ("A=a", "B=b/../a")])
def test_evidence_given_twice_is_refused(one: str, other: str) -> None:
    with pytest.raises(UsageError, match="this evidence is given twice"):
        request(one, other)


@pytest.mark.parametrize(("one", "other"), [("a", "a/b"), ("a/b/c", "./a"), ("A=a", "B=a/b")])
def test_evidence_inside_other_evidence_is_refused(one: str, other: str) -> None:
    with pytest.raises(UsageError, match="so it would be read twice"):
        request(one, other)


def test_no_bounds_leave_nothing_out() -> None:
    assert request("a").period == Period()
    assert not Period().bounded
    assert Period().holds(0)


def test_a_day_is_meant_from_its_first_to_its_last_tick() -> None:
    period = request("a", since="2026-03-01", until="2026-03-01").period
    assert period == Period(MARCH, MARCH + DAY - 1)
    assert [period.holds(ticks) for ticks in (MARCH - 1, MARCH, MARCH + DAY - 1, MARCH + DAY)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("2026-03-01T00:00:01Z", MARCH + 10_000_000),
        ("2026-03-01 00:00:01", MARCH + 10_000_000),
        ("2026-03-01T00:00:00.0000001Z", MARCH + 1),
        ("9999-12-31", filetime.MAX_TICKS - DAY + 1),
    ],
)
def test_a_time_is_meant_to_the_tick(text: str, ticks: int) -> None:
    assert request("a", since=text).period == Period(ticks, None)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-3-1", "2026-02-30", "2026-03-01T10:04", "2026-03-01T00:00:00+01:00", "2026"],
)
def test_rubbish_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match=r"not a time\. Write 2026-03-01 or 2026-03-01T10:04:11Z"):
        request("a", since=text)
    with pytest.raises(UsageError, match=r"^--until"):
        request("a", until=text)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UsageError, match="--since 2026-03-02 is later than --until 2026-03-01"):
        request("a", since="2026-03-02", until="2026-03-01")


def test_a_rule_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read"):
        request("a", rules=[tmp_path / "none.kql"])


def test_all_else_is_handed_on(tmp_path: Path) -> None:
    (tmp_path / "own.kql").write_text("DeviceInfo")
    made = request("a", rules=[tmp_path / "own.kql"])
    assert [rule.rule_id for rule in made.rules] == ["own"]
    assert (made.output, made.workers, made.excel) == (Path("case"), 2, True)
    assert (made.examiner, made.exhibit, made.argv) == (
        "A. Examiner",
        "E/1",
        ("rustdesk-forensics", "analyze"),
    )


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (("--password", "infected"), ("--password", "***")),
        (("--password=infected",), ("--password=***",)),
        (("--password=a=b",), ("--password=***",)),
        (("--bitlocker-key", "1-2-3"), ("--bitlocker-key", "***")),
        (
            ("--bitlocker-key=1-2-3", "--bitlocker-key", "pass"),
            ("--bitlocker-key=***", "--bitlocker-key", "***"),
        ),
        (
            ("DC01=password", "--examiner", "--passwordless"),
            ("DC01=password", "--examiner", "--passwordless"),
        ),
    ],
)
def test_what_opens_evidence_is_kept_out_of_the_record(
    typed: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    made = request("a", argv=("analyze", *typed, "a"))
    assert made.argv == ("analyze", *shown, "a")


def test_secrets_are_handed_on_and_not_shown() -> None:
    key = "-".join(["000011"] * 8)
    made = request("a", password="infected", volume_keys=[key, "open sesame"])  # noqa: S106 - a test's own
    assert made.password == "infected"  # noqa: S105 - a test's own
    assert made.keys == VolumeKeys.from_texts([key, "open sesame"]) != VolumeKeys()
    assert not [secret for secret in ("infected", key, "open sesame") if secret in repr(made)]


def test_archives_have_the_usual_limits_unless_these_are_raised() -> None:
    usual = ArchiveLimits()
    assert request("a").limits == usual
    raised = request("a", archive_limit=1024).limits
    assert raised.decompressed_bytes == 1024 << 30
    factor = raised.decompressed_bytes // usual.decompressed_bytes
    assert factor > 1
    assert raised == replace(
        usual,
        member_bytes=factor * usual.member_bytes,
        spooled_bytes=factor * usual.spooled_bytes,
        decompressed_bytes=factor * usual.decompressed_bytes,
        members=factor * usual.members,
        ratio=factor * usual.ratio,
    )


def test_a_smaller_limit_lowers_what_may_be_unpacked_and_nothing_else() -> None:
    lowered = request("a", archive_limit=1).limits
    assert lowered == replace(ArchiveLimits(), decompressed_bytes=1 << 30)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("24h", 86_400), ("90m", 5_400), ("7d", 604_800), ("30s", 30), ("0h", 0), (" 2 H ", 7_200)],
)
def test_a_window_is_a_number_and_a_unit(tmp_path: Path, text: str, seconds: int) -> None:
    assert request(tmp_path, window=text).window == seconds * filetime.TICKS_PER_SECOND


@pytest.mark.parametrize("text", ["", "24", "h", "-1h", "1w", "1.5h", "1234567d"])
def test_a_window_that_is_none_is_an_error_that_says_what_to_write(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"not a stretch of time. Write 24h, 90m, 7d or 30s"):
        request(tmp_path, window=text)


def test_a_role_that_is_typed_counts_before_one_of_a_list(tmp_path: Path) -> None:
    assets = tmp_path / "assets.csv"
    assets.write_text("host,role\nDC01,server\n")

    roles = request(tmp_path, roles=["DC01=domain_controller"], assets=assets).roles

    assert [each.role.value for each in roles] == ["server", "domain_controller"]
