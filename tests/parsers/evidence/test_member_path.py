from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.evidence.member_path import to_member_path


@pytest.mark.parametrize(
    "name",
    [
        "C/Windows/System32/winevt/logs/System.evtx",
        "uploads/ntfs/%5C%5C.%5CC%3A/Windows/System32/config/SYSTEM",
        "E_Windows_system32_config_SYSTEM",
        ".hidden/a..b/c.",
        "ab:stream",
    ],
)
def test_names_that_lead_nowhere_else_stay_as_they_are(name: str) -> None:
    assert to_member_path(name) == (name, False)


@pytest.mark.parametrize(
    ("name", "path"),
    [("./C/a", "C/a"), ("a\\b", "a/b"), ("a//b/./c/", "a/b/c"), (".", "unnamed"), ("", "unnamed")],
)
def test_what_changes_nothing_is_dropped_without_a_word(name: str, path: str) -> None:
    assert to_member_path(name) == (path, False)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("/etc/a", "etc/a"),
        ("\\\\server\\share\\a", "server/share/a"),
        ("../../a", "a"),
        ("a/../../b", "a/b"),
        ("..\\a", "a"),
        ("a/.. /b", "a/b"),
        ("a/.../b", "a/b"),
        ("C:\\Windows\\a", "C/Windows/a"),
        ("c:a", "c/a"),
        ("\\\\?\\C:\\a", "?/C/a"),
        ("\\\\.\\D:/a", "D/a"),
        ("..", "unnamed"),
    ],
)
def test_what_leads_outside_is_dropped_and_said(name: str, path: str) -> None:
    assert to_member_path(name) == (path, True)


@given(st.text(st.sampled_from("a.:/\\ C\0\udcff"), max_size=20))
def test_no_path_leads_outside(name: str) -> None:
    path, _ = to_member_path(name)

    assert path
    assert not path.startswith("/")
    assert "\\" not in path
    assert all(part.strip(" .") for part in path.split("/"))
    assert not any(len(part) == 2 and part[0].isalpha() and part[1] == ":" for part in path.split("/"))
    assert to_member_path(path) == (path, False)
