"""Stretches of bytes with what each part of them is: for people who look at a hex dump."""

from __future__ import annotations

from typing import NamedTuple


class Mark(NamedTuple):
    """One part: ``offset`` from the start of the stretch and ``size``, in bytes, and what it says.

    ``depth`` is how deep it lies inside other parts.
    """

    offset: int
    size: int
    name: str
    meaning: str = ""
    depth: int = 0


class Checksum(NamedTuple):
    """A checksum as it is stored and as the bytes that it covers make it."""

    name: str
    stored: int
    computed: int

    @property
    def ok(self) -> bool:
        """Whether both are one."""
        return self.stored == self.computed
