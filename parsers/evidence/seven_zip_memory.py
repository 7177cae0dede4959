"""How much memory unpacking a 7z block sets aside, as its coders' properties say.

Layout: 7-Zip's DOC/Methods.txt, lzma-specification.txt and 7zFormat.txt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_LZMA: Final = b"\x03\x01\x01"
_LZMA2: Final = b"\x21"
_PPMD: Final = b"\x03\x04\x01"
_LARGEST_LZMA2: Final = 40


def memory_needed(coders: Sequence[dict[str, Any]]) -> int:
    """Return how many bytes the dictionaries of ``coders`` take, each a ``method`` with ``properties``."""
    return sum(_dictionary(coder["method"], coder["properties"] or b"") for coder in coders)


def _dictionary(method: bytes, properties: bytes) -> int:
    if method in {_LZMA, _PPMD}:
        return int.from_bytes(properties[1:5], "little")
    if method == _LZMA2 and properties:
        bits = min(properties[0], _LARGEST_LZMA2)
        return (2 | bits & 1) << (bits // 2 + 11)
    return 0
