"""The values of an event that uses no template: its elements stand in the record as such.

So a collector writes the events that other computers sent it as XML. Elements, attributes and texts follow
one another, each behind a token; a text may be in pieces, and what XML has a name for is a reference to that.
Source: libyal, "Windows XML Event Log (EVTX) format", element start, value text, character and entity
reference, CDATA section, name; [MS-EVEN6] 2.2.12.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from typing import TYPE_CHECKING, Final

from parsers.evtx.layout import UINT32

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_UINT16: Final = Struct("<H")
_NAME_HEAD: Final = Struct("<IHH")
"""Offset of the next name in its chain, hash, number of characters; these and a NUL follow."""

_MORE: Final = 0x40
"""The token's mark that attributes follow, or a further piece of a text."""

_STRING: Final = 0x01
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_LEAVES_FROM: Final = {"EventData": 3, "UserData": 4}
"""How deep the fields are, by the part of the event that holds them; the event itself is the first level."""


def plain_texts(chunk: bytes, start: int, end: int) -> list[bytes] | None:
    """Return the texts of the fields of the event whose elements are at ``start`` to ``end`` of ``chunk``.

    Texts are UTF-16 as it stands in the record, in file order; a field without content is ``b""``. None where
    this is no such event.
    """
    walk = _Walk(chunk, start, end)
    try:
        while walk.step():
            pass
    except (_NotPlainError, IndexError):
        return None
    return walk.texts


class _NotPlainError(ValueError):
    """What stands here is no plain element, or goes on behind the record's end."""


@dataclass(slots=True)
class _Element:
    name: str
    pieces: list[bytes] = field(default_factory=list)
    has_elements: bool = False


class _Walk:
    """Goes through the elements of one event, token by token."""

    def __init__(self, chunk: bytes, start: int, end: int) -> None:
        self.texts: list[bytes] = []
        self._chunk = chunk
        self._at = start
        self._end = end
        self._attributes_follow = False
        self._open: list[_Element] = []

    def step(self) -> bool:
        """Take one token; return whether the event goes on behind it."""
        token = self._take(1)[0]
        act = _ACTS.get(token & ~_MORE)
        if act is None:
            raise _NotPlainError
        self._attributes_follow = bool(token & _MORE)
        act(self)
        return bool(self._open)

    def start_element(self) -> None:
        self._uint32()
        if self._open:
            self._open[-1].has_elements = True
        self._open.append(_Element(self._name()))
        if self._attributes_follow:
            self._take(self._uint32())

    def stay(self) -> None:
        """Go into the element that was begun."""

    def end_element(self) -> None:
        part = self._open[1].name if len(self._open) > 1 else ""
        depth = len(self._open)
        element = self._open.pop()
        if not element.has_elements and part in _LEAVES_FROM and depth >= _LEAVES_FROM[part]:
            self.texts.append(b"".join(element.pieces))

    def value(self) -> None:
        if self._take(1)[0] != _STRING:
            raise _NotPlainError
        self.characters()

    def characters(self) -> None:
        self._open[-1].pieces.append(self._take(2 * self._uint16()))

    def character_reference(self) -> None:
        self._open[-1].pieces.append(self._take(2))

    def entity_reference(self) -> None:
        entity = _ENTITIES.get(self._name())
        if entity is None:
            raise _NotPlainError
        self._open[-1].pieces.append(entity.encode("utf-16-le"))

    def _name(self) -> str:
        """Return the name that stands where the next four bytes say, often right behind them."""
        place = self._uint32()
        *_, count = _NAME_HEAD.unpack(self._bytes(place, _NAME_HEAD.size))
        size = _NAME_HEAD.size + 2 * count
        if place == self._at:
            self._take(size + 2)
        return self._bytes(place + _NAME_HEAD.size, 2 * count).decode("utf-16-le", "replace")

    def _uint16(self) -> int:
        return int(_UINT16.unpack(self._take(2))[0])

    def _uint32(self) -> int:
        return int(UINT32.unpack(self._take(4))[0])

    def _take(self, size: int) -> bytes:
        if self._at + size > self._end:
            raise _NotPlainError
        self._at += size
        return self._bytes(self._at - size, size)

    def _bytes(self, place: int, size: int) -> bytes:
        if place + size > len(self._chunk):
            raise _NotPlainError
        return self._chunk[place : place + size]


_ACTS: Final[Mapping[int, Callable[[_Walk], None]]] = {
    0x01: _Walk.start_element,
    0x02: _Walk.stay,
    0x03: _Walk.end_element,
    0x04: _Walk.end_element,
    0x05: _Walk.value,
    0x07: _Walk.characters,
    0x08: _Walk.character_reference,
    0x09: _Walk.entity_reference,
}
"""By token without its mark."""
