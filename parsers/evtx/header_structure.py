"""The headers of an event log and of a chunk, field by field, and their checksums anew.

Source: libyal, "Windows XML Event Log (EVTX) format", sections 2 and 3.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

from parsers.evtx import layout
from parsers.marked_bytes import Checksum, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FILE_SIZES: Final = (8, 8, 8, 8, 4, 2, 2, 2, 2, 76, 4, 4)
_CHUNK_SIZES: Final = (8, 8, 8, 8, 8, 4, 4, 4, 4, 68, 4)
_FLAGS: Final = {layout.FLAG_DIRTY: "dirty", layout.FLAG_NO_CRC32: "no checksums"}


def mark_file_header(block: bytes) -> tuple[Mark, ...]:
    """Return the fields of the file header in ``block``, none where it is shorter than 128 bytes."""
    if len(block) < layout.FILE_HEADER_USED:
        return ()
    header = layout.file_header(block)
    return tuple(_marks(_FILE_SIZES, header._fields, header))


def mark_chunk_header(chunk: bytes) -> tuple[Mark, ...]:
    """Return the fields of the chunk header that ``chunk`` begins with, none where it is cut short."""
    if len(chunk) < layout.CHUNK_HEADER_SIZE:
        return ()
    header = layout.chunk_header(chunk)
    return tuple(_marks(_CHUNK_SIZES, header._fields, header))


def checksums(file_header: bytes, chunk: bytes) -> tuple[Checksum, ...]:
    """Return the checksums of the file header, of the chunk's header and of its records.

    What a header says of where records end is taken as it is, as long as that is inside the chunk.
    """
    found = []
    if len(file_header) >= layout.FILE_HEADER_USED:
        header = layout.file_header(file_header)
        found.append(Checksum("file header, bytes 0 to 119", header.crc, crc32(file_header[:120])))
    if len(chunk) >= layout.CHUNK_HEADER_SIZE:
        declared = layout.chunk_header(chunk)
        tables = crc32(chunk[128 : layout.CHUNK_HEADER_SIZE], crc32(chunk[:120]))
        records = crc32(chunk[layout.CHUNK_HEADER_SIZE : declared.free_space_offset])
        found += [
            Checksum("chunk header, bytes 0 to 119 and 128 to 511", declared.header_crc, tables),
            Checksum(
                f"chunk's records, bytes 512 to {declared.free_space_offset - 1}",
                declared.records_crc,
                records,
            ),
        ]
    return tuple(found)


def _marks(sizes: Sequence[int], names: Sequence[str], values: Sequence[object]) -> Iterator[Mark]:
    offset = 0
    for size, name, value in zip(sizes, names, values, strict=True):
        yield Mark(offset, size, name.replace("_", " "), _meaning(name, value))
        offset += size


def _meaning(name: str, value: object) -> str:
    match value:
        case bytes():
            return value.rstrip(b"\0").decode("latin-1") if name == "signature" else ""
        case int() if name.endswith("crc"):
            return f"{value:#010x}"
        case int() if name == "flags":
            said = [text for flag, text in _FLAGS.items() if value & flag]
            return f"{value:#x} ({', '.join(said) or 'clean'})"
        case _:
            return f"{value:,}" if isinstance(value, int) else str(value)
