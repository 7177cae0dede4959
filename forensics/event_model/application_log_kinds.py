r"""What lines of RustDesk's logs say: connections, servers, transferred files, passwords.

The wording is the same from 1.1.2 to the unreleased source after 1.4.9 unless a row says otherwise, in every
language: RustDesk's logs are not translated, and rebuilds keep them. A connection is opened before its
password is checked. Of a connection through a relay, or of one that the rendezvous server announces, the
address is the one that this server told.

Source: rustdesk/rustdesk, ``src/server/connection.rs``, ``rendezvous_mediator.rs``, ``ipc.rs``,
``core_main.rs``, ``client.rs``, ``platform``; hbb_common, ``fs.rs``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple


class LineKind(StrEnum):
    """What a line tells of."""

    CONNECTION_OPENED = "connection_opened"
    CONNECTION_CLOSED = "connection_closed"
    RENDEZVOUS = "rendezvous"
    DIRECT_ACCESS = "direct_access"
    FILE_TRANSFER = "file_transfer"
    PASSWORD_UPDATED = "password_updated"  # noqa: S105 - what was updated, no password
    WAKELOCK = "wakelock"
    OTHER = "other"


class Peer(NamedTuple):
    """An address with a port, where it has one. IPv4 in IPv6's clothes (``::ffff:``) is IPv4."""

    address: str
    port: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """What one line says. ``words`` is how a person is told; ``""`` and None where the line has no such part.

    ``path`` is of a file on this machine; ``server`` the rendezvous or relay server.
    """

    kind: LineKind
    words: str
    connection: str = ""
    peer: Peer | None = None
    path: str = ""
    direction: str = ""
    server: str = ""
    reason: str = ""


class _Wording(NamedTuple):
    kind: LineKind
    expression: re.Pattern[str]
    words: str


def _wording(kind: LineKind, expression: str, words: str) -> _Wording:
    return _Wording(kind, re.compile(expression, re.ASCII), words)


_WORDINGS: Final = (
    _wording(
        LineKind.CONNECTION_OPENED,
        r"#(?P<connection>\d{1,10}) Connection opened from (?P<peer>\S+?)\.?",
        "connection #{connection} opened from {peer}, its password not yet checked",
    ),
    _wording(
        LineKind.CONNECTION_CLOSED,
        r"#(?P<connection>\d{1,10}) Connection closed: (?P<reason>.*)",
        "connection #{connection} closed: {reason}",
    ),
    _wording(LineKind.RENDEZVOUS, r"start rendezvous mediator of (?P<server>.+)", "uses the server {server}"),
    _wording(
        LineKind.RENDEZVOUS,
        r"create_relay requested from (?P<peer>[^,\s]+), relay_server: (?P<server>[^,]*), .*",
        "a connection from {peer} was asked for through the relay {server}",
    ),
    # Since 1.1.9.
    _wording(LineKind.DIRECT_ACCESS, r"direct access from (?P<peer>\S+)", "reached directly from {peer}"),
    _wording(
        LineKind.DIRECT_ACCESS,
        r"Direct server listening on: (?P<reason>.+)",
        "listens for direct access: {reason}",
    ),
    # Since 1.2.0, on either side of a session; the path is always on the machine of the log.
    _wording(
        LineKind.FILE_TRANSFER,
        r"new (?P<direction>write|read) waiting job \d+, .*",
        "a file transfer waits: {text}",
    ),
    _wording(
        LineKind.FILE_TRANSFER, r"new (?P<direction>write) (?P<path>.+)", "began to receive files into {path}"
    ),
    _wording(
        LineKind.FILE_TRANSFER, r"new (?P<direction>read) (?P<path>.+)", "began to send files from {path}"
    ),
    # "password updated" up to 1.1.9. "temporary-password updated" is the one-time password of each session.
    _wording(
        LineKind.PASSWORD_UPDATED, r"(?:permanent-)?password updated", "the permanent password was updated"
    ),
    # Since 1.2.3-1; a session keeps the machine awake.
    _wording(LineKind.WAKELOCK, r"new wakelock.*|drop wakelock", "{text}"),
    # 1.2.2 to 1.4.1: all that stood on the command line, a password too.
    _wording(LineKind.OTHER, r"main start args:? ?.*", "started: {text}"),
    _wording(LineKind.OTHER, r"start --[a-z-]+(?: with user .*)?", "started: {text}"),
    _wording(LineKind.OTHER, r"id updated(?: from .*)?", "{text}"),
    _wording(LineKind.OTHER, r"#\d+ punch attempt with .*, id: .*", "tried to connect to another: {text}"),
    # Since 1.2.0.
    _wording(LineKind.OTHER, r"(?:Uni|I)nstalling service\.\.\.", "{text}"),
    _wording(LineKind.OTHER, r"import config from .*", "{text}"),
    # Since 1.3.0, and since 1.4.7.
    _wording(LineKind.OTHER, r"unlock-pin updated", "the PIN that protects its settings was updated"),
    _wording(LineKind.OTHER, r"(?:2FA bypassed|Permanent password accepted) .*", "{text}"),
)

_WITH_PORT: Final = re.compile(r"(?P<address>\[[^\]]*\]|[^:\[\]]+):(?P<port>\d{1,5})", re.ASCII)
_HIGHEST_PORT: Final = 65_535


def what_is_said(text: str) -> Said | None:
    """Return what the text of a line says; None where it says nothing that is kept."""
    first = text.partition("\n")[0].rstrip("\r")
    for wording in _WORDINGS:
        match = wording.expression.fullmatch(first)
        if match is not None:
            return _said(wording, match, first)
    return None


def _said(wording: _Wording, match: re.Match[str], text: str) -> Said:
    parts = match.groupdict()
    return Said(
        wording.kind,
        wording.words.format_map({**parts, "text": text}),
        connection=parts.get("connection", ""),
        peer=to_peer(parts["peer"]) if "peer" in parts else None,
        path=parts.get("path", ""),
        direction=parts.get("direction", ""),
        server=parts.get("server", ""),
        reason=parts.get("reason", ""),
    )


def to_peer(text: str) -> Peer | None:
    """Return what ``192.0.2.1:50022``, ``[2001:db8::1]:50022`` or a bare address means; None for others."""
    match = _WITH_PORT.fullmatch(text)
    if match is None:
        return _peer(text.strip("[]"), None)
    return _peer(match["address"].strip("[]"), int(match["port"]))


def _peer(text: str, port: int | None) -> Peer | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    if port is not None and port > _HIGHEST_PORT:
        return None
    return Peer(str(mapped or address), port)
