"""``show``: the record behind one row of a timeline, from the evidence or from what the case folder keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from forensics.folder_check import read_run
from forensics.record_view.artifact import Absent, find_artifact, read_all
from forensics.record_view.event_record import event_sections
from forensics.record_view.hive_value import hive_sections
from forensics.record_view.other_bytes import other_sections
from forensics.record_view.other_tools import other_tools_section
from forensics.record_view.row import changes_of_timeline, columns_section, read_row
from forensics.report.json_document import to_json
from forensics.report.verbatim import escape
from parsers.errors import ParserError
from parsers.evidence.discovery import Opening
from parsers.evidence.spool import Spool
from parsers.evidence.volume_keys import VolumeKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.record_view.artifact import ArtifactAtHand
    from forensics.record_view.row import Row
    from forensics.record_view.section import Section
    from forensics.request import NamedEvidence


@dataclass(frozen=True, slots=True)
class ShowRequest:
    """Which row of which case to show, and the evidence that is at hand; else run.json says where it was."""

    case: Path
    row: int
    evidence: tuple[NamedEvidence, ...] = ()
    password: str | None = field(default=None, repr=False)
    keys: VolumeKeys = field(default_factory=VolumeKeys)


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to show. ``warnings`` are why it cannot be relied on, ``missing`` what is not shown."""

    sections: tuple[Section, ...]
    warnings: tuple[str, ...]
    missing: str = ""

    def to_text(self) -> str:
        """Return it for people, warnings first, nothing in it that a terminal would obey."""
        lines = [f"!!! {each}" for each in self.warnings]
        lines += [""] if lines else []
        for section in self.sections:
            lines += [f"== {section.title}", *section.lines, ""]
        if self.missing:
            lines += [f"Not shown: both readers' views and the bytes, since {self.missing}", ""]
        return "".join(f"{escape(line)}\n" for line in lines)

    def to_json(self) -> str:
        """Return it for scripts."""
        parts = {each.key: each.data for each in self.sections}
        return to_json({"warnings": list(self.warnings), "missing": self.missing, **parts}, indent=2)


def show(request: ShowRequest) -> Shown:
    """Return the row, the record behind it as far as the evidence is at hand, and how others find it.

    Raises UsageError where there is no such row or evidence, and OSError. Copies out of archives are in a
    private folder among the system's temporary files, and removed.
    """
    row = read_row(request.case, request.row)
    run, _ = read_run(request.case)
    changed = changes_of_timeline(request.case)
    warnings = [changed] if changed else []
    with TemporaryDirectory(prefix="rustdesk-forensics-") as private, Spool(Path(private)) as spool:
        opening = Opening(spool, password=request.password, keys=request.keys)
        found = find_artifact(row, run, request.evidence, opening)
        if isinstance(found, Absent):
            warnings += [found.reason] if found.expected else []
            kept = (columns_section(row), other_tools_section(row))
            return Shown(kept, tuple(warnings), found.reason)
        warnings += _other_file(row, found)
        sections, problem = _sections(row, found)
    warnings += [problem] if problem else []
    return Shown((columns_section(row), *sections, other_tools_section(row)), tuple(warnings))


def _other_file(row: Row, found: ArtifactAtHand) -> Iterator[str]:
    recorded = row.text("source_sha256")
    if found.sha256 != recorded:
        yield (
            f"THIS IS NOT THE FILE THAT WAS ANALYZED: {row.text('source_path')} in {found.evidence} "
            f"has sha256 {found.sha256}, the row rests on {recorded}. What follows may be something else."
        )


def _sections(row: Row, found: ArtifactAtHand) -> tuple[tuple[Section, ...], str]:
    """Return what there is of the record, and why there is nothing where there is none."""
    try:
        return tuple(_record(row, found)), ""
    except ParserError as error:
        return (), str(error)


def _record(row: Row, found: ArtifactAtHand) -> Iterator[Section]:
    size, place = row.record_size, row.key_place
    if size is not None:
        return event_sections(row, found.source, size)
    if place is not None:
        return hive_sections(row, place, read_all(found.source), found.logs)
    return other_sections(found.source, row.offset)
