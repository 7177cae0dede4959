"""Programs that a SYSTEM hive names: those that ran (BAM, DAM), those that Windows saw (AppCompatCache).

Only the moderators say that a program ran. The compatibility cache has the time at which a file was last
modified: it is no time of a run, nor of a look at the file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import to_json
from forensics.event_model.event import Cell, Event, Facts, Table
from forensics.event_model.hive_origin import at_its_own_time
from forensics.event_model.time_flags import TimeFlag
from forensics.event_model.windows_path import base_name
from parsers import filetime

if TYPE_CHECKING:
    from forensics.event_model.hive_origin import HiveSource
    from parsers.hive.appcompat_cache import CachedProgram
    from parsers.hive.last_runs import LastRun


def last_run(run: LastRun, source: HiveSource) -> Event:
    """Return the DeviceEvents row of a program's last run by a user.

    Where the value has no time of a run, the row is at the time of its key and says in its message, in
    ``Problem`` and in its time flags that nothing tells of a run.
    """
    origin = source.origin(run.held)
    if run.run is None:
        origin = replace(origin, time_flags=TimeFlag.NO_RUN_TIME.value)
    else:
        origin = at_its_own_time(origin, run.run, f"Program last run ({run.moderator})")
    columns: dict[str, Cell] = {
        "Timestamp": origin.ticks,
        "ActionType": ActionType.PROGRAM_LAST_RUN,
        "FileName": base_name(run.program),
        "FolderPath": run.program,
        "AccountSid": run.user_sid,
        "AdditionalFields": _additional(
            Source=run.moderator.value,
            UserSid=run.user_sid,
            RunTime="" if run.run is None else filetime.to_text(run.run),
            KeyLastWritten=_moment(run.held.last_written),
            Problem=run.problem,
        ),
    }
    facts = Facts(user=run.user_sid, image_path=run.program)
    return Event(Table.EVENTS, columns, _run_message(run), origin, facts)


def cached_program(entry: CachedProgram, source: HiveSource) -> Event:
    """Return the DeviceEvents row of an entry of the compatibility cache, at its file's last modification.

    An entry without that time is at the time of the key.
    """
    origin = source.origin(entry.held, f", entry {entry.position} at byte {entry.at:#x} of its data")
    if entry.file_modified is not None:
        origin = at_its_own_time(origin, entry.file_modified, "File last modified (AppCompatCache)")
    flags = entry.insertion_flags
    columns: dict[str, Cell] = {
        "Timestamp": origin.ticks,
        "ActionType": ActionType.PROGRAM_CACHED,
        "FileName": base_name(entry.path),
        "FolderPath": entry.path,
        "AdditionalFields": _additional(
            Source="AppCompatCache",
            Position=entry.position,
            Layout=entry.layout.value,
            FileModified="" if entry.file_modified is None else filetime.to_text(entry.file_modified),
            InsertionFlags="" if flags is None else f"{flags:#010x}",
            KeyLastWritten=_moment(entry.held.last_written),
            Problem=entry.problem,
        ),
    }
    return Event(Table.EVENTS, columns, _cache_message(entry), origin, Facts(image_path=entry.path))


def _run_message(run: LastRun) -> str:
    if run.run is None:
        named = f"{run.moderator} names {run.program} for user {run.user_sid}"
        return f"{named} without the time of a run: {run.problem}"
    return f"Program last run by user {run.user_sid} ({run.moderator}): {run.program}"


def _cache_message(entry: CachedProgram) -> str:
    what = f"entry {entry.position}: {entry.path}"
    if entry.file_modified is None:
        why = f" ({entry.problem})" if entry.problem else ""
        return f"Program in the compatibility cache, {what}, without a time of the file{why}"
    return f"Program in the compatibility cache, {what}; the time is the file's last modification, not a run"


def _moment(ticks: int) -> str:
    """Return a time as text or, where no year has it, as its number."""
    return filetime.to_text(ticks) if ticks <= filetime.MAX_TICKS else f"{ticks:#018x}"


def _additional(**fields: str | int) -> str:
    return to_json({name: value for name, value in fields.items() if value != ""})
