"""The columns of the event tables, in order, and their types.

Source: the advanced hunting schema reference in Microsoft's defender-docs, as ``columns.json`` beside this
module holds it. Tables of what a process did carry columns at their end that the reference does not list yet
and live data has: ProcessUniqueId and InitiatingProcessUniqueId.
"""

from __future__ import annotations

import json
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forensics.event_model.event import Table


class KqlType(StrEnum):
    """The scalar types of KQL that the tables use."""

    STRING = "string"
    INT = "int"
    LONG = "long"
    BOOL = "bool"
    DATETIME = "datetime"


ARROW_TYPES: Final[Mapping[KqlType, pa.DataType]] = MappingProxyType(
    {
        KqlType.STRING: pa.string(),
        KqlType.INT: pa.int32(),
        KqlType.LONG: pa.int64(),
        KqlType.BOOL: pa.bool_(),
        # UTC without saying so, as KQL's datetime is; the engine's clock has microseconds.
        KqlType.DATETIME: pa.timestamp("us"),
    }
)

NEVER_NULL: Final = frozenset({"Timestamp", "ReportId"})
"""Columns besides the strings that every row fills. A KQL string is never null: what is missing is ``""``."""


@cache
def _all_columns() -> Mapping[str, Mapping[str, str]]:
    text = files("forensics.event_model").joinpath("columns.json").read_text("utf-8")
    tables: dict[str, dict[str, str]] = json.loads(text)
    return tables


@cache
def columns(table: Table) -> Mapping[str, KqlType]:
    """Return the columns of ``table`` by name, in order."""
    return MappingProxyType({name: KqlType(kind) for name, kind in _all_columns()[table].items()})


@cache
def arrow_schema(table: Table) -> pa.Schema:
    """Return the schema that the Parquet file of ``table`` has."""
    return pa.schema([_field(name, kind) for name, kind in columns(table).items()])


def _field(name: str, kind: KqlType) -> pa.Field:
    return pa.field(name, ARROW_TYPES[kind], nullable=kind is not KqlType.STRING and name not in NEVER_NULL)
