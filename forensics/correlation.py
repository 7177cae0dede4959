"""What happened near findings of RustDesk: which context is told, and next to which of them.

Context rules give candidates: every service created, every task, every tunnel of the case. One is told where
a finding of RustDesk is within the window before or after it

- on the same machine; or
- anywhere in the case, where the same account did both, or both name the same server at the other end.

Accounts that every Windows machine has (LocalSystem, the services' accounts, a machine's own) connect
nothing. What is told of is the nearest finding: on the same machine before any other; one that tells of an
act (a process was created, a service installed) before one that corroborates it (an image was loaded, a file
written) or is a state (a key was last written), whose time is not that of an act.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Final

from forensics.rule import RuleKind
from parsers.filetime import TICKS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from forensics.finding import Found

DEFAULT_WINDOW: Final = 24 * 3600 * TICKS_PER_SECOND
ACTIVITY_WINDOW: Final = 15 * 60 * TICKS_PER_SECOND
"""How far from an activity a rule that is about that activity looks, if the window is not shorter still."""

_CORROBORATING: Final = frozenset({"rustdesk_image_load", "rustdesk_trace"})
_STATES: Final = ("last written", "last modified")
_EVERYWHERE: Final = frozenset({"system", "local service", "network service", "localsystem"})
_EVERYWHERE_SIDS: Final = frozenset({"S-1-5-18", "S-1-5-19", "S-1-5-20"})


class Connection(StrEnum):
    """What a context finding and a finding of RustDesk have in common, the closest first."""

    SAME_DEVICE = "same machine"
    SAME_USER = "same user"
    SAME_SERVER = "same server"


@dataclass(frozen=True, slots=True)
class Near:
    """``context`` is ``distance`` ticks after ``anchor``, a finding of RustDesk; before it where negative."""

    context: Found
    anchor: Found
    distance: int
    connection: Connection


def near(found: Sequence[Found], window: int) -> tuple[Near, ...]:
    """Return the context findings among ``found`` that are within ``window`` ticks of one of RustDesk.

    An event that a rule about RustDesk gave is no context of itself.
    """
    anchors = [each for each in found if each.is_of_rustdesk and not _is_file_time(each)]
    own = {each.event.report_id for each in found if each.rule.kind is RuleKind.FINDING}
    candidates = [
        each for each in found if each.rule.kind is RuleKind.CONTEXT and each.event.report_id not in own
    ]
    indexes: dict[str, _Index] = {}
    selected: list[Near] = []
    for each in candidates:
        about = each.rule.near
        if about not in indexes:
            indexes[about] = _Index(anchor for anchor in anchors if not about or anchor.activity == about)
        reach = min(window, ACTIVITY_WINDOW) if about else window
        if (nearest := indexes[about].nearest(each, reach)) is not None:
            selected.append(nearest)
    return tuple(selected)


class _Index:
    """Findings of RustDesk by what connects them, each list in order of time."""

    def __init__(self, anchors: Iterable[Found]) -> None:
        by_key: dict[tuple[Connection, Hashable], list[Found]] = defaultdict(list)
        for each in anchors:
            for connection, key in _keys(each):
                by_key[connection, key].append(each)
        self._lists: Mapping[tuple[Connection, Hashable], tuple[list[int], list[Found]]] = {
            key: _sorted(group) for key, group in by_key.items()
        }

    def nearest(self, context: Found, reach: int) -> Near | None:
        for connection, key in _keys(context):
            if (connection, key) not in self._lists:
                continue
            ticks, anchors = self._lists[connection, key]
            begin = bisect_left(ticks, context.event.ticks - reach)
            end = bisect_right(ticks, context.event.ticks + reach)
            if begin < end:
                return _nearest(context, anchors, range(begin, end), ticks, connection)
        return None


def _nearest(
    context: Found, anchors: list[Found], reachable: range, ticks: list[int], connection: Connection
) -> Near:
    """Return the nearest of the ``reachable`` anchors, of acts if there are any."""
    time = context.event.ticks
    middle = bisect_left(ticks, time, reachable.start, reachable.stop)
    before = (place for place in range(middle - 1, reachable.start - 1, -1))
    after = (place for place in range(middle, reachable.stop))
    sides = [next((each for each in side if _is_act(anchors[each])), None) for side in (before, after)]
    places = [each for each in sides if each is not None] or [
        each for each in (middle - 1, middle) if each in reachable
    ]
    place = min(places, key=lambda each: (abs(ticks[each] - time), each))
    return Near(context, anchors[place], time - ticks[place], connection)


def _sorted(group: list[Found]) -> tuple[list[int], list[Found]]:
    ordered = sorted(group, key=lambda each: (each.event.ticks, each.key))
    return [each.event.ticks for each in ordered], ordered


def _keys(found: Found) -> Iterator[tuple[Connection, Hashable]]:
    yield Connection.SAME_DEVICE, found.event.device_id
    user = found.event.user.casefold()
    if user and not is_everywhere(found.event.user):
        yield Connection.SAME_USER, user
    if found.finding.server:
        yield Connection.SAME_SERVER, found.finding.server.casefold()


def is_everywhere(user: str) -> bool:
    r"""Whether every machine has the account (``NT AUTHORITY\SYSTEM``), or it is a machine's (``DC01$``)."""
    name = user.rpartition("\\")[2].casefold()
    return user in _EVERYWHERE_SIDS or name in _EVERYWHERE or name.endswith("$")


def _is_act(found: Found) -> bool:
    if any(state in found.event.time_means for state in _STATES):
        return False
    return found.rule.finding not in _CORROBORATING or bool(found.activity and found.activity != "load")


def _is_file_time(found: Found) -> bool:
    """Whether the event's time is that of a file, which may be older than the machine."""
    return "last modified" in found.event.time_means


def told(selected: Iterable[Near], found: Iterable[Found]) -> tuple[Found, ...]:
    """Return what goes on the timeline: all findings, and the context that was selected."""
    findings = (each for each in found if each.rule.kind is RuleKind.FINDING)
    return tuple(chain(findings, (each.context for each in selected)))


def distance_text(distance: int) -> str:
    """Return how far apart two times are, as one says it: ``9 min 3 s before``; fractions are cut."""
    seconds, _ = divmod(abs(distance), TICKS_PER_SECOND)
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    text = " ".join(f"{number} {unit}" for number, unit in parts if number) or "less than 1 s"
    if not distance:
        return "at the time of"
    return f"{text} {'before' if distance < 0 else 'after'}"
