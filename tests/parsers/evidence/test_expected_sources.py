from __future__ import annotations

from parsers.evidence.expected_sources import expected_sources
from parsers.evidence.known_paths import CopyKind, place_of

LOGS = "Windows/System32/winevt/Logs"
CONFIG = "Windows/System32/config"
EVERYTHING = (
    f"{LOGS}/Microsoft-Windows-Sysmon%4Operational.evtx",
    f"{LOGS}/System.evtx",
    f"{LOGS}/Security.evtx",
    f"{LOGS}/Microsoft-Windows-TaskScheduler%4Operational.evtx",
    f"{CONFIG}/SYSTEM",
    f"{CONFIG}/SYSTEM.LOG1",
    f"{CONFIG}/SYSTEM.LOG2",
)


def missing(*paths: str) -> list[str]:
    return [each.path for each in expected_sources(map(place_of, paths))]


def test_a_whole_collection_misses_nothing() -> None:
    assert missing(*(f"HOST1/C/{path.upper()}" for path in EVERYTHING)) == []


def test_each_absent_source_is_named_with_its_usual_path() -> None:
    for absent in EVERYTHING:
        assert missing(*(path for path in EVERYTHING if path != absent)) == [absent]


def test_each_machine_of_a_fleet_has_its_own_list() -> None:
    paths = [f"A1/C/{path}" for path in EVERYTHING] + [f"B1/C/{path}" for path in EVERYTHING[1:]]

    (found,) = expected_sources(map(place_of, paths))

    assert (found.machine_root, found.source, found.path) == ("B1", "Sysmon log", EVERYTHING[0])


def test_a_source_that_only_copies_hold_is_missing_and_says_so() -> None:
    paths = [f"vss1/{LOGS}/System.evtx", f"Windows.old/{CONFIG}/SYSTEM", f"{CONFIG}/RegBack/SYSTEM"]
    paths += [f"{LOGS}/Archive-Security-2024-01-02-03-04-05-678.evtx", "System_2024-01-02.evtx"]

    held = {each.path: each.only_as for each in expected_sources(map(place_of, paths)) if each.only_as}

    assert held == {
        f"{LOGS}/System.evtx": (CopyKind.ARCHIVED, CopyKind.SHADOW_COPY),
        f"{LOGS}/Security.evtx": (CopyKind.ARCHIVED,),
        f"{CONFIG}/SYSTEM": (CopyKind.REGBACK, CopyKind.WINDOWS_OLD),
    }


def test_loose_files_count_by_their_names() -> None:
    loose = ("sysmon.evtx", "SYSTEM", "System.evtx", "Security.evtx")

    assert missing(*loose) == [EVERYTHING[3], EVERYTHING[5], EVERYTHING[6]]
    assert missing("Microsoft-Windows-Sysmon-Operational.evtx")[0] == EVERYTHING[1]


def test_a_log_of_another_name_is_known_by_the_channel_it_holds() -> None:
    places = [place_of("HOST1/System_German.evtx")]

    by_name = {each.source for each in expected_sources(places)}
    by_channel = {each.source for each in expected_sources(places, {"HOST1": ["System", ""]})}

    assert by_name - by_channel == {"System log"}


def test_nothing_collected_is_no_machine() -> None:
    assert expected_sources([]) == ()
