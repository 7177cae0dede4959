"""A real dirty hive with its logs, sound and broken. The folder is named by FORENSICS_CORPUS."""

import os
from collections import Counter
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from regipy.registry import RegistryHive as RegipyHive
from Registry.RegistryLog import RegistryLog

from parsers.hive.last_runs import LastRun
from parsers.hive.replay_record import NamedLog, ReplayOutcome
from parsers.hive.views import (
    HiveViews,
    LogReplayed,
    log_replayed_keys,
    read_system_hive_with_logs,
    replayed_records,
)

pytestmark = pytest.mark.skipif(
    not os.environ.get("FORENSICS_CORPUS"), reason="FORENSICS_CORPUS names no folder of real evidence"
)

# ACPI and Tcpip6 by values of their keys Parameters.
TOUCHED = ["ACPI", "drmkaud", "MSPCLOCK", "MSPQM", "MSTEE", "Tcpip6", "UASPStor"]


@cache
def data(name: str) -> bytes:
    return (Path(os.environ["FORENSICS_CORPUS"]) / "hive" / name).read_bytes()


def log(number: int, content: bytes | None = None) -> NamedLog:
    return NamedLog(f"SYSTEM.LOG{number}", data(f"SYSTEM_B.LOG{number}") if content is None else content)


def views(*logs: NamedLog, name: str = "SYSTEM_B") -> HiveViews:
    return read_system_hive_with_logs(data(name), logs, name)


@cache
def both() -> HiveViews:
    return views(log(1), log(2))


@cache
def difference() -> LogReplayed:
    return log_replayed_keys(both())


def services(of: HiveViews) -> tuple[int, int]:
    assert of.base.current is not None
    assert of.replayed is not None
    assert of.replayed.current is not None
    return len(of.base.current.services), len(of.replayed.current.services)


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def test_the_logs_add_one_service() -> None:
    assert services(both()) == (655, 656)
    assert both().replay.outcome is ReplayOutcome.APPLIED
    assert (both().replay.entries, both().replay.dirty_pages, both().replay.complete) == (24, 315, True)
    assert both().replay.applied == (
        "SYSTEM.LOG1, entries 2107-2110 (10 dirty pages)",
        "SYSTEM.LOG2, entries 2111-2130 (305 dirty pages)",
    )


def test_python_registrys_own_replay_gives_the_same_bytes() -> None:
    copy = BytesIO(data("SYSTEM_B"))
    last = RegistryLog(copy, BytesIO(data("SYSTEM_B.LOG1"))).recover_hive()
    copy.seek(0)
    assert RegistryLog(copy, BytesIO(data("SYSTEM_B.LOG2"))).recover_hive_continue(last + 1) == 2130
    assert both().replay.data == copy.getvalue()


def test_one_service_is_new_and_seven_were_touched() -> None:
    shown = {each.service.name: each for each in difference().shown}
    assert set(shown) == {"ad_driver", *TOUCHED}
    assert [each.service.name for each in difference().shown if each.counterpart is None] == ["ad_driver"]
    assert [each.service.name for each in difference().shown if each.values_differ] == ["ad_driver"]
    assert [each.service.name for each in difference().superseded] == TOUCHED
    for old in difference().superseded:
        assert {row.path for row in old.rows} == {row.path for row in shown[old.service.name].rows}
        assert max(row.last_written for row in old.rows) < min(
            row.last_written for row in shown[old.service.name].rows
        )


def test_the_new_service_leads_back_to_the_log() -> None:
    (service,) = (each.service for each in difference().shown if each.counterpart is None)
    page = both().replay.page_at(service.offset)
    assert (service.name, service.path) == ("ad_driver", r"ControlSet001\Services\ad_driver")
    assert page is not None
    assert page.log == "SYSTEM.LOG2"
    at = page.log_offset + service.offset - page.offset
    assert data("SYSTEM_B.LOG2")[at + 4 : at + 6] == b"nk"


def test_runs_of_programs_that_only_the_logs_have_are_shown() -> None:
    shown = list(replayed_records(both()))
    runs = [each for each in shown if isinstance(each, LastRun)]
    # Programs that ran between the last writing of the hive's file and the seizure of the machine.
    assert Counter(type(each).__name__ for each in shown) == {"LastRun": 11, "NetworkInterface": 1}
    assert {each.problem for each in runs} == {""}
    (chrome,) = (each for each in runs if each.program.endswith("\\chrome.exe"))
    base = both().base.current
    assert base is not None
    (before,) = (each for each in base.last_runs if each.program == chrome.program)
    assert (before.run, chrome.run) == (131674743668538904, 131674926914768689)


def test_regipy_reads_the_same_services_from_the_replayed_copy(tmp_path: Path) -> None:
    replay, replayed = both().replay, both().replayed
    assert replay.data is not None
    assert replayed is not None
    assert replayed.current is not None
    (tmp_path / "SYSTEM").write_bytes(replay.data)
    hive = RegipyHive(str(tmp_path / "SYSTEM"))  # type: ignore[no-untyped-call]
    keys = hive.get_key("\\ControlSet001\\Services").iter_subkeys()  # type: ignore[no-untyped-call]
    expected = [(key.name, key.header.last_modified) for key in keys]
    assert [(each.name, each.last_written) for each in replayed.current.services] == expected
    assert replayed.damage == ()


def test_the_replayed_copy_is_clean() -> None:
    replayed = both().replayed
    assert replayed is not None
    block = replayed.base_block
    assert (block.primary_sequence, block.secondary_sequence, block.checksum_ok) == (2130, 2130, True)


def test_the_order_of_the_logs_changes_nothing() -> None:
    assert views(log(2), log(1)).replay.data == both().replay.data


def test_the_first_log_alone_gives_what_it_holds() -> None:
    alone = views(log(1))
    assert (services(alone), alone.replay.complete) == ((655, 655), False)
    assert log_replayed_keys(alone) == ((), ())


@pytest.mark.parametrize("others", [(), (bytes(4096),)], ids=["absent", "zeros"])
def test_the_second_log_alone_is_applied_and_told_to_be_alone(others: tuple[bytes, ...]) -> None:
    alone = views(*(log(1, content) for content in others), log(2))
    assert (services(alone), alone.replay.complete) == ((655, 656), False)
    assert "SYSTEM.LOG2 is the only one that can be read" in alone.replay.reason


def test_a_truncated_log_gives_its_whole_entries() -> None:
    cut = views(log(1), log(2, data("SYSTEM_B.LOG2")[:0x200000]))
    assert cut.replay.applied[-1].startswith("SYSTEM.LOG2, entries 2111-2120 ")
    assert "entry 2121, at offset 0x1f4000, is cut off" in cut.replay.reason
    assert [each.service.name for each in log_replayed_keys(cut).shown] == TOUCHED[:-1]


def test_a_flipped_byte_ends_the_replay_before_its_entry() -> None:
    broken = views(log(1), log(2, flipped(data("SYSTEM_B.LOG2"), 0x8C500)))
    assert broken.replay.applied[-1].startswith("SYSTEM.LOG2, entries 2111-2117 ")
    assert (services(broken), broken.replay.complete) == ((655, 655), False)
    assert "entry 2118, at offset 0x8c000, is damaged" in broken.replay.reason


@pytest.mark.parametrize("at", [0x300, 0x4300])
def test_entries_lost_before_the_second_log_leave_the_base_view(at: int) -> None:
    broken = views(log(1, flipped(data("SYSTEM_B.LOG1"), at)), log(2))
    assert (broken.replay.outcome, broken.replayed) == (ReplayOutcome.DAMAGED, None)
    assert "SYSTEM.LOG2 begins with entry 2111" in broken.replay.reason


def test_the_logs_of_another_hive_do_not_match() -> None:
    wrong = views(log(1), log(2), name="SYSTEM_2")
    assert (wrong.replay.outcome, wrong.replayed) == (ReplayOutcome.LOGS_DO_NOT_MATCH, None)


@pytest.mark.parametrize("name", ["SYSTEM", "BitCurator_SYSTEM", "corrupted_system_hive"])
def test_clean_hives_need_no_logs(name: str) -> None:
    clean = views(log(1), log(2), name=name)
    assert (clean.replay.outcome, clean.replayed) == (ReplayOutcome.NOT_NEEDED, None)
