"""What real hives hold beside services, beside what independent readers see. FORENSICS_CORPUS names them."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from dissect.regf import RegistryHive as DissectHive
from regipy.plugins.system.bam import BAMPlugin
from regipy.plugins.system.external.ShimCacheParser import get_shimcache_entries
from regipy.registry import RegistryHive as RegipyHive

from parsers import filetime
from parsers.hive.appcompat_layout import CacheLayout
from parsers.hive.last_runs import Moderator
from parsers.hive.system_hive import read_system_hive

if TYPE_CHECKING:
    from parsers.hive.record import ControlSet, SystemHive

pytestmark = pytest.mark.skipif(
    not os.environ.get("FORENSICS_CORPUS"), reason="FORENSICS_CORPUS names no folder of real evidence"
)


class Counts(NamedTuple):
    """How much one control set holds; ``parameters`` are the values of all services' keys Parameters."""

    rules: int
    runs: int
    cached: int
    printers: int
    shares: int
    interfaces: int
    parameters: int


# Windows 7, 8.1, XP, 10 1709. XP has no rules but lists of programs, which are not read. Only 1709 has BAM,
# and no users below DAM. No hive has the key of printers, so all that is found are drivers. No machine shares
# more than Windows does by itself. The corrupt hive has its interfaces left, and no caches.
COUNTS = {
    ("SYSTEM", 1): Counts(434, 0, 330, 7, 0, 3, 482),
    ("SYSTEM", 2): Counts(432, 0, 330, 7, 0, 3, 484),
    ("SYSTEM_2", 1): Counts(761, 0, 112, 4, 0, 3, 558),
    ("BitCurator_SYSTEM", 1): Counts(0, 0, 96, 1, 0, 3, 434),
    ("BitCurator_SYSTEM", 2): Counts(0, 0, 96, 1, 0, 3, 434),
    ("SYSTEM_B", 1): Counts(911, 28, 406, 6, 0, 6, 754),
    ("corrupted_system_hive", 1): Counts(0, 0, 0, 0, 0, 3, 192),
    ("corrupted_system_hive", 3): Counts(0, 0, 0, 0, 0, 0, 0),
}
CACHES = {
    "SYSTEM": CacheLayout.WINDOWS_7_32,
    "SYSTEM_2": CacheLayout.WINDOWS_8_1,
    "BitCurator_SYSTEM": CacheLayout.WINDOWS_XP,
    "SYSTEM_B": CacheLayout.WINDOWS_10_1703,
}
MICROSECONDS_OFF = 2
"""How far floats move the times that regipy gives."""


def folder() -> Path:
    return Path(os.environ["FORENSICS_CORPUS"]) / "hive"


@cache
def read(name: str) -> SystemHive:
    return read_system_hive((folder() / name).read_bytes(), name)


def first(name: str) -> ControlSet:
    return read(name).control_sets[0]


def raw_cache(name: str) -> bytes:
    (raw,) = {each.held.value.raw for each in first(name).cached_programs if each.held.value is not None}
    return raw


@pytest.mark.parametrize(("name", "number"), COUNTS)
def test_a_control_set_holds_as_much_as_was_counted(name: str, number: int) -> None:
    (found,) = (each for each in read(name).control_sets if each.number == number)
    counts = Counts(
        len(found.firewall_rules),
        len(found.last_runs),
        len(found.cached_programs),
        len(found.printers),
        len(found.shares),
        len(found.network_interfaces),
        sum(len(service.parameters) for service in found.services),
    )
    assert counts == COUNTS[name, number]


@pytest.mark.parametrize("name", CACHES)
def test_nothing_in_a_sound_hive_is_undecoded_or_odd(name: str) -> None:
    hive = read(name)
    assert hive.undecoded == ()
    assert {record.problem for each in hive.control_sets for record in each.records} == {""}


@pytest.mark.parametrize("name", CACHES)
def test_no_two_records_of_a_hive_are_taken_for_one(name: str) -> None:
    records = [record.identity for each in read(name).control_sets for record in each.records]
    assert len(set(records)) == len(records)


@pytest.mark.parametrize("name", ["SYSTEM_2", "SYSTEM_B"])
def test_there_are_as_many_cached_programs_as_signatures(name: str) -> None:
    assert len(first(name).cached_programs) == raw_cache(name).count(b"10ts")


@pytest.mark.parametrize("name", CACHES)
def test_cached_programs_are_those_that_regipy_reads(name: str) -> None:
    expected: list[dict[str, Any]] = list(get_shimcache_entries(raw_cache(name)))  # type: ignore[no-untyped-call]
    programs = first(name).cached_programs
    assert {each.layout for each in programs} == {CACHES[name]}
    if name == "SYSTEM_B":
        # regipy leaves out packaged apps, which have no time.
        assert len(programs) - len(expected) == 127
        programs = tuple(each for each in programs if each.file_modified is not None)
    for ours, theirs in zip(programs, expected, strict=True):
        # The one packaged app of Windows 8.1 is "None" there, and of 1601. XP's times have another name.
        assert theirs["path"] in {ours.path, "None"}
        moment = filetime.to_datetime(ours.file_modified or 0)
        time = theirs.get("last_mod_date") or theirs["last_mod_time"]
        assert abs(time - moment) <= timedelta(microseconds=MICROSECONDS_OFF)


def test_runs_are_those_that_regipy_reads() -> None:
    plugin = BAMPlugin(RegipyHive(str(folder() / "SYSTEM_B")), as_json=False)  # type: ignore[no-untyped-call]
    plugin.run()  # type: ignore[no-untyped-call]
    entries: Any = plugin.entries
    expected = {(each["sid"], each["executable"]): each["timestamp"] for each in entries}
    runs = first("SYSTEM_B").last_runs
    assert {(run.user_sid, run.program) for run in runs} == set(expected)
    assert {run.moderator for run in runs} == {Moderator.BAM}
    for run in runs:
        assert run.run is not None
        off = expected[run.user_sid, run.program] - filetime.to_datetime(run.run)
        assert abs(off) <= timedelta(microseconds=MICROSECONDS_OFF)


def test_users_are_those_that_have_runs() -> None:
    assert Counter(run.user_sid for run in first("SYSTEM_B").last_runs) == {
        "S-1-5-21-2734969515-1644526556-1039763013-1001": 26,
        "S-1-5-21-2734969515-1644526556-1039763013-1000": 2,
    }


@pytest.mark.parametrize("name", ["SYSTEM", "SYSTEM_2", "SYSTEM_B"])
def test_firewall_rules_are_the_texts_that_dissect_reads(name: str) -> None:
    with (folder() / name).open("rb") as file:
        policy = r"ControlSet001\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules"
        expected = {value.name: value.value for value in DissectHive(file).open(policy).values()}
    rules = [rule for rule in first(name).firewall_rules if rule.store == "FirewallRules"]
    assert {rule.rule_id: rule.text for rule in rules} == expected
    assert {rule.first("Action") for rule in rules} == {"Allow"}
    assert {rule.first("Dir") for rule in rules} == {"In", "Out"}


def test_no_firewall_rule_loses_a_field() -> None:
    for name in ("SYSTEM", "SYSTEM_2", "SYSTEM_B"):
        for rule in first(name).firewall_rules:
            body = "".join(f"{field}={value}|" for field, value in rule.fields)
            assert rule.text.partition("|")[2] == body
            assert rule.text.lower().startswith(f"v{rule.version}|")


def test_interfaces_have_the_addresses_of_their_machines() -> None:
    addresses = {
        name: sorted(
            text
            for each in first(name).network_interfaces
            for value in ("IPAddress", "DhcpIPAddress")
            for text in each.texts(value)
            if text != "0.0.0.0"  # noqa: S104 - it is no address that something is bound to
        )
        for name in CACHES
    }
    assert addresses == {
        "SYSTEM": ["10.3.58.5", "192.168.1.123"],
        "SYSTEM_2": ["192.168.56.103"],
        "BitCurator_SYSTEM": ["192.168.1.103"],
        "SYSTEM_B": ["192.168.0.7"],
    }


def test_no_hive_names_rustdesk() -> None:
    for name in CACHES:
        for control_set in read(name).control_sets:
            assert [
                each for each in control_set.records if b"r\0u\0s\0t\0d\0e\0s\0k" in each.content.lower()
            ] == []
