from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.evidence.known_paths import CopyKind, Place, hive_logs_of, place_of

LOGS = "Windows/System32/winevt/Logs"
CONFIG = "Windows/System32/config"
CAPI2 = f"{LOGS}/Microsoft-Windows-CAPI2%4Operational.evtx"
SYSMON = f"{LOGS}/Microsoft-Windows-Sysmon%4Operational.evtx"
ARCHIVE = "Archive-Security-2015-10-16-00-50-12-621.evtx"
DEVICE = "uploads/ntfs/%5C%5C.%5CC%3A"
SHADOW_DEVICE = "uploads/lazy_ntfs/%5C%5C%3F%5CGLOBALROOT%5CDevice%5CHarddiskVolumeShadowCopy3"

LIVE, SHADOW, OLD = CopyKind.LIVE, CopyKind.SHADOW_COPY, CopyKind.WINDOWS_OLD
REGBACK, ARCHIVED, EXPORT = CopyKind.REGBACK, CopyKind.ARCHIVED, CopyKind.EXPORT

PLACES = {
    # A folder copied from a drive, and KAPE's and CyLR's folders of drives.
    f"{LOGS}/System.evtx": ("", f"{LOGS}/System.evtx", LIVE, ""),
    f"C/{CONFIG}/SYSTEM": ("", f"{CONFIG}/SYSTEM", LIVE, ""),
    f"HOST1/C/{LOGS}/System.evtx": ("HOST1", f"{LOGS}/System.evtx", LIVE, ""),
    f"fleet/HOST1.zip/D/{LOGS}/System.evtx": ("fleet/HOST1.zip", f"{LOGS}/System.evtx", LIVE, ""),
    f"HOST1/C$/{LOGS}/System.evtx": ("HOST1", f"{LOGS}/System.evtx", LIVE, ""),
    f"HOST1/VSS2/{CONFIG}/SYSTEM": ("HOST1", f"{CONFIG}/SYSTEM", SHADOW, "VSS2"),
    f"HOST1/VSS2/C/{CONFIG}/SYSTEM": ("HOST1", f"{CONFIG}/SYSTEM", SHADOW, "VSS2"),
    "C\\Windows\\System32\\config\\SYSTEM": ("", f"{CONFIG}/SYSTEM", LIVE, ""),
    # A folder of one letter is a drive, but not above another, nor above a collector's root.
    f"A/{CONFIG}/SYSTEM": ("", f"{CONFIG}/SYSTEM", LIVE, ""),
    f"A/C/{CONFIG}/SYSTEM": ("A", f"{CONFIG}/SYSTEM", LIVE, ""),
    # Velociraptor.
    "H.zip/uploads/auto/C%3A/Windows/System32/winevt/Logs/Microsoft-Windows-Sysmon%254Operational.evtx": (
        "H.zip",
        SYSMON,
        LIVE,
        "",
    ),
    f"{DEVICE}/{CONFIG}/SYSTEM.LOG1": ("", f"{CONFIG}/SYSTEM.LOG1", LIVE, ""),
    f"uploads/ntfs/\\\\.\\C:/{CONFIG}/SYSTEM": ("", f"{CONFIG}/SYSTEM", LIVE, ""),
    f"{SHADOW_DEVICE}/windows/system32/config/system": (
        "",
        f"{CONFIG}/SYSTEM",
        SHADOW,
        "HarddiskVolumeShadowCopy3",
    ),
    f"clients/C.1a/collections/F.CX12/uploads/auto/C%3A/{CONFIG}/SYSTEM": (
        "clients/C.1a",
        f"{CONFIG}/SYSTEM",
        LIVE,
        "",
    ),
    # UAC, over a mounted drive.
    f"uac-host-linux/[root]/{CONFIG}/SYSTEM": ("uac-host-linux", f"{CONFIG}/SYSTEM", LIVE, ""),
    f"uac-host-linux/[root]/mnt/win/{CONFIG}/SYSTEM": (
        "uac-host-linux/[root]/mnt/win",
        f"{CONFIG}/SYSTEM",
        LIVE,
        "",
    ),
    # plaso's image_export, and this program's images.
    f"out/vss1/{CONFIG}/SYSTEM": ("out", f"{CONFIG}/SYSTEM", SHADOW, "vss1"),
    f"p2/{CONFIG}/SYSTEM": ("", f"{CONFIG}/SYSTEM", LIVE, ""),
    f"HOST1.E01/p2/vss1/{LOGS}/System.evtx": ("HOST1.E01", f"{LOGS}/System.evtx", SHADOW, "vss1"),
    f"HOST1/@GMT-2024.01.02-03.04.05/{CONFIG}/SYSTEM": (
        "HOST1",
        f"{CONFIG}/SYSTEM",
        SHADOW,
        "@GMT-2024.01.02-03.04.05",
    ),
    # Folders written into names.
    "E_Windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx": ("", CAPI2, LIVE, ""),
    "x/E_ShadowCopy6_windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx": (
        "x",
        CAPI2,
        SHADOW,
        "ShadowCopy6",
    ),
    "p1_windows_system32_winevt_logs_System.evtx": ("", f"{LOGS}/System.evtx", LIVE, ""),
    "HOST_A_E_Windows_System32_config_SYSTEM": ("HOST_A", f"{CONFIG}/SYSTEM", LIVE, ""),
    "C__Windows_System32_config_RegBack_SYSTEM": ("", f"{CONFIG}/RegBack/SYSTEM", REGBACK, ""),
    "2-vss_7-System.evtx": ("", f"{LOGS}/System.evtx", SHADOW, "vss_7"),
    "2-system-Microsoft-Windows-CAPI2%4Operational.evtx": ("", CAPI2, LIVE, ""),
    # Copies of other kinds.
    "C/Windows.old/WINDOWS/system32/config/SYSTEM": ("", f"Windows.old/{CONFIG}/SYSTEM", OLD, ""),
    f"p2/vss1/Windows.old.000/{CONFIG}/SYSTEM": ("", f"Windows.old.000/{CONFIG}/SYSTEM", OLD, "vss1"),
    f"C/{CONFIG}/RegBack/SYSTEM": ("", f"{CONFIG}/RegBack/SYSTEM", REGBACK, ""),
    f"C/{LOGS}/{ARCHIVE}": ("", f"{LOGS}/{ARCHIVE}", ARCHIVED, ""),
    f"vss1/{LOGS}/{ARCHIVE}": ("", f"{LOGS}/{ARCHIVE}", ARCHIVED, "vss1"),
    ARCHIVE: ("", ARCHIVE, ARCHIVED, ""),
    "HOST1/System_2024-01-02.evtx": ("HOST1", "System_2024-01-02.evtx", ARCHIVED, ""),
    "HOST1/Security-backup.evtx": ("HOST1", "Security-backup.evtx", ARCHIVED, ""),
    # Parts of Windows' folders, old and 32-bit names.
    "HOST1/winevt/LOGS/SECURITY.EVTX": ("HOST1", f"{LOGS}/Security.evtx", LIVE, ""),
    "HOST1/config/system.log2": ("HOST1", f"{CONFIG}/SYSTEM.LOG2", LIVE, ""),
    "C/WINNT/system32/config/system": ("", f"{CONFIG}/SYSTEM", LIVE, ""),
    "C/Windows/Sysnative/winevt/Logs/foo.evtx": ("", f"{LOGS}/foo.evtx", LIVE, ""),
    # Loose files.
    "System.evtx": ("", "System.evtx", EXPORT, ""),
    "HOST1/System.evtx": ("HOST1", "System.evtx", EXPORT, ""),
    "HOST1/Logs/System_German.evtx": ("HOST1/Logs", "System_German.evtx", EXPORT, ""),
    "HOST1/config/foo.evtx": ("HOST1/config", "foo.evtx", EXPORT, ""),
    "HOST1/C/Users/bob/D/Security.evtx": ("HOST1", "Users/bob/D/Security.evtx", EXPORT, ""),
    "HOST1/vss1/Temp/Security.evtx": ("HOST1", "Temp/Security.evtx", SHADOW, "vss1"),
    "": ("", "", EXPORT, ""),
}


@pytest.mark.parametrize("path", PLACES)
def test_a_path_tells_machine_place_and_kind_of_copy(path: str) -> None:
    assert place_of(path) == Place(*PLACES[path])


@given(st.text(st.sampled_from("aC/\\%45_:.-2"), max_size=40))
def test_any_path_has_a_place(path: str) -> None:
    place = place_of(path)

    assert place.copy in CopyKind


@pytest.mark.parametrize("channel", ["Admin", "Debug", "Operational", "WHC"])
def test_the_sign_for_a_slash_in_a_channel_is_no_escape(channel: str) -> None:
    path = f"H/uploads/auto/C%3A/{LOGS}/Microsoft-Windows-Foo%4{channel}.evtx"

    assert place_of(path).canonical.endswith(f"Foo%4{channel}.evtx")


def test_live_and_shadow_copies_of_one_machine_share_its_root() -> None:
    paths = [
        f"H/{DEVICE}/{CONFIG}/SYSTEM",
        f"H/uploads/auto/C%3A/{CONFIG}/SYSTEM",
        f"H/{SHADOW_DEVICE}/{CONFIG}/SYSTEM",
    ]

    assert {place_of(path).machine_root for path in paths} == {"H"}


def test_a_hive_finds_its_logs_in_any_case() -> None:
    paths = [
        f"C/{CONFIG}/system.LOG1",
        f"C/{CONFIG}/SYSTEM.log2",
        f"C/{CONFIG}/SOFTWARE.LOG1",
        f"C/{CONFIG}/SYSTEM.LOG",
    ]

    assert hive_logs_of(f"C/{CONFIG}/System", paths) == (paths[3], paths[0], paths[1])


def test_a_hive_takes_the_logs_of_its_own_copy_alone() -> None:
    others = [
        f"C/{CONFIG}/RegBack/SYSTEM.LOG1",
        f"vss1/{CONFIG}/SYSTEM.LOG1",
        f"HOST2/C/{CONFIG}/SYSTEM.LOG1",
    ]

    assert hive_logs_of(f"C/{CONFIG}/SYSTEM", others) == ()
    assert hive_logs_of(f"vss1/{CONFIG}/SYSTEM", others) == (others[1],)


def test_a_hive_of_another_partition_is_another_hive() -> None:
    assert hive_logs_of(f"p2/{CONFIG}/SYSTEM", [f"p3/{CONFIG}/SYSTEM.LOG1"]) == ()


def test_logs_that_another_accessor_collected_are_taken() -> None:
    log = f"H/{DEVICE}/{CONFIG}/SYSTEM.LOG1"

    assert hive_logs_of(f"H/uploads/auto/C%3A/{CONFIG}/SYSTEM", [log]) == (log,)


def test_no_log_is_taken_where_two_could_be_it() -> None:
    logs = [f"H/uploads/ntfs/C%3A/{CONFIG}/SYSTEM.LOG1", f"H/uploads/mft/C%3A/{CONFIG}/SYSTEM.LOG1"]

    assert hive_logs_of(f"H/uploads/auto/C%3A/{CONFIG}/SYSTEM", logs) == ()


def test_a_log_in_the_same_folder_comes_before_one_of_another_spelling() -> None:
    logs = [f"c/{CONFIG}/SYSTEM.LOG1", f"C/{CONFIG}/SYSTEM.LOG1"]

    assert hive_logs_of(f"C/{CONFIG}/SYSTEM", logs) == (logs[1],)


@pytest.mark.parametrize("prefix", ["", "E_Windows_system32_config_", "case/HOST_"])
def test_logs_of_a_hive_under_a_collectors_name_are_found(prefix: str) -> None:
    logs = (f"{prefix}SYSTEM.LOG1", f"{prefix}SYSTEM.LOG2")

    assert hive_logs_of(f"{prefix}SYSTEM", logs) == logs


def test_the_corpus_tells_its_shadow_copies() -> None:
    corpus = os.environ.get("FORENSICS_CORPUS")
    if corpus is None:
        pytest.skip("FORENSICS_CORPUS is not set")
    places = [place_of(path.name) for path in Path(corpus, "evtx", "omerbenamram").iterdir()]

    assert {place.snapshot for place in places if place.copy is SHADOW} == {"vss_0", "vss_7", "ShadowCopy6"}
    assert sum(place.canonical == CAPI2 for place in places) == 2
