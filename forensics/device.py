"""Which machine an event is of, and what role that machine has.

Rules:

1. An artifact is of one machine: a hive always, an event log unless its records' own ids differ from their
   headers' (an export or a forwarded log) and it holds several names. A machine that was renamed keeps its
   earlier names in its logs; its name is the latest.
2. Artifacts with the same name, whatever its case, are of the same machine. A short name is the machine with
   that host part, if only one machine of the case has it.
3. A log that ends under an earlier name of exactly one machine of its evidence is that machine's, unless a
   hive says that a machine still has the name. A template's name is shared by all machines made of it, so no
   two machines are ever one because of an earlier name.
4. An artifact without a name is of the only machine of its evidence, or of a machine of its own.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class DeviceRole(StrEnum):
    """What a machine is for, as far as its hive says."""

    DOMAIN_CONTROLLER = "domain_controller"
    SERVER = "server"
    WORKSTATION = "workstation"
    UNKNOWN = ""


_ROLES: Final = {
    "lanmannt": DeviceRole.DOMAIN_CONTROLLER,
    "servernt": DeviceRole.SERVER,
    "winnt": DeviceRole.WORKSTATION,
}
"""``Control\\ProductOptions\\ProductType`` in lower case, and the role it names."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one artifact says of its machine: ``names`` in order of appearance, ``latest`` the last of them.

    ``key`` is the artifact's place in the case's order. ``product_type`` only a hive knows.
    """

    key: int
    evidence_id: str
    source_path: str
    names: tuple[str, ...]
    latest: str
    one_machine: bool
    is_hive: bool = False
    product_type: str | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """One machine. ``device_id`` is 40 hex digits, made from its name alone and so the same in every run."""

    device_id: str
    name: str
    names: tuple[str, ...]
    role: DeviceRole
    role_reason: str


class _Unit(NamedTuple):
    """The part of an artifact that is of one machine."""

    sighting: Sighting
    name: str
    earlier: frozenset[str]


@dataclass(frozen=True, slots=True)
class Devices:
    """The machines of a case, and to which of them an artifact's records belong."""

    all: tuple[Device, ...]
    by_place: Mapping[tuple[int, str], Device]

    def of(self, key: int, computer: str) -> Device:
        """Return the machine of a record of artifact ``key`` that names ``computer``."""
        return self.by_place[key, computer.casefold()]

    def artifacts_of(self, device: Device) -> tuple[int, ...]:
        """Return the keys of the artifacts that are, in whole or in part, of ``device``."""
        return tuple(sorted({key for (key, _), each in self.by_place.items() if each == device}))


def find_devices(sightings: Sequence[Sighting]) -> Devices:
    """Tell the machines of a case apart by what its artifacts say."""
    units = [unit for sighting in sightings for unit in _units(sighting)]
    groups = _group(units)
    devices: list[Device] = []
    by_place: dict[tuple[int, str], Device] = {}
    for name in sorted(groups):
        device = _device(name, groups[name])
        devices.append(device)
        for unit in groups[name]:
            for each in {unit.name, *unit.earlier}:
                by_place[unit.sighting.key, each.casefold()] = device
    return Devices(tuple(devices), by_place)


def _units(sighting: Sighting) -> Iterable[_Unit]:
    if sighting.one_machine or len({name.casefold() for name in sighting.names if name}) == 1:
        latest = sighting.latest.casefold()
        # A record without a name is its log's machine's.
        earlier = frozenset(name for name in ("", *sighting.names) if name.casefold() != latest)
        return [_Unit(sighting, sighting.latest, earlier)]
    return [_Unit(sighting, name, frozenset()) for name in sighting.names]


def _group(units: Sequence[_Unit]) -> dict[str, list[_Unit]]:
    """Return the units of each machine, by its full name in lower case."""
    full_names = {unit.name.casefold() for unit in units if "." in unit.name}
    by_host: dict[str, set[str]] = defaultdict(set)
    for name in full_names:
        by_host[name.partition(".")[0]].add(name)
    groups: dict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        groups[_full_name(unit, by_host)].append(unit)
    _join_earlier_names(groups)
    _join_unnamed(groups)
    return groups


def _full_name(unit: _Unit, by_host: Mapping[str, set[str]]) -> str:
    name = unit.name.casefold()
    candidates = by_host.get(name, set())
    return next(iter(candidates)) if len(candidates) == 1 else name


def _join_earlier_names(groups: dict[str, list[_Unit]]) -> None:
    """Give a group that goes by another's earlier name to that other (rule 3)."""
    for name in sorted(groups):
        evidence_ids = {unit.sighting.evidence_id for unit in groups[name]}
        owners = [
            other
            for other, units in groups.items()
            if other != name and any(_was_called(unit, name, evidence_ids) for unit in units)
        ]
        has_hive = any(unit.sighting.is_hive for unit in groups[name])
        if name and len(owners) == 1 and not has_hive and len(evidence_ids) == 1:
            groups[owners[0]] += groups.pop(name)


def _was_called(unit: _Unit, name: str, evidence_ids: set[str]) -> bool:
    hosts = {earlier.casefold() for earlier in unit.earlier}
    return unit.sighting.evidence_id in evidence_ids and name in hosts


def _join_unnamed(groups: dict[str, list[_Unit]]) -> None:
    """Give what has no name to the only machine of its evidence, or to a machine of its own (rule 4)."""
    for unit in groups.pop("", []):
        evidence_id = unit.sighting.evidence_id
        here = [
            name for name, units in groups.items() if evidence_id in {u.sighting.evidence_id for u in units}
        ]
        named = [name for name in here if not name.startswith("\0")]
        owner = named[0] if len(named) == 1 else f"\0{evidence_id}"
        groups.setdefault(owner, []).append(unit)


def _device(key: str, units: Sequence[_Unit]) -> Device:
    spellings = sorted({unit.name for unit in units if unit.name.casefold() == key}) or [""]
    names = sorted({name for unit in units for name in (unit.name, *unit.earlier) if name})
    role, reason = _role(units)
    digest = hashlib.sha1(b"rustdesk-forensics device\0" + key.encode("utf-8", "surrogatepass"))  # noqa: S324 - an id, not a safeguard
    return Device(digest.hexdigest(), spellings[0], tuple(names), role, reason)


def _role(units: Sequence[_Unit]) -> tuple[DeviceRole, str]:
    for unit in sorted(units, key=lambda each: each.sighting.key):
        product_type = unit.sighting.product_type
        if product_type is not None and product_type.casefold() in _ROLES:
            reason = f"ProductType is {product_type} in {unit.sighting.source_path}"
            return _ROLES[product_type.casefold()], reason
    return DeviceRole.UNKNOWN, "no SYSTEM hive of this machine was examined"
