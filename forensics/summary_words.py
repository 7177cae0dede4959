"""The case in words, for the terminal: who, where, when and how sure, in ten sentences before any table.

Nothing is said that no record carries, and never that something did not happen.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from forensics.correlation import distance_text
from forensics.report.absent_sources import NO_APPLICATION, NO_FIREWALL, NO_TASKS, absent_sources
from forensics.report.words import UNNAMED
from forensics.summary_facts import machine_facts, people, worst_of
from parsers import filetime
from parsers.two_readings import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.correlation import Near
    from forensics.pipeline import Analysis
    from forensics.service_story import ServiceStory
    from forensics.summary_facts import MachineFacts, Session
    from forensics.timeline_row import TimelineRow

MOST_LINES: Final = 10
_FRAME: Final = 3
"""Lines that are not of one machine: the first, how sure it is, and what could not be seen."""

_MOST_NAMED: Final = 3
_LONGEST_NAME: Final = 260
"""What Windows takes for the longest path (MAX_PATH) unless it is told otherwise."""

_ONE_ACT: Final = 3600 * filetime.TICKS_PER_SECOND
"""How far apart rows may be that are taken for one act; an update does what an install does, too."""

_PACKAGE: Final = "rustdesk_package"
_UNINSTALLER: Final = re.compile(r"--uninstall(?=[\s\"]|$)")

_NEAR: Final = {
    "ssh_tunnel": ("SSH tunnel", "traces of an SSH tunnel"),
    "scheduled_task": ("trace of a scheduled task", "traces of scheduled tasks"),
    "service_created": ("new service", "new services"),
    "log_cleared": ("trace of a cleared log", "traces of cleared logs"),
    "clock_changed": ("change of the clock", "changes of the clock"),
}
_ACTS: Final = {
    "install": "the installation",
    "inbound_session": "a session from outside",
    "set_password": "the setting of a password",
    "uninstall": "the removal",
    "update": "the update",
}
"""What a finding of RustDesk is called that something was near."""


def case_in_words(analysis: Analysis) -> tuple[str, ...]:
    """Return at most ten lines, verbatim, what is of one machine indented; none where nothing was found."""
    machines = [each for each in machine_facts(analysis) if each.told]
    touched = [each for each in machines if each.own or each.undated]
    if not touched:
        return ()
    lines = [_headline(touched, analysis), *_machines(machines, analysis), _how_sure(touched, analysis)]
    return (*lines, *_unseen(machines, analysis))


def _headline(touched: Sequence[MachineFacts], analysis: Analysis) -> str:
    of = f"{len(touched):,} of {_count(len(analysis.read.devices.all), 'machine')}"
    first = touched[0]
    if not first.own:
        return f"RustDesk was found on {of}; nothing of it has a time."
    on = "" if len(touched) == 1 else f" on {_name(first)}"
    return f"RustDesk was found on {of}, first{on} {_moment(first.first)} UTC."


def _machines(machines: Sequence[MachineFacts], analysis: Analysis) -> Iterator[str]:
    """Give what is said of each machine: a line a sentence where there is room, or else a line a machine."""
    room = MOST_LINES - _FRAME
    told = [(_heading(each), list(_sentences(each))) for each in machines]
    if sum(len(sentences) for _, sentences in told) <= room:
        for heading, (first, *others) in told:
            yield f"  {heading}: {first}"
            yield from (f"    {each}" for each in others)
        return
    lines = [f"  {heading}: {'; '.join(sentences)}" for heading, sentences in told]
    if len(lines) <= room:
        yield from lines
        return
    severest = sorted(range(len(lines)), key=lambda place: (-worst_of(machines[place], analysis), place))
    yield from (lines[place] for place in sorted(severest[: room - 1]))
    yield f"  and {len(lines) - room + 1:,} more machines: see timeline.csv and context.json"


def _heading(machine: MachineFacts) -> str:
    return f"{_name(machine)} ({'role unknown' if machine.role == 'unknown' else machine.role})"


def _name(machine: MachineFacts) -> str:
    return _cut(machine.device.name) or UNNAMED


def _sentences(machine: MachineFacts) -> Iterator[str]:
    if machine.own or machine.undated:
        yield "; ".join(_arrival(machine))
    if further := "; ".join(_settings(machine)):
        yield further
    if machine.sessions:
        yield _connected(machine.sessions)
    if near := _near(machine):
        yield (
            near
            if machine.own or machine.undated
            else f"nothing of RustDesk found in the sources examined; {near}"
        )


def _arrival(machine: MachineFacts) -> Iterator[str]:
    """Say how RustDesk came to the machine, as which service, and how it went."""
    acts = list(_acts(machine))
    yield from acts or ["traces of RustDesk" + (f" from {_moment(machine.first)}" if machine.own else "")]
    yield from (_service(each) for each in machine.stories[:_MOST_NAMED])
    if len(machine.stories) > _MOST_NAMED:
        yield f"and {len(machine.stories) - _MOST_NAMED:,} more services"
    yield from _removal(machine)


def _acts(machine: MachineFacts) -> Iterator[str]:
    updates = machine.acts_of("update")
    installs = machine.acts_of("install")
    if installs and (not updates or installs[0].ticks < updates[0].ticks - _ONE_ACT):
        yield f"installed {_when(installs)}{_from(installs)}"
    if updates:
        yield f"updated {_when(updates)}"
    portable = [row for row in machine.acts_of("portable") if row.finding == "rustdesk_execution"]
    if portable and not installs and not updates:
        yield f"run without being installed {_when(portable)}{_from(portable)}"


def _removal(machine: MachineFacts) -> Iterator[str]:
    """Say how RustDesk went, if it did not come back; its service is deleted also by its tray's Stop."""
    removals = machine.acts_of("uninstall")
    if not removals or any(row.ticks > removals[-1].ticks for row in machine.acts_of("install", "update")):
        return
    sure = [row for row in removals if row.rule_id == _PACKAGE or _UNINSTALLER.search(row.command_line)]
    yield f"{'uninstaller run' if sure else 'service deleted, or removed,'} {_when(sure or removals)}"


def _when(rows: Sequence[TimelineRow]) -> str:
    """Say when ``rows`` began and by whom; rows of an hour are one act, and later ones are said to follow."""
    first = [row for row in rows if row.ticks <= rows[0].ticks + _ONE_ACT]
    again = f", and again until {_moment(rows[-1].ticks)}" if len(first) < len(rows) else ""
    return f"{_moment(rows[0].ticks)}{_by(first)}{again}"


def _by(rows: Sequence[TimelineRow]) -> str:
    """Return by whom ``rows`` were done."""
    named = people(rows)
    if named:
        return f" by {_listed(named)}"
    return " by the system itself" if any(row.user for row in rows) else " by an account not on record"


def _from(rows: Sequence[TimelineRow]) -> str:
    """Return the program that installed, where a record of its start says so."""
    started = next((row.image_path for row in rows if row.finding == "rustdesk_execution"), "")
    return f" from {_cut(started)}" if started else ""


def _service(story: ServiceStory) -> str:
    artifacts, name = story.artifacts, _cut(story.name)
    if len(artifacts) == 1:
        return f"service {name}, of which {artifacts[0]} alone tells"
    return f"service {name}, {len(artifacts)} artifacts {'differ' if story.differs else 'agree'}"


def _settings(machine: MachineFacts) -> Iterator[str]:
    if passwords := machine.acts_of("set_password"):
        yield f"password for unattended access set {_when(passwords)}"
    if machine.servers:
        yield f"operator's server {_listed(machine.servers)}"


def _connected(sessions: Sequence[Session]) -> str:
    first = sessions[0]
    source = f"from {_cut(first.address)}" if first.address else "from where is not on record"
    length = "" if first.ended is None else f", for {_length(first.ended - first.began)}"
    more = f"; {_count(len(sessions) - 1, 'more session')}" if len(sessions) > 1 else ""
    return f"somebody connected in {_moment(first.began)}, {source}{length}{more}"


def _near(machine: MachineFacts) -> str:
    """Say what was near: of each kind how often, and of the kind that counts most when the first was."""
    counts = Counter(each.context.rule.finding for each in machine.near)
    kinds = [kind for kind in _NEAR if kind in counts]
    if not kinds:
        return ""
    told = [_NEAR[kind][0] if counts[kind] == 1 else f"{counts[kind]:,} {_NEAR[kind][1]}" for kind in kinds]
    first = next(each for each in machine.near if each.context.rule.finding == kinds[0])
    began = "first " if counts[kinds[0]] > 1 else ""
    return f"near it: {'; '.join([f'{told[0]}{_distance(first, began)}', *told[1:]])}"


def _distance(near: Near, began: str) -> str:
    """Say when something near was, and which finding of RustDesk was how far from it."""
    context, anchor = near.context, near.anchor
    far_end = f" to {_cut(context.finding.server)}" if context.finding.server else ""
    what = _ACTS.get(anchor.activity, "a trace of RustDesk")
    elsewhere = context.event.device_id != anchor.event.device_id
    where = f" on {_cut(anchor.event.device_name)} ({near.connection})" if elsewhere else ""
    return f"{far_end}, {began}{_moment(context.event.ticks)}, {distance_text(near.distance)} {what}{where}"


def _how_sure(touched: Sequence[MachineFacts], analysis: Analysis) -> str:
    rows = [row for each in touched for row in each.own]
    inferred = sum(row.basis == "inferred" for row in rows)
    parts = [f"{len(rows) - inferred:,} of {_count(len(rows), 'finding')} observed, {inferred:,} inferred"]
    if without := sum(len(each.undated) for each in touched):
        parts.append(f"{without:,} without a time")
    stories = [story for each in touched for story in each.stories]
    if differing := [story.name for story in stories if story.differs]:
        parts.append(f"the artifacts differ on service {_listed(differing)}")
    parts += _two_readers(analysis)
    whole = "all evidence was read" if analysis.read.complete else "some evidence could not be read"
    return f"How sure: {'; '.join([*parts, whole])}."


def _two_readers(analysis: Analysis) -> Iterator[str]:
    """Say of how many records two readers say the same, and of how many they do not."""
    counts = analysis.second.counts
    if alike := counts[Verdict.AGREE.value] + counts[Verdict.LOST_TEXT.value]:
        yield f"two readers agree on {_count(alike, 'record')}"
    if differing := counts[Verdict.DIFFER.value]:
        yield f"two readers differ on {_count(differing, 'record')}"


def _unseen(machines: Sequence[MachineFacts], analysis: Analysis) -> Iterator[str]:
    """Say what could not be seen, first of the machines that are spoken of."""
    names = [each.device.name for each in machines]
    absent = sorted(absent_sources(analysis), key=lambda each: (each[0] not in names, _minor(each[1])))
    if absent:
        name, what = absent[0]
        more = f"; {len(absent) - 1:,} more in limitations.txt" if len(absent) > 1 else ""
        yield f"Could not be seen: {_cut(name) or UNNAMED}: {what}{more}."


def _minor(absent: str) -> bool:
    """Whether another log tells much of what an ``absent`` one would have told."""
    return absent in {NO_TASKS, NO_FIREWALL, NO_APPLICATION}


def _cut(name: str) -> str:
    """Return ``name``, in short where it is one that nobody gave in earnest; the files have all of it."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def _moment(ticks: int) -> str:
    if not 0 < ticks <= filetime.MAX_TICKS:
        return "at a time without a date"
    return filetime.to_text(ticks, 0).rstrip("Z").replace("T", " ")


def _length(ticks: int) -> str:
    seconds = max(ticks, 0) // filetime.TICKS_PER_SECOND
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join([f"{number:,} {unit}" for number, unit in parts if number][:2]) or "less than 1 s"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    shown = [
        *names[:_MOST_NAMED],
        *([f"{len(names) - _MOST_NAMED:,} more"] if len(names) > _MOST_NAMED else []),
    ]
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)
