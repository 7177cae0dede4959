"""An event: one row of a Defender table, with the facts and the provenance of the record behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from parsers.evtx.record import EvtxRecord

Cell = str | int | bool
"""What a cell holds. Text is never null: what the record does not say is ``""``; numbers may be absent."""


NO_TIME: Final = 0
"""Ticks of an event of which the evidence gives no time. Its Timestamp is 1601-01-01, FILETIME's first
moment, which Windows itself writes for "never"; such a finding is no row of the timeline."""


class Table(StrEnum):
    """The Defender tables that evidence is turned into."""

    PROCESS_EVENTS = "DeviceProcessEvents"
    IMAGE_LOAD_EVENTS = "DeviceImageLoadEvents"
    EVENTS = "DeviceEvents"
    REGISTRY_EVENTS = "DeviceRegistryEvents"
    FILE_EVENTS = "DeviceFileEvents"
    NETWORK_EVENTS = "DeviceNetworkEvents"
    LOGON_EVENTS = "DeviceLogonEvents"
    INFO = "DeviceInfo"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the record says, verbatim, in the timeline's columns: nothing lower-cased, expanded or guessed."""

    user: str = ""
    service_name: str = ""
    image_path: str = ""
    command_line: str = ""
    parent_image: str = ""
    parent_command_line: str = ""
    process_id: str = ""
    process_guid: str = ""
    hashes: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from: the artifact's own names, and the way back to the bytes.

    ``time_means`` says what ``ticks`` is the time of; ``raw_time`` is the FILETIME in hexadecimal or the
    source's own string; ``digits`` how many digits of a second the source has. ``offset`` is in bytes of
    the artifact.
    """

    ticks: int
    time_means: str
    raw_time: str
    digits: int
    device_name: str
    artifact: str
    channel_or_key: str
    provider: str
    event_id: str
    record_id: str
    record_state: str
    offset: int
    locator: str
    time_flags: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One row for ``table``: ``columns`` are Defender's, without DeviceId, DeviceName and ReportId.

    A column of KQL type datetime holds ticks. ``message`` is one line that a person can read out; it says
    what was observed, nothing more. ``text_altered`` is true where the record's reader may have lost a part
    of any of its texts.
    """

    table: Table
    columns: Mapping[str, Cell]
    message: str
    origin: Origin
    facts: Facts = field(default_factory=Facts)
    text_altered: bool = False


LogSources = Mapping[tuple[str, int], Callable[["EvtxRecord"], Event | None]]
"""By provider in lower case and event id, the function that makes an event of such a record, or nothing."""
