"""What kind of thing a row tells: seven kinds, each with a colour and a shape of its own in the picture."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forensics.timeline_row import TimelineRow

_RUSTDESK: Final = "rustdesk_"
"""What the names of findings that are RustDesk's begin with."""


class RowKind(StrEnum):
    """The kinds in the order of their lanes."""

    INSTALL = "install"
    SERVICE = "service"
    CONFIGURE = "configure"
    SESSION = "session"
    RUN = "run"
    TRACE = "trace"
    CONTEXT = "context"


TITLES: Final[Mapping[RowKind, str]] = {
    RowKind.INSTALL: "Installed, updated, removed",
    RowKind.SERVICE: "Service",
    RowKind.CONFIGURE: "Configured, password",
    RowKind.SESSION: "Connected in",
    RowKind.RUN: "Ran, loaded",
    RowKind.TRACE: "Traces",
    RowKind.CONTEXT: "Near it (context)",
}
SHAPES: Final[Mapping[RowKind, str]] = {
    RowKind.INSTALL: "square",
    RowKind.SERVICE: "diamond",
    RowKind.CONFIGURE: "triangle",
    RowKind.SESSION: "star",
    RowKind.RUN: "circle",
    RowKind.TRACE: "ring",
    RowKind.CONTEXT: "cross",
}
_BY_ACTIVITY: Final[Mapping[str, RowKind]] = {
    "install": RowKind.INSTALL,
    "update": RowKind.INSTALL,
    "uninstall": RowKind.INSTALL,
    "portable": RowKind.INSTALL,
    "configure": RowKind.CONFIGURE,
    "set_password": RowKind.CONFIGURE,
    "inbound_session": RowKind.SESSION,
}
_BY_FINDING: Final[Mapping[str, RowKind]] = {
    "rustdesk_service_installed": RowKind.SERVICE,
    "rustdesk_service_key": RowKind.SERVICE,
    "rustdesk_service_changed": RowKind.SERVICE,
    "rustdesk_execution": RowKind.RUN,
    "rustdesk_image_load": RowKind.RUN,
}


def kind_of(row: TimelineRow) -> RowKind:
    """Return the kind of ``row``: what RustDesk did where that is known, or else what was found."""
    if not is_of_rustdesk(row):
        return RowKind.CONTEXT
    return _BY_ACTIVITY.get(row.activity) or _BY_FINDING.get(row.finding, RowKind.TRACE)


def is_of_rustdesk(row: TimelineRow) -> bool:
    """Whether ``row`` says something of RustDesk itself; a user's own rule counts with it."""
    return row.finding.startswith(_RUSTDESK) or row.finding == "custom_rule"


def is_moment(row: TimelineRow) -> bool:
    """Whether the row's time is that of an act, and not of a state that may have lasted."""
    states = ("last written", "last modified", "own time")
    return row.ticks > 0 and not any(each in row.timestamp_desc for each in states)
