from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from forensics.event_model.event import NO_TIME
from forensics.event_model.shortcut import shortcut_event
from parsers.evidence.source import ArtifactKind
from parsers.shortcut.reader import read_shortcut
from tests.builders.artifacts import artifact_of
from tests.builders.rustdesk_files import STARTUP_LINK
from tests.builders.shortcut import ShortcutToWrite, build_shortcut

if TYPE_CHECKING:
    from forensics.event_model.event import Event

MODIFIED = 133_600_000_000_000_001


def event_of(content: bytes, modified: int | None = None) -> Event:
    artifact = replace(artifact_of(content, STARTUP_LINK, kind=ArtifactKind.SHORTCUT), modified=modified)
    return shortcut_event(read_shortcut(content, STARTUP_LINK), artifact)


def test_a_link_is_a_row_with_what_it_starts() -> None:
    event = event_of(build_shortcut())

    command_line = r"C:\Program Files\RustDesk\RustDesk.exe --tray"
    assert event.message == f"Startup link RustDesk Tray.lnk: starts {command_line}"
    assert (event.columns["FileName"], event.columns["FolderPath"]) == (
        "RustDesk Tray.lnk",
        STARTUP_LINK.replace("/", "\\"),
    )
    assert event.columns["ProcessCommandLine"] == event.facts.command_line == command_line
    assert event.facts.image_path == r"C:\Program Files\RustDesk\RustDesk.exe"
    assert json.loads(str(event.columns["AdditionalFields"])) == {
        "Source": "Startup link",
        "Target": r"C:\Program Files\RustDesk\RustDesk.exe",
        "Arguments": "--tray",
        "Machine": "ws07",
        "TargetCreated": "2024-09-05T08:53:20.0000000Z",
        "TargetModified": "2024-05-12T15:06:40.0000000Z",
        "TargetAccessed": "2024-09-05T08:53:21.0000000Z",
    }


def test_its_time_is_that_of_the_target_s_creation() -> None:
    event = event_of(build_shortcut(), MODIFIED)

    assert event.columns["Timestamp"] == event.origin.ticks == ShortcutToWrite().created
    assert event.origin.time_means == "Target of the link created (as the link has it)"


def test_a_link_without_that_has_its_file_s_time_or_none() -> None:
    bare = build_shortcut(ShortcutToWrite(created=0))

    assert event_of(bare, MODIFIED).origin.ticks == MODIFIED
    assert event_of(bare).origin.ticks == NO_TIME


def test_a_damaged_link_says_that_something_may_be_missing() -> None:
    assert event_of(build_shortcut()[:200]).text_altered


def test_a_link_that_says_nothing_is_still_a_row() -> None:
    event = event_of(build_shortcut(ShortcutToWrite("", "")))

    assert event.message == "Startup link RustDesk Tray.lnk: starts what it does not say"
