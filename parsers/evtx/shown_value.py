"""How values are shown that the second reader would show in another way than Windows and the first reader.

Each function takes the bytes of one value of its type. Source: libyal, "Windows XML Event Log (EVTX) format",
value types; [MS-DTYP] 2.3.3 FILETIME, 2.3.13 SYSTEMTIME.
"""

from __future__ import annotations

from struct import Struct
from typing import Final
from uuid import UUID

from parsers import filetime

_SYSTEM_TIME: Final = Struct("<8H")
_TRUTH: Final = {0: "false", 1: "true"}


def truth(content: bytes) -> str:
    """Return ``true`` or ``false``, and what is neither 0 nor 1 as the number that it is."""
    number = int.from_bytes(content, "little")
    return _TRUTH.get(number, str(number))


def hexadecimal_bytes(content: bytes) -> str:
    """Return bytes as two digits each, upper case."""
    return content.hex().upper()


def hexadecimal_number(content: bytes) -> str:
    """Return a number of any size behind ``0x``, without leading zeros."""
    return f"{int.from_bytes(content, 'little'):#x}"


def guid(content: bytes) -> str:
    """Return a GUID in upper case and braces. Raises ValueError for another size than 16 bytes."""
    return f"{{{UUID(bytes_le=content)}}}".upper()


def file_time(content: bytes) -> str:
    """Return a FILETIME with all of its digits, and what is beyond the year 9999 as a hexadecimal number."""
    ticks = int.from_bytes(content, "little")
    return filetime.to_text(ticks) if ticks <= filetime.MAX_TICKS else hexadecimal_number(content)


def system_time(content: bytes) -> str:
    """Return a SYSTEMTIME with six digits, of which it has three. Raises struct.error for another size."""
    year, month, _, day, hour, minute, second, milliseconds = _SYSTEM_TIME.unpack(content)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}000Z"


def texts_of_list(content: bytes) -> list[str]:
    """Return the texts of a list of strings, each ended by a NUL; the last one may go without.

    A list without any is one empty text. Raises UnicodeDecodeError where the bytes are no UTF-16.
    """
    texts = content.decode("utf-16-le").split("\0")
    return texts[:-1] if len(texts) > 1 and not texts[-1] else texts
