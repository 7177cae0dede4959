"""The two hash tables of a chunk: which names and templates it already holds, and where.

Windows writes a name or a template where a chunk first needs it and refers to that place afterwards. The
chunk header has 64 chains of names and 32 of templates; the newest of a chain stands in the header and
points to the one before it.
Specification: "Windows XML Event Log (EVTX) format", libyal/libevtx, Chunk header, Name, Template definition.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.builders.typed_value import text_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

NAME_CHAINS: Final = 64
TEMPLATE_CHAINS: Final = 32
_MULTIPLIER: Final = 65599


def _hash(units: Iterable[int]) -> int:
    result = 0
    for unit in units:
        result = (result * _MULTIPLIER + unit) & 0xFFFFFFFF
    return result


def name_hash(name: str) -> int:
    """Return the 16 bits that EVTX stores with ``name`` ([MS-EVEN6] 2.2.12.3, Name)."""
    units = text_bytes(name)
    return _hash(struct.unpack(f"<{len(units) // 2}H", units)) & 0xFFFF


def template_chain(identifier: UUID) -> int:
    """Return the chain of a template: the hash of names, over its GUID's eight 16-bit words.

    No specification says so; the tables of real logs do.
    """
    return _hash(struct.unpack("<8H", identifier.bytes_le)) % TEMPLATE_CHAINS


@dataclass(slots=True)
class ChunkTables:
    """Offsets from the chunk's start of what it holds, and the heads of both tables' chains (0: empty)."""

    names: dict[str, int] = field(default_factory=dict)
    templates: dict[UUID, int] = field(default_factory=dict)
    name_heads: list[int] = field(default_factory=lambda: [0] * NAME_CHAINS)
    template_heads: list[int] = field(default_factory=lambda: [0] * TEMPLATE_CHAINS)

    def copy(self) -> ChunkTables:
        """Return tables of their own, for a record that may turn out not to fit."""
        return ChunkTables(
            dict(self.names), dict(self.templates), list(self.name_heads), list(self.template_heads)
        )

    def add_name(self, name: str, offset: int) -> int:
        """Enter a name written at ``offset``; return the offset of the one before it in its chain, or 0."""
        self.names[name] = offset
        return _push(self.name_heads, name_hash(name) % NAME_CHAINS, offset)

    def add_template(self, identifier: UUID, offset: int) -> int:
        """Enter a template written at ``offset``; return that of the one before it in its chain, or 0."""
        self.templates[identifier] = offset
        return _push(self.template_heads, template_chain(identifier), offset)


def _push(heads: list[int], chain: int, offset: int) -> int:
    previous, heads[chain] = heads[chain], offset
    return previous
