"""One event as a test wants it to stand in an event log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from tests.builders.typed_value import Value

DEFAULT_TIME: Final = 133_537_248_001_234_567
"""2024-03-01T00:00:00.1234567Z: a time whose last digit shows who keeps it."""


class RecordFields(TypedDict, total=False):
    """What every constructor of an event takes by keyword: where and when it was recorded."""

    computer: str
    record_id: int
    time_created: int
    written: int | None
    header_record_id: int | None


@dataclass(frozen=True, slots=True)
class UserData:
    """What stands in ``<UserData>`` in place of EventData: one element with a namespace, and its fields."""

    element: str
    namespace: str
    fields: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class EventToWrite:
    """An event's System part and its EventData or UserData.

    ``time_created`` and ``written`` (the record header's time; None: the same) are FILETIME ticks. ``data``
    is the fields in order; one named ``""`` becomes a ``<Data>`` without a name, and one of several strings
    as many of them. ``binary`` is what stands behind them in ``<Binary>`` (None: there is no such element).
    ``user_data`` is written in place of both. ``without_template`` writes the event as plain elements, as in
    logs of forwarded events; its fields are then texts and numbers. ``header_record_id`` (None:
    the same as ``record_id``) differs in forwarded logs. With ``qualifiers`` or ``event_source_name`` the
    event is written as Windows writes those of classic providers: provider and channel are text of the
    template, the provider's GUID is in braces, and strings have no terminator.
    """

    provider: str
    event_id: int
    channel: str
    computer: str
    record_id: int
    time_created: int
    data: tuple[tuple[str, Value], ...]
    provider_guid: str | None = None
    version: int = 0
    level: int = 4
    task: int = 0
    opcode: int = 0
    keywords: int = 0x8000000000000000
    process_id: int = 0
    thread_id: int = 0
    user_sid: str | None = None
    written: int | None = None
    header_record_id: int | None = None
    qualifiers: int | None = None
    event_source_name: str | None = None
    binary: bytes | None = None
    user_data: UserData | None = None
    without_template: bool = False

    @property
    def classic(self) -> bool:
        """Whether the event is one of a provider from before manifests."""
        return self.qualifiers is not None or self.event_source_name is not None

    @property
    def id_in_header(self) -> int:
        """The record header's identifier."""
        return self.record_id if self.header_record_id is None else self.header_record_id

    @property
    def time_in_header(self) -> int:
        """The record header's time in FILETIME ticks."""
        return self.time_created if self.written is None else self.written
