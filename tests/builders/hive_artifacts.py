r"""Keys of a control set beside its services: firewall rules, runs of programs, shares and the like.

Each function returns a key as it hangs below ``ControlSet00N``, for ``build_system_hive``'s ``artifacts``.
Times are FILETIME ticks; ``written`` is when all of the key's path was last written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.builders.hive import (
    KeyToWrite,
    ValueToWrite,
    binary_value,
    dword_value,
    multi_text_value,
    text_value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def key_at(
    path: str, written: int, values: Sequence[ValueToWrite] = (), subkeys: Sequence[KeyToWrite] = ()
) -> KeyToWrite:
    """Return the key at ``path`` with these values and subkeys, inside of the keys above it."""
    above, _, name = path.rpartition("\\")
    key = KeyToWrite(name, written, tuple(values), tuple(subkeys))
    return key_at(above, written, (), [key]) if above else key


def firewall_rules(written: int, rules: Mapping[str, str], store: str = "FirewallRules") -> KeyToWrite:
    """Return the key of firewall rules, given as their texts by their ids."""
    policy = r"Services\SharedAccess\Parameters\FirewallPolicy"
    return key_at(f"{policy}\\{store}", written, [text_value(name, text) for name, text in rules.items()])


def last_runs(written: int, sid: str, runs: Mapping[str, bytes], place: str = r"bam\State") -> KeyToWrite:
    r"""Return the key of a user's runs, given as data by program; ``place`` is ``bam\State``, ``dam``, …"""
    bookkeeping = [dword_value("Version", 1), dword_value("SequenceNumber", 7)]
    values = [binary_value(name, data) for name, data in runs.items()]
    return key_at(f"Services\\{place}\\UserSettings\\{sid}", written, [*bookkeeping, *values])


def run_data(run: int, *, packaged: bool = False) -> bytes:
    """Return what a moderator notes of a run at this time."""
    return run.to_bytes(8, "little") + bytes(8) + packaged.to_bytes(4, "little") + (2).to_bytes(4, "little")


def compatibility_cache(written: int, data: bytes, name: str = "AppCompatCache") -> KeyToWrite:
    """Return the key of the application compatibility cache."""
    return key_at(f"Control\\Session Manager\\{name}", written, [binary_value("AppCompatCache", data)])


def printer(written: int, name: str, driver: str, port: str) -> KeyToWrite:
    """Return the key of a printer."""
    values = [text_value("Name", name), text_value("Printer Driver", driver), text_value("Port", port)]
    return key_at(f"Control\\Print\\Printers\\{name}", written, values)


def printer_driver(
    written: int, name: str, file: str, environment: str = "Windows x64", version: str = "Version-4"
) -> KeyToWrite:
    """Return the key of a printer driver."""
    path = f"Control\\Print\\Environments\\{environment}\\Drivers\\{version}\\{name}"
    return key_at(path, written, [text_value("Driver", file), text_value("InfPath", rf"C:\x\{name}.inf")])


def shares(written: int, found: Mapping[str, Sequence[str]]) -> KeyToWrite:
    """Return the key of shares, given as their texts by their names."""
    values = [multi_text_value(name, texts) for name, texts in found.items()]
    return key_at(r"Services\LanmanServer\Shares", written, values)


def network_interface(written: int, guid: str, values: Sequence[ValueToWrite]) -> KeyToWrite:
    """Return the key of a network interface."""
    return key_at(f"Services\\Tcpip\\Parameters\\Interfaces\\{guid}", written, values)


def merged(keys: Sequence[KeyToWrite]) -> tuple[KeyToWrite, ...]:
    """Return ``keys`` with those of one name made one, with the values, subkeys and times of all.

    A key is as old as the last of those that have values, or as the first of all where none has.
    """
    by_name: dict[str, list[KeyToWrite]] = {}
    for key in keys:
        by_name.setdefault(key.name.lower(), []).append(key)
    return tuple(_one(same) for same in by_name.values())


def _one(same: Sequence[KeyToWrite]) -> KeyToWrite:
    written = next((key.last_written for key in reversed(same) if key.values), same[0].last_written)
    values = tuple(value for key in same for value in key.values)
    return KeyToWrite(
        same[0].name, written, values, merged([subkey for key in same for subkey in key.subkeys])
    )
