"""Runs of programs that Windows' Prefetch files tell of, as rows of DeviceEvents: one row a run.

A file keeps the last runs, eight since Windows 8, and how many there were. One that keeps none is a row
without a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import to_json
from forensics.event_model.event import NO_TIME, Cell, Event, Facts, Table
from forensics.event_model.file_origin import file_origin, file_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.event_model.file_origin import FilePlace
    from parsers.evidence.source import Artifact
    from parsers.prefetch.reader import Prefetch

SOURCE: Final = "Prefetch"
RUN: Final = "Program run (Prefetch)"
NO_RUN: Final = "No time: the file keeps no time of a run"


def prefetch_events(prefetch: Prefetch, artifact: Artifact) -> Iterator[Event]:
    """Give a row for each run that ``prefetch`` keeps, the latest first."""
    place = file_place(artifact)
    for number, ticks in enumerate(prefetch.run_times or (NO_TIME,), start=1):
        yield _event(prefetch, place, number, ticks)


def _event(prefetch: Prefetch, place: FilePlace, number: int, ticks: int) -> Event:
    additional = {
        "Source": SOURCE,
        "RunCount": prefetch.run_count,
        "PrefetchHash": f"{prefetch.prefetch_hash:08X}",
        "PrefetchFile": place.name,
    }
    columns: dict[str, Cell] = {
        "Timestamp": ticks,
        "ActionType": ActionType.PROGRAM_RUN,
        "FileName": prefetch.executable,
        "FolderPath": prefetch.path,
        "AdditionalFields": to_json(additional),
    }
    origin = file_origin(
        place,
        SOURCE,
        ticks=ticks,
        time_means=RUN if ticks else NO_RUN,
        locator=f"run time {number} of {len(prefetch.run_times)}",
    )
    runs = f"{prefetch.run_count} {'run' if prefetch.run_count == 1 else 'runs'} counted"
    message = f"Program run: {prefetch.path or prefetch.executable}, {runs} (Prefetch)"
    facts = Facts(image_path=prefetch.path or prefetch.executable)
    return Event(Table.EVENTS, columns, message, origin, facts, text_altered=bool(prefetch.damage))
