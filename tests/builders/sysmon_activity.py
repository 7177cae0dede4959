"""Sysmon's events but 1 and 7: what a process did to files, keys, pipes and the network, and that it ended.

Specification: fields and their types as in real logs of Sysmon 13 and later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.builders.typed_value import Guid
from tests.builders.windows_event import windows_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.builders.event_to_write import EventToWrite
    from tests.builders.windows_event import Given

CHANNEL: Final = "Microsoft-Windows-Sysmon/Operational"
PROCESS_GUID: Final = "{0A1B2C3D-0000-0000-0000-000000000001}"

_PROCESS: Final[Mapping[str, Given]] = {
    "RuleName": "-",
    "UtcTime": "2024-03-01 00:00:00.120",
    "ProcessGuid": Guid(PROCESS_GUID),
    "ProcessId": 6244,
    "Image": r"C:\Program Files\RustDesk\RustDesk.exe",
    "User": r"NT AUTHORITY\SYSTEM",
}


def sysmon_activity(event_id: int, data: Mapping[str, Given]) -> EventToWrite:
    """Return Sysmon's event ``event_id``, by RustDesk.exe as SYSTEM unless ``data`` says otherwise."""
    return windows_event(
        "Microsoft-Windows-Sysmon",
        event_id,
        CHANNEL,
        data={**_PROCESS, **data},
        provider_guid="{5770385F-C22A-43E0-BF4C-06F5698FFBD9}",
        task=event_id,
        user_sid="S-1-5-18",
    )
