"""Evidence of further machines and sizes than the fixtures have, built for these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.builders.event_log import build_event_log
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import image_loaded, process_created
from tests.builders.system_hive import ServiceToWrite, build_system_hive

if TYPE_CHECKING:
    from pathlib import Path

    from tests.builders.event_log import EventToWrite

RUSTDESK: Final = r"C:\Program Files\RustDesk\rustdesk.exe"
SERVICE: Final = f'"{RUSTDESK}" --service'
_SECOND: Final = 10_000_000
_LONG: Final = 12_000
"""Characters of a long command line: a log of few events is a large one then."""


def large_log(path: Path) -> None:
    """Write a Sysmon log of more than eight mebibytes, in which every 40th process is RustDesk."""
    events = [
        process_created(
            computer="BIG01.corp.example",
            record_id=number,
            time_created=DEFAULT_TIME + number * _SECOND,
            process_id=number,
            image=RUSTDESK if number % 40 == 0 else r"C:\Windows\System32\cmd.exe",
            command_line=f"cmd.exe /c {'x' * _LONG}",
        )
        for number in range(1, 421)
    ]
    path.write_bytes(build_event_log(events))


def file_server(folder: Path) -> None:
    """Write FS02: logs and hive, three RustDesk processes, two loads from program folders, one elsewhere."""
    name = "FS02.corp.example"
    loads = (r"C:\Program Files\RustDesk\librustdesk.dll", r"C:\ProgramData\x.dll", r"C:\Windows\y.dll")
    events = [
        *(_rustdesk(name, number) for number in (1, 2, 3)),
        *(_load(name, number, path) for number, path in enumerate(loads, start=4)),
    ]
    (folder / "Sysmon.evtx").write_bytes(build_event_log(events))
    (folder / "System.evtx").write_bytes(build_event_log([_service(name)]))
    key = ServiceToWrite("RustDesk", DEFAULT_TIME, SERVICE, "RustDesk Service")
    (folder / "SYSTEM").write_bytes(
        build_system_hive(
            computer_name="FS02",
            domain="corp.example",
            product_type="ServerNT",
            services=[key],
            last_written=DEFAULT_TIME,
        )
    )


def laptop(folder: Path) -> None:
    """Write LT03: two RustDesk processes and no image load, in a Sysmon log alone."""
    events = [_rustdesk("LT03", number) for number in (1, 2)]
    (folder / "Sysmon.evtx").write_bytes(build_event_log(events))


def _rustdesk(computer: str, number: int) -> EventToWrite:
    return process_created(
        computer=computer,
        record_id=number,
        time_created=DEFAULT_TIME + number * _SECOND,
        process_id=number,
        image=RUSTDESK,
    )


def _load(computer: str, number: int, path: str) -> EventToWrite:
    return image_loaded(
        computer=computer,
        record_id=number,
        time_created=DEFAULT_TIME + number * _SECOND,
        process_id=1,
        process_guid="{00000000-0000-0000-0000-00000000000A}",
        image=r"C:\Windows\explorer.exe",
        image_loaded=path,
    )


def _service(computer: str) -> EventToWrite:
    return service_installed(
        computer=computer, record_id=77, service_name="RustDesk Service", image_path=SERVICE
    )
