"""The bytes of anything else that a row rests on: a line of a text file, or what stands at its offset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.record_view.section import Section, hex_dump

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.report.json_document import JsonValue
    from parsers.evidence.source import ByteSource

_SHOWN: Final = 512
_LONGEST_LINE: Final = 1 << 16


def other_sections(source: ByteSource, offset: int) -> Iterator[Section]:
    """Give the bytes at ``offset``: a whole line where the file is text there. Raises OSError."""
    with source.open_() as stream:
        stream.seek(offset)
        content = stream.read(_LONGEST_LINE)
    line = content.partition(b"\n")[0]
    is_text = b"\0" not in line and len(line) < _LONGEST_LINE
    shown = line if is_text else content[:_SHOWN]
    title = f"The {len(shown):,} bytes at {offset:#x} of the file"
    text = [shown.decode("utf-8", "replace"), ""] if is_text else []
    data: JsonValue = {"offset": offset, "hex": shown.hex()}
    yield Section("bytes", title, (*text, *hex_dump(shown, offset)), data)
