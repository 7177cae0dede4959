"""What a control set holds beside services: in every control set, in a hive's file and in its logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from parsers.hive.last_runs import LastRun
from parsers.hive.replay_record import NamedLog, ReplayOutcome
from parsers.hive.system_hive import read_system_hive
from parsers.hive.views import read_system_hive_with_logs, replayed_records, undecoded_values
from tests.builders.appcompat_cache import CacheEntryToWrite, build_cache
from tests.builders.held_records import WRITTEN, control_set_with, hive_with
from tests.builders.hive import (
    REG_SZ,
    KeyToWrite,
    ValueToWrite,
    binary_value,
    dword_value,
    multi_text_value,
    text_value,
)
from tests.builders.hive_artifacts import (
    compatibility_cache,
    firewall_rules,
    key_at,
    last_runs,
    network_interface,
    printer,
    printer_driver,
    run_data,
    shares,
)
from tests.builders.hive_log import build_hive_log

if TYPE_CHECKING:
    from parsers.hive.views import HiveViews

SID = "S-1-5-21-1-2-3-1001"
RUN = 133_490_000_000_000_007
NUMBER = 7
CACHE = build_cache("10_1703", [CacheEntryToWrite("a.exe", RUN), CacheEntryToWrite("b.exe", RUN)])


def everything(written: int) -> tuple[KeyToWrite, ...]:
    """One record of each kind, two of the cache and of printers."""
    return (
        firewall_rules(written, {"{1}": "v2.30|Action=Allow|Dir=In|Name=x|"}),
        last_runs(written, SID, {"a.exe": run_data(RUN)}),
        compatibility_cache(written, CACHE),
        printer(written, "P", "D", "p"),
        printer_driver(written, "D", "d.dll"),
        shares(written, {"S": (r"Path=C:\S",)}),
        network_interface(written, "{2}", [text_value("DhcpIPAddress", "10.0.0.1")]),
    )


def views(base: bytes, changed: bytes) -> HiveViews:
    log = build_hive_log(base, changed, NUMBER)
    found = read_system_hive_with_logs(base, [NamedLog("SYSTEM.LOG1", log)], "SYSTEM")
    assert found.replay.outcome is ReplayOutcome.APPLIED
    return found


def kinds(found: HiveViews) -> list[str]:
    return [type(record).__name__ for record in replayed_records(found)]


def test_a_control_set_that_is_not_current_has_its_records_too() -> None:
    hive = read_system_hive(hive_with(*everything(WRITTEN), control_set=2), "SYSTEM")
    first, second = hive.control_sets
    assert (list(first.records), first.current) == ([], True)
    assert (len(list(second.records)), second.current) == (8, False)
    assert all(record.held.path.startswith("ControlSet002\\") for record in second.records)


def test_every_record_is_known_by_its_own_identity() -> None:
    records = list(control_set_with(*everything(WRITTEN)).records)
    assert len({record.identity for record in records}) == len(records) == 8


def test_a_run_that_only_the_log_has_is_not_lost() -> None:
    before = last_runs(WRITTEN, SID, {"a.exe": run_data(RUN)})
    after = last_runs(WRITTEN + 9, SID, {"a.exe": run_data(RUN), "rustdesk.exe": run_data(RUN + 5)})
    found = views(hive_with(before, dirty=True), hive_with(after))
    (run,) = replayed_records(found)
    assert isinstance(run, LastRun)
    # The other run is the same one, although the key that holds both was written anew.
    assert (run.program, run.run, run.held.last_written) == ("rustdesk.exe", RUN + 5, WRITTEN + 9)


def test_records_of_every_kind_that_only_the_log_has_are_shown() -> None:
    found = views(hive_with(dirty=True), hive_with(*everything(WRITTEN)))
    assert kinds(found) == [
        "FirewallRule", "LastRun", "CachedProgram", "CachedProgram",
        "Printer", "Printer", "Share", "NetworkInterface",
    ]  # fmt: skip


def test_a_record_that_the_log_removes_stays_in_the_base_view() -> None:
    found = views(hive_with(*everything(WRITTEN), dirty=True), hive_with())
    assert kinds(found) == []
    assert len(list(found.base.control_sets[0].records)) == 8


def test_a_key_that_was_only_touched_shows_its_records_at_their_new_time_but_runs() -> None:
    found = views(hive_with(*everything(WRITTEN), dirty=True), hive_with(*everything(WRITTEN + 1)))
    assert kinds(found) == [
        "FirewallRule", "CachedProgram", "CachedProgram", "Printer", "Printer", "Share", "NetworkInterface",
    ]  # fmt: skip


def test_without_a_replay_no_record_is_shown_by_one() -> None:
    clean = read_system_hive_with_logs(hive_with(*everything(WRITTEN)), [], "SYSTEM")
    assert list(replayed_records(clean)) == []


def test_logs_that_take_a_user_s_runs_back_in_time_are_not_used_alone() -> None:
    above = key_at(r"Services\bam\State\UserSettings", WRITTEN)
    base = hive_with(above, last_runs(WRITTEN + 9, SID, {"a.exe": run_data(RUN)}), dirty=True)
    older = hive_with(above, last_runs(WRITTEN, SID, {"a.exe": run_data(RUN - 5)}))
    log = NamedLog("SYSTEM.LOG1", build_hive_log(base, older, NUMBER))
    alone = read_system_hive_with_logs(base, [log], "SYSTEM")
    assert (alone.replayed, alone.replay.outcome) == (None, ReplayOutcome.LOGS_DO_NOT_MATCH)
    assert f"{SID} back to an earlier time" in alone.replay.reason


def test_a_cache_that_cannot_be_decoded_does_not_speak_against_the_replay() -> None:
    base = hive_with(last_runs(WRITTEN, SID, {}), dirty=True)
    strange = compatibility_cache(WRITTEN, b"\x99" * 200)
    found = views(base, hive_with(last_runs(WRITTEN + 1, SID, {"a.exe": run_data(RUN)}), strange))
    assert kinds(found) == ["LastRun"]
    assert undecoded_values(found.base, None) == ()
    (damage,) = undecoded_values(found.base, found.replayed)
    assert damage.reason.endswith("which no known layout does (replayed)")


def test_a_cache_that_no_view_can_decode_is_told_once() -> None:
    strange = compatibility_cache(WRITTEN, b"\x99" * 200)
    found = views(hive_with(strange, dirty=True), hive_with(strange, *everything(WRITTEN)[:1]))
    assert len(undecoded_values(found.base, found.replayed)) == 1


def test_the_product_s_suite_is_read() -> None:
    suite = [multi_text_value("ProductSuite", ["Enterprise", "Terminal Server", ""])]
    control_set = control_set_with(key_at(r"Control\ProductOptions", WRITTEN, suite))
    assert control_set.product_suite == ("Enterprise", "Terminal Server")
    assert control_set.product_type == "WinNT"
    assert control_set_with().product_suite == ()


def test_all_values_of_a_service_s_parameters_are_read_and_none_below() -> None:
    keys = (
        key_at(
            r"Services\W\Parameters", WRITTEN + 2, [text_value("Application", "x.exe"), dword_value("N", 1)]
        ),
        key_at(r"Services\W\Parameters\Below", WRITTEN, [text_value("Deep", "y")]),
    )
    (service,) = (each for each in control_set_with(*keys).services if each.name == "W")
    assert [value.name for value in service.parameters] == ["Application", "N"]
    assert (service.parameters_last_written, service.service_dll) == (WRITTEN + 2, None)


@given(st.binary(max_size=200), st.sampled_from([REG_SZ, 3, 4, 7, 11, 99]))
def test_arbitrary_bytes_in_any_of_the_values_never_crash(data: bytes, kind: int) -> None:
    def value(name: str) -> ValueToWrite:
        return ValueToWrite(name, kind, data)

    policy = r"Services\SharedAccess\Parameters\FirewallPolicy"
    control_set = control_set_with(
        key_at(rf"{policy}\FirewallRules", WRITTEN, [value("r")]),
        key_at(rf"Services\dam\UserSettings\{SID}", WRITTEN, [value("p")]),
        key_at(r"Control\Session Manager\AppCompatCache", WRITTEN, [value("AppCompatCache")]),
        key_at(r"Control\Print\Printers\P", WRITTEN, [value("Port"), value("Printer Driver")]),
        key_at(r"Services\LanmanServer\Shares", WRITTEN, [value("s")]),
        network_interface(WRITTEN, "{2}", [value("IPAddress"), value("LeaseObtainedTime")]),
        key_at(r"Control\ProductOptions", WRITTEN, [value("ProductSuite")]),
        key_at(r"Services\W\Parameters", WRITTEN, [value("x"), binary_value("y", data)]),
    )
    assert len({record.identity for record in control_set.records}) >= 5
