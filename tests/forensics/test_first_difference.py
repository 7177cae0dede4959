from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.first_difference import first_difference

if TYPE_CHECKING:
    from pathlib import Path

HEADER = b'"row","name"\r\n'


def difference(folder: Path, name: str, one: bytes, other: bytes) -> str | None:
    for place, content in (("one", one), ("other", other)):
        (folder / place).mkdir(exist_ok=True)
        (folder / place / name).write_bytes(content)
    return first_difference(folder / "one" / name, folder / "other" / name)


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        ("t.csv", HEADER + b'"1","a"\r\n', HEADER + b'"1","b"\r\n', "line 2, column name: the case has 'a'"),
        ("t.csv", HEADER + b'"1","a"\r\n', HEADER, "line 2: the second analysis has no such row"),
        ("t.csv", HEADER, HEADER + b'"1","a"\r\n', "line 2: the second analysis has more rows"),
        ("t.csv", HEADER, HEADER.replace(b'"', b""), "line 1, byte 1 of the line"),
        ("t.csv", b'"\xff"\r\n', b'"\xfe"\r\n', "line 1, column 1: "),
        ("t.jsonl", b'{"a":1}\n{"a":2}\n', b'{"a":1}\n{"a":3}\n', "line 2, a: the case has '2'"),
        ("t.jsonl", b'{"a":1}\n', b"", "line 1: only one of the two has it"),
        ("t.jsonl", b"{", b"[", "line 1, byte 1 of the line"),
        ("l.txt", b"one\ntwo\n", b"one\ntwi\n", "line 2, byte 3 of the line"),
        ("p.parquet", b"PAR1abc", b"PAR1abd", "byte 6 (0x6)"),
        ("p.parquet", b"PAR1", b"PAR", "byte 3 (0x3)"),
    ],
)
def test_the_first_difference_is_named(
    tmp_path: Path, name: str, one: bytes, other: bytes, expected: str
) -> None:
    assert (difference(tmp_path, name, one, other) or "").startswith(expected)


def test_a_difference_far_inside_a_long_cell_is_shown(tmp_path: Path) -> None:
    one, other = (HEADER + b'"1","' + b"x" * 9000 + end + b'"\r\n' for end in (b"A\x1b", b"B"))

    said = difference(tmp_path, "t.csv", one, other)

    assert said is not None
    assert "A<U+001B>" in said
    assert len(said) < 200


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "l.txt", "p.parquet"])
@given(one=st.binary(max_size=60), other=st.binary(max_size=60))
def test_any_two_files_are_equal_or_differ_somewhere(
    tmp_path_factory: pytest.TempPathFactory, name: str, one: bytes, other: bytes
) -> None:
    said = difference(tmp_path_factory.getbasetemp(), name, one, other)

    assert (said is None) == (one == other)
