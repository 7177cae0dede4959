"""Real hives, read as independent readers read them. Their folder is named by FORENSICS_CORPUS."""

import csv
import os
from pathlib import Path
from typing import NamedTuple

import pytest
from dissect.regf import RegistryHive as DissectHive
from regipy.registry import RegistryHive as RegipyHive

from parsers.errors import NotAHive
from parsers.hive.record import ControlSet, SystemHive
from parsers.hive.system_hive import read_system_hive

pytestmark = pytest.mark.skipif(
    "FORENSICS_CORPUS" not in os.environ, reason="FORENSICS_CORPUS names no folder of real evidence"
)
SOUND = ("SYSTEM", "SYSTEM_2", "BitCurator_SYSTEM", "SYSTEM_B")


class Machine(NamedTuple):
    """What a hive says of its machine."""

    computer_name: str
    domain: str
    bias: int
    active_bias: int


MACHINES = {
    "SYSTEM": Machine("WKS-WIN732BITA", "shieldbase.local", 300, 240),
    "SYSTEM_2": Machine("SENSEI", "", 480, 480),
    "BitCurator_SYSTEM": Machine("M57-PAT", "", 480, 480),
    "SYSTEM_B": Machine("DESKTOP-PM6C56D", "", 300, 240),
}


def folder() -> Path:
    return Path(os.environ["FORENSICS_CORPUS"])


def read(name: str) -> SystemHive:
    return read_system_hive((folder() / "hive" / name).read_bytes(), name)


def current(hive: SystemHive) -> ControlSet:
    assert hive.current is not None
    return hive.current


def index(name: str) -> dict[str, str]:
    with (folder() / "index.csv").open(newline="") as file:
        return next(row for row in csv.DictReader(file) if row["path"] == f"hive/{name}")


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_hive_has_as_many_services_as_other_readers_count(name: str) -> None:
    hive = read(name)
    row = index(name)
    assert len(current(hive).services) == int(row["hive_services_ccs"])
    assert hive.base_block.primary_sequence == int(row["hive_seq1"])
    assert hive.base_block.secondary_sequence == int(row["hive_seq2"])
    assert hive.base_block.dirty == (row["dirty"] == "True")
    assert hive.base_block.checksum_ok


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_hive_has_no_damage_even_if_it_is_dirty(name: str) -> None:
    assert read(name).damage == ()


@pytest.mark.parametrize("name", SOUND)
def test_the_hive_names_its_machine(name: str) -> None:
    control_set = current(read(name))
    zone = control_set.time_zone
    assert zone is not None
    machine = Machine(
        control_set.computer_name or "", control_set.domain or "", zone.bias or 0, zone.active_bias or 0
    )
    assert machine == MACHINES[name]
    assert control_set.product_type == "WinNT"


@pytest.mark.parametrize("name", SOUND)
def test_services_and_their_ticks_are_those_that_regipy_reads(name: str) -> None:
    control_set = current(read(name))
    hive = RegipyHive(str(folder() / "hive" / name))  # type: ignore[no-untyped-call]
    services = hive.get_key(f"\\ControlSet{control_set.number:03}\\Services")  # type: ignore[no-untyped-call]
    expected = [(key.name, key.header.last_modified) for key in services.iter_subkeys()]
    assert [(service.name, service.last_written) for service in control_set.services] == expected


@pytest.mark.parametrize("name", SOUND)
def test_values_are_byte_for_byte_those_that_dissect_reads(name: str) -> None:
    control_set = current(read(name))
    with (folder() / "hive" / name).open("rb") as file:
        keys = DissectHive(file).open(f"ControlSet{control_set.number:03}\\Services").subkeys()
        expected = {
            key.name: [value.data[: value.size & 0x7FFFFFFF] for value in key.values()] for key in keys
        }
    assert {each.name: [value.raw for value in each.values] for each in control_set.services} == expected


def test_a_corrupt_hive_gives_every_service_that_is_left_and_counts_the_others() -> None:
    hive = read("corrupted_system_hive")
    services = "a subkey of ControlSet001\\Services is lost"
    lost = sum(damage.records_lost or 0 for damage in hive.damage if damage.reason.startswith(services))
    # regipy counts 258 elements, 60 of which it makes up from bytes that are no key.
    assert (len(current(hive).services), lost) == (198, 60)


@pytest.mark.parametrize("name", ["SYSTEM_B.LOG1", "SYSTEM_B.LOG2"])
def test_transaction_logs_are_no_hives(name: str) -> None:
    with pytest.raises(NotAHive, match="transaction log"):
        read(name)
