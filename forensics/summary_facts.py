"""What the rows of a case come to, machine by machine: facts that the terminal's summary puts in words."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from forensics.correlation import is_everywhere
from forensics.operator_server import find_operator_server
from forensics.rule import Severity
from parsers.filetime import TICKS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from forensics.correlation import Near
    from forensics.device import Device
    from forensics.finding import Found
    from forensics.pipeline import Analysis
    from forensics.service_story import ServiceStory
    from forensics.timeline_row import TimelineRow

_OF_RUSTDESK: Final = ("rustdesk_", "custom_rule")
_STATES: Final = ("last written", "last modified", "own time", "as the link has it")
"""What the meaning of a time has in it that is no act's."""

_OPENED: Final = re.compile(r"connection #(?P<number>\d+) opened from (?P<address>\S+?):\d+[,. ]")
_CLOSED: Final = re.compile(r"connection #(?P<number>\d+) closed")
_WINDOW_OPENS: Final = 120 * TICKS_PER_SECOND
"""How long after a connection its window, or a second record of it, may follow."""

_ORDER: Final = {severity.value: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody connected in: when, until when and from where; None and ``""`` where no record says so."""

    began: int
    ended: int | None = None
    address: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What is known of ``device``: ``own`` are its rows of RustDesk, ``near`` its context, in order of time.

    ``undated`` are findings of RustDesk without a time, ``servers`` the operator's hosts that it was given.
    """

    device: Device
    role: str
    own: tuple[TimelineRow, ...]
    undated: tuple[Found, ...]
    near: tuple[Near, ...]
    sessions: tuple[Session, ...]
    servers: tuple[str, ...]
    stories: tuple[ServiceStory, ...]

    @property
    def told(self) -> bool:
        """Whether there is anything to say of the machine."""
        return bool(self.own or self.undated or self.near)

    @property
    def first(self) -> int:
        """The ticks of RustDesk's first act, or else of its first row; later than all where it has none."""
        acts = [row.ticks for row in self.own if _is_act(row)]
        return min(acts or [row.ticks for row in self.own], default=1 << 64)

    def acts_of(self, *activities: str) -> tuple[TimelineRow, ...]:
        """Return the rows of ``activities`` whose time is that of an act, in order."""
        return tuple(row for row in self.own if row.activity in activities and _is_act(row))


def machine_facts(analysis: Analysis) -> tuple[MachineFacts, ...]:
    """Return the facts of every machine, in the order in which RustDesk came to them."""
    rows: dict[str, list[TimelineRow]] = defaultdict(list)
    for row in analysis.rows:
        rows[row.device_id].append(row)
    found = [each for each in analysis.concluded.found if _counts(each, analysis)]
    facts = [_facts(each, rows[each.device_id], found, analysis) for each in analysis.read.devices.all]
    return tuple(sorted(facts, key=lambda each: (each.first, each.device.name, each.device.device_id)))


def people(rows: Iterable[TimelineRow]) -> tuple[str, ...]:
    """Return the accounts in ``rows`` that not every machine has, by name where any is known by name."""
    users = list(dict.fromkeys(row.user for row in rows if row.user and not is_everywhere(row.user)))
    # Windows records one account by name in one log and by SID in another.
    return tuple([user for user in users if not user.startswith("S-1-")] or users)


def worst_of(machine: MachineFacts, analysis: Analysis) -> int:
    """Return how severe the severest finding of ``machine`` is, to sort by."""
    weighed = analysis.concluded.weighed
    keys = [each.key for each in machine.undated] + [each.context.key for each in machine.near]
    severities = [row.severity for row in machine.own] + [weighed[key].severity.value for key in keys]
    return max((_ORDER[each] for each in severities), default=-1)


def sessions_of(rows: Iterable[TimelineRow]) -> tuple[Session, ...]:
    """Return the sessions from outside that the ``rows`` of one machine tell of.

    RustDesk's log says that a connection was opened, from where, and that it was closed. The window of the
    connection manager (``--cm`` under ``--server``) says that somebody connected, and not who.
    """
    sessions: list[Session] = []
    for row in rows:
        if (opened := _OPENED.search(row.message)) is not None and row.activity == "inbound_session":
            sessions.append(Session(row.ticks, None, opened["address"].strip("[]"), opened["number"]))
        elif (closed := _CLOSED.search(row.message)) is not None:
            _close(sessions, closed["number"], row.ticks)
        elif row.activity == "inbound_session" and not _is_of_one(sessions, row.ticks):
            sessions.append(Session(row.ticks))
    return tuple(sessions)


def _is_act(row: TimelineRow) -> bool:
    """Whether the row's time is that of an act, and not of a state or a file, which may be older or newer."""
    return not any(state in row.timestamp_desc for state in _STATES)


def _close(sessions: list[Session], number: str, ticks: int) -> None:
    for place in reversed(range(len(sessions))):
        if sessions[place].number == number and sessions[place].ended is None:
            sessions[place] = replace(sessions[place], ended=ticks)
            return


def _is_of_one(sessions: Sequence[Session], ticks: int) -> bool:
    return any(0 <= ticks - each.began <= _WINDOW_OPENS for each in sessions)


def _counts(found: Found, analysis: Analysis) -> bool:
    return not found.is_dated or analysis.period.holds(found.event.ticks)


def _facts(
    device: Device, rows: Sequence[TimelineRow], found: Sequence[Found], analysis: Analysis
) -> MachineFacts:
    own = tuple(row for row in rows if row.finding.startswith(_OF_RUSTDESK))
    of_it = [each for each in found if each.event.device_id == device.device_id]
    of_rustdesk = [each for each in of_it if each.rule.finding.startswith(_OF_RUSTDESK)]
    keys = {each.key for each in of_it}
    near = [each for each in analysis.concluded.near if each.context.key in keys]
    return MachineFacts(
        device,
        analysis.concluded.roles[device.device_id].role.value.replace("_", " "),
        own,
        undated=tuple(each for each in of_rustdesk if not each.is_dated),
        near=tuple(sorted(near, key=lambda each: (each.context.event.ticks, each.context.key))),
        sessions=sessions_of(own),
        servers=tuple(dict.fromkeys(server for each in of_rustdesk for server in _servers(each))),
        stories=tuple(each for each in analysis.concluded.stories if each.device_id == device.device_id),
    )


def _servers(found: Found) -> Iterator[str]:
    """Give the hosts that a rule names, or that a command line or a program's name carries.

    What a session's record names is who connected, and no server.
    """
    if found.activity == "inbound_session":
        return
    carried = find_operator_server(found.event.command_line, found.event.image_path)
    yield from (each for each in (found.finding.server, "" if carried is None else carried.host) if each)
