from __future__ import annotations

from forensics.report.digest import digest
from tests.builders.timeline_rows import timeline_row

PROGRAM = "C:\\Program Files\\RustDesk\\rustdesk.exe"


def image_load(number: int, image: str, process_guid: str = "{A}") -> object:
    return timeline_row(
        row=number,
        finding="rustdesk_image_load",
        image_path=image,
        parent_image=PROGRAM,
        process_id="4711",
        process_guid=process_guid,
    )


def told(*rows: object) -> list[str]:
    return [line.what for line in digest(rows)]  # type: ignore[arg-type]


def test_the_images_that_one_process_loads_are_one_line() -> None:
    loads = [image_load(number, f"C:\\x\\{name}.dll") for number, name in enumerate("abcd", start=1)]

    assert told(*loads) == ["a.dll, b.dll and 2 more loaded by rustdesk.exe (4711)"]


def test_the_images_of_two_processes_are_two_lines() -> None:
    assert told(image_load(1, "a.dll", "{A}"), image_load(2, "a.dll", "{B}")) == [
        "a.dll loaded by rustdesk.exe (4711)",
        "a.dll loaded by rustdesk.exe (4711)",
    ]


def test_no_row_is_left_out() -> None:
    rows = [image_load(1, "a.dll"), timeline_row(row=2), image_load(3, "b.dll"), timeline_row(row=4)]

    lines = digest(rows)  # type: ignore[arg-type]

    assert sorted(row.row for line in lines for row in line.rows) == [1, 2, 3, 4]


def test_a_program_is_called_by_its_file_name() -> None:
    row = timeline_row(
        service_name="", image_path=PROGRAM, command_line=f'"{PROGRAM}" --cm', user="CORP\\kim"
    )

    assert told(row) == ["rustdesk.exe --cm by CORP\\kim"]


def test_a_command_line_that_does_not_name_its_program_stays_whole() -> None:
    row = timeline_row(service_name="", image_path=PROGRAM, command_line="rd --cm", user="")

    assert told(row) == ["rd --cm"]


def test_the_domain_stays_where_two_machines_have_one_host_name() -> None:
    rows = [
        timeline_row(row=1, device_name="DC.a", device_id="1"),
        timeline_row(row=2, device_name="DC.b", device_id="2"),
    ]

    assert [line.device for line in digest(rows)] == ["DC.a", "DC.b"]
