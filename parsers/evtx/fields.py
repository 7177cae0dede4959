"""The pieces of an event that both readers give, and how differing spellings of them are made equal.

Documented normalisation, so that two readers can be compared:

- A GUID field (a name that ends in ``Guid``) is upper case in braces, as Sysmon shows it.
- A hexadecimal number is written as Windows does, without leading zeros.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_BARE_GUID: Final = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")
_NUMBER: Final = re.compile(r"[0-9]{1,20}")
_PADDED_HEX: Final = re.compile(r"0x(?:[0-9a-f]{8}|[0-9a-f]{16})")

Field = tuple[str, str]
"""The name and the text of one EventData field."""


class Identity(NamedTuple):
    """What tells whether an event is wanted, and whose it is. Numbers are -1 where the event has none."""

    provider: str
    event_id: int
    channel: str
    computer: str
    record_id: int


class System(NamedTuple):
    """The rest of an event's System fields; ``time_created`` in ticks."""

    user_sid: str
    time_created: int


_ALWAYS: Final = frozenset(
    {
        *("Event/System", "Event/EventData", "System/Provider", "System/EventID", "System/TimeCreated"),
        *("System/EventRecordID", "System/Channel", "System/Computer", "System/Security"),
    }
)
"""What every event with EventData has (Windows event schema, ``SystemPropertiesType``)."""

_AT_MOST: Final = _ALWAYS | {
    *("Event/RenderingInfo", "EventData/Data", "EventData/Data@Name"),
    *("System/Version", "System/Level", "System/Task", "System/Opcode", "System/Keywords"),
    *("System/Provider@Name", "System/Provider@Guid", "System/Provider@EventSourceName"),
    *("System/EventID@Qualifiers", "System/TimeCreated@SystemTime", "System/Security@UserID"),
    *("System/Correlation", "System/Correlation@ActivityID", "System/Correlation@RelatedActivityID"),
    *("System/Execution", "System/Execution@ProcessID", "System/Execution@ThreadID"),
    *("System/Execution@ProcessorID", "System/Execution@SessionID", "System/Execution@KernelTime"),
    *("System/Execution@UserTime", "System/Execution@ProcessorTime"),
}
"""All that such an event may have, attributes behind ``@``."""


def are_names_of_an_event(names: Iterable[str]) -> bool:
    """Whether an event has the elements and attributes that it must have, and none that no event has.

    Binary XML names them by where in the chunk the name stands. Where something else stands there now, a
    decoder takes that for the name.
    """
    found = frozenset(names)
    return _ALWAYS <= found <= _AT_MOST


def to_number(text: str) -> int:
    """Return the number that ``text`` is in decimal digits, or -1."""
    return int(text) if _NUMBER.fullmatch(text) else -1


def with_braces(name: str, text: str) -> str:
    """Return ``text`` as a GUID in upper case and braces, if ``name`` is a GUID field's and it is one."""
    match = _BARE_GUID.fullmatch(text) if name.lower().endswith("guid") else None
    return text if match is None else "{" + match.group(1).upper() + "}"


def without_padding(text: str) -> str:
    """Return a hexadecimal number that was padded to its type's width as Windows writes it."""
    return hex(int(text, 16)) if _PADDED_HEX.fullmatch(text) else text
