"""Writes BinXML, the XML of an event in binary form: templates, their instances and values.

A template is the event's skeleton with numbered holes; an instance gives the values that fill them. Offsets
count from the start of the chunk, so a writer must know where it stands.
Specification: [MS-EVEN6] 2.2.12; "Windows XML Event Log (EVTX) format", libyal/libevtx, Binary XML.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from tests.builders.name_tables import ChunkTables, name_hash
from tests.builders.typed_value import Value, ValueType, text_bytes, type_of, value_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

NO_DEPENDENCY: Final = 0xFFFF
_MAXIMUM_VALUE_SIZE: Final = 0xFFFF
_FRAGMENT_HEADER: Final = b"\x0f\x01\x01\x00"


class Token(IntEnum):
    """What the next bytes are. ``_MORE`` marks that attributes, or a further attribute, follow."""

    END_OF_FILE = 0x00
    OPEN_START_ELEMENT = 0x01
    CLOSE_START_ELEMENT = 0x02
    CLOSE_EMPTY_ELEMENT = 0x03
    END_ELEMENT = 0x04
    VALUE = 0x05
    ATTRIBUTE = 0x06
    CDATA_SECTION = 0x07
    CHARACTER_REFERENCE = 0x08
    ENTITY_REFERENCE = 0x09
    TEMPLATE_INSTANCE = 0x0C
    NORMAL_SUBSTITUTION = 0x0D
    OPTIONAL_SUBSTITUTION = 0x0E


_MORE: Final = 0x40


@dataclass(frozen=True, slots=True)
class Text:
    """Text that is the same in all instances of a template."""

    text: str


@dataclass(frozen=True, slots=True)
class Substitution:
    """A hole, filled by the instance's value number ``index``; if ``optional``, nothing is shown for null."""

    index: int
    value_type: ValueType
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """A character by the name that XML has for it: ``amp``, ``lt``, ``gt``, ``quot`` or ``apos``."""

    name: str


@dataclass(frozen=True, slots=True)
class Character:
    """A character by its number."""

    unit: int


@dataclass(frozen=True, slots=True)
class Cdata:
    """Text that may hold marks of XML."""

    text: str


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    content: Text | Substitution


@dataclass(frozen=True, slots=True)
class Element:
    """An element; ``depends_on`` is the value without which Windows leaves the whole element out."""

    name: str
    attributes: tuple[Attribute, ...] = ()
    content: tuple[Content, ...] = ()
    depends_on: int = NO_DEPENDENCY


Content: TypeAlias = Text | Entity | Character | Cdata | Substitution | Element


@dataclass(frozen=True, slots=True)
class Template:
    identifier: UUID
    root: Element


@dataclass(frozen=True, slots=True)
class Instance:
    """A template with values, among them perhaps an instance of another one (the event's data).

    Windows writes the data of a manifest's events as the bare instance with each string ended by a NUL, and
    that of classic events as a fragment with strings that have no end mark. ``classic`` chooses.
    """

    template: Template
    values: tuple[Value | Instance, ...]
    classic: bool = False


def element_bytes(root: Element) -> bytes:
    """Return ``root`` as it stands at the start of an empty chunk: equal for equal elements."""
    writer = BinaryXmlWriter(0, ChunkTables())
    writer.write_content(root)
    return bytes(writer.buffer)


class BinaryXmlWriter:
    """Appends BinXML to ``buffer``, whose first byte stands ``start`` bytes into the chunk.

    Elements outside of any template (``plain``) do not say what they depend on.
    """

    def __init__(self, start: int, tables: ChunkTables, *, plain: bool = False) -> None:
        self.buffer = bytearray()
        self._plain = plain
        self._start = start
        self._tables = tables

    def write_document(self, instance: Instance) -> None:
        """Append a whole event: the fragment header, ``instance`` and the end mark."""
        self.buffer += _FRAGMENT_HEADER
        self._write_instance(instance)
        self._write("<B", Token.END_OF_FILE)

    def write_plain_document(self, root: Element) -> None:
        """Append a whole event that uses no template."""
        self.buffer += _FRAGMENT_HEADER
        self._write_element(root)
        self._write("<B", Token.END_OF_FILE)

    @property
    def _position(self) -> int:
        return self._start + len(self.buffer)

    def _write(self, layout: str, *fields: int) -> None:
        self.buffer += struct.pack(layout, *fields)

    def _reserve_size(self) -> int:
        """Append room for a 32-bit size; return where it is, for ``_fill_size``."""
        self._write("<I", 0)
        return len(self.buffer)

    def _fill_size(self, place: int) -> None:
        struct.pack_into("<I", self.buffer, place - 4, len(self.buffer) - place)

    def _write_text(self, text: str) -> None:
        units = text_bytes(text)
        self._write("<BBH", Token.VALUE, ValueType.STRING, len(units) // 2)
        self.buffer += units

    def _write_substitution(self, hole: Substitution) -> None:
        token = Token.OPTIONAL_SUBSTITUTION if hole.optional else Token.NORMAL_SUBSTITUTION
        self._write("<BHB", token, hole.index, hole.value_type)

    def _write_name(self, name: str) -> None:
        """Append where ``name`` is in the chunk and, where it is not there yet, the name itself."""
        known = self._tables.names.get(name)
        if known is not None:
            self._write("<I", known)
            return
        place = self._position + 4
        units = text_bytes(name)
        self._write("<I", place)
        self._write("<IHH", self._tables.add_name(name, place), name_hash(name), len(units) // 2)
        self.buffer += units + b"\0\0"

    def _write_attributes(self, attributes: Sequence[Attribute]) -> None:
        size = self._reserve_size()
        for left, attribute in zip(range(len(attributes) - 1, -1, -1), attributes, strict=True):
            self._write("<B", Token.ATTRIBUTE | (_MORE if left else 0))
            self._write_name(attribute.name)
            self.write_content(attribute.content)
        self._fill_size(size)

    def write_content(self, content: Content) -> None:
        """Append text, a hole or a whole element."""
        match content:
            case Text(text):
                self._write_text(text)
            case Entity(name):
                self._write("<B", Token.ENTITY_REFERENCE)
                self._write_name(name)
            case Character(unit):
                self._write("<BH", Token.CHARACTER_REFERENCE, unit)
            case Cdata(text):
                units = text_bytes(text)
                self._write("<BH", Token.CDATA_SECTION, len(units) // 2)
                self.buffer += units
            case Substitution():
                self._write_substitution(content)
            case Element():
                self._write_element(content)
            case _:
                assert_never(content)

    def _write_element(self, element: Element) -> None:
        token = Token.OPEN_START_ELEMENT | (_MORE if element.attributes else 0)
        self._write("<B", token)
        if not self._plain:
            self._write("<H", element.depends_on)
        size = self._reserve_size()
        self._write_name(element.name)
        if element.attributes:
            self._write_attributes(element.attributes)
        self._write_inside(element.content)
        self._fill_size(size)

    def _write_inside(self, content: Sequence[Content]) -> None:
        if not content:
            self._write("<B", Token.CLOSE_EMPTY_ELEMENT)
            return
        self._write("<B", Token.CLOSE_START_ELEMENT)
        for part in content:
            self.write_content(part)
        self._write("<B", Token.END_ELEMENT)

    def _write_definition(self, template: Template) -> None:
        previous = self._tables.add_template(template.identifier, self._position)
        self._write("<I", previous)
        self.buffer += template.identifier.bytes_le
        size = self._reserve_size()
        self.buffer += _FRAGMENT_HEADER
        self._write_element(template.root)
        self._write("<B", Token.END_OF_FILE)
        self._fill_size(size)

    def _write_instance(self, instance: Instance) -> None:
        template = instance.template
        short_identifier = int.from_bytes(template.identifier.bytes_le[:4], "little")
        self._write("<BBI", Token.TEMPLATE_INSTANCE, 1, short_identifier)
        known = self._tables.templates.get(template.identifier)
        self._write("<I", self._position + 4 if known is None else known)
        if known is None:
            self._write_definition(template)
        self._write_values(instance)

    def _write_values(self, instance: Instance) -> None:
        """Append the number of values, a descriptor (size, type) for each, then their bytes."""
        count = len(instance.values)
        self._write("<I", count)
        descriptors = len(self.buffer)
        self.buffer += bytes(4 * count)
        for index, value in enumerate(instance.values):
            start = len(self.buffer)
            value_type = self._write_value(value, terminated=not instance.classic)
            size = len(self.buffer) - start
            if size > _MAXIMUM_VALUE_SIZE:
                raise ValueError(f"a value of {size} bytes: the format allows {_MAXIMUM_VALUE_SIZE}")
            struct.pack_into("<HBB", self.buffer, descriptors + 4 * index, size, value_type, 0)

    def _write_value(self, value: Value | Instance, *, terminated: bool) -> ValueType:
        if isinstance(value, Instance):
            self._write_nested(value)
            return ValueType.BINARY_XML
        self.buffer += value_bytes(value)
        if terminated and isinstance(value, str):
            self.buffer += b"\0\0"
        return type_of(value)

    def _write_nested(self, instance: Instance) -> None:
        if instance.classic:
            self.buffer += _FRAGMENT_HEADER
        self._write_instance(instance)
        self._write("<B", Token.END_OF_FILE)
