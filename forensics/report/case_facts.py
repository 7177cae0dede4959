"""What the rows of a case come to, machine by machine: the facts that the summary puts in words.

Pure functions of an analysis. A fact keeps the rows that it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.report.contacted_server import contacted_servers
from forensics.report.html_picture import in_order_of_arrival
from forensics.report.inbound_session import inbound_sessions
from forensics.report.row_kind import is_moment, is_of_rustdesk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forensics.finding import Found, FoundKey
    from forensics.pipeline import Analysis
    from forensics.report.contacted_server import ContactedServer
    from forensics.report.inbound_session import InboundSession
    from forensics.service_story import ServiceStory
    from forensics.timeline_row import TimelineRow


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence for the reader, and the numbers of the rows that it rests on."""

    text: str
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What is known of one machine. ``own`` are its rows of RustDesk, ``context`` its others, in order.

    ``servers`` are those that RustDesk was given, used, asked for or connected to; ``stories`` its services;
    ``role`` is the contract's word with spaces.
    """

    device_id: str
    name: str
    role: str
    role_reasons: tuple[str, ...]
    own: tuple[TimelineRow, ...]
    context: tuple[TimelineRow, ...]
    sessions: tuple[InboundSession, ...]
    servers: tuple[ContactedServer, ...]
    stories: tuple[ServiceStory, ...]

    @property
    def first(self) -> TimelineRow:
        """The first row that is the time of an act, or the first of all."""
        return next(filter(is_moment, self.own), self.own[0])

    @property
    def last(self) -> TimelineRow:
        """The last row that is the time of an act; a process says more than what it loads."""
        moments = list(filter(is_moment, self.own)) or self.own
        telling = [row for row in moments if row.finding != "rustdesk_image_load"]
        return (telling or moments)[-1]

    @property
    def installs(self) -> tuple[TimelineRow, ...]:
        """The rows that say that RustDesk was installed, those of an installer before those of a service."""
        acts = [row for row in self.own if row.activity == "install"]
        return tuple(acts) or tuple(row for row in self.own if row.finding == "rustdesk_service_installed")

    def of_activity(self, activity: str) -> tuple[TimelineRow, ...]:
        """Return the rows of RustDesk's ``activity``."""
        return tuple(row for row in self.own if row.activity == activity)


def machine_facts(analysis: Analysis) -> tuple[MachineFacts, ...]:
    """Return the facts of all machines, in the order in which RustDesk came to them."""
    found = {each.key: each for each in analysis.concluded.found}
    sessions = inbound_sessions(analysis.rows)
    return tuple(
        _facts(device_id, name, role, analysis, sessions, found)
        for device_id, name, role in in_order_of_arrival(analysis)
    )


def _facts(  # noqa: PLR0913, PLR0917 - what all machines share is computed once
    device_id: str,
    name: str,
    role: str,
    analysis: Analysis,
    sessions: Sequence[InboundSession],
    found: Mapping[FoundKey, Found],
) -> MachineFacts:
    rows = [row for row in analysis.rows if row.device_id == device_id]
    own = tuple(row for row in rows if is_of_rustdesk(row))
    return MachineFacts(
        device_id,
        name,
        role.replace("_", " "),
        analysis.concluded.roles[device_id].reasons,
        own,
        tuple(row for row in rows if not is_of_rustdesk(row)),
        tuple(each for each in sessions if each.device_id == device_id),
        contacted_servers(own, found),
        tuple(each for each in analysis.concluded.stories if each.device_id == device_id),
    )
