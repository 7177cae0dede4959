import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.hive.value_text import type_name, value_text


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


@pytest.mark.parametrize(
    ("value_type", "raw", "text"),
    [
        (1, utf16("RustDesk\0"), "RustDesk"),
        (1, utf16("RustDesk"), "RustDesk"),
        (1, utf16("Pacific Standard Time\0left over"), "Pacific Standard Time"),
        (1, utf16("odd\0") + b"x", "odd"),
        (1, b"x", ""),
        (1, b"", ""),
        (1, utf16("half \ud800 pair\0"), "half \ud800 pair"),
        (2, utf16("%SystemRoot%\\a\0"), "%SystemRoot%\\a"),
        (6, utf16("\\Registry\\Machine"), "\\Registry\\Machine"),
        (7, utf16("Tcpip\0RpcSs\0\0"), "Tcpip; RpcSs"),
        (7, utf16("one\0"), "one"),
        (7, utf16("a\0\0b\0\0"), "a; ; b"),
        (7, utf16("\0"), ""),
        (4, b"\x02\0\0\0", "2"),
        (4, b"\xc4\xff\xff\xff", "4294967236"),
        (4, b"\x02\0", "0200"),
        (4, b"", ""),
        (5, b"\0\0\0\x02", "2"),
        (11, b"\1" + bytes(7), "1"),
        (11, b"\1\0\0\0", "01000000"),
        (3, b"\x80\x51", "8051"),
        (0, b"\1", "01"),
        (0xFFFF0012, b"a\0", "6100"),
    ],
)
def test_a_value_reads_as_its_type_says(value_type: int, raw: bytes, text: str) -> None:
    assert value_text(value_type, raw) == text


def test_types_have_the_registrys_names() -> None:
    assert [type_name(number) for number in (0, 1, 2, 3, 4, 7, 11)] == [
        "REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_MULTI_SZ", "REG_QWORD",
    ]  # fmt: skip
    assert type_name(0xFFFF0012) == "0xffff0012"


@given(st.integers(0, 2**32 - 1) | st.integers(0, 12), st.binary(max_size=64))
def test_every_value_has_a_text(value_type: int, raw: bytes) -> None:
    assert isinstance(value_text(value_type, raw), str)
