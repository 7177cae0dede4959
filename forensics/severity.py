"""How much a row matters: its rule's base, raised by what else is known, as :data:`ARITHMETIC` says.

Rows that only corroborate (image loads, traces and context that their rule calls informational) are raised to
``low`` at most: the hundred steps of one installer are not a hundred findings. A row of which it is known
that somebody opened the machine or entered it is no such row.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.device_role import DeviceRole
from forensics.rule import RuleKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from forensics.correlation import Near
    from forensics.device_role import RoleDecision
    from forensics.finding import Found, FoundKey


def _is_a(role: DeviceRole) -> str:
    return "the machine's role is " + role.value.replace("_", " ")


LEVELS: Final = tuple(Severity)
"""From least to most."""

ROLE_RAISE: Final[Mapping[DeviceRole, int]] = MappingProxyType(
    {
        DeviceRole.DOMAIN_CONTROLLER: 2,
        DeviceRole.FILE_SERVER: 2,
        DeviceRole.ADMIN_WORKSTATION: 2,
        DeviceRole.SERVER: 1,
        DeviceRole.WORKSTATION: 0,
        DeviceRole.UNKNOWN: 1,
    }
)
"""An unknown machine may be a server."""

UNATTENDED: Final = "sets unattended access"
INBOUND: Final = "an inbound session"
INSTALL_UNATTENDED: Final = "installed with unattended access set within the window"
INSTALL_INBOUND: Final = "installed with an inbound session within the window"
CONTEXT: Final = "a context finding of at least medium within the window"
CORROBORATES: Final = "only corroborates: low at most"

ARITHMETIC: Final[tuple[tuple[str, str], ...]] = (
    *((_is_a(role), f"+{levels}") for role, levels in ROLE_RAISE.items()),
    (UNATTENDED, "+1"),
    (INBOUND, "+1"),
    (INSTALL_UNATTENDED, "+1"),
    (INSTALL_INBOUND, "+1"),
    (CONTEXT, "+1"),
    (CORROBORATES, "cut"),
)
"""What raises a row, and by how many levels; the sum ends at ``critical``."""

_ENTERS: Final = frozenset({"set_password", "configure", "inbound_session"})
_CORROBORATING: Final = frozenset(
    {"rustdesk_image_load", "rustdesk_trace", "service_created", "scheduled_task"}
)

_ALERTING: Final = frozenset({"ssh_tunnel", "scheduled_task", "log_cleared", "clock_changed"})
"""Findings that raise others also where a rule gives them for themselves: a task that runs RustDesk."""


@dataclass(frozen=True, slots=True)
class Step:
    """One reason, and by how many levels it raised a row."""

    reason: str
    levels: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """The severity of a row: from ``base`` by ``steps`` to ``severity``."""

    base: Severity
    severity: Severity
    steps: tuple[Step, ...]


def weigh(
    found: Sequence[Found], selected: Sequence[Near], roles: Mapping[str, RoleDecision], window: int
) -> Mapping[FoundKey, Weighed]:
    """Return the severity of each of ``found``; ``selected`` is the context among them, ``window`` ticks."""
    times = _Times(found, selected, window)
    return {each.key: _weighed(each, roles[each.event.device_id].role, times) for each in found}


def _weighed(found: Found, role: DeviceRole, times: _Times) -> Weighed:
    base = found.rule.severity
    steps = tuple(step for step in _steps(found, role, times) if step.levels)
    level = min(LEVELS.index(base) + sum(step.levels for step in steps), len(LEVELS) - 1)
    most = LEVELS.index(Severity.LOW)
    if level > most and _only_corroborates(found):
        return Weighed(base, LEVELS[most], (*steps, Step(CORROBORATES, most - level)))
    return Weighed(base, LEVELS[level], steps)


def _only_corroborates(found: Found) -> bool:
    informational = found.rule.severity is Severity.INFORMATIONAL
    return informational and found.rule.finding in _CORROBORATING and found.activity not in _ENTERS


def _steps(found: Found, role: DeviceRole, times: _Times) -> Iterator[Step]:
    yield Step(_is_a(role), ROLE_RAISE[role])
    if not found.is_of_rustdesk:
        return
    yield Step(UNATTENDED, int(found.activity == "set_password"))
    yield Step(INBOUND, int(found.activity == "inbound_session"))
    if found.activity == "install":
        yield Step(INSTALL_UNATTENDED, int(times.near(UNATTENDED, found)))
        yield Step(INSTALL_INBOUND, int(times.near(INBOUND, found)))
    yield Step(CONTEXT, int(times.near(CONTEXT, found)))


class _Times:
    """When what raises other rows happened, by machine."""

    def __init__(self, found: Iterable[Found], selected: Iterable[Near], window: int) -> None:
        self._window = window
        self._ticks: dict[tuple[str, str], list[int]] = defaultdict(list)
        for each in found:
            reason = {"set_password": UNATTENDED, "inbound_session": INBOUND}.get(each.activity)
            if reason is not None and each.is_of_rustdesk:
                self._ticks[reason, each.event.device_id].append(each.event.ticks)
        for near in selected:
            if LEVELS.index(near.context.rule.severity) >= LEVELS.index(Severity.MEDIUM):
                self._ticks[CONTEXT, near.anchor.event.device_id].append(near.context.event.ticks)
        for each in found:
            if each.rule.kind is RuleKind.FINDING and each.rule.finding in _ALERTING:
                self._ticks[CONTEXT, each.event.device_id].append(each.event.ticks)
        for ticks in self._ticks.values():
            ticks.sort()

    def near(self, reason: str, found: Found) -> bool:
        ticks = self._ticks.get((reason, found.event.device_id), [])
        time = found.event.ticks
        return bisect_left(ticks, time - self._window) < bisect_right(ticks, time + self._window)
