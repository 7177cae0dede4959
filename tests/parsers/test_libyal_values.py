from __future__ import annotations

import pytest

from parsers.libyal_values import Values, plain_reason

REASONS = {
    "pylnk_file_open_file_object: unable to open file. liblnk_header_read: unsupported header size: 0 (0x0)"
    ". liblnk_file_open_read: unable to read header.": "unsupported header size: 0 (0x0)",
    "pyscca_check: invalid argument.": "invalid argument",
    "plain": "plain",
    "": "OSError",
}


@pytest.mark.parametrize("text", REASONS)
def test_a_reason_is_what_was_wrong_and_not_who_found_it(text: str) -> None:
    assert plain_reason(OSError(text)) == REASONS[text]


def test_values_that_cannot_be_had_are_named() -> None:
    def broken() -> str:
        raise OSError("broken")

    values = Values()

    assert values.get("name", lambda: "x", "") == "x"
    assert values.get("nothing", lambda: None, "default") == "default"
    assert values.get("broken", broken, "default") == "default"
    assert values.unreadable == ["broken"]
