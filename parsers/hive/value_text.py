"""Registry values as one would read them out: the names of their types and their data as text.

Source: [MS-RRP] 2.2.9 and Microsoft's "Registry value types"; the numbers above 11 have no name.
"""

from __future__ import annotations

from typing import Final

REG_SZ: Final = 1
REG_EXPAND_SZ: Final = 2
REG_DWORD: Final = 4
REG_DWORD_BIG_ENDIAN: Final = 5
REG_LINK: Final = 6
REG_MULTI_SZ: Final = 7
REG_QWORD: Final = 11

_NAMES: Final = (
    "REG_NONE",
    "REG_SZ",
    "REG_EXPAND_SZ",
    "REG_BINARY",
    "REG_DWORD",
    "REG_DWORD_BIG_ENDIAN",
    "REG_LINK",
    "REG_MULTI_SZ",
    "REG_RESOURCE_LIST",
    "REG_FULL_RESOURCE_DESCRIPTOR",
    "REG_RESOURCE_REQUIREMENTS_LIST",
    "REG_QWORD",
)
_NUMBER_SIZES: Final = {REG_DWORD: 4, REG_DWORD_BIG_ENDIAN: 4, REG_QWORD: 8}


def type_name(value_type: int) -> str:
    """Return the registry's name for a type, or its number as eight hexadecimal digits."""
    return _NAMES[value_type] if value_type < len(_NAMES) else f"0x{value_type:08x}"


def value_text(value_type: int, raw: bytes) -> str:
    """Return the text of a value: strings cut at their first NUL, numbers in unsigned decimal, bytes in hex.

    Several strings are joined by ``; ``. A number that has not its type's size is given in hex.
    """
    if value_type in (REG_SZ, REG_EXPAND_SZ, REG_LINK):
        return decode_utf16(raw).partition("\0")[0]
    if value_type == REG_MULTI_SZ:
        return "; ".join(several_texts(raw))
    if _NUMBER_SIZES.get(value_type) == len(raw):
        return str(int.from_bytes(raw, "big" if value_type == REG_DWORD_BIG_ENDIAN else "little"))
    return raw.hex()


def several_texts(raw: bytes) -> tuple[str, ...]:
    """Return the texts of a REG_MULTI_SZ; one that is empty has one empty text."""
    return tuple(decode_utf16(raw).rstrip("\0").split("\0"))


def decode_utf16(raw: bytes) -> str:
    """Decode UTF-16LE; half a surrogate pair stays as it is, half a code unit at the end is left out."""
    return raw[: len(raw) // 2 * 2].decode("utf-16-le", "surrogatepass")
