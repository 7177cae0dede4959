"""The servers that RustDesk was given, used, asked for or connected to, and by which rows that is known.

Source: RustDesk's ports as its server's documentation lists them: 21114 to 21119.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from forensics.finding import FoundKey
from forensics.operator_server import find_operator_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from forensics.finding import Found
    from forensics.timeline_row import TimelineRow

GIVEN: Final = "given to it"
LOGGED: Final = "named in its log"
ASKED: Final = "asked for by name"
CONNECTED: Final = "connected to"
_ORDER: Final = (CONNECTED, LOGGED, ASKED, GIVEN)
_PUBLIC: Final = "rustdesk.com"

_USES: Final = re.compile(r"^RustDesk log .*: uses the server (?P<name>[^\s\[\]]+)")
_ASKS: Final = re.compile(r"^DNS query: (?P<name>\S+) by ")
_CONNECTS: Final = re.compile(
    r"^Connection to (?P<address>\S+) port 2111[4-9](?: \((?P<name>[^)\s]+)\))?, (?:tcp|udp)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ContactedServer:
    """A server by ``name`` or address: ``how`` it is known gives the rows, the strongest way first."""

    name: str
    how: Mapping[str, tuple[int, ...]]
    addresses: tuple[str, ...]

    @property
    def is_public(self) -> bool:
        """Whether it is one of RustDesk's own, which everybody uses who gives it no other."""
        name = self.name.casefold().rstrip(".")
        return name == _PUBLIC or name.endswith(f".{_PUBLIC}")

    @property
    def rows(self) -> tuple[int, ...]:
        """All rows that tell of it, in order."""
        return tuple(sorted({row for rows in self.how.values() for row in rows}))


def contacted_servers(
    rows: Sequence[TimelineRow], found: Mapping[FoundKey, Found]
) -> tuple[ContactedServer, ...]:
    """Return the servers that ``rows`` of RustDesk tell of, its own public ones last."""
    known: dict[str, dict[str, list[int]]] = {}
    addresses: dict[str, list[str]] = {}
    for row in rows:
        for name, how, address in _told(row, found.get(FoundKey(row.rule_id, row.report_id))):
            numbers = known.setdefault(name.casefold(), {}).setdefault(how, [])
            numbers.extend([row.row] if row.row not in numbers else [])
            addresses.setdefault(name.casefold(), []).extend([address] if address else [])
    servers = [
        ContactedServer(
            name,
            {each: tuple(how[each]) for each in _ORDER if each in how},
            tuple(dict.fromkeys(addresses.get(name, []))),
        )
        for name, how in known.items()
    ]
    return tuple(sorted(servers, key=lambda each: (each.is_public, set(each.how) == {ASKED}, each.rows)))


def _told(row: TimelineRow, found: Found | None) -> Iterator[tuple[str, str, str]]:
    """Give each server's name that a row tells of, how, and its address where that is beside it."""
    if (used := _USES.search(row.message)) is not None:
        yield used["name"], LOGGED, ""
    elif (asked := _ASKS.search(row.message)) is not None:
        yield asked["name"], ASKED, ""
    elif (connected := _CONNECTS.search(row.message)) is not None:
        name = connected["name"] or connected["address"]
        yield name, CONNECTED, "" if name == connected["address"] else connected["address"]
    elif row.activity != "inbound_session":  # there it is who connected, no server
        carried = find_operator_server(row.command_line, row.image_path)
        names = set() if carried is None else {carried.host, carried.relay, carried.api}
        names |= set() if found is None else {found.finding.server}
        yield from ((name, GIVEN, "") for name in sorted(names - {""}))
