"""limitations.txt: what this case can and cannot say, in plain English, made from this case alone.

Like all that is written of a case but its run, it holds no clock and no place of this computer.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from forensics.report.absent_sources import NEVER_EXAMINED, absent_sources
from forensics.report.clock_sentences import clock_sentences
from forensics.report.examined import examined, unread
from forensics.report.finding_meaning import meanings, what_rules_say
from forensics.report.method import ALWAYS, flags_of_times, versions
from forensics.report.readers import what_was_read_twice
from forensics.report.severity_words import severity_words
from forensics.report.undated_facts import undated
from forensics.report.unseen import unseen
from forensics.report.verbatim import escape
from forensics.report.words import UNNAMED, count, time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from forensics.finding import Found
    from forensics.pipeline import Analysis
    from forensics.request import Period

NOTHING_FOUND: Final = "No RustDesk indicator was found in the sources examined."
NOTHING_FOUND_IN_PERIOD: Final = (
    "No RustDesk indicator of the time that was asked for was found in the sources examined."
)

_RUSTDESK: Final = "rustdesk_"
"""What the names of findings that are RustDesk's begin with."""


def limitations(analysis: Analysis) -> str:
    """Return the text for ``analysis``, a section a heading, lines ended by LF."""
    sections = {
        "What was found": what_was_found(analysis),
        "What was examined": examined(analysis.read),
        "What could not be read": unread(analysis),
        "What was expected and is not in the evidence": (
            f"{name or UNNAMED}: {what}." for name, what in absent_sources(analysis)
        ),
        "What could not have been seen in what was examined": unseen(analysis),
        "What was read by two readers, and what by one": what_was_read_twice(analysis.second),
        "What is never examined, whatever the evidence holds": (f"{each}." for each in NEVER_EXAMINED),
        "The clock of each machine": _clocks(analysis),
        "What the flags of this case's times mean": flags_of_times(analysis),
        "What the findings of this case show, and what they do not": meanings(analysis),
        "What the rules that found something say of themselves": what_rules_say(analysis),
        "How severity was reached": severity_words(analysis),
        "What holds for every case": ALWAYS,
        "Which versions were used": versions(analysis),
    }
    return "\n".join(_section(heading, lines) for heading, lines in sections.items())


def what_was_found(analysis: Analysis) -> Iterator[str]:
    """Give a sentence for each kind of finding, and for what was not found, left out or undecided."""
    counts = Counter(row.finding for row in analysis.rows)
    without_time = undated(analysis.concluded)
    if not any(finding.startswith(_RUSTDESK) for finding in [*counts, *_findings(without_time)]):
        yield NOTHING_FOUND_IN_PERIOD if analysis.left_out else NOTHING_FOUND
    for finding in sorted(counts):
        yield f"{finding}: {counts[finding]:,}."
    if without_time:
        yield f"Without a time, so not in the timeline: {_told(without_time)}. context.json lists them."
    if analysis.period.bounded:
        outside = count(analysis.left_out, "finding")
        yield f"The timeline was asked for {_bounds(analysis.period)}; {outside} outside of it left out."
    undecided = sum(len(outcome.open_rows) for outcome in analysis.outcomes)
    if undecided:
        silent = "how often they are results the documentation of KQL does not say"
        yield f"Undecided rows of the shipped rule, {silent}: {undecided:,}. context.json lists them."


def _findings(found: Iterable[Found]) -> list[str]:
    return sorted(each.rule.finding for each in found)


def _told(found: Iterable[Found]) -> str:
    counts = Counter(_findings(found))
    return ", ".join(f"{count(number, 'finding')} of {name}" for name, number in counts.items())


def _clocks(analysis: Analysis) -> Iterator[str]:
    if not analysis.read.devices.all:
        yield "Nothing in the evidence names a machine or tells of one, so there is no clock to speak of."
    for device in analysis.read.devices.all:
        statement = analysis.concluded.clocks.statements[device.device_id]
        yield from (f"{device.name or UNNAMED}: {each}." for each in clock_sentences(statement))


def _section(heading: str, lines: Iterable[str]) -> str:
    body = "".join(f"- {escape(line)}\n" for line in lines) or "- Nothing.\n"
    return f"{heading}\n{'-' * len(heading)}\n{body}"


def _bounds(period: Period) -> str:
    since = "the beginning" if period.since is None else time(period.since)
    until = "the end" if period.until is None else time(period.until)
    return f"from {since} to {until}"
