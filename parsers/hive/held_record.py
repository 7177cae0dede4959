"""What one value, or one key with its values, of a control set says: what all kinds of it have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parsers.hive.record import HiveValue


class HeldValue(NamedTuple):
    r"""A value with the key that holds it, such as a service's own or the key ``Parameters`` below it.

    ``path`` leads from the hive's root (``ControlSet001\Services\Name``), ``offset`` is that of the key's nk
    cell, ``last_written`` the key's in ticks. ``value`` is None where the key itself is meant.
    """

    path: str
    offset: int
    last_written: int
    value: HiveValue | None


class Identity(NamedTuple):
    """What two readings of one record have in common, wherever its cells are.

    ``ticks`` is when its key was last written or, of a record with a time of its own, that time.
    """

    key_path: str
    value_name: str | None
    value_type: str | None
    content: bytes
    ticks: int


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """One record of a control set: ``held`` is where it stands.

    ``problem`` says in a few words why it is not read as its kind is as a rule, ``""`` where it is. Such a
    record is kept: its texts are verbatim, and what could not be read of it is None or empty.
    """

    held: HeldValue
    problem: str

    @property
    def identity(self) -> Identity:
        """What makes two records one: of two hives, or of a hive's file and its replay."""
        value = self.held.value
        return Identity(
            self.held.path,
            None if value is None else value.name,
            None if value is None else value.type_name,
            self.content,
            self.ticks,
        )

    @property
    def content(self) -> bytes:
        """The bytes that the record is."""
        return b"" if self.held.value is None else self.held.value.raw

    @property
    def ticks(self) -> int:
        """When the record is known to have stood in the registry as it is."""
        return self.held.last_written


def content_of(values: Iterable[HiveValue]) -> bytes:
    """Return the names, types and data of a key's values as one text, each with its length before it."""
    parts = [
        part
        for value in values
        for part in (value.name.encode("utf-16-le", "surrogatepass"), value.type_name.encode(), value.raw)
    ]
    return b"".join(b"%d:%b" % (len(part), part) for part in parts)
