"""The process trees as the report shows them: which are of an installation, and what stands at each."""

from __future__ import annotations

import ntpath
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from forensics.process_events import read_processes_around
from forensics.process_tree import process_trees
from forensics.report.english import clock_time, day_and_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from forensics.pipeline import Analysis
    from forensics.process_tree import ProcessNode
    from forensics.timeline_row import TimelineRow

MOST_PROCESSES: Final = 1_500
"""How many processes the report shows; what is left out is counted."""

_FOLD: Final = 3
_DEEPEST: Final = 40
_MAIN: Final = frozenset({"rustdesk_execution", "rustdesk_renamed"})
_INSTALLS: Final = frozenset({"install", "update", "uninstall"})


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One process. ``rows`` are its rows of the timeline; none for a process that is no finding.

    ``is_main`` says that it is RustDesk, and not a step of its installer or what it started.
    """

    name: str
    command_line: str
    user: str
    pid: str
    time: str
    rows: tuple[int, ...]
    activity: str
    is_main: bool
    by_id: bool
    children: tuple[TreeNode | Fold, ...]

    @property
    def is_plain(self) -> bool:
        """Whether it has no children and is no process of RustDesk's own: a step among others."""
        return not self.is_main and not self.children


@dataclass(frozen=True, slots=True)
class Fold:
    """Plain processes of one program that a parent started one after the other, shown when asked for."""

    name: str
    folded: tuple[TreeNode, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows of all of them."""
        return tuple(row for each in self.folded for row in each.rows)


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree with what is said above it; ``started_by`` is the parent that has no record of its own."""

    device: str
    title: str
    is_install: bool
    started_by: str
    size: int
    root: TreeNode


@dataclass(frozen=True, slots=True)
class Trees:
    """The trees in order of time; ``left_out`` is how many processes are not shown."""

    trees: tuple[Tree, ...]
    left_out: int


def install_trees(analysis: Analysis) -> Trees:
    """Return the trees of all processes that are rows of RustDesk, installations first."""
    by_report: dict[int, TimelineRow] = {row.report_id: row for row in analysis.rows}
    targets = {
        row.report_id
        for row in analysis.rows
        if row.process_id and row.finding != "rustdesk_image_load" and row.finding.startswith("rustdesk_")
    }
    starts = read_processes_around(analysis.read.events, targets)
    roots = [each for root in process_trees(starts, targets) for each in _parted(root)]
    names = {each.device_id: each.name or "a machine without a name" for each in analysis.read.devices.all}
    trees = sorted(
        ((_has_install(root, by_report), root) for root in roots),
        key=lambda each: (not each[0], _began(each[1]), each[1].first.report_id),
    )
    shown: list[Tree] = []
    room = MOST_PROCESSES
    for is_install, root in trees:
        size = root.count()
        if size <= room:
            room -= size
            shown.append(_tree(root, names, by_report, size, is_install=is_install))
    return Trees(tuple(shown), sum(root.count() for _, root in trees) - sum(each.size for each in shown))


def _parted(root: ProcessNode) -> Iterator[ProcessNode]:
    """Give a tree in parts that are at most forty generations deep: what reads a page does not go deeper."""
    roots = [root]
    while roots:
        part = roots.pop(0)
        level = [part]
        for _ in range(_DEEPEST):
            level = [child for node in level for child in node.children]
        for node in level:
            roots += node.children
            node.children = []
        yield part


def _has_install(root: ProcessNode, by_report: Mapping[int, TimelineRow]) -> bool:
    return any(
        by_report[start.report_id].activity in _INSTALLS
        for node in _all(root)
        for start in node.starts
        if start.report_id in by_report
    )


def _began(root: ProcessNode) -> int:
    """Return when the first process of RustDesk in the tree was created."""
    return min((node.ticks for node in _all(root) if node.is_target), default=root.ticks)


def _all(root: ProcessNode) -> Iterator[ProcessNode]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.children


def _tree(
    root: ProcessNode,
    names: Mapping[str, str],
    by_report: Mapping[int, TimelineRow],
    size: int,
    *,
    is_install: bool,
) -> Tree:
    first = root.first
    what = "Installation" if is_install else "Run"
    parent = first.parent_command_line or first.parent_image if root.parent is None else ""
    return Tree(
        device=names[first.device_id],
        title=f"{what} on {names[first.device_id]}, {day_and_time(_began(root))}",
        is_install=is_install,
        started_by=parent,
        size=size,
        root=_node(root, by_report),
    )


def _node(node: ProcessNode, by_report: Mapping[int, TimelineRow]) -> TreeNode:
    """Return a process with all below it. Children first, without recursion: evidence sets the depth."""
    made: dict[int, TreeNode] = {}
    for each in reversed(list(_all(node))):
        children = sorted(each.children, key=lambda child: (child.ticks, child.first.report_id))
        made[id(each)] = _plain(each, by_report, tuple(made[id(child)] for child in children))
    return made[id(node)]


def _plain(node: ProcessNode, by_report: Mapping[int, TimelineRow], children: Sequence[TreeNode]) -> TreeNode:
    first = node.first
    rows = [by_report[each.report_id] for each in node.starts if each.report_id in by_report]
    return TreeNode(
        name=ntpath.basename(first.image) or "a program without a name",
        command_line=first.command_line or first.image,
        user=by_report[first.report_id].user if first.report_id in by_report else first.user,
        pid="" if first.pid < 0 else str(first.pid),
        time=clock_time(node.ticks),
        rows=tuple(row.row for row in rows),
        activity=next((row.activity for row in rows if row.activity), ""),
        is_main=any(row.finding in _MAIN for row in rows),
        by_id=node.by_id,
        children=tuple(_folded(children)),
    )


def _folded(children: Sequence[TreeNode]) -> Iterator[TreeNode | Fold]:
    """Give ``children`` with every three or more plain ones of a program in a row as one."""
    for (name, is_plain), group in groupby(children, key=lambda each: (each.name.casefold(), each.is_plain)):
        members = tuple(group)
        if is_plain and len(members) >= _FOLD:
            yield Fold(name, members)
        else:
            yield from members
