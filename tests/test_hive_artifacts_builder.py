"""What the builders write of a control set, as readers see it that nobody here wrote."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from dissect.regf import RegistryHive as DissectHive
from regipy.plugins.system.bam import BAMPlugin
from regipy.plugins.system.external.ShimCacheParser import get_shimcache_entries
from regipy.registry import RegistryHive as RegipyHive
from Registry.Registry import Registry

from parsers.filetime import to_datetime
from tests.builders.appcompat_cache import CacheEntryToWrite, CacheKind, build_cache
from tests.builders.held_records import WRITTEN, hive_with
from tests.builders.hive import text_value
from tests.builders.hive_artifacts import (
    compatibility_cache,
    firewall_rules,
    last_runs,
    network_interface,
    printer,
    printer_driver,
    run_data,
    shares,
)

if TYPE_CHECKING:
    from pathlib import Path

SID = "S-1-5-21-1-2-3-1001"
PROGRAM = r"\Device\HarddiskVolume3\Windows\notepad.exe"
RUN = 133_490_000_000_000_000
ENTRIES = (
    CacheEntryToWrite(r"C:\a.exe", RUN, data=b"\1\0\0\0"),
    CacheEntryToWrite(r"C:\b\größe.exe", RUN + 50),
)
KEYS = (
    firewall_rules(WRITTEN, {"{1}": "v2.30|Action=Allow|Dir=In|Name=x|"}),
    last_runs(WRITTEN, SID, {PROGRAM: run_data(RUN)}),
    compatibility_cache(WRITTEN, build_cache("10", ENTRIES)),
    printer(WRITTEN, "P", "D", "p"),
    printer_driver(WRITTEN, "D", "d.dll"),
    shares(WRITTEN, {"S": ("CSCFlags=0", r"Path=C:\S")}),
    network_interface(WRITTEN, "{2}", [text_value("DhcpIPAddress", "10.0.0.1")]),
)
PLACES = {
    r"Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules": ["{1}"],
    rf"Services\bam\State\UserSettings\{SID}": ["Version", "SequenceNumber", PROGRAM],
    r"Control\Session Manager\AppCompatCache": ["AppCompatCache"],
    r"Control\Print\Printers\P": ["Name", "Printer Driver", "Port"],
    r"Control\Print\Environments\Windows x64\Drivers\Version-4\D": ["Driver", "InfPath"],
    r"Services\LanmanServer\Shares": ["S"],
    r"Services\Tcpip\Parameters\Interfaces\{2}": ["DhcpIPAddress"],
    r"Services\Tcpip\Parameters": ["Hostname", "NV Hostname", "Domain"],
    r"Control\ProductOptions": ["ProductType"],
}
HIVE = hive_with(*KEYS)


@pytest.mark.parametrize("kind", ["xp", "2003_32", "2003_64", "7_32", "7_64", "8.1", "10", "10_1703"])
def test_regipy_reads_a_cache_as_it_was_written(kind: CacheKind) -> None:
    found: Any = get_shimcache_entries(build_cache(kind, ENTRIES))  # type: ignore[no-untyped-call]
    # Floats move times by up to two microseconds.
    for theirs, ours in zip(found, ENTRIES, strict=True):
        assert theirs["path"] == ours.path
        moment = theirs.get("last_mod_date") or theirs["last_mod_time"]
        assert abs(moment - to_datetime(ours.file_modified)) <= timedelta(microseconds=2)


def test_regipy_takes_the_flags_of_windows_8_0_for_the_length_of_a_package() -> None:
    flagged = CacheEntryToWrite(r"C:\a.exe", RUN, flags=0x43)
    found: Any = get_shimcache_entries(build_cache("8.0", [flagged]))  # type: ignore[no-untyped-call]
    with pytest.raises(Exception, match="unpack requires"):
        list(found)


@pytest.mark.parametrize("path", PLACES)
def test_python_registry_and_dissect_find_the_same_values(path: str) -> None:
    ours = Registry(BytesIO(HIVE)).open(f"ControlSet001\\{path}")
    theirs = DissectHive(BytesIO(HIVE)).open(f"ControlSet001\\{path}")
    assert [value.name() for value in ours.values()] == PLACES[path]
    assert [value.name for value in theirs.values()] == PLACES[path]


def test_regipy_finds_the_run(tmp_path: Path) -> None:
    (tmp_path / "SYSTEM").write_bytes(HIVE)
    hive = RegipyHive(str(tmp_path / "SYSTEM"))  # type: ignore[no-untyped-call]
    plugin = BAMPlugin(hive, as_json=False)
    plugin.run()  # type: ignore[no-untyped-call]
    entries: Any = plugin.entries
    (run,) = entries
    assert (run["sid"], run["executable"], run["timestamp"]) == (SID, PROGRAM, to_datetime(RUN))
