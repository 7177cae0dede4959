r"""PowerShell commands that name RustDesk, as rows of DeviceEvents; all others say nothing that is kept.

Module logging (4103) gives a pipeline and its context, script block logging (4104) the code itself, in
parts where it is long: the name must stand whole in one part. The classic log "Windows PowerShell" gives
the start of an engine (400) and pipelines (800) with a context of its own. PowerShell 7 writes the same as
"PowerShellCore".
Source: Microsoft, about_Logging, about_Logging_Windows; fields and contexts as in real logs. On a machine
in another language the words of a 4103's context are in that language: its command line is not found then,
the command is.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import account, additional
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

PROVIDERS: Final = ("microsoft-windows-powershell", "powershellcore")
CLASSIC_PROVIDER: Final = "powershell"
PIPELINE: Final = 4103
SCRIPT_BLOCK: Final = 4104
ENGINE_STARTED: Final = 400
CLASSIC_PIPELINE: Final = 800

_LOOKED_FOR: Final = "rustdesk"

_CONTEXT: Final = {
    "HostApplication": re.compile(
        r"^[ \t]*Host ?Application ?=(.*?)^[ \t]*Engine ?Version ?=", re.MULTILINE | re.DOTALL
    ),
    "Path": re.compile(r"^[ \t]*Script ?Name ?=(.*)$", re.MULTILINE),
    "CommandLine": re.compile(r"^[ \t]*CommandLine=(.*)\Z", re.MULTILINE | re.DOTALL),
    "User": re.compile(r"^[ \t]*User(?:Id)? ?=(.*)$", re.MULTILINE),
}
"""Where a context has what; a command line may have lines of its own."""


def pipeline(record: EvtxRecord) -> Event | None:
    """Return the DeviceEvents row of an event 4103, or None where it does not name RustDesk."""
    data = record.data
    return _event(
        record, "PowerShell pipeline", data.get("ContextInfo", ""), {"Command": data.get("Payload", "")}
    )


def script_block(record: EvtxRecord) -> Event | None:
    """Return the DeviceEvents row of an event 4104, or None where it does not name RustDesk."""
    data = record.data
    told = {
        "Command": data.get("ScriptBlockText", ""),
        "ScriptBlockId": data.get("ScriptBlockId", ""),
        "Path": data.get("Path", ""),
    }
    return _event(record, "PowerShell script block", "", told)


def engine_started(record: EvtxRecord) -> Event | None:
    """Return the DeviceEvents row of a classic event 400, or None where it does not name RustDesk."""
    context = record.data.get("#3", "")
    return _event(record, "PowerShell started", context, {"Command": _in_context(context, "CommandLine")})


def classic_pipeline(record: EvtxRecord) -> Event | None:
    """Return the DeviceEvents row of a classic event 800, or None where it does not name RustDesk."""
    data = record.data
    details = data.get("#3", "")
    told = {"Command": data.get("#1", "").strip() or details, "Details": details}
    return _event(record, "PowerShell pipeline", data.get("#2", ""), told)


def _event(record: EvtxRecord, what: str, context: str, told: Mapping[str, str]) -> Event | None:
    line = _line_of_interest(record.data)
    if line is None:
        return None
    host, user = _in_context(context, "HostApplication"), _in_context(context, "User")
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": ActionType.POWERSHELL_COMMAND,
        "ProcessCommandLine": host,
        **account({"User": user}, "User", "Account"),
        "AccountSid": record.user_sid,
        "AdditionalFields": additional(
            record, {"HostApplication": host, "Path": _in_context(context, "Path"), **_without_nothing(told)}
        ),
    }
    facts = Facts(user=user or record.user_sid, command_line=host)
    message = f"{what} that names RustDesk: {line}"
    return Event(Table.EVENTS, columns, message, from_event_time(record, what), facts)


def _line_of_interest(data: Mapping[str, str]) -> str | None:
    """Return the first line of the event's texts that names RustDesk, without the space around it."""
    for value in data.values():
        if _LOOKED_FOR in value.lower():
            lines = (line.strip() for line in value.splitlines())
            return next((line for line in lines if _LOOKED_FOR in line.lower()), None)
    return None


def _in_context(context: str, name: str) -> str:
    match = _CONTEXT[name].search(context)
    return "" if match is None else match[1].strip()


def _without_nothing(told: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in told.items() if value}


SOURCES: Final[LogSources] = MappingProxyType(
    {
        **{(provider, PIPELINE): pipeline for provider in PROVIDERS},
        **{(provider, SCRIPT_BLOCK): script_block for provider in PROVIDERS},
        (CLASSIC_PROVIDER, ENGINE_STARTED): engine_started,
        (CLASSIC_PROVIDER, CLASSIC_PIPELINE): classic_pipeline,
    }
)
"""By provider in lower case and event id."""
