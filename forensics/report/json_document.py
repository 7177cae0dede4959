"""context.json and run.json: JSON that is the same bytes for the same values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TextIO, TypeAlias

from forensics.report.verbatim import escape_unambiguously, unescape

if TYPE_CHECKING:
    from pathlib import Path

JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
"""What a document is made of. Keys keep the order in which they are given."""


def write_json_document(document: JsonValue, stream: TextIO) -> None:
    """Write ``document`` to ``stream``, opened with ``newline=""`` and UTF-8: indented by two, ended by LF.

    Raises ValueError for a number that JSON does not have (NaN, infinity), TypeError for any other type.
    """
    stream.write(to_json(document, indent=2) + "\n")


def read_json_document(path: Path) -> JsonValue:
    """Return what was written to ``path``, its texts as they were before they were escaped.

    Raises ValueError where it is no JSON in UTF-8, and OSError.
    """
    return _unescaped(json.loads(path.read_bytes().decode()))


def to_json(value: JsonValue, *, indent: int | None = None) -> str:
    """Return ``value`` as JSON, on one line unless ``indent`` is given, without a line feed at the end.

    Keys and text are escaped as :func:`escape_unambiguously` does: no ``altered_fields`` stands beside them.
    """
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(
        _escaped(value), indent=indent, separators=separators, ensure_ascii=False, allow_nan=False
    )


def _escaped(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return escape_unambiguously(value)
        case Mapping():
            return {escape_unambiguously(key): _escaped(member) for key, member in value.items()}
        case list() | tuple():
            return [_escaped(member) for member in value]
        case _:
            return value


def _unescaped(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return unescape(value)
        case dict():
            return {unescape(key): _unescaped(member) for key, member in value.items()}
        case list():
            return [_unescaped(member) for member in value]
        case _:
            return value
