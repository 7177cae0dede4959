from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from forensics.record_view.hive_value import hive_sections
from forensics.record_view.other_bytes import other_sections
from forensics.record_view.other_tools import other_tools_section
from forensics.record_view.row import Row
from forensics.record_view.section import Section, differences_as_lines, hex_dump
from forensics.show import Shown
from parsers.hive.views import log_replayed_keys, read_system_hive_with_logs
from tests.builders.artifacts import BytesSource
from tests.builders.dirty_hive import BASE, LOG1

if TYPE_CHECKING:
    from collections.abc import Sequence


def row(**columns: str) -> Row:
    return Row(columns, 1, 16, ())


def keyed(sections: Sequence[Section]) -> dict[str, Any]:
    return {each.key: each.data for each in sections}


def test_a_value_that_only_the_logs_have_is_shown_from_the_replayed_copy() -> None:
    views = read_system_hive_with_logs(BASE, [LOG1], "SYSTEM")
    held = next(
        each for one in log_replayed_keys(views).shown for each in one.rows if "RustDesk" in each.path
    )
    assert held.value is not None
    replayed = row(
        record_state="log_replayed",
        source_path="SYSTEM",
        locator=f"key {held.path} at offset {held.offset:#x}, value {held.value.name} at offset "
        f"{held.value.offset:#x} of the replayed copy",
    )
    assert replayed.key_place is not None

    parts = keyed(tuple(hive_sections(replayed, replayed.key_place, BASE, [LOG1])))

    assert "Replayed on a copy: SYSTEM.LOG1" in parts["replay"]
    assert parts["readers"]["differences"] == []
    assert bytes.fromhex(parts["value_cell"]["hex"])[4:6] == b"vk"
    without = keyed(tuple(hive_sections(replayed, replayed.key_place, BASE, [])))
    assert set(without) == {"replay"}


def test_a_line_of_text_is_shown_whole_and_other_bytes_in_part() -> None:
    text = BytesSource(b"x" * 16 + "[INFO] Zürich\r\nmore".encode())
    binary = BytesSource(bytes(5000))

    (line,) = other_sections(text, 16)
    (some,) = other_sections(binary, 16)

    assert line.lines[0] == "[INFO] Zürich\r"
    assert keyed([some])["bytes"]["hex"] == "00" * 512


def test_a_terminal_gets_nothing_that_it_would_obey() -> None:
    section = Section("x", "title\x1b[2J", ("a\x1b]0;owned\x07", "b\u202ec", "d\re"), None)

    text = Shown((section,), ("w\x9b31m",), "gone\x00").to_text()

    assert not {"\x1b", "\x07", "\u202e", "\r", "\x9b", "\x00"} & set(text)
    assert "<U+001B>[2J" in text


def test_fields_that_differ_stand_one_above_the_other() -> None:
    lines = list(differences_as_lines(("evtx", "python-evtx"), [("Image", "a", None)], 4))

    assert lines == [
        "4 fields are the same, 1 differ",
        "Image:",
        "  evtx         a",
        "  python-evtx  (not there)",
    ]


def test_a_hex_dump_says_how_much_it_leaves_out() -> None:
    lines = list(hex_dump(b"RustDesk\0" * 1000, 0x10))

    assert lines[0].startswith("00000010  52 75 73 74 44 65 73 6b 00")
    assert lines[0].endswith("RustDesk.RustDes")
    assert lines[-1].endswith("4,904 bytes more")


@pytest.mark.parametrize("name", ["a b.evtx", "it's.evtx", "$(reboot).evtx"])
def test_names_are_quoted_for_the_shells_that_they_are_typed_into(name: str) -> None:
    found = row(
        source_path=f"Logs/{name}", locator="chunk 0, offset 0x10, 99 bytes", record_id="7", event_id="1"
    )

    text = "\n".join(other_tools_section(found).lines)

    assert f"xxd -s 16 -l 99 {name}\n" not in text
    assert "xxd -s 16 -l 99 '" in text


def test_a_recovered_record_is_said_to_be_hidden_from_other_tools() -> None:
    found = row(source_path="System.evtx", locator="chunk 0, offset 0x10, 99 bytes", record_state="recovered")

    text = "\n".join(other_tools_section(found).lines)

    assert "tools that read live records do not show it" in text
    assert "wevtutil" not in text
