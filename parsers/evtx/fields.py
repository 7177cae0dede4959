"""The pieces of an event that both readers give, and what makes differing spellings of them equal.

Documented normalisation, so that two readers can be compared; it goes by the type that a value has in its
record, and a text stays as it is:

- A GUID is upper case in braces, as Sysmon shows it.
- A time is ISO 8601 in UTC with the seven digits that a FILETIME has, that of a SYSTEMTIME with six.
- Bytes are hexadecimal, upper case. A hexadecimal number is written as Windows does, without leading zeros.
- Truth is ``true`` or ``false``.
- Fields of one name, where a reader gives them all, are ``Name``, ``Name_1``, ``Name_2`` and so on.

Not made equal, and so told as a disagreement: floating-point numbers, which readers spell differently when
they are very small or none (``1e-7``, ``1e-07``), and elements of EventData other than ``Data`` that have a
name, which ``evtx`` calls by the element's own. No event that is examined has either.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBER: Final = re.compile(r"[0-9]{1,20}")

Field = tuple[str, str]
"""The name and the text of one field of EventData or UserData."""


UNNAMED: Final = "#"
"""What stands before the number of a field that has no name."""

BINARY: Final = "Binary"
"""The element of EventData for bytes without a name; an event that has none is without that field."""


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
        *("Event/System", "System/Provider", "System/EventID", "System/TimeCreated"),
        *("System/EventRecordID", "System/Channel", "System/Computer", "System/Security"),
    }
)
"""What every event has (Windows event schema, ``SystemPropertiesType``)."""

_AT_MOST: Final = _ALWAYS | {
    "Event/RenderingInfo",
    *("System/Version", "System/Level", "System/Task", "System/Opcode", "System/Keywords"),
    *("System/Provider@Name", "System/Provider@Guid", "System/Provider@EventSourceName"),
    *("System/EventID@Qualifiers", "System/TimeCreated@SystemTime", "System/Security@UserID"),
    *("System/Correlation", "System/Correlation@ActivityID", "System/Correlation@RelatedActivityID"),
    *("System/Execution", "System/Execution@ProcessID", "System/Execution@ThreadID"),
    *("System/Execution@ProcessorID", "System/Execution@SessionID", "System/Execution@KernelTime"),
    *("System/Execution@UserTime", "System/Execution@ProcessorTime"),
}
"""All that an event may have but for its data, attributes behind ``@``."""

_EVENT_DATA: Final = frozenset({"EventData/Data", "EventData/Data@Name", "EventData/Binary"})
"""All that EventData may have (``EventDataType``)."""

_USER_DATA: Final = {
    "LogFileCleared": frozenset(
        {
            *("SubjectUserSid", "SubjectUserName", "SubjectDomainName", "SubjectLogonId"),
            *("Channel", "BackupPath", "ClientProcessId", "ClientProcessStartKey"),
        }
    )
}
"""What the elements that are known of UserData may have. Any other one may be a misread name."""


def are_names_of_an_event(names: Iterable[str]) -> bool:
    """Whether an event has the elements and attributes that it must have, and none that no event has.

    Binary XML names them by where in the chunk the name stands. Where something else stands there now, a
    decoder takes that for the name. What a provider may put into UserData is known of few elements; with
    any other one the event is not told from a misread one.
    """
    found = frozenset(names)
    data = found - _AT_MOST - {"Event/EventData", "Event/UserData"}
    if not found >= _ALWAYS or len(found & {"Event/EventData", "Event/UserData"}) != 1:
        return False
    return data <= _EVENT_DATA if "Event/EventData" in found else _are_names_of_user_data(data)


def _are_names_of_user_data(names: frozenset[str]) -> bool:
    return any(
        f"UserData/{element}" in names
        and names <= {f"UserData/{element}", *(f"{element}/{leaf}" for leaf in leaves)}
        for element, leaves in _USER_DATA.items()
    )


def to_number(text: str) -> int:
    """Return the number that ``text`` is in decimal digits, or -1."""
    return int(text) if _NUMBER.fullmatch(text) else -1


def with_names_apart(fields: Iterable[Field]) -> dict[str, str]:
    """Return fields by name, in order; where a name comes again, ``_1``, ``_2`` … is put behind it."""
    apart: dict[str, str] = {}
    for name, text in fields:
        free = name
        numbers = count(1)
        while free in apart:
            free = f"{name}_{next(numbers)}"
        apart[free] = text
    return apart
