"""Links in a Startup folder as rows of DeviceEvents: what starts when somebody logs on, and with what.

The row is at the time of the link's target: when that was created, as the link has it, and otherwise when the
link's file was last modified. Neither is the time when the link was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import to_json
from forensics.event_model.event import Cell, Event, Facts, Table
from forensics.event_model.file_origin import file_origin, file_place, file_time, whose
from parsers import filetime

if TYPE_CHECKING:
    from parsers.evidence.source import Artifact
    from parsers.shortcut.reader import Shortcut

SOURCE: Final = "Startup link"
TARGET_CREATED: Final = "Target of the link created (as the link has it)"


def shortcut_event(shortcut: Shortcut, artifact: Artifact) -> Event:
    """Return the row of ``shortcut``, the link that is ``artifact``."""
    place = file_place(artifact)
    ticks, time_means = (shortcut.created, TARGET_CREATED) if shortcut.created else file_time(artifact)
    command_line = f"{shortcut.target} {shortcut.arguments}".strip()
    additional = {
        "Source": SOURCE,
        "Profile": place.profile,
        "Target": shortcut.target,
        "Arguments": shortcut.arguments,
        "WorkingDirectory": shortcut.working_directory,
        "Description": shortcut.description,
        "Machine": shortcut.machine,
        "TargetCreated": _moment(shortcut.created),
        "TargetModified": _moment(shortcut.modified),
        "TargetAccessed": _moment(shortcut.accessed),
        "LinkModified": _moment(artifact.modified or 0),
    }
    columns: dict[str, Cell] = {
        "Timestamp": ticks,
        "ActionType": ActionType.SHORTCUT_FOUND,
        "FileName": place.name,
        "FolderPath": place.path,
        "ProcessCommandLine": command_line,
        "AdditionalFields": to_json({name: value for name, value in additional.items() if value}),
    }
    origin = file_origin(place, SOURCE, ticks=ticks, time_means=time_means, locator="the whole link")
    told = f"Startup link{whose(place)} {place.name}: starts {command_line or 'what it does not say'}"
    facts = Facts(image_path=shortcut.target, command_line=command_line)
    return Event(Table.EVENTS, columns, told, origin, facts, text_altered=bool(shortcut.damage))


def _moment(ticks: int) -> str:
    return filetime.to_text(ticks) if 0 < ticks <= filetime.MAX_TICKS else ""
