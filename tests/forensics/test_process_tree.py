from __future__ import annotations

from dataclasses import replace

from forensics.process_tree import ProcessNode, ProcessStart, process_trees
from parsers.filetime import TICKS_PER_SECOND

TICKS = 133_500_000_000_000_000


def start(report_id: int, image: str, **changes: str | int) -> ProcessStart:
    made = ProcessStart(
        report_id=report_id,
        device_id="d",
        ticks=TICKS + report_id * 10 * TICKS_PER_SECOND,
        pid=report_id * 100,
        guid=f"{{{report_id}}}",
        image=image,
        command_line=image,
        user="u",
        parent_pid=-1,
        parent_guid="",
        parent_image="",
        parent_command_line="",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def told(node: ProcessNode) -> tuple[str, list[object]]:
    return node.first.image, [told(child) for child in node.children]


def test_a_tree_shows_who_started_rustdesk_and_what_it_started() -> None:
    starts = [
        start(1, "powershell.exe"),
        start(2, "rustdesk.exe", parent_guid="{1}"),
        start(3, "cmd.exe", parent_guid="{2}"),
        start(4, "sc.exe", parent_guid="{3}"),
        start(5, "notepad.exe", parent_guid="{1}"),
    ]

    (tree,) = process_trees(starts, {2})

    assert told(tree) == (
        "powershell.exe",
        [("rustdesk.exe", [("cmd.exe", [("sc.exe", [])])])],
    )
    assert tree.count() == 4


def test_one_process_in_two_logs_is_one() -> None:
    audited = start(2, "rustdesk.exe", pid=100, guid="", ticks=TICKS + 10 * TICKS_PER_SECOND + 5)

    (tree,) = process_trees([start(1, "RustDesk.exe"), audited], {1, 2})

    assert [each.report_id for each in tree.starts] == [1, 2]


def test_a_parent_without_guid_is_the_latest_of_that_id_and_name() -> None:
    starts = [
        start(1, "cmd.exe", pid=7, guid=""),
        start(2, "calc.exe", pid=7, guid=""),
        start(3, "rustdesk.exe", guid="", parent_pid=7, parent_image="C:\\Windows\\cmd.exe"),
        start(4, "cmd.exe", pid=7, guid=""),
    ]

    (tree,) = process_trees(starts, {3})

    assert told(tree) == ("cmd.exe", [("rustdesk.exe", [])])
    assert tree.starts[0].report_id == 1
    assert tree.children[0].by_id


def test_processes_of_other_machines_are_no_parents() -> None:
    starts = [start(1, "cmd.exe", device_id="e"), start(2, "rustdesk.exe", parent_guid="{1}", parent_pid=100)]

    (tree,) = process_trees(starts, {2})

    assert told(tree) == ("rustdesk.exe", [])


def test_a_tree_begins_with_the_shell_or_the_service_manager() -> None:
    starts = [
        start(1, "wininit.exe"),
        start(2, "C:\\Windows\\System32\\services.exe", parent_guid="{1}"),
        start(3, "rustdesk.exe", parent_guid="{2}"),
    ]

    (tree,) = process_trees(starts, {3})

    assert tree.first.report_id == 2
    assert tree.parent is not None


def test_records_that_claim_a_ring_are_no_ring() -> None:
    starts = [start(1, "rustdesk.exe", parent_guid="{2}"), start(2, "rustdesk.exe", parent_guid="{1}")]

    (tree,) = process_trees(starts, {1, 2})

    assert tree.count() == 2


def test_a_tree_of_a_thousand_generations_is_told() -> None:
    starts = [start(n, "rustdesk.exe", parent_guid=f"{{{n - 1}}}") for n in range(1, 1001)]

    (tree,) = process_trees(starts, {1})

    assert tree.count() == 1000
