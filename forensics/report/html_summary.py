"""The summary in words: the questions that are asked first, and what the rows answer.

Nothing is said that no row carries; where no row answers, the answer says in what it was looked for. It is
never said that something did not happen.
"""

from __future__ import annotations

import ntpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from forensics.correlation import is_everywhere
from forensics.report.absent_sources import absent_sources
from forensics.report.case_facts import Statement
from forensics.report.contacted_server import ASKED
from forensics.report.english import clock_time, count, day_and_time, how_long, listed, span
from forensics.report.limitations import NOTHING_FOUND, NOTHING_FOUND_IN_PERIOD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from forensics.pipeline import Analysis
    from forensics.report.case_facts import MachineFacts
    from forensics.report.contacted_server import ContactedServer
    from forensics.timeline_row import TimelineRow

NO_SERVER: Final = (
    "No server is named in the sources examined. A client without one uses RustDesk's public servers."
)
NO_SESSION: Final = "No record of a session from outside was found in the sources examined."
NO_UNATTENDED: Final = "No record of a password for unattended access was found in the sources examined."
NO_INSTALL: Final = "No record of an installation was found in the sources examined."
BEFORE_CHECK: Final = (
    "RustDesk writes these records before it checks the password; that a session lasted speaks for its "
    "having been let in."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, the short answer, and what is said to it. ``alert`` marks what a responder acts on."""

    question: str
    short: str
    statements: tuple[Statement, ...]
    alert: bool = False


def headline(machines: Sequence[MachineFacts], analysis: Analysis) -> str:
    """Return the case in one or two sentences."""
    touched = [each for each in machines if each.own]
    if not touched:
        return NOTHING_FOUND_IN_PERIOD if analysis.left_out else NOTHING_FOUND
    first = touched[0]
    of = f"{len(touched)} of {count(len(machines), 'machine')}"
    sessions = sum(len(each.sessions) for each in touched)
    entered = f" {count(sessions, 'session')} from outside {'is' if sessions == 1 else 'are'} on record."
    return (
        f"RustDesk was found on {of}. It was first seen on {first.name}, {_a(first.role)}, on "
        f"{day_and_time(first.first.ticks)}.{entered if sessions else ''}"
    )


def answers(machines: Sequence[MachineFacts], analysis: Analysis) -> tuple[Answer, ...]:
    """Return the answers to the questions that are asked first; none where nothing was found."""
    touched = [each for each in machines if each.own]
    if not touched:
        return ()
    first = (_first(touched), _who(touched), _server(touched))
    return (*first, _connected(touched), _password(touched), _sure(touched, analysis))


def _a(role: str) -> str:
    if role == "unknown":
        return "a machine whose role is unknown"
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"


def _first(machines: Sequence[MachineFacts]) -> Answer:
    statements = [
        Statement(
            f"{each.name} ({'role unknown' if each.role == 'unknown' else each.role}): "
            f"{span(each.first.ticks, each.last.ticks)}, {count(len(each.own), 'row')}.",
            (each.first.row, each.last.row),
        )
        for each in machines
    ]
    return Answer("Which machine was first?", machines[0].name, tuple(statements))


def _who(machines: Sequence[MachineFacts]) -> Answer:
    users = list(dict.fromkeys(user for each in machines for user in people(each.installs)))
    told = _by_machine(machines, installation)
    short = listed(users) or ("The system itself" if told else "Not on record")
    return Answer("Which account installed it, and from which file?", short, told or (Statement(NO_INSTALL),))


def _by_machine(
    machines: Sequence[MachineFacts], say: Callable[[MachineFacts], Iterator[Statement]]
) -> tuple[Statement, ...]:
    """Return what there is to ``say`` of all machines, each sentence with its machine's name."""
    return tuple(
        Statement(f"{each.name}: {statement.text}", statement.rows)
        for each in machines
        for statement in say(each)
    )


def people(rows: Sequence[TimelineRow]) -> tuple[str, ...]:
    """Return the accounts in ``rows`` that not every machine has, by name where any is known by name."""
    users = list(dict.fromkeys(row.user for row in rows if row.user and not is_everywhere(row.user)))
    # Windows records the same account by name in one log and by SID in another.
    return tuple([user for user in users if not user.startswith("S-1-")] or users)


def _by(rows: Sequence[TimelineRow]) -> str:
    if named := people(rows):
        return f"by {listed(named)}"
    if any(row.user for row in rows):
        return "by the system itself, as Windows Installer and services do"
    return "by an account that is not on record"


def installation(machine: MachineFacts) -> Iterator[Statement]:
    """Say who installed RustDesk on ``machine``, when and from which file."""
    rows = machine.installs
    if not rows:
        return
    first = rows[0]
    when = f"on {day_and_time(first.ticks)}, {_by(rows)}"
    # The steps of an installer are rows too; what ran it is told by rows like the first.
    like = tuple(row.row for row in rows if row.finding == first.finding)
    if first.activity != "install":
        what = f"its service was installed {when}; what ran the installer is not on record."
    elif is_windows_installer(first):
        what = f"installed with the command {first.command_line} {when}."
    else:
        what = f"installed from {first.image_path or 'a file without a name'} {when}."
    yield Statement(what, like)


def is_windows_installer(row: TimelineRow) -> bool:
    """Whether the row's program is Windows's own, which installs what its command line names."""
    return bool(row.command_line) and ntpath.basename(row.image_path).casefold() == "msiexec.exe"


def _server(machines: Sequence[MachineFacts]) -> Answer:
    every = [server for each in machines for server in each.servers]
    own = list(dict.fromkeys(each.name for each in every if not each.is_public and not _is_only_asked(each)))
    short = listed(own) or ("RustDesk's public servers" if every else "Not on record")
    told = _by_machine(machines, servers) or (Statement(NO_SERVER),)
    return Answer("Which server did RustDesk talk to?", short, told, bool(own))


def _is_only_asked(server: ContactedServer) -> bool:
    """Whether only a query for its name is on record, which may be for a machine to be reached."""
    return set(server.how) == {ASKED}


def servers(machine: MachineFacts) -> Iterator[Statement]:
    """Say of each server how RustDesk on ``machine`` is known to have to do with it."""
    for each in machine.servers:
        whose = "one of RustDesk's public servers" if each.is_public else "not one of RustDesk's own"
        address = f" ({listed(each.addresses)})" if each.addresses else ""
        yield Statement(f"the server {each.name}{address}, {whose}: {listed(list(each.how))}.", each.rows)


def _connected(machines: Sequence[MachineFacts]) -> Answer:
    names = [each.name for each in machines if each.sessions]
    number = sum(len(each.sessions) for each in machines)
    short = f"Yes: {count(number, 'session')} on {listed(names)}" if number else "No record of it"
    told = _by_machine(machines, sessions)
    noted = (*told, Statement(BEFORE_CHECK)) if told else (Statement(NO_SESSION),)
    return Answer("Did anybody connect in?", short, noted, bool(number))


def sessions(machine: MachineFacts) -> Iterator[Statement]:
    """Say of each session on ``machine`` when it began, from where and how long it was."""
    for each in machine.sessions:
        source = f"from {each.address}" if each.address else "from where is not on record"
        if each.ended is None:
            end = "how long is not on record"
        else:
            end = f"for {how_long(each.ended - each.began)}, until {clock_time(each.ended)}"
        yield Statement(f"somebody connected in on {day_and_time(each.began)}, {source}; {end}.", each.rows)


def _password(machines: Sequence[MachineFacts]) -> Answer:
    names = [each.name for each in machines if each.of_activity("set_password")]
    short = f"Yes, on {listed(names)}" if names else "No record of it"
    told = _by_machine(machines, passwords) or (Statement(NO_UNATTENDED),)
    return Answer("Was a password for unattended access set?", short, told, bool(names))


def passwords(machine: MachineFacts) -> Iterator[Statement]:
    """Say when a password for unattended access was set on ``machine``, and by whom."""
    rows = machine.of_activity("set_password")
    if rows:
        yield Statement(
            f"a password for unattended access was set on {day_and_time(rows[0].ticks)}, {_by(rows)}. "
            "With it nobody has to be at the machine to let a visitor in.",
            tuple(row.row for row in rows),
        )


def _sure(machines: Sequence[MachineFacts], analysis: Analysis) -> Answer:
    rows = [row for each in machines for row in each.own]
    inferred = [row.row for row in rows if row.basis == "inferred"]
    observed = len(rows) - len(inferred)
    short = f"{observed:,} of {count(len(rows), 'row')} observed" + (
        f", {len(inferred):,} inferred" if inferred else ""
    )
    kinds = len({(row.channel_or_key if row.event_id else row.artifact, row.event_id) for row in rows})
    told = [Statement(f"{count(kinds, 'kind')} of record {'tells' if kinds == 1 else 'tell'} of RustDesk.")]
    if inferred:
        told.append(
            Statement(
                "Inferred means concluded from what records say; the row says from what.", tuple(inferred)
            )
        )
    differing = [story for each in machines for story in each.stories if story.differs]
    agree = "disagree: see Services" if differing else "agree with one another"
    if any(each.stories for each in machines):
        told.append(Statement(f"The artifacts that tell of its services {agree}."))
    damage = sum(len(each.damage) for each in analysis.read.readings)
    if damage or not analysis.read.complete:
        told.append(
            Statement(
                f"Not all evidence could be read whole: {count(damage, 'place')} of damage; see Sources."
            )
        )
    absent = len(absent_sources(analysis))
    if absent:
        told.append(
            Statement(
                f"{count(absent, 'expected source is', 'expected sources are')} not in the evidence; "
                "see Each machine."
            )
        )
    return Answer("How sure is this?", short, tuple(told))
