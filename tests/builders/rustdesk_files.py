r"""RustDesk's own files as it leaves them on Windows: logs, configuration, and where each lies.

Wording: rustdesk/rustdesk and hbb_common; see forensics/event_model/application_log_kinds.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE_PROFILE: Final = "Windows/ServiceProfiles/LocalService"
SERVER_LOG: Final = f"{SERVICE_PROFILE}/AppData/Roaming/RustDesk/log/server/rustdesk_rCURRENT.log"
SERVER_CONFIGURATION: Final = f"{SERVICE_PROFILE}/AppData/Roaming/RustDesk/config/RustDesk2.toml"
PEER: Final = "Users/amy/AppData/Roaming/RustDesk/config/peers/123456789.toml"
STARTUP_LINK: Final = "ProgramData/Microsoft/Windows/Start Menu/Programs/Startup/RustDesk Tray.lnk"
PREFETCH: Final = "Windows/Prefetch/RUSTDESK.EXE-1A2B3C4D.pf"

CONNECTION: Final = r"src\server\connection.rs:1354"
MEDIATOR: Final = r"src\rendezvous_mediator.rs:477"
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class LineToWrite:
    """One line of a log. ``ticks`` is UTC; ``minutes`` the machine's offset east of it."""

    text: str
    ticks: int = 133_537_248_000_000_000
    minutes: int = 0
    level: str = "INFO"
    source: str = CONNECTION

    def to_bytes(self) -> bytes:
        """Return the line with its end."""
        local = self.ticks + self.minutes * _MINUTE * filetime.TICKS_PER_SECOND
        time = filetime.to_text(local, 6).removesuffix("Z").replace("T", " ")
        hours, minutes = divmod(abs(self.minutes), _MINUTE)
        offset = f"{'-' if self.minutes < 0 else '+'}{hours:02}:{minutes:02}"
        return f"[{time} {offset}] {self.level} [{self.source}] {self.text}\n".encode()


def build_log(*lines: LineToWrite) -> bytes:
    """Return the bytes of a log."""
    return b"".join(line.to_bytes() for line in lines)


@dataclass(frozen=True, slots=True)
class ConfigurationToWrite:
    """Settings above the tables, and in them by name."""

    settings: Mapping[str, str | int] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def build_configuration(written: ConfigurationToWrite) -> bytes:
    """Return a file as the Rust crate toml writes it: literal strings in single quotes."""
    lines = [f"{key} = {_to_toml(value)}" for key, value in written.settings.items()]
    for name, table in written.tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {_to_toml(value)}" for key, value in table.items())]
    return ("\n".join(lines) + "\n").encode()


def server_configuration(server: str = "203.0.113.10") -> bytes:
    """Return a RustDesk2.toml whose operator uses a server of their own."""
    return build_configuration(
        ConfigurationToWrite(
            {"rendezvous_server": f"{server}:21116", "nat_type": 1, "serial": 0},
            {
                "options": {
                    "custom-rendezvous-server": server,
                    "key": "qGgtbkcfhHCS1SpvBXBJyn1tRcVPNQ1MiK1tAkmfVvE=",
                    "verification-method": "use-permanent-password",
                    "local-ip-addr": "10.0.0.7",
                }
            },
        )
    )


def peer_configuration() -> bytes:
    """Return the file of a machine that was connected to."""
    return build_configuration(
        ConfigurationToWrite(
            {"view_style": "original", "image_quality": "balanced"},
            {"info": {"username": "bob", "hostname": "FS02", "platform": "Windows"}},
        )
    )


def session_log(peer: str = "198.51.100.23:50122") -> bytes:
    """Return a log of one session of twelve minutes and a half, in which a file was fetched."""
    second = filetime.TICKS_PER_SECOND
    start = LineToWrite("").ticks

    def at(seconds: int, text: str, level: str = "INFO", source: str = CONNECTION) -> LineToWrite:
        return LineToWrite(text, start + seconds * second, 60, level, source)

    return build_log(
        at(0, "start rendezvous mediator of rs-ny.rustdesk.com", source=MEDIATOR),
        at(10, f"#1024 Connection opened from {peer}.", level="DEBUG"),
        at(11, "receive request: 7"),
        at(60, r"new read C:\Finance\2024", source=r"libs\hbb_common\src\fs.rs:310"),
        at(760, "#1024 Connection closed: Peer close"),
    )


def _to_toml(value: str | int) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"
