"""What each machine of a case is for: what the examiner says, or else what its evidence shows.

What shows a role is asked in KQL, one file a role in ``roles``, in the order of :data:`ROLES`: the first that
gives a machine decides, and every reason that it gives is kept. A query results in ``DeviceId`` and
``Reason``, a clause that a person can read.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from forensics.errors import ForensicsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from forensics.device import Device
    from forensics.rule_engine import KqlEngine


class DeviceRole(StrEnum):
    """What a machine is for."""

    DOMAIN_CONTROLLER = "domain_controller"
    FILE_SERVER = "file_server"
    ADMIN_WORKSTATION = "admin_workstation"
    SERVER = "server"
    WORKSTATION = "workstation"
    UNKNOWN = "unknown"


ROLES: Final = tuple(role for role in DeviceRole if role is not DeviceRole.UNKNOWN)
"""The roles that evidence can show and an examiner can give, the first that holds decides."""

NO_EVIDENCE: Final = "no SYSTEM hive of this machine was examined, and nothing else shows its role"
UNDECIDED: Final = "nothing that was examined shows its role"

ROLE_OPTION: Final = "--role"
_HOST_COLUMNS: Final = ("host", "device", "hostname", "name")
_ROLE_COLUMN: Final = "role"


class RoleError(ForensicsError):
    """A role that was given cannot be understood; the message says where and what to write."""


@dataclass(frozen=True, slots=True)
class GivenRole:
    """The role that the examiner says that machine ``host`` has; ``source`` is where that was said."""

    host: str
    role: DeviceRole
    source: str


@dataclass(frozen=True, slots=True)
class RoleDecision:
    """The role of a machine and every reason for it."""

    role: DeviceRole
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """All reasons in one line."""
        return "; ".join(self.reasons)


def decide_roles(
    devices: Sequence[Device], engine: KqlEngine, given: Sequence[GivenRole] = ()
) -> Mapping[str, RoleDecision]:
    """Return the role of each of ``devices`` by DeviceId; of several that were ``given`` the last counts."""
    shown: dict[DeviceRole, Mapping[str, list[str]]] = {role: _shown(role, engine) for role in ROLES}
    return {device.device_id: _decide(device, shown, given) for device in devices}


def unknown_hosts(given: Iterable[GivenRole], devices: Sequence[Device]) -> tuple[str, ...]:
    """Return the hosts of ``--role`` that are no machine of the case; a list of assets may name any."""
    typed = [each for each in given if each.source == ROLE_OPTION]
    return tuple(each.host for each in typed if not any(_is_of(each, device) for device in devices))


def parse_role(text: str) -> GivenRole:
    """Return ``HOST=ROLE`` as a role. Raises RoleError."""
    host, equals, role = text.rpartition("=")
    if not equals or not host.strip():
        raise RoleError(f"--role {text}: not HOST=ROLE. Write DC01=domain_controller")
    return GivenRole(host.strip(), _role(role, f"{ROLE_OPTION} {text}"), ROLE_OPTION)


def read_assets(path: Path) -> tuple[GivenRole, ...]:
    """Return the roles of a CSV file with a header and the columns ``host`` and ``role``, others ignored.

    Raises RoleError with file and line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return tuple(_assets(csv.DictReader(stream), path))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise RoleError(f"{path}: cannot be read: {reason}. Give a CSV file in UTF-8") from error


def _assets(rows: csv.DictReader[str], path: Path) -> Iterator[GivenRole]:
    names = {name.strip().casefold(): name for name in rows.fieldnames or ()}
    host = next((names[name] for name in _HOST_COLUMNS if name in names), None)
    if host is None or _ROLE_COLUMN not in names:
        raise RoleError(f"{path}:1: has no columns host and role. Begin the file with host,role")
    for row in rows:
        where = f"{path}:{rows.line_num}"
        if (row[host] or "").strip():
            role = _role(row[names[_ROLE_COLUMN]] or "", where)
            yield GivenRole(row[host].strip(), role, path.name)


def _role(text: str, where: str) -> DeviceRole:
    wanted = text.strip().casefold().replace(" ", "_").replace("-", "_")
    found = next((role for role in ROLES if role == wanted), None)
    if found is None:
        raise RoleError(f"{where}: there is no role {text.strip()!r}. It is one of {', '.join(ROLES)}")
    return found


def _decide(
    device: Device, shown: Mapping[DeviceRole, Mapping[str, list[str]]], given: Sequence[GivenRole]
) -> RoleDecision:
    said = [each for each in given if _is_of(each, device)]
    if said:
        return RoleDecision(said[-1].role, (f"given with {said[-1].source}",))
    for role, reasons in shown.items():
        if device.device_id in reasons:
            return RoleDecision(role, tuple(reasons[device.device_id]))
    return RoleDecision(DeviceRole.UNKNOWN, (UNDECIDED if device.product_type else NO_EVIDENCE,))


def _is_of(given: GivenRole, device: Device) -> bool:
    """Whether a host that was given is ``device``: by any of its names, whole or without its domain."""
    names = {name.casefold() for name in (device.name, *device.names)}
    host = given.host.casefold()
    return host in names or host in {name.partition(".")[0] for name in names}


def role_query(role: DeviceRole) -> tuple[str, str]:
    """Return the file's name and the KQL that asks which machines have ``role``."""
    name = f"forensics/roles/{role}.kql"
    return name, files("forensics").joinpath("roles", f"{role}.kql").read_text("utf-8")


def _shown(role: DeviceRole, engine: KqlEngine) -> Mapping[str, list[str]]:
    """Return the reasons for ``role`` by DeviceId, in order."""
    name, query = role_query(role)
    reasons: dict[str, set[str]] = defaultdict(set)
    for row in engine.run(query, name).select(["DeviceId", "Reason"]).to_pylist():
        reasons[row["DeviceId"]].add(row["Reason"])
    return {device_id: sorted(each) for device_id, each in reasons.items()}
