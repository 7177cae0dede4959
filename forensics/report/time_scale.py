"""A scale of time that is broken where nothing was found, so that days of silence do not crush the minutes.

Within a segment time is even. Where a long silence lies between two findings the axis is broken, and says how
long the silence is. All of it is arithmetic on integers, rounded at the end: the same evidence gives the same
picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import isqrt
from typing import TYPE_CHECKING, Final

from parsers.filetime import TICKS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MOST_BREAKS: Final = 7
GAP: Final = 34
"""How wide a break is, in units of the picture."""

_SHORTEST: Final = 120 * TICKS_PER_SECOND
"""A segment covers at least this much time, so that one moment is no segment without width."""
_SILENCE: Final = 6
"""A silence breaks the axis where it is longer than this part of the time without the longer ones."""
_NARROWEST: Final = 62
"""Every segment is at least this wide, whatever its length: room for the label of a tick."""


@dataclass(frozen=True, slots=True)
class Segment:
    """From ``begin`` to ``end`` (ticks) the axis goes evenly from ``left`` to ``right``."""

    begin: int
    end: int
    left: int
    right: int

    def position(self, ticks: int) -> float:
        """Return where ``ticks`` is, to a tenth of a unit."""
        return self.left + round(10 * (ticks - self.begin) * (self.right - self.left) / self.duration) / 10

    @property
    def duration(self) -> int:
        """How much time it covers, in ticks."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class TimeScale:
    """The segments of an axis, from left to right."""

    segments: tuple[Segment, ...]

    def position(self, ticks: int) -> float:
        """Return where ``ticks`` is; what lies in a break or outside is put to the nearest end."""
        for each in self.segments:
            if ticks <= each.end:
                return each.position(max(ticks, each.begin))
        last = self.segments[-1]
        return last.position(min(ticks, last.end))

    def breaks(self) -> Iterator[tuple[Segment, Segment]]:
        """Give the segments on both sides of each break."""
        yield from pairwise(self.segments)


def time_scale(times: Iterable[int], left: int, right: int) -> TimeScale | None:
    """Return a scale for ``times`` (ticks) between ``left`` and ``right``, or None where there are none."""
    ordered = sorted(set(times))
    if not ordered:
        return None
    spans = [_widened(begin, end) for begin, end in _spans(ordered)]
    room = right - left - GAP * (len(spans) - 1) - _NARROWEST * len(spans)
    weights = [isqrt((end - begin) // TICKS_PER_SECOND) + 1 for begin, end in spans]
    segments: list[Segment] = []
    for (begin, end), weight in zip(spans, weights, strict=True):
        width = _NARROWEST + room * weight // sum(weights)
        segments.append(Segment(begin, end, left, left + width))
        left += width + GAP
    return TimeScale(tuple(segments))


def _spans(ordered: Sequence[int]) -> Iterator[tuple[int, int]]:
    left = ordered[-1] - ordered[0]
    starts: list[int] = []
    for silence, start in sorted(((b - a, b) for a, b in pairwise(ordered)), reverse=True)[:MOST_BREAKS]:
        if silence <= max(left // _SILENCE, 10 * _SHORTEST):
            break
        starts.append(start)
        left -= silence
    begin = 0
    for start in sorted(starts):
        place = ordered.index(start)
        yield ordered[begin], ordered[place - 1]
        begin = place
    yield ordered[begin], ordered[-1]


def _widened(begin: int, end: int) -> tuple[int, int]:
    """Return the span with a little room on both sides."""
    room = max((end - begin) // 50, (_SHORTEST - (end - begin)) // 2, TICKS_PER_SECOND)
    return begin - room, end + room
