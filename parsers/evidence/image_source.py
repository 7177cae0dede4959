"""Bytes of a file inside a disk image, that any process can open again."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from parsers.evidence.image_access import open_inside

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.evidence.image_access import Spec

_BUFFER: Final = 1 << 17


@dataclass(frozen=True, slots=True)
class ImageFileSource:
    """A file inside the image whose first file is ``image``.

    ``spec`` may hold a volume's key, and is never shown.
    """

    image: Path
    spec: Spec = field(repr=False)

    def open_(self) -> BinaryIO:
        """Open the file from its start. Raises OSError; so does each later read of bytes that are missing."""
        return io.BufferedReader(open_inside(self.spec), _BUFFER)
