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
_SILENCE: Final = 20
"""A silence breaks the axis where it is longer than the whole time divided by this."""
_LEAST_SHARE: Final = 10
"""Of each segment's width at least a tenth of an equal share is given whatever its length."""


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
    room = right - left - GAP * (len(spans) - 1)
    shares = [isqrt((end - begin) // TICKS_PER_SECOND) for begin, end in spans]
    least = max(shares) // _LEAST_SHARE + 1
    weights = [max(share, least) for share in shares]
    segments: list[Segment] = []
    for (begin, end), weight in zip(spans, weights, strict=True):
        width = max(room * weight // sum(weights), 1)
        segments.append(Segment(begin, end, left, left + width))
        left += width + GAP
    return TimeScale(tuple(segments))


def _spans(ordered: Sequence[int]) -> Iterator[tuple[int, int]]:
    whole = ordered[-1] - ordered[0]
    gaps = [(later - earlier, later) for earlier, later in pairwise(ordered)]
    long = [gap for gap in gaps if gap[0] > max(whole // _SILENCE, 10 * _SHORTEST)]
    starts = sorted(later for _, later in sorted(long, reverse=True)[:MOST_BREAKS])
    begin = 0
    for start in starts:
        place = ordered.index(start)
        yield ordered[begin], ordered[place - 1]
        begin = place
    yield ordered[begin], ordered[-1]


def _widened(begin: int, end: int) -> tuple[int, int]:
    """Return the span with a little room on both sides."""
    room = max((end - begin) // 50, (_SHORTEST - (end - begin)) // 2, TICKS_PER_SECOND)
    return begin - room, end + room
