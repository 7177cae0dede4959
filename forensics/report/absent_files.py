"""Which files that Windows keeps are not in the evidence, machine by machine, by their places."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from parsers.evidence.expected_sources import expected_sources
from parsers.evidence.known_paths import CopyKind, place_of
from parsers.evidence.source import ArtifactKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.reading import ReadEvidence
    from forensics.report.json_document import JsonValue
    from parsers.evidence.source import Artifact

_OF_WINDOWS: Final = frozenset({ArtifactKind.EVENT_LOG, ArtifactKind.SYSTEM_HIVE, ArtifactKind.HIVE_LOG})


def absent_files(read: ReadEvidence) -> Iterator[JsonValue]:
    """Give each expected file that an evidence does not hold of a machine, and in which copies it does."""
    for evidence in read.evidence:
        places = [place_of(each.path) for each in evidence.artifacts if not _is_loose(each)]
        for missing in expected_sources(places, _channels(read, evidence.evidence_id)):
            yield {
                "evidence_id": evidence.evidence_id,
                "machine_root": missing.machine_root,
                "source": missing.source,
                "path": missing.path,
                "only_as": [copy.value for copy in missing.only_as],
            }


def _is_loose(artifact: Artifact) -> bool:
    """Whether it is a program's own file apart from its machine's others: of that nothing is expected."""
    return artifact.kind not in _OF_WINDOWS and place_of(artifact.path).copy is CopyKind.EXPORT


def _channels(read: ReadEvidence, evidence_id: str) -> dict[str, set[str]]:
    """Return the channels that an evidence's logs hold, by machine root, whatever the files are called."""
    found: dict[str, set[str]] = defaultdict(set)
    for reading in read.readings:
        if reading.artifact.evidence_id == evidence_id and reading.ledger is not None:
            found[place_of(reading.artifact.path).machine_root].update(reading.ledger.channels)
    return found
