"""RustDesk's own files, Startup links and Prefetch files to events: each file read once, in its own order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from forensics.event_model.application_log import ApplicationLogEvents
from forensics.event_model.configuration import configuration_events
from forensics.event_model.file_origin import file_place
from forensics.event_model.prefetch import prefetch_events
from forensics.event_model.shortcut import shortcut_event
from forensics.same_event import file_key
from parsers.evidence.source import ArtifactKind
from parsers.prefetch.reader import LARGEST as LARGEST_PREFETCH
from parsers.prefetch.reader import read_prefetch
from parsers.rustdesk.configuration import LARGEST as LARGEST_CONFIGURATION
from parsers.rustdesk.configuration import read_configuration
from parsers.rustdesk.log import ApplicationLogLedger, read_log
from parsers.shortcut.reader import LARGEST as LARGEST_SHORTCUT
from parsers.shortcut.reader import read_shortcut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.event_model.event import Event
    from parsers.damage import Damage
    from parsers.evidence.source import Artifact
    from parsers.rustdesk.log_line import LogLine


class FileEvent(NamedTuple):
    """An event and the digest of what makes it one with its copies (:mod:`forensics.same_event`)."""

    event: Event
    same_event: str


@dataclass(frozen=True, slots=True)
class FileLedger:
    """What became of a file: what it says, in words, the latest time in it (ticks, or 0), and its damage."""

    holds: str
    latest: int
    damage: tuple[Damage, ...]
    log: ApplicationLogLedger | None = None


def read_file(artifact: Artifact) -> Iterator[FileEvent | FileLedger]:
    """Give every event of ``artifact``, and behind the last the ledger. Raises ParserError and OSError."""
    match artifact.kind:
        case ArtifactKind.APPLICATION_LOG:
            yield from _read_log(artifact)
        case ArtifactKind.APPLICATION_CONFIGURATION:
            yield from _read_configuration(artifact)
        case ArtifactKind.SHORTCUT:
            yield from _read_shortcut(artifact)
        case ArtifactKind.PREFETCH:
            yield from _read_prefetch(artifact)
        case ArtifactKind.EVENT_LOG | ArtifactKind.SYSTEM_HIVE | ArtifactKind.HIVE_LOG:
            raise ValueError(f"{artifact.kind} is not read here")


def _read_log(artifact: Artifact) -> Iterator[FileEvent | FileLedger]:
    events = ApplicationLogEvents(artifact)
    for item in read_log(artifact):
        if isinstance(item, ApplicationLogLedger):
            holds = f"{item.lines:,} {'line' if item.lines == 1 else 'lines'}"
            yield FileLedger(holds, item.latest or 0, item.damage, item)
        elif (event := events.event_of(item)) is not None:
            yield FileEvent(event, file_key(artifact.kind, *_identity(item)))


def _identity(line: LogLine) -> tuple[str, ...]:
    """Return what a line keeps when its log is copied, and also when RustDesk gives it another name."""
    return str(line.offset), line.raw_time, line.level, f"{line.source_file}:{line.source_line}", line.text


def _read_configuration(artifact: Artifact) -> Iterator[FileEvent | FileLedger]:
    read = read_configuration(_read(artifact, LARGEST_CONFIGURATION), artifact.path)
    path = file_place(artifact).path
    for event, setting in configuration_events(read.settings, artifact):
        yield FileEvent(event, file_key(artifact.kind, path, str(event.origin.ticks), setting))
    count = len(read.settings)
    yield FileLedger(f"{count:,} {'setting' if count == 1 else 'settings'}", 0, read.damage)


def _read_shortcut(artifact: Artifact) -> Iterator[FileEvent | FileLedger]:
    shortcut = read_shortcut(_read(artifact, LARGEST_SHORTCUT), artifact.path)
    yield FileEvent(
        shortcut_event(shortcut, artifact),
        file_key(artifact.kind, file_place(artifact).path, artifact.sha256),
    )
    yield FileLedger("a link", 0, shortcut.damage)


def _read_prefetch(artifact: Artifact) -> Iterator[FileEvent | FileLedger]:
    prefetch = read_prefetch(_read(artifact, LARGEST_PREFETCH), artifact.path)
    program = prefetch.executable, f"{prefetch.prefetch_hash:08X}"
    for event in prefetch_events(prefetch, artifact):
        yield FileEvent(event, file_key(artifact.kind, *program, str(event.origin.ticks)))
    holds = f"{len(prefetch.run_times)} of {prefetch.run_count:,} runs of {prefetch.executable}"
    yield FileLedger(holds, max(prefetch.run_times, default=0), prefetch.damage)


def _read(artifact: Artifact, largest: int) -> bytes:
    """Return the file's bytes, and no more than one too many."""
    with artifact.source.open_() as stream:
        return stream.read(largest + 1)
