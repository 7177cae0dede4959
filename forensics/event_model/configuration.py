"""Settings of RustDesk's configuration that matter, and each peer that was connected to, as DeviceEvents.

Every row is at the time when its file was last modified, in whatever way, where the evidence has that: never
the time when the setting was made.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.application_log_kinds import to_peer
from forensics.event_model.cells import to_json
from forensics.event_model.event import Cell, Event, Table
from forensics.event_model.file_origin import file_origin, file_place, file_time, whose
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.event_model.file_origin import FilePlace
    from parsers.evidence.source import Artifact
    from parsers.rustdesk.configuration import Setting

SOURCE: Final = "RustDesk configuration"
PEER: Final = "peer"
"""The setting of a row that stands for a whole file: one of the machines that were connected to from here."""

_SERVERS: Final = frozenset(
    {"rendezvous_server", "custom-rendezvous-server", "relay-server", "api-server", "proxy"}
)
_SETTINGS: Final = frozenset(
    {
        *(("", name) for name in ("id", "enc_id", "password", "rendezvous_server", "unlock_pin")),
        *(("", name) for name in ("remote_id", "timestamp")),
        ("socks", "proxy"),
        ("socks", "username"),
        *(
            ("options", name)
            for name in (
                "custom-rendezvous-server",
                "relay-server",
                "api-server",
                "key",
                "proxy-url",
                "direct-server",
                "direct-access-port",
                "whitelist",
                "id-whitelist",
                "approve-mode",
                "verification-method",
                "access-mode",
                "allow-hide-cm",
                "allow-remote-config-modification",
                "allow-logon-screen-password",
                "hide-tray",
                "stop-service",
            )
        ),
    }
)
"""By table and key. ``id`` and ``enc_id`` are the machine's own, ``remote_id`` the last that was connected
to, ``timestamp`` (meta.toml) when the self-extractor was built, in milliseconds of Unix time (hbb_common,
``config.rs``; rustdesk/rustdesk, ``libs/portable``)."""

_ENCRYPTED: Final = frozenset({("", "password"), ("", "enc_id"), ("", "unlock_pin")})
_PEER_DETAILS: Final = {"hostname": "PeerHostname", "username": "PeerUsername", "platform": "PeerPlatform"}
_BASE64: Final = "base64_"
_MOST_DIGITS: Final = 15
_UNIX_EPOCH: Final = filetime.from_text("1970-01-01T00:00:00Z")
_TICKS_PER_MILLISECOND: Final = filetime.TICKS_PER_SECOND // 1000


def configuration_events(settings: Sequence[Setting], artifact: Artifact) -> Iterator[tuple[Event, str]]:
    """Give a row for each setting that is set and matters, with ``setting=value``; one for a peer's file."""
    place = file_place(artifact)
    if _is_peer(place, settings):
        identity = _peer_id(place.name)
        details = {
            _PEER_DETAILS[each.key]: each.value
            for each in settings
            if each.table == "info" and each.key in _PEER_DETAILS
        }
        told = ", ".join(filter(None, details.values()))
        words = f"this machine connected to the peer {identity}" + (f" ({told})" if told else "")
        yield _event(artifact, place, PEER, identity, words, details), f"{PEER}={identity}"
        return
    for each in settings:
        if each.value and (each.table, each.key) in _SETTINGS:
            event = _event(artifact, place, each.key, each.value, _words(each), {"Table": each.table}, each)
            yield event, f"{each.table}.{each.key}={each.value}"


def _event(  # noqa: PLR0913, PLR0917 - what a row is made of
    artifact: Artifact,
    place: FilePlace,
    name: str,
    value: str,
    words: str,
    details: dict[str, str],
    setting: Setting | None = None,
) -> Event:
    ticks, time_means = file_time(artifact)
    additional = {
        "Source": SOURCE,
        "Application": place.application,
        "Profile": place.profile,
        "File": place.name,
        "Setting": name,
        "Value": value,
        **details,
    }
    columns: dict[str, Cell] = {
        "Timestamp": ticks,
        "ActionType": ActionType.CONFIGURATION_FOUND,
        "FileName": place.name,
        "FolderPath": place.path,
        **(_server(value) if name in _SERVERS else {}),
        "AdditionalFields": to_json({key: text for key, text in additional.items() if text}),
    }
    where = "" if setting is None or not setting.line else f"line {setting.line}, offset {setting.offset:#x}"
    offset = 0 if setting is None else setting.offset
    origin = file_origin(
        place, SOURCE, ticks=ticks, time_means=time_means, locator=where or "the whole file", offset=offset
    )
    message = f"RustDesk configuration{whose(place)} ({place.name}): {words}"
    return Event(Table.EVENTS, columns, message, origin)


def _words(setting: Setting) -> str:
    name = "a permanent password" if setting.key == "password" else setting.key
    if setting.key == "timestamp" and (built := _built(setting.value)):
        return f"its self-extractor was built {built}"
    if (setting.table, setting.key) in _ENCRYPTED:
        return f"{name} is set, kept in an encrypted form"
    return f"{setting.key} is {setting.value}"


def _built(milliseconds: str) -> str:
    """Return the date that a count of milliseconds since 1970 is, or ``""``."""
    is_number = milliseconds.isdecimal() and len(milliseconds) <= _MOST_DIGITS
    ticks = _UNIX_EPOCH + int(milliseconds) * _TICKS_PER_MILLISECOND if is_number else 0
    return filetime.to_text(ticks, 3) if 0 < ticks <= filetime.MAX_TICKS else ""


def _server(value: str) -> dict[str, Cell]:
    peer = to_peer(value)
    if peer is None:
        return {"RemoteUrl": value}
    return {"RemoteIP": peer.address, **({} if peer.port is None else {"RemotePort": peer.port})}


def _is_peer(place: FilePlace, settings: Sequence[Setting]) -> bool:
    return place.folder.lower() == "peers" or any(
        each.table == "" and each.key == "view_style" for each in settings
    )


def _peer_id(name: str) -> str:
    """Return the peer that a file is called after; RustDesk encodes ids that no file can be called."""
    stem = name.rpartition(".")[0]
    if not stem.startswith(_BASE64):
        return stem
    try:
        return base64.b64decode(stem.removeprefix(_BASE64), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return stem
