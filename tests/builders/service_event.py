"""Events of the Service Control Manager as the System log has them: 7045 (a service was installed).

Specification: fields and System part as in real logs of Windows 10 and later. Windows puts ServiceType and
StartType into words of its display language.
"""

from __future__ import annotations

from typing import Unpack

from tests.builders.event_log import EventToWrite
from tests.builders.event_to_write import DEFAULT_TIME, RecordFields


class ServiceFields(RecordFields, total=False):
    """What ``service_installed`` takes; ``user_sid`` is who installed the service."""

    service_name: str
    image_path: str
    service_type: str
    start_type: str
    account_name: str
    user_sid: str | None


def service_installed(**given: Unpack[ServiceFields]) -> EventToWrite:
    """Return a 7045. The service is an ordinary one unless fields say otherwise."""
    return EventToWrite(
        provider="Service Control Manager",
        provider_guid="{555908d1-a6d7-4695-8e1e-26931d2012f4}",
        event_source_name="Service Control Manager",
        qualifiers=16384,
        channel="System",
        event_id=7045,
        keywords=0x8080000000000000,
        computer=given.get("computer", "WORKSTATION-1"),
        record_id=given.get("record_id", 1),
        header_record_id=given.get("header_record_id"),
        time_created=given.get("time_created", DEFAULT_TIME),
        written=given.get("written"),
        process_id=716,
        thread_id=7800,
        user_sid=given.get("user_sid", "S-1-5-18"),
        data=(
            ("ServiceName", given.get("service_name", "Example Service")),
            ("ImagePath", given.get("image_path", r'"C:\Program Files\Example\example.exe" --service')),
            ("ServiceType", given.get("service_type", "user mode service")),
            ("StartType", given.get("start_type", "auto start")),
            ("AccountName", given.get("account_name", "LocalSystem")),
        ),
    )
