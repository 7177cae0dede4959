from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.errors import UnreadableFile
from parsers.shortcut.reader import LARGEST, read_shortcut
from tests.builders.shortcut import ShortcutToWrite, build_shortcut

PATH = "Startup/RustDesk Tray.lnk"
WHOLE = build_shortcut()
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), min_size=1, max_size=40)


def test_a_link_says_where_it_leads_and_with_what() -> None:
    written = ShortcutToWrite(working_directory=r"C:\Program Files\RustDesk")
    shortcut = read_shortcut(build_shortcut(written), PATH)

    assert (shortcut.target, shortcut.arguments) == (written.target, "--tray")
    assert shortcut.working_directory == written.working_directory
    assert (shortcut.created, shortcut.accessed, shortcut.modified) == (
        written.created,
        written.accessed,
        written.modified,
    )
    assert (shortcut.size, shortcut.machine, shortcut.volume_serial) == (1_048_576, "ws07", 0x7A1B_2C3D)
    assert shortcut.damage == ()


def test_what_a_link_does_not_say_is_nothing() -> None:
    bare = ShortcutToWrite("", "", created=0, accessed=0, modified=0, size=0, machine="")
    shortcut = read_shortcut(build_shortcut(bare), PATH)

    assert (shortcut.target, shortcut.arguments, shortcut.machine) == ("", "", "")
    assert (shortcut.created, shortcut.accessed, shortcut.modified, shortcut.size) == (0, 0, 0, 0)
    assert shortcut.damage == ()


@given(PRINTABLE, st.integers(0, 2**63 - 1))
def test_any_arguments_and_any_time_are_read_as_written(arguments: str, created: int) -> None:
    shortcut = read_shortcut(build_shortcut(ShortcutToWrite(arguments=arguments, created=created)), PATH)

    assert (shortcut.arguments, shortcut.created) == (arguments, created)


def test_a_link_that_was_cut_says_that_it_is_damaged() -> None:
    shortcut = read_shortcut(WHOLE[:200], PATH)

    assert shortcut.target == r"C:\Program Files\RustDesk\RustDesk.exe"
    assert [each.reason for each in shortcut.damage] == ["a part of the link is damaged"]


NO_LINKS = {
    "empty": b"",
    "text": b"[InternetShortcut]\r\nURL=https://example.com\r\n",
    "only a header": WHOLE[:76],
    "too large": WHOLE + bytes(LARGEST),
}


@pytest.mark.parametrize("name", NO_LINKS)
def test_what_is_no_link_is_an_error_with_a_reason(name: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_shortcut(NO_LINKS[name], PATH)

    assert caught.value.path == PATH
    assert caught.value.reason.startswith(("is no link that can be read: ", "is larger than "))
    assert not caught.value.reason.endswith((": ", "."))


@given(st.integers(0, len(WHOLE)), st.integers(0, 60), st.binary(max_size=60))
def test_any_harm_gives_a_link_or_an_error(at: int, cut: int, noise: bytes) -> None:
    with suppress(UnreadableFile):
        read_shortcut(WHOLE[:at] + noise + WHOLE[at + cut :], PATH)
