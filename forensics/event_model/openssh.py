"""What OpenSSH for Windows, server and client, writes to its logs (events 1 to 6), as rows of DeviceEvents.

Every event is one line of a program (process) with its text (payload); the number is only its level. What a
client calls itself stands in the text before the address that the server saw, so the last address of a text
counts.
Source: Microsoft's OpenSSH fork, its manifest as its events show it; OpenSSH's log texts as public records
have them.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import additional, text
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time

if TYPE_CHECKING:
    from parsers.evtx.record import EvtxRecord

PROVIDER: Final = "openssh"
EVENTS: Final = range(1, 7)

_ADDRESS: Final = r"\[?([0-9A-Fa-f.:]+(?:%[0-9A-Za-z]+)?)\]? port ([0-9]{1,5})\b"
_PEER: Final = re.compile(
    r"(?:\b|_)(?:from|by|with|to)\s.{0,256}?(?<!\bon )(?<![0-9A-Za-z.:\[])" + _ADDRESS,
)
"""``from 192.0.2.1 port 50022``, ``by authenticating user amy 192.0.2.1 port 50022``,
``to example.org [192.0.2.1] port 22``; never what stands behind ``on``, which is this machine's own."""

_PEER_BEFORE_ITS_WORDS: Final = re.compile(
    r"(?:[a-z0-9]+: )?(?:Received disconnect from|Unable to negotiate with) " + _ADDRESS
)
"""Messages that end in what the other end said: addresses there are its words."""

_HIGHEST_PORT: Final = 65_535


class Peer(NamedTuple):
    """The other end of a connection, as a message names it."""

    address: str
    port: int


def message(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of one line of OpenSSH's."""
    process, line = text(record.data, "process"), text(record.data, "payload")
    peer = peer_of(line)
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": ActionType.SSH_MESSAGE,
        **({} if peer is None else {"RemoteIP": peer.address, "RemotePort": peer.port}),
        "AdditionalFields": additional(record, {"Process": process, "Message": line}),
    }
    told = f"SSH message of {process or 'a program without a name'}: {line}"
    return Event(Table.EVENTS, columns, told, from_event_time(record, "SSH message"), Facts())


def peer_of(line: str) -> Peer | None:
    """Return the last address with a port that ``line`` names as the other end, or None."""
    first = _PEER_BEFORE_ITS_WORDS.match(line)
    for match in (first,) if first else reversed(list(_PEER.finditer(line))):
        address, port = match[1], int(match[2])
        if port <= _HIGHEST_PORT and _is_address(address):
            return Peer(address, port)
    return None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


SOURCES: Final[LogSources] = MappingProxyType({(PROVIDER, number): message for number in EVENTS})
"""By provider in lower case and event id."""
