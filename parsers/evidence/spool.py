"""The spool: a private folder that holds copies of what was found inside archives, while a run needs them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, Final, Self

from parsers.evidence.archive_limits import MemberLimitReached

if TYPE_CHECKING:
    from types import TracebackType

CAPACITY: Final = 64 << 30
"""How many bytes a spool holds at once, unless it is told otherwise: 64 GiB."""


@dataclass(frozen=True, slots=True)
class SpooledSource:
    """Bytes that were copied out of an archive. Good until the spool is closed."""

    path: Path

    def open_(self) -> BinaryIO:
        """Open the copy from its start. Raises OSError."""
        return self.path.open("rb")


class SpoolFile:
    """A copy that is being written. On leaving its `with` block it is removed, unless it was kept."""

    def __init__(self, spool: Spool, path: Path) -> None:
        self._spool = spool
        self._path = path
        self._size = 0
        self._kept = False
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._stream = os.fdopen(os.open(path, flags, 0o600), "wb")

    def write(self, block: bytes) -> None:
        """Append ``block``. Raises MemberLimitReached if the spool is full, and OSError if the disk is."""
        self._spool.take_up(len(block))
        self._size += len(block)
        self._stream.write(block)

    def finish(self) -> SpooledSource:
        """End writing and return the copy. Raises OSError."""
        self._stream.close()
        return SpooledSource(self._path)

    def keep(self) -> SpooledSource:
        """Return the copy, which now lives as long as the spool. Raises OSError."""
        source = self.finish()
        self._kept = True
        return source

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._stream.close()
        finally:
            if not self._kept:
                self._path.unlink(missing_ok=True)
                self._spool.give_back(self._size)


class Spool:
    """A new private folder inside ``folder``, removed with all that is in it when the spool is closed.

    Only its owner may enter it (mode 0700) or read its files (0600). Their names are numbers, never names
    from evidence. It holds at most ``capacity`` bytes at once. Raises OSError where it cannot be made.
    """

    def __init__(self, folder: Path, capacity: int = CAPACITY) -> None:
        # Where the program ends without closing its spool, a TemporaryDirectory removes itself all the same.
        self._folder = TemporaryDirectory(prefix="spool-", dir=folder)
        self._capacity = capacity
        self._files = 0
        self._held = 0

    @property
    def held(self) -> int:
        """How many bytes it holds now."""
        return self._held

    def new_file(self) -> SpoolFile:
        """Return an empty file to be written in a `with` block. Raises OSError."""
        self._files += 1
        return SpoolFile(self, Path(self._folder.name, str(self._files)))

    def take_up(self, count: int) -> None:
        """Count bytes that are about to be written. Raises MemberLimitReached if there is no room."""
        if self._held + count > self._capacity:
            raise MemberLimitReached(f"would fill the temporary folder beyond {self._capacity:,} bytes")
        self._held += count

    def give_back(self, count: int) -> None:
        """Count bytes that were removed."""
        self._held -= count

    def close(self) -> None:
        """Remove the folder and everything in it. Raises OSError."""
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
