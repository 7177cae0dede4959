"""The processes around RustDesk as trees: who started it, and what it started.

A process is known from Sysmon 1, from Security 4688 or from both; both are one process where machine, process
id and program agree and the times are two seconds apart at most. A child's parent is the process of its
ParentProcessGuid; where there is none, the latest process before it on that machine that had the parent's id
and, where both say it, the parent's file name. Process ids are used again: such a link is inferred.
"""

from __future__ import annotations

import ntpath
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from parsers.filetime import TICKS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

_APART: Final = 2 * TICKS_PER_SECOND
_ANCESTORS: Final = 6
"""How many generations above RustDesk are told."""
_BEGINNINGS: Final = frozenset(
    {"services.exe", "explorer.exe", "svchost.exe", "winlogon.exe", "wininit.exe", "smss.exe"}
)
"""Programs of Windows that begin a tree: who started them says nothing of who started RustDesk."""


@dataclass(frozen=True, slots=True)
class ProcessStart:
    """One record of a process that was created. ``pid`` and ``parent_pid`` are -1 where it has none."""

    report_id: int
    device_id: str
    ticks: int
    pid: int
    guid: str
    image: str
    command_line: str
    user: str
    parent_pid: int
    parent_guid: str
    parent_image: str
    parent_command_line: str


@dataclass(slots=True)
class ProcessNode:
    """A process with all records of it, in order of time, and the ``children`` that belong in the tree.

    ``by_id`` says that its parent was found by process id alone. ``is_target`` marks what the tree is about.
    """

    starts: list[ProcessStart]
    is_target: bool = False
    by_id: bool = False
    parent: ProcessNode | None = None
    children: list[ProcessNode] = field(default_factory=list)

    @property
    def first(self) -> ProcessStart:
        """The record that says most: with a GUID before one without."""
        return next((each for each in self.starts if each.guid), self.starts[0])

    @property
    def ticks(self) -> int:
        """When it was created, by its first record."""
        return self.starts[0].ticks

    def count(self) -> int:
        """Return how many processes the tree below and with it has."""
        total, waiting = 0, [self]
        while waiting:
            node = waiting.pop()
            total += 1
            waiting += node.children
        return total


def process_trees(starts: Iterable[ProcessStart], targets: Collection[int]) -> tuple[ProcessNode, ...]:
    """Return the trees around the processes with a ReportId among ``targets``, in order of time.

    ``starts`` are all processes that may belong to them. A tree begins at most six generations above, or with
    the shell or the service manager of Windows.
    """
    nodes = _nodes(sorted(starts, key=lambda each: (each.ticks, each.report_id)), targets)
    _link(nodes)
    kept = _kept(nodes)
    roots = [
        node for node in nodes if id(node) in kept and (node.parent is None or id(node.parent) not in kept)
    ]
    for node in nodes:
        if id(node) in kept:
            node.children = [child for child in node.children if id(child) in kept]
    return tuple(roots)


def _nodes(starts: Sequence[ProcessStart], targets: Collection[int]) -> list[ProcessNode]:
    nodes: list[ProcessNode] = []
    latest: dict[tuple[str, int, str], ProcessNode] = {}
    for start in starts:
        key = start.device_id, start.pid, _name(start.image)
        node = latest.get(key)
        if node is None or not _is_one(node, start):
            node = ProcessNode([])
            nodes.append(node)
            latest[key] = node
        node.starts.append(start)
        node.is_target = node.is_target or start.report_id in targets
    return nodes


def _is_one(node: ProcessNode, start: ProcessStart) -> bool:
    guids = {each.guid for each in (*node.starts, start) if each.guid}
    return start.pid >= 0 and start.ticks - node.starts[-1].ticks <= _APART and len(guids) <= 1


def _name(path: str) -> str:
    return ntpath.basename(path).casefold()


def _link(nodes: Sequence[ProcessNode]) -> None:
    by_guid = {(each.device_id, each.guid): node for node in nodes for each in node.starts if each.guid}
    by_pid: dict[tuple[str, int], list[ProcessNode]] = defaultdict(list)
    for node in nodes:
        known = (by_guid.get((each.device_id, each.parent_guid)) for each in node.starts if each.parent_guid)
        parent = next((each for each in known if each is not None and each is not node), None)
        if parent is None and not any(each.parent_guid for each in node.starts):
            parent = _by_pid(node, by_pid)
            node.by_id = parent is not None
        if parent is not None and not _is_above(node, parent):
            node.parent = parent
            parent.children.append(node)
        for key in {(each.device_id, each.pid) for each in node.starts}:
            by_pid[key].append(node)


def _by_pid(node: ProcessNode, by_pid: dict[tuple[str, int], list[ProcessNode]]) -> ProcessNode | None:
    start = node.first
    if start.parent_pid < 0:
        return None
    wanted = _name(start.parent_image)
    candidates = reversed(by_pid[start.device_id, start.parent_pid])
    return next((each for each in candidates if not wanted or _name(each.first.image) == wanted), None)


def _is_above(node: ProcessNode, other: ProcessNode) -> bool:
    """Whether ``node`` is an ancestor of ``other``: a record that was changed may claim a ring."""
    above: ProcessNode | None = other
    while above is not None:
        if above is node:
            return True
        above = above.parent
    return False


def _kept(nodes: Sequence[ProcessNode]) -> set[int]:
    kept: set[int] = set()
    for node in nodes:
        if node.is_target:
            kept |= {id(each) for each in _below(node)}
            above = node.parent
            for _ in range(_ANCESTORS):
                if above is None:
                    break
                kept.add(id(above))
                above = None if _name(above.first.image) in _BEGINNINGS else above.parent
    return kept


def _below(node: ProcessNode) -> Iterator[ProcessNode]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += each.children
