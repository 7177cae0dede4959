"""What each kind of finding shows, and what it does not; and what its rules say of themselves."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.report.undated_facts import undated
from forensics.rule import Basis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from forensics.pipeline import Analysis
    from forensics.rule import Rule


class Meaning(NamedTuple):
    """What a finding shows and what it does not, each as one sentence or two."""

    shows: str
    does_not: str


MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        "rustdesk_execution": Meaning(
            "A record says that a process was started from a file whose name holds the term rustdesk.",
            "It does not show that somebody connected, that a person started it, or that the use was not "
            "allowed. The name alone is compared: a file of another program may bear it.",
        ),
        "rustdesk_service_installed": Meaning(
            "A record of Windows says that a service was registered whose name or program is RustDesk's.",
            "It does not show that the service ever ran, nor who asked the account that registered it to "
            "do so.",
        ),
        "rustdesk_service_key": Meaning(
            "The SYSTEM hive holds the key of a service of RustDesk's, as it was when the hive was last "
            "written.",
            "Its time is when the key last changed in any way; it is not the time of an installation. A key "
            "shows that the service was registered, not that it ran.",
        ),
        "rustdesk_service_changed": Meaning(
            "A record says that a service of RustDesk's was started, stopped or changed, or that its key "
            "was.",
            "It does not show who did so where the record names only Windows' own accounts.",
        ),
        "rustdesk_image_load": Meaning(
            "A record says that a library was loaded by a process of RustDesk's, or that one of RustDesk's "
            "was loaded by any process.",
            "It corroborates that the program ran; it says nothing of what it did.",
        ),
        "rustdesk_renamed": Meaning(
            "Version information, a library or the structure of files and services is RustDesk's, under "
            "another name.",
            "Findings of structure are inferred: another program that was built alike would show the same. A "
            "customised client is made for lawful purposes too.",
        ),
        "rustdesk_trace": Meaning(
            "Something that RustDesk leaves behind is there: a firewall rule, a link, a file, a name that "
            "was asked for, a connection, a line of its own log, a setting.",
            "A trace may outlive the program, and may have been copied from another machine with a profile "
            "or an image. A setting shows how RustDesk was set up, not that it was used.",
        ),
        "ssh_tunnel": Meaning(
            "A record says that SSH forwarded a port or was told to, near a finding of RustDesk.",
            "It does not show what went through, nor that it has to do with RustDesk.",
        ),
        "scheduled_task": Meaning(
            "A record says that a task was registered, changed, removed or run.",
            "That it stands near a finding of RustDesk does not show that one led to the other, unless the "
            "task's own command names RustDesk.",
        ),
        "service_created": Meaning(
            "A record says that a service was registered, near a finding of RustDesk.",
            "It does not show that it has to do with RustDesk: updates and drivers register services too.",
        ),
        "log_cleared": Meaning(
            "A record says that an event log was cleared, or that a command was run that clears one.",
            "It does not show why, nor what the log held; administrators clear logs too.",
        ),
        "clock_changed": Meaning(
            "A record says that the clock of the machine was moved.",
            "It does not show that this was meant to mislead: virtual machines and time services move "
            "clocks. Times around it are flagged clock_jump.",
        ),
        "custom_rule": Meaning(
            "A rule that the examiner added holds for the record.",
            "What that means is for its author to say.",
        ),
    }
)
"""By finding, in the contract's words."""


def meanings(analysis: Analysis) -> Iterator[str]:
    """Give what each kind of finding of this case shows and does not."""
    kinds = {row.finding for row in analysis.rows}
    kinds |= {found.rule.finding for found in undated(analysis.concluded)}
    for kind in MEANINGS:
        if kind in kinds:
            meaning = MEANINGS[kind]
            yield f"{kind}: {meaning.shows} {meaning.does_not}"


def what_rules_say(analysis: Analysis) -> Iterator[str]:
    """Give, for each rule that found something, what else it matches and what it cannot see."""
    found = Counter(row.rule_id for row in analysis.rows)
    found.update(each.rule.rule_id for each in undated(analysis.concluded))
    for outcome in analysis.outcomes:
        if outcome.rule.rule_id in found:
            yield _rule(outcome.rule, found[outcome.rule.rule_id])


def _rule(rule: Rule, number: int) -> str:
    inferred = " What it gives is inferred, not observed." if rule.basis is Basis.INFERRED else ""
    also = f" It may also match: {' '.join(rule.false_positives)}" if rule.false_positives else ""
    blind = f" It does not see all: {' '.join(rule.blind_spots)}" if rule.blind_spots else ""
    return f"{rule.rule_id} ({number:,}): {rule.title}.{inferred}{also}{blind}"
