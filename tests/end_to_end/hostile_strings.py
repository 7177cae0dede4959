r"""Strings that harm whoever shows, opens or cuts them, and evidence that has them in every text field."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from tests.builders.event_log import build_event_log
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.rustdesk_files import (
    SERVER_CONFIGURATION,
    SERVER_LOG,
    STARTUP_LINK,
    LineToWrite,
    build_log,
)
from tests.builders.service_event import service_installed
from tests.builders.shortcut import ShortcutToWrite, build_shortcut
from tests.builders.sysmon_event import image_loaded, process_created
from tests.builders.system_hive import ServiceToWrite, build_system_hive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.builders.event_log import EventToWrite

ANSI: Final = "\x1b[2J\x1b[31m\x1b]0;owned\x07\x9b1A"
BIDI: Final = "\u202egpj.exe\u2066"
ZERO_WIDTH: Final = "a\u200bb\u2060c\ufeffd\u00ade\U000e0041f"
LONG: Final = "x" * 40_000
"""What a hive's value and a line of a log hold; an event's value ends at 65,535 bytes (libyal, EVTX)."""

LONG_OF_EVENT: Final = "y" * 30_000
LOST_BY_READERS: Final = {"surrogate": "lone \ud800 high, low \udc00", "nul": "before\0after"}
"""What a decoder of event records drops; a cell that may lack something is named in ``altered_fields``."""

HOSTILE: Final = {
    "ansi": ANSI,
    "bidi": BIDI,
    "zero_width": ZERO_WIDTH,
    "line_ends": "one\r\ntwo\rthree\nfour\u2028five\x85six",
    "tab": "\t=1+1",
    "script": "</script><script>alert(1)</script><!--",
    "dde": "=cmd|'/C calc'!A0",
    "at": "@SUM(1+1)*cmd|'/C calc'!A0",
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "fullwidth": "\uff1d1+1",
    "semicolon": 'x;=1+1;"=2+2"',
    "quotes": 'a "quoted", cell\'s end""',
    "look_alike": "<U+202E> <U+003C>",
}
HOST: Final = "=cmd|'calc'!A0\x1b[2J\u202eEVIL.example"
RUSTDESK: Final = r"C:\Program Files\RustDesk\rustdesk.exe"
FOLDER: Final = "night\n\x1b[2J\u202elog=cmd|x" if os.name != "nt" else "night \u202elog=cmd"
"""A folder's name as only a hostile archive or another system than Windows makes it."""

_SECOND: Final = 10_000_000


def hostile_folder(folder: Path) -> None:
    """Write a machine's logs, hive, RustDesk's own files and a startup link, in a folder named to harm."""
    root = folder / FOLDER
    logs = root / "Windows/System32/winevt/Logs"
    files = {
        logs / "Microsoft-Windows-Sysmon%4Operational.evtx": build_event_log(list(_processes())),
        logs / "System.evtx": build_event_log(list(_services())),
        root / "Windows/System32/config/SYSTEM": _hive(),
        root / SERVER_LOG: _log(),
        root / SERVER_CONFIGURATION: _configuration(),
        root / STARTUP_LINK: build_shortcut(ShortcutToWrite(arguments=f"--tray {BIDI} {ANSI}")),
    }
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _processes() -> Iterator[EventToWrite]:
    strings = {**HOSTILE, **LOST_BY_READERS}
    for number, text in enumerate(strings.values(), start=1):
        yield process_created(
            computer=HOST,
            record_id=number,
            time_created=DEFAULT_TIME + number * _SECOND,
            process_id=number,
            image=RUSTDESK,
            command_line=text,
            user=text,
            parent_image=text,
            parent_command_line=text,
            product=text,
            company=text,
        )
    last = len(strings) + 1
    yield process_created(
        computer=HOST, record_id=last, process_id=last, image=RUSTDESK, command_line=LONG_OF_EVENT
    )
    yield image_loaded(
        computer=HOST,
        record_id=last + 1,
        time_created=DEFAULT_TIME + _SECOND,
        process_id=1,
        image=RUSTDESK,
        image_loaded=f"C:\\{ANSI}{BIDI}\\librustdesk.dll",
    )


def _services() -> Iterator[EventToWrite]:
    for number, text in enumerate(HOSTILE.values(), start=1):
        yield service_installed(
            computer=HOST,
            record_id=number,
            time_created=DEFAULT_TIME + number * _SECOND,
            service_name=text,
            image_path=f'"{RUSTDESK}" --service {text}',
            account_name=text,
        )


def _hive() -> bytes:
    services = [
        ServiceToWrite(f"RustDesk{number}", DEFAULT_TIME, f'"{RUSTDESK}" --service {text}', text)
        for number, text in enumerate([*HOSTILE.values(), LONG])
    ]
    return build_system_hive(
        computer_name="EVIL", domain="example", services=services, last_written=DEFAULT_TIME
    )


def _log() -> bytes:
    lines = [
        LineToWrite(f"#{number} Connection closed: {text}")
        for number, text in enumerate([*HOSTILE.values(), LONG], start=1)
    ]
    no_text = LineToWrite("#7 Connection closed: ").to_bytes().rstrip(b"\n") + b"\xff\xfe\0\x1b[2J\n"
    return build_log(*lines) + no_text


def _configuration() -> bytes:
    server = r'"=cmd|x \u001b[2J\u202E\r\n.example"'
    return f"rendezvous_server = {server}\n[options]\ncustom-rendezvous-server = {server}\n".encode()
