"""The picture of the timeline: a lane a machine, in it a lane a kind, marks where rows are.

What is here are numbers and words; the template makes SVG of them, and the script draws the same from the
same segments when the reader zooms. Marks that would overlap are one mark with the number of its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from forensics.report.english import clock_time, count, day_and_time, how_long, short_date
from forensics.report.row_kind import SHAPES, TITLES, RowKind, is_moment, is_of_rustdesk, kind_of
from forensics.report.time_scale import time_scale
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from forensics.pipeline import Analysis
    from forensics.report.inbound_session import InboundSession
    from forensics.report.time_scale import Segment, TimeScale
    from forensics.timeline_row import TimelineRow

WIDTH: Final = 1000
LEFT: Final = 196
RIGHT: Final = WIDTH - 40
TOP: Final = 46
HEADING: Final = 30
LANE: Final = 25
AFTER: Final = 10
MERGE: Final = 17
MERGE_MANY: Final = 36
"""Marks nearer than this are one; one of many rows has their number beside it and needs more room."""

_TICK_STEPS: Final = (*(1, 5, 15, 30), *(60, 120, 300, 900, 1800), *(3600, 7200, 10800, 21600, 43200))
_TICK_ROOM: Final = 86
_DAY: Final = 86400


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark at ``x``: ``count`` rows, the first of which is ``row``; ``title`` says it in words."""

    x: float
    row: int
    count: int
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A session that has an end, from ``x`` over ``width``."""

    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The rows of one kind of one machine; ``y`` is its middle."""

    kind: str
    title: str
    shape: str
    y: int
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """The lanes of one machine; ``y`` is the line of its name, ``note`` what is said where it has no lane."""

    device_id: str
    name: str
    role: str
    note: str
    y: int
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick of the axis with its time of day, and its date where that changes."""

    x: float
    label: str
    date: str


@dataclass(frozen=True, slots=True)
class Break:
    """A break of the axis in the middle of a silence, and how long that is."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn. ``undated`` is how many rows have no time that could be drawn."""

    width: int
    height: int
    machines: tuple[Machine, ...]
    ticks: tuple[Tick, ...]
    breaks: tuple[Break, ...]
    segments: tuple[Segment, ...]
    undated: int
    kinds: tuple[RowKind, ...]


def picture(analysis: Analysis, sessions: Sequence[InboundSession]) -> Picture:
    """Return the picture of the rows of ``analysis``; machines in the order of arrival."""
    dated = [row for row in analysis.rows if _has_date(row)]
    scale = time_scale([row.ticks for row in dated], LEFT, RIGHT)
    machines = tuple(_machines(analysis, dated, sessions, scale))
    last = machines[-1] if machines else None
    height = TOP if last is None else last.y + HEADING + LANE * len(last.lanes)
    kinds = {kind_of(row) for row in analysis.rows}
    return Picture(
        width=WIDTH,
        height=height + AFTER,
        machines=machines,
        ticks=() if scale is None else tuple(_ticks(scale)),
        breaks=() if scale is None else tuple(_breaks(scale, dated)),
        segments=() if scale is None else scale.segments,
        undated=len(analysis.rows) - len(dated),
        kinds=tuple(kind for kind in RowKind if kind in kinds),
    )


def _has_date(row: TimelineRow) -> bool:
    return 0 < row.ticks <= filetime.MAX_TICKS


def _machines(
    analysis: Analysis,
    rows: Sequence[TimelineRow],
    sessions: Sequence[InboundSession],
    scale: TimeScale | None,
) -> Iterator[Machine]:
    y = TOP
    for device_id, name, role in in_order_of_arrival(analysis):
        own = [row for row in rows if row.device_id == device_id]
        lanes = () if scale is None else tuple(_lanes(own, sessions, scale, y + HEADING))
        note = "" if lanes else "no indicator found in the sources examined"
        yield Machine(device_id, name, role.replace("_", " "), note, y, lanes)
        y += HEADING + LANE * len(lanes)


def in_order_of_arrival(analysis: Analysis) -> Sequence[tuple[str, str, str]]:
    """Return id, name, role of each machine: those with RustDesk by its first act, then the others."""
    most = len(analysis.rows)
    first: dict[str, int] = {}
    for row in analysis.rows:
        # A state that lasted (a file's time may be older than the machine) comes after every act.
        weight = row.row + most * (0 if is_of_rustdesk(row) and is_moment(row) else 2 - is_of_rustdesk(row))
        first[row.device_id] = min(first.get(row.device_id, weight), weight)
    roles = analysis.concluded.roles
    ordered = sorted(
        analysis.read.devices.all,
        key=lambda each: (first.get(each.device_id, 3 * most + 1), each.name, each.device_id),
    )
    return [
        (each.device_id, each.name or "a machine without a name", roles[each.device_id].role.value)
        for each in ordered
    ]


def _lanes(
    rows: Sequence[TimelineRow], sessions: Sequence[InboundSession], scale: TimeScale, top: int
) -> Iterator[Lane]:
    by_kind: Mapping[RowKind, list[TimelineRow]] = {kind: [] for kind in RowKind}
    for row in rows:
        by_kind[kind_of(row)].append(row)
    y = top + LANE // 2
    for kind, own in by_kind.items():
        if own:
            bars = tuple(_bars(sessions, own, scale)) if kind is RowKind.SESSION else ()
            yield Lane(kind.value, TITLES[kind], SHAPES[kind], y, tuple(_marks(own, scale)), bars)
            y += LANE


def _bars(sessions: Sequence[InboundSession], rows: Sequence[TimelineRow], scale: TimeScale) -> Iterator[Bar]:
    devices = {row.device_id for row in rows}
    for each in sessions:
        if each.device_id in devices and each.ended is not None:
            begin, end = scale.position(each.began), scale.position(each.ended)
            source = f" from {each.address}" if each.address else ""
            title = f"Session{source}, {day_and_time(each.began)}, {how_long(each.ended - each.began)}"
            yield Bar(begin, max(round(end - begin, 1), 2.0), title)


def _marks(rows: Sequence[TimelineRow], scale: TimeScale) -> Iterator[Mark]:
    group: list[TimelineRow] = []
    begin = 0.0
    for row in rows:
        x = scale.position(row.ticks)
        if group and x - begin >= (MERGE if len(group) == 1 else MERGE_MANY):
            yield _mark(group, begin)
            group = []
        if not group:
            begin = x
        group.append(row)
    if group:
        yield _mark(group, begin)


def _mark(rows: Sequence[TimelineRow], x: float) -> Mark:
    first, last = rows[0], rows[-1]
    if len(rows) == 1:
        return Mark(x, first.row, 1, f"{day_and_time(first.ticks)}: {first.message} (row {first.row})")
    until = f" to {clock_time(last.ticks)}" if last.ticks - first.ticks >= filetime.TICKS_PER_SECOND else ""
    told = f"{count(len(rows), 'row')}, {day_and_time(first.ticks)}{until}, the first: {first.message}"
    return Mark(x, first.row, len(rows), f"{told} (rows {first.row} to {last.row})")


def _ticks(scale: TimeScale) -> Iterator[Tick]:
    shown = ""
    for segment in scale.segments:
        times = _tick_times(segment)
        for number, seconds in enumerate(times):
            ticks = seconds * filetime.TICKS_PER_SECOND
            text = filetime.to_text(ticks, 0)
            date = "" if text[:10] == shown and number else short_date(text[:10], shown[:4])
            shown = text[:10]
            has_seconds = any(each % 60 for each in times)
            yield Tick(segment.position(ticks), text[11:19] if has_seconds else text[11:16], date)


def _tick_times(segment: Segment) -> Sequence[int]:
    """Return the seconds since 1601 of a segment's ticks: as many as there is room for, at round times."""
    begin = -(-segment.begin // filetime.TICKS_PER_SECOND)
    end = min(segment.end, filetime.MAX_TICKS) // filetime.TICKS_PER_SECOND
    most = max((segment.right - segment.left) // _TICK_ROOM, 1)
    days = max((end - begin) // most // _DAY, 1)
    step = next((each for each in _TICK_STEPS if (end - begin) // each < most), days * _DAY)
    times = range(-(-begin // step) * step, end + 1, step)
    return times[:most] or [begin]


def _breaks(scale: TimeScale, rows: Sequence[TimelineRow]) -> Iterator[Break]:
    ordered = sorted(row.ticks for row in rows)
    for before, after in scale.breaks():
        last = max(each for each in ordered if each <= before.end)
        first = min(each for each in ordered if each >= after.begin)
        yield Break((before.right + after.left) / 2, how_long(first - last))


def legend(kinds: Sequence[RowKind]) -> Sequence[tuple[str, str, str]]:
    """Return kind, shape and title of each of ``kinds``."""
    return [(each.value, SHAPES[each], TITLES[each]) for each, _ in groupby(kinds)]
