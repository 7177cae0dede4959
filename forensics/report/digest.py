"""The timeline in short, for the terminal: what a responder wants to know of each row, in a few words.

Not verbatim: programs are called by their file names, and what one process loads is one line. The rows
themselves are in timeline.csv.
"""

from __future__ import annotations

import ntpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from forensics.timeline_row import TimelineRow

_LOAD: Final = "rustdesk_image_load"
_NAMED: Final = 2
"""How many of the images that a process loads are named; the rest are counted."""


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One line: the first of the ``rows`` it stands for gives time, finding and severity.

    ``device`` is its machine's name, without the domain where no other machine has the same host name.
    """

    rows: tuple[TimelineRow, ...]
    device: str
    what: str


def digest(rows: Iterable[TimelineRow]) -> tuple[DigestLine, ...]:
    """Return ``rows`` in order, with the image loads of each process drawn together at the first of them."""
    groups: dict[tuple[object, ...], list[TimelineRow]] = {}
    machines: dict[str, set[str]] = {}
    for row in rows:
        groups.setdefault(_group(row), []).append(row)
        machines.setdefault(_host(row), set()).add(row.device_id)
    return tuple(
        DigestLine(tuple(group), _device(group[0], machines), _what(group)) for group in groups.values()
    )


def _host(row: TimelineRow) -> str:
    return row.device_name.partition(".")[0]


def _device(row: TimelineRow, machines: Mapping[str, set[str]]) -> str:
    return _host(row) if len(machines[_host(row)]) == 1 else row.device_name


def _group(row: TimelineRow) -> tuple[object, ...]:
    if row.finding != _LOAD:
        return (row.row,)
    return row.device_id, row.rule_id, row.process_guid or (row.process_id, row.parent_image)


def _what(rows: Sequence[TimelineRow]) -> str:
    first = rows[0]
    if first.finding == _LOAD:
        return f"{_listed(rows)} loaded by {ntpath.basename(first.parent_image)} ({first.process_id})"
    if first.service_name:
        return f"{first.service_name} runs {_short_command(first)}" if first.command_line else first.message
    if first.command_line:
        return f"{_short_command(first)} by {first.user}" if first.user else _short_command(first)
    return first.message


def _listed(rows: Sequence[TimelineRow]) -> str:
    names = list(dict.fromkeys(ntpath.basename(row.image_path) for row in rows))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _short_command(row: TimelineRow) -> str:
    """Return the command line with its program's folder left out."""
    name, line = ntpath.basename(row.image_path), row.command_line
    position = line.lower().find(name.lower()) if name else -1
    if position == -1:
        return line
    return name + line[position + len(name) :].removeprefix('"')
