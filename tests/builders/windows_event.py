"""Events of any provider: named or unnamed data, Binary, or an element of the provider's own in UserData.

Events of classic providers (MsiInstaller, EventLog, the PowerShell of "Windows PowerShell") have data without
names: one value that holds all of their strings. Events of a manifest have names for each.
Specification: EventDataType, UserDataType and ComplexDataType of the event schema,
https://learn.microsoft.com/windows/win32/wes/eventschema-schema; layout of values as in real logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, TypedDict, Unpack

from tests.builders.event_log import EventToWrite, Strings, UInt32, UserData, Value
from tests.builders.event_to_write import DEFAULT_TIME, RecordFields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EVENT_LOG_NAMESPACE: Final = "http://manifests.microsoft.com/win/2004/08/windows/eventlog"
"""The namespace of ``LogFileCleared`` in Security 1102 and System 104."""

Given: TypeAlias = Value | int
"""A field's content; a plain ``int`` is written as an unsigned 32-bit number."""


class SystemFields(RecordFields, total=False):
    """What ``windows_event`` takes by keyword of the System part; the rest has usual values."""

    provider_guid: str | None
    version: int
    level: int
    task: int
    opcode: int
    keywords: int
    process_id: int
    thread_id: int
    user_sid: str | None
    qualifiers: int | None
    event_source_name: str | None


class Content(TypedDict, total=False):
    """What ``windows_event`` takes by keyword of the event's own data.

    ``data`` gives named fields in order, ``unnamed`` the strings of one unnamed value, ``binary`` what stands
    behind either. ``user_data`` (element, namespace, fields) is written in place of them all.
    """

    data: Mapping[str, Given]
    unnamed: Sequence[str]
    binary: bytes | None
    user_data: tuple[str, str, Mapping[str, Given]] | None


class WindowsEventFields(SystemFields, Content, total=False):
    """Everything that ``windows_event`` takes by keyword."""


def windows_event(
    provider: str, event_id: int, channel: str, **given: Unpack[WindowsEventFields]
) -> EventToWrite:
    """Return an event of ``provider``, on WORKSTATION-1 at the default time unless fields say otherwise.

    An event with ``unnamed`` is one of a classic provider.
    """
    unnamed, user_data = given.get("unnamed"), given.get("user_data")
    fields = _fields(given.get("data", {}))
    return EventToWrite(
        provider=provider,
        event_id=event_id,
        channel=channel,
        computer=given.get("computer", "WORKSTATION-1"),
        record_id=given.get("record_id", 1),
        header_record_id=given.get("header_record_id"),
        time_created=given.get("time_created", DEFAULT_TIME),
        written=given.get("written"),
        provider_guid=given.get("provider_guid"),
        version=given.get("version", 0),
        level=given.get("level", 4),
        task=given.get("task", 0),
        opcode=given.get("opcode", 0),
        keywords=given.get("keywords", 0x8000000000000000),
        process_id=given.get("process_id", 716),
        thread_id=given.get("thread_id", 7800),
        user_sid=given.get("user_sid"),
        qualifiers=given.get("qualifiers", None if unnamed is None else 0),
        event_source_name=given.get("event_source_name"),
        data=fields if unnamed is None else (*fields, ("", Strings(tuple(unnamed)))),
        binary=given.get("binary"),
        user_data=None if user_data is None else UserData(*user_data[:2], _fields(user_data[2])),
    )


def log_cleared(
    channel: str, fields: Mapping[str, Given], *, user_sid: str | None = None, **given: Unpack[RecordFields]
) -> EventToWrite:
    """Return Security 1102, or System 104 for any other ``channel``, with ``fields`` of LogFileCleared."""
    security = channel == "Security"
    return windows_event(
        "Microsoft-Windows-Eventlog",
        1102 if security else 104,
        channel if security else "System",
        user_data=("LogFileCleared", EVENT_LOG_NAMESPACE, fields),
        provider_guid="{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}",
        task=104,
        user_sid=user_sid,
        **given,
    )


def _fields(given: Mapping[str, Given]) -> tuple[tuple[str, Value], ...]:
    return tuple((name, UInt32(value) if isinstance(value, int) else value) for name, value in given.items())
