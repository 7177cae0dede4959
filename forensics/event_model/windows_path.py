"""Windows paths and service command lines, taken apart without touching a file system."""

from __future__ import annotations

import ntpath
import re
from typing import Final

_EXECUTABLE_END: Final = re.compile(r"\.(?:exe|sys|dll|com|bat|cmd)(?=\s|$)", re.IGNORECASE)
_SPACE: Final = re.compile(r"\s")


def base_name(path: str) -> str:
    """Return the file name at the end of ``path``."""
    return ntpath.basename(path)


def binary_of(image_path: str) -> str:
    """Return the program of a service's ImagePath, without its arguments; nothing is expanded.

    A quoted program ends at its closing quote. An unquoted one may hold spaces: it ends behind the first
    extension of a program that a space or the end follows, or else at the first space
    (``CreateService``, "lpBinaryPathName").
    """
    text = image_path.strip()
    if text.startswith('"'):
        return text[1:].split('"', 1)[0]
    end = _EXECUTABLE_END.search(text)
    return text[: end.end()] if end else _SPACE.split(text, maxsplit=1)[0]


def program_of_action(name: str) -> str:
    """Return the program that an action of a scheduled task names, or ``""`` where it names no path.

    The name stands without arguments, so an unquoted one may hold spaces whatever its extension. A COM
    handler is named in words.
    """
    text = name.strip()
    binary = binary_of(text)
    if text.startswith('"') or _EXECUTABLE_END.search(binary):
        return binary
    return text if "\\" in text else ""
