"""Registry hives on disk, for writing: the packed form of every structure that the builder uses.

Source: M. Suhanov, "Windows registry file format specification", sections "Base block", "Hive bin",
"Key node", "Key value", "Key security", "Big data" and those on subkeys lists; version 1.5 of the format.
Offsets inside a hive count from its first hive bin, which stands 4096 bytes into the file.
"""

from __future__ import annotations

from struct import Struct, iter_unpack, pack
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

ListKind = Literal["lh", "lf", "li"]

BASE_BLOCK_SIZE: Final = 4096
CHECKSUM_AT: Final = 508
BIN_HEADER_SIZE: Final = 32
PAGE: Final = 4096
NOWHERE: Final = 0xFFFFFFFF
"""The offset that points to nothing."""
INLINE: Final = 0x80000000
"""Set in a value's size where its data stands in place of their offset."""
LARGEST_INLINE: Final = 4
SEGMENT_SIZE: Final = 16344
"""Data beyond this is cut into segments of this size."""
LARGEST_LEAF: Final = 500
"""Subkeys of one leaf; more are spread over several below an index root."""

KEY_HIVE_ENTRY: Final = 0x0004
KEY_NO_DELETE: Final = 0x0008
COMPRESSED_KEY_NAME: Final = 0x0020
COMPRESSED_VALUE_NAME: Final = 0x0001

_BASE_BLOCK: Final = Struct("<4sIIQIIIIIII64s")
_BIN_HEADER: Final = Struct("<4sII8xQ4x")
_KEY_NODE: Final = Struct("<2sHQIIIIIIIIIIIIIIIHH")
_KEY_VALUE: Final = Struct("<2sHIIIHH")
_KEY_SECURITY: Final = Struct("<2sHIIII")
_BIG_DATA: Final = Struct("<2sHI")
_UINT32: Final = Struct("<I")

# Owner Administrators, group SYSTEM; SYSTEM and Administrators may do everything, which subkeys inherit.
_ADMINISTRATORS: Final = pack("<BB6BII", 1, 2, 0, 0, 0, 0, 0, 5, 32, 544)
_SYSTEM: Final = pack("<BB6BI", 1, 1, 0, 0, 0, 0, 0, 5, 18)
_FULL_CONTROL: Final = tuple(
    pack("<BBHI", 0, 2, 8 + len(sid), 0xF003F) + sid for sid in (_SYSTEM, _ADMINISTRATORS)
)
_ACL: Final = pack("<BBHHH", 2, 0, 8 + sum(map(len, _FULL_CONTROL)), 2, 0) + b"".join(_FULL_CONTROL)
SECURITY_DESCRIPTOR: Final = (
    pack("<BBHIIII", 1, 0, 0x8004, 20 + len(_ACL), 20 + len(_ACL) + len(_ADMINISTRATORS), 0, 20)
    + _ACL
    + _ADMINISTRATORS
    + _SYSTEM
)


class KeyNode(NamedTuple):
    """What a key's nk record says; lengths in bytes as if every name were UTF-16."""

    name: bytes
    flags: int
    last_written: int
    parent: int
    subkeys: int
    subkeys_list: int
    values: int
    values_list: int
    security: int
    longest_subkey_name: int
    longest_value_name: int
    largest_value: int

    def to_bytes(self) -> bytes:
        """Return the record."""
        fields = (b"nk", self.flags, self.last_written, 0, self.parent, self.subkeys, 0)
        lists = (self.subkeys_list, NOWHERE, self.values, self.values_list, self.security, NOWHERE)
        largest = (self.longest_subkey_name, 0, self.longest_value_name, self.largest_value)
        return _KEY_NODE.pack(*fields, *lists, *largest, 0, len(self.name), 0) + self.name


KEY_NODE_SIZE: Final = _KEY_NODE.size
"""An nk record without its name."""


def stored_name(name: str) -> tuple[bytes, bool]:
    """Return a name's bytes and whether they are "compressed": one byte a character where all allow it."""
    try:
        return name.encode("latin-1"), True
    except UnicodeEncodeError:
        return name.encode("utf-16-le", "surrogatepass"), False


def utf16_length(name: str) -> int:
    """Return the bytes that ``name`` would take in UTF-16."""
    return len(name.encode("utf-16-le", "surrogatepass"))


def code_units(name: str) -> tuple[int, ...]:
    """Return the UTF-16 code units of ``name`` in upper case, by which Windows sorts and hashes keys.

    Only characters whose upper case is one character of the basic plane have one in the registry.
    """
    upper = "".join(_upper(character) for character in name)
    return tuple(unit for (unit,) in iter_unpack("<H", upper.encode("utf-16-le", "surrogatepass")))


def _upper(character: str) -> str:
    upper = character.upper()
    return upper if len(upper) == 1 and ord(character) <= 0xFFFF else character


def name_hash(name: str) -> int:
    """Return the hash by which a hash leaf finds ``name``."""
    total = 0
    for unit in code_units(name):
        total = (37 * total + unit) & 0xFFFFFFFF
    return total


def _name_hint(name: str) -> bytes:
    """Return the first four characters for a fast leaf, or four NULs where they are no single bytes."""
    try:
        return name[:4].encode("latin-1").ljust(4, b"\0")
    except UnicodeEncodeError:
        return bytes(4)


def leaf(kind: ListKind, subkeys: Sequence[tuple[str, int]]) -> bytes:
    """Return a subkeys list of sorted names and the offsets of their nk cells."""
    header = pack("<2sH", kind.encode(), len(subkeys))
    match kind:
        case "lh":
            elements = [pack("<II", offset, name_hash(name)) for name, offset in subkeys]
        case "lf":
            elements = [pack("<I", offset) + _name_hint(name) for name, offset in subkeys]
        case "li":
            elements = [_UINT32.pack(offset) for _, offset in subkeys]
    return header + b"".join(elements)


def index_root(leaves: Sequence[int]) -> bytes:
    """Return the list of several subkeys lists at these offsets."""
    return pack("<2sH", b"ri", len(leaves)) + offsets(leaves)


def offsets(places: Sequence[int]) -> bytes:
    """Return a bare list of offsets, such as a key's of its values or big data's of its segments."""
    return b"".join(map(_UINT32.pack, places))


def key_value(name: str, value_type: int, size: int, data: int) -> bytes:
    """Return a vk record; ``data`` is an offset or, with INLINE in ``size``, the data themselves."""
    stored, compressed = stored_name(name)
    flags = COMPRESSED_VALUE_NAME if compressed and stored else 0
    return _KEY_VALUE.pack(b"vk", len(stored), size, data, value_type, flags, 0) + stored


def big_data(segments: int, segments_list: int) -> bytes:
    """Return a db record."""
    return _BIG_DATA.pack(b"db", segments, segments_list)


def key_security(own_offset: int, keys: int) -> bytes:
    """Return the only sk record of a hive, used by so many keys: both its links lead to itself."""
    size = len(SECURITY_DESCRIPTOR)
    return _KEY_SECURITY.pack(b"sk", 0, own_offset, own_offset, keys, size) + SECURITY_DESCRIPTOR


def bin_header(offset: int, size: int, last_written: int) -> bytes:
    """Return the header of a hive bin; only the first one keeps a time."""
    return _BIN_HEADER.pack(b"hbin", offset, size, last_written if offset == 0 else 0)


def xor_checksum(block: bytes) -> int:
    """Return the checksum of a base block's first 508 bytes; 0 and 0xFFFFFFFF are never used."""
    total = 0
    for (group,) in _UINT32.iter_unpack(block[:CHECKSUM_AT]):
        total ^= group
    return {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(total, total)


class BaseBlock(NamedTuple):
    """What a hive's base block says, apart from its checksum."""

    primary_sequence: int
    secondary_sequence: int
    last_written: int
    root: int
    bins_size: int
    file_name: str

    def to_bytes(self, checksum: int | None) -> bytes:
        """Return the block with its true checksum, or with the one given."""
        sequences = (self.primary_sequence, self.secondary_sequence)
        name = self.file_name[-31:].encode("utf-16-le")
        version, primary_file, memory_load, sectors = (1, 5), 0, 1, 1
        block = _BASE_BLOCK.pack(
            b"regf", *sequences, self.last_written, *version, primary_file, memory_load,
            self.root, self.bins_size, sectors, name,
        ).ljust(CHECKSUM_AT, b"\0")  # fmt: skip
        stored = xor_checksum(block) if checksum is None else checksum
        return (block + _UINT32.pack(stored)).ljust(BASE_BLOCK_SIZE, b"\0")
