"""What the report says of each machine, one after the other, and how sure it is."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from forensics.report.absent_sources import absent_sources
from forensics.report.case_facts import Statement
from forensics.report.english import count, day_and_time, listed
from forensics.report.html_summary import installation, is_windows_installer, passwords, servers, sessions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from forensics.pipeline import Analysis
    from forensics.report.case_facts import MachineFacts
    from forensics.timeline_row import TimelineRow

_CONTEXT: Final = {
    "ssh_tunnel": "SSH tunnels",
    "scheduled_task": "scheduled tasks",
    "service_created": "other services that were created",
    "log_cleared": "logs that were cleared",
    "clock_changed": "changes of the clock",
}
_MOST_TOLD: Final = 6
_SHA256: Final = re.compile(r"SHA256=([0-9A-Fa-f]{64})")


@dataclass(frozen=True, slots=True)
class MachineSection:
    """A machine's part of the report; ``severity`` is the highest of its rows."""

    name: str
    role: str
    role_reasons: tuple[str, ...]
    severity: str
    found: tuple[Statement, ...]
    near: tuple[Statement, ...]
    sure: tuple[Statement, ...]
    unseen: tuple[str, ...]

    @property
    def is_touched(self) -> bool:
        """Whether anything at all was found there."""
        return bool(self.severity)


def machine_sections(machines: Sequence[MachineFacts], analysis: Analysis) -> tuple[MachineSection, ...]:
    """Return a section for each of ``machines``."""
    absent: dict[str, list[str]] = {}
    for name, what in absent_sources(analysis):
        absent.setdefault(name, []).append(what)
    return tuple(_section(each, absent) for each in machines)


def _section(machine: MachineFacts, absent: Mapping[str, Sequence[str]]) -> MachineSection:
    rows = (*machine.own, *machine.context)
    levels = ("informational", "low", "medium", "high", "critical")
    return MachineSection(
        machine.name,
        machine.role,
        machine.role_reasons,
        max((row.severity for row in rows), key=levels.index, default=""),
        tuple(_found(machine)),
        tuple(_near(machine)),
        tuple(_sure(machine)) if machine.own else (),
        tuple(f"{what[:1].upper()}{what[1:]}" for what in absent.get(machine.name, ())),
    )


def _found(machine: MachineFacts) -> Iterator[Statement]:
    if not machine.own:
        yield Statement("No RustDesk indicator was found in the sources examined of this machine.")
        return
    first, last = machine.first, machine.last
    yield Statement(f"First seen on {_seen(first)}", (first.row,))
    parts = chain(installation(machine), _files(machine), _services(machine), servers(machine))
    for each in chain(parts, passwords(machine), sessions(machine)):
        yield Statement(each.text[:1].upper() + each.text[1:], each.rows)
    if last.row != first.row:
        yield Statement(f"Last seen on {_seen(last)}", (last.row,))


def _seen(row: TimelineRow) -> str:
    return f"{day_and_time(row.ticks)}: {_cut(row.message)}"


def _files(machine: MachineFacts) -> Iterator[Statement]:
    """Give the digest of the file that installed, where Sysmon kept it."""
    for row in machine.installs:
        if row.activity != "install" or is_windows_installer(row):
            return
        if (match := _SHA256.search(row.hashes)) is not None:
            yield Statement(f"That file's SHA-256 is {match[1].lower()}.", (row.row,))
            return


def _services(machine: MachineFacts) -> Iterator[Statement]:
    for story in machine.stories:
        keys = {each.key for _, each in story.found}
        rows = tuple(row.row for row in machine.own if (row.rule_id, row.report_id) in keys)
        lines = list(
            dict.fromkeys(each.event.command_line for _, each in story.found if each.event.command_line)
        )
        runs = f", which runs {lines[-1]}" if lines else ""
        yield Statement(f"It runs as the service {story.name}{runs}. {_agreement(story.artifacts)}", rows)


def _agreement(artifacts: Sequence[str]) -> str:
    if len(artifacts) == 1:
        return f"One artifact tells of it: {artifacts[0]}."
    return f"{count(len(artifacts), 'artifact')} tell of it: {listed(artifacts)}."


def _near(machine: MachineFacts) -> Iterator[Statement]:
    """Say what else happened near it, each kind with its first rows."""
    by_finding: dict[str, list[TimelineRow]] = {}
    for row in machine.context:
        by_finding.setdefault(row.finding, []).append(row)
    for finding, rows in by_finding.items():
        for row in rows[:_MOST_TOLD]:
            yield Statement(f"{day_and_time(row.ticks)}: {_cut(row.message)}", (row.row,))
        if len(rows) > _MOST_TOLD:
            more = rows[_MOST_TOLD:]
            what = _CONTEXT.get(finding, finding)
            yield Statement(f"{len(more):,} more rows of {what}.", tuple(row.row for row in more))


def _sure(machine: MachineFacts) -> Iterator[Statement]:
    bases = Counter(row.basis for row in machine.own)
    observed, inferred = bases["observed"], bases["inferred"]
    concluded = f" {count(inferred, 'row is', 'rows are')} inferred: it is concluded from what records say."
    said = f"{count(observed, 'row is', 'rows are')} observed: a record says it."
    yield Statement(f"{said}{concluded if inferred else ' None is inferred.'}")
    artifacts = Counter(_artifact(row) for row in machine.own)
    told = listed([f"{name} ({number:,})" for name, number in artifacts.most_common()])
    yield Statement(f"{count(len(artifacts), 'kind')} of artifact {_agree(len(artifacts))}: {told}.")
    flagged = [row.row for row in machine.own if row.time_flags]
    if flagged:
        yield Statement(
            "The clock is in doubt at these rows; the column time_flags says why.", tuple(flagged)
        )
    unusual = [row.row for row in machine.own if row.record_state not in {"live", ""}]
    if unusual:
        yield Statement(
            "These rows come from records that are not live ones; record_state says how.", tuple(unusual)
        )
    differing = [row.row for row in machine.own if row.readers and "agree" not in row.readers]
    if differing:
        yield Statement(
            "Both readers do not agree on these rows; the column readers says in what.", tuple(differing)
        )
    for story in machine.stories:
        yield from (Statement(f"Service {story.name}: {each}.") for each in (*story.differs, *story.missing))


def _agree(kinds: int) -> str:
    return "tells of RustDesk here" if kinds == 1 else "tell of RustDesk here"


def _artifact(row: TimelineRow) -> str:
    if row.event_id:
        return f"{row.channel_or_key.rpartition('Microsoft-Windows-')[2]} {row.event_id}"
    return row.artifact


def _cut(message: str) -> str:
    """Return a message without what is said in square brackets of other rows."""
    text, _, _ = message.partition(" [service ")
    return text if text.endswith((".", "]")) else f"{text}."
