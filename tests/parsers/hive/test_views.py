from __future__ import annotations

from dataclasses import replace

import pytest

from parsers.errors import NotAHive
from parsers.hive.replay_record import NamedLog, ReplayOutcome
from parsers.hive.views import (
    HiveViews,
    ServiceDifference,
    held_values,
    log_replayed_keys,
    read_system_hive_with_logs,
)
from tests.builders.hive import text_value
from tests.builders.hive_log import build_hive_log, log_base_block, sealed_entry
from tests.builders.system_hive import ServiceToWrite, build_system_hive

WRITTEN = 133_500_000_000_000_001
NUMBER = 7
SPOOLER = ServiceToWrite("Spooler", WRITTEN, "spoolsv.exe", service_dll="spool.dll")
TOUCHED = replace(SPOOLER, last_written=WRITTEN + 5)
MOVED = replace(SPOOLER, last_written=WRITTEN + 5, image_path="other.exe")
RUSTDESK = ServiceToWrite("RustDesk", WRITTEN + 9, r'"C:\RustDesk\RustDesk.exe" --service')


def build(*services: ServiceToWrite, old: tuple[ServiceToWrite, ...] = (), dirty: bool = True) -> bytes:
    return build_system_hive(
        computer_name="PC-1",
        services=services,
        other_control_sets={2: old},
        last_written=WRITTEN,
        dirty=dirty,
    )


def views(base: bytes, changed: bytes) -> HiveViews:
    log = build_hive_log(base, changed, NUMBER)
    return read_system_hive_with_logs(base, [NamedLog("SYSTEM.LOG", log)], "SYSTEM")


def rows(difference: ServiceDifference) -> list[tuple[str, str, int]]:
    return [
        (held.path.rpartition("\\")[2], held.value.name if held.value else "", held.last_written - WRITTEN)
        for held in difference.rows
    ]


def test_a_service_that_only_the_log_has_is_shown_with_all_its_values() -> None:
    found = log_replayed_keys(views(build(SPOOLER), build(SPOOLER, RUSTDESK)))
    (difference,) = found.shown
    assert (difference.service.name, difference.counterpart) == ("RustDesk", None)
    assert (difference.control_set.number, difference.values_differ) == (1, True)
    assert difference.rows == held_values(difference.service)
    assert found.superseded == ()


def test_a_service_that_the_log_removes_is_superseded_and_stays_in_the_base_view() -> None:
    both = views(build(SPOOLER, RUSTDESK), build(SPOOLER))
    found = log_replayed_keys(both)
    assert found.shown == ()
    assert [(each.service.name, each.counterpart) for each in found.superseded] == [("RustDesk", None)]
    assert "RustDesk" in {service.name for service in both.base.control_sets[0].services}


def test_a_changed_value_is_shown_and_the_old_one_superseded() -> None:
    both = views(build(SPOOLER), build(replace(SPOOLER, image_path="other.exe")))
    found = log_replayed_keys(both)
    assert [rows(each) for each in found.shown] == [[("Spooler", "ImagePath", 0)]]
    assert [each.values_differ for each in found.shown] == [True]
    (old,) = found.superseded
    assert old.rows[0].value is not None
    assert (old.rows[0].value.text, old.counterpart) == ("spoolsv.exe", found.shown[0].service)


def test_a_key_that_was_only_touched_shows_its_values_at_their_new_time() -> None:
    (difference,) = log_replayed_keys(views(build(SPOOLER), build(TOUCHED))).shown
    assert rows(difference) == [
        ("Spooler", "Type", 5), ("Spooler", "Start", 5), ("Spooler", "ErrorControl", 5),
        ("Spooler", "ImagePath", 5), ("Spooler", "ObjectName", 5), ("Parameters", "ServiceDll", 5),
    ]  # fmt: skip
    assert difference.values_differ is False


def test_every_row_is_in_one_state() -> None:
    both = views(build(SPOOLER, RUSTDESK), build(MOVED, RUSTDESK))
    found = log_replayed_keys(both)
    assert both.replayed is not None
    seen = [held for each in both.replayed.control_sets[0].services for held in held_values(each)]
    replayed = [held for each in found.shown for held in each.rows]
    live = [held for each in both.base.control_sets[0].services for held in held_values(each)]
    superseded = [held for each in found.superseded for held in each.rows]
    assert len(seen) - len(replayed) == len(live) - len(superseded)
    assert {held.path.split("\\")[2] for held in replayed} == {"Spooler"}


def test_control_sets_are_compared_each_with_itself() -> None:
    base, changed = build(SPOOLER, old=(SPOOLER,)), build(SPOOLER, old=(SPOOLER, RUSTDESK))
    (difference,) = log_replayed_keys(views(base, changed)).shown
    assert difference.control_set.number == 2
    assert difference.service.path == r"ControlSet002\Services\RustDesk"


def test_a_value_added_to_a_service_is_shown_alone() -> None:
    added = replace(SPOOLER, extra_values=(text_value("Group", "x"),))
    (difference,) = log_replayed_keys(views(build(SPOOLER), build(added))).shown
    assert rows(difference) == [("Spooler", "Group", 0)]


def test_a_service_key_without_values_is_a_row() -> None:
    base = views(build(SPOOLER), build(SPOOLER)).base
    bare = replace(base.control_sets[0].services[0], values=(), parameters=())
    (held,) = held_values(bare)
    assert (held.path, held.value) == (bare.path, None)


def test_without_a_replay_there_is_one_view_and_no_difference() -> None:
    clean = build(SPOOLER, dirty=False)
    both = read_system_hive_with_logs(clean, [], "SYSTEM")
    assert (both.replayed, both.replay.outcome) == (None, ReplayOutcome.NOT_NEEDED)
    assert log_replayed_keys(both) == ((), ())


def test_logs_that_leave_the_hive_worse_than_it_was_do_not_match() -> None:
    base = build(SPOOLER)
    for content in (bytes(4096), b"hbin" + bytes(4092)):
        entry = sealed_entry(NUMBER, len(base) - 4096, 1, bytes(4) + (4096).to_bytes(4, "little") + content)
        log = NamedLog("SYSTEM.LOG", log_base_block(base, NUMBER) + entry)
        both = read_system_hive_with_logs(base, [log], "SYSTEM")
        assert (both.replayed, both.replay.data) == (None, None)
        assert both.replay.outcome is ReplayOutcome.LOGS_DO_NOT_MATCH
        assert "The replayed copy is not used" in both.replay.reason


def test_an_incomplete_replay_that_takes_a_key_back_in_time_is_not_used() -> None:
    base, changed = build(TOUCHED), build(SPOOLER)
    log = build_hive_log(base, changed, NUMBER)
    alone = read_system_hive_with_logs(base, [NamedLog("SYSTEM.LOG1", log)], "SYSTEM")
    assert (alone.replayed, alone.replay.outcome) == (None, ReplayOutcome.LOGS_DO_NOT_MATCH)
    assert r"ControlSet001\Services\Spooler back to an earlier time" in alone.replay.reason
    assert views(base, changed).replayed is not None


def test_a_hive_that_is_none_is_refused_as_without_logs() -> None:
    with pytest.raises(NotAHive):
        read_system_hive_with_logs(b"no hive", [], "SYSTEM")
