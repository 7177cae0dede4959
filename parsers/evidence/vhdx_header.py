"""Whether a VHDX image has changes in its log that were never written to their places.

So it is with a disk that was copied from a running machine. pyvhdi does not replay that log.
Layout: [MS-VHDX] 2.2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_HEADERS: Final = (0x10000, 0x20000)
_SIGNATURE: Final = b"head"
_SIZE: Final = 80
_SEQUENCE: Final = slice(8, 16)
_LOG_IDENTIFIER: Final = slice(48, 64)


def has_pending_log(path: Path) -> bool:
    """Whether the current one of the two headers names a log. Raises OSError."""
    with path.open("rb") as stream:
        headers = []
        for offset in _HEADERS:
            stream.seek(offset)
            headers.append(stream.read(_SIZE))
    valid = [header for header in headers if header.startswith(_SIGNATURE) and len(header) == _SIZE]
    if not valid:
        return False
    current = max(valid, key=lambda header: int.from_bytes(header[_SEQUENCE], "little"))
    return any(current[_LOG_IDENTIFIER])
