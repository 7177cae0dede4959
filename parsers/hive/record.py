"""What reading a SYSTEM hive gives, in the registry's own words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.damage import Damage
    from parsers.hive.appcompat_cache import CachedProgram
    from parsers.hive.firewall_rules import FirewallRule
    from parsers.hive.held_record import HeldRecord
    from parsers.hive.last_runs import LastRun
    from parsers.hive.network_interfaces import NetworkInterface
    from parsers.hive.printers import Printer
    from parsers.hive.shares import Share


@dataclass(frozen=True, slots=True)
class BaseBlock:
    """The state that the hive's first 512 bytes declare (regf format specification, "Base block").

    A hive is ``dirty`` where the two sequence numbers differ: changes then wait in its transaction logs.
    ``last_written`` is in ticks and is not kept up to date since Windows 8.1.
    """

    primary_sequence: int
    secondary_sequence: int
    last_written: int
    major_version: int
    minor_version: int
    hive_bins_size: int
    checksum_ok: bool

    @property
    def dirty(self) -> bool:
        """Whether the hive was not written out completely."""
        return self.primary_sequence != self.secondary_sequence


@dataclass(frozen=True, slots=True)
class HiveValue:
    """One registry value. ``offset`` is that of its vk cell in bytes of the file; ``raw`` its data.

    ``type_name`` is the registry's own name for the type: ``REG_SZ``, ``REG_DWORD`` and so on.
    ``text`` is the value as one would read it out: strings without their terminating NUL, numbers in
    decimal, several strings joined by ``; ``, bytes in hexadecimal.
    """

    name: str
    type_name: str
    text: str
    raw: bytes
    offset: int


@dataclass(frozen=True, slots=True)
class ServiceKey:
    r"""One key under ``Services`` of a control set.

    ``path`` is the key's path inside the hive (``ControlSet001\Services\Name``), ``offset`` that of its
    nk cell in bytes of the file, ``last_written`` in ticks: when the key last changed, which is not
    when the service was installed. ``values`` are the key's own in file order; ``parameters`` are those of
    the key ``Parameters`` below it, with where that key is and when it was last written. ``service_dll`` is
    the one of these that is called ``ServiceDll``. What the key does not have is None or empty.
    """

    name: str
    path: str
    offset: int
    last_written: int
    values: tuple[HiveValue, ...]
    service_dll: HiveValue | None
    parameters_offset: int | None = None
    parameters_last_written: int | None = None
    parameters: tuple[HiveValue, ...] = ()

    def value(self, name: str) -> HiveValue | None:
        """Return the value called ``name``, whatever its case, or None."""
        return next((value for value in self.values if value.name.lower() == name.lower()), None)

    def text(self, name: str) -> str | None:
        """Return the text of the value called ``name``, or None where the key does not have it."""
        value = self.value(name)
        return None if value is None else value.text


@dataclass(frozen=True, slots=True)
class TimeZone:
    r"""``Control\TimeZoneInformation``; biases are minutes to add to local time to get UTC."""

    key_name: str | None
    bias: int | None
    active_bias: int | None


@dataclass(frozen=True, slots=True)
class ControlSet:
    r"""One ``ControlSetNNN`` key; ``current`` where ``Select\Current`` names it.

    ``product_type`` is ``WinNT`` (workstation), ``ServerNT`` (server) or ``LanmanNT`` (domain controller).
    ``host_name`` and ``domain`` are ``Tcpip\Parameters``'s. What the hive does not say is None or empty.
    ``product_suite`` names what the product has, as in ``Terminal Server``. ``undecoded`` are values that
    were read and whose content could not be.
    """

    number: int
    current: bool
    services: tuple[ServiceKey, ...]
    computer_name: str | None
    host_name: str | None
    domain: str | None
    product_type: str | None
    time_zone: TimeZone | None
    product_suite: tuple[str, ...] = ()
    firewall_rules: tuple[FirewallRule, ...] = ()
    last_runs: tuple[LastRun, ...] = ()
    cached_programs: tuple[CachedProgram, ...] = ()
    printers: tuple[Printer, ...] = ()
    shares: tuple[Share, ...] = ()
    network_interfaces: tuple[NetworkInterface, ...] = ()
    undecoded: tuple[Damage, ...] = ()

    @property
    def records(self) -> Iterator[HeldRecord]:
        """All that is a record beside the services, kind by kind."""
        return chain(
            self.firewall_rules,
            self.last_runs,
            self.cached_programs,
            self.printers,
            self.shares,
            self.network_interfaces,
        )


@dataclass(frozen=True, slots=True)
class SystemHive:
    """A SYSTEM hive as read; ``control_sets`` by number.

    ``damage`` is what of the hive could not be read; the values that could not be decoded are beside it, in
    ``undecoded``, since they say nothing about the state of the hive.
    """

    base_block: BaseBlock
    control_sets: tuple[ControlSet, ...]
    damage: tuple[Damage, ...]

    @property
    def undecoded(self) -> tuple[Damage, ...]:
        """Values of any control set that were read and whose content could not be."""
        return tuple(damage for each in self.control_sets for damage in each.undecoded)

    @property
    def current(self) -> ControlSet | None:
        r"""The control set that ``Select\Current`` names, or None where none can be told."""
        return next((each for each in self.control_sets if each.current), None)
