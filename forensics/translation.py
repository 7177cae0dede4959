"""KQL to the engine's SQL: looked up where the query is one of the program's own, else translated anew."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from forensics.translated_queries import find_translated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from forensics.kql_names import Columns

_ASKS_THE_TIME: Final = re.compile(r"\b(?:ago|now|query_now)\b")


@dataclass(frozen=True, slots=True)
class Translation:
    """SQL and the values to bind to its parameters.

    ``ordered`` is true where the query itself orders its result, ``order_sensitive`` where what it results in
    may depend on the order in which rows arrive.
    """

    sql: str
    parameters: Mapping[str, object]
    ordered: bool
    order_sensitive: bool


def translate(
    text: str, name: str, tables: Mapping[str, Columns], query_now: datetime | None = None
) -> Translation:
    """Translate ``text``, the KQL of the file ``name``, over ``tables`` (their columns by name).

    ``query_now`` is what ``now()`` gives. Raises RuleError for what is no KQL, for tables and columns that
    are not there, and for what an offline engine cannot run.
    """
    # A query that does not ask for the time is translated once, whatever the time is.
    clock = query_now if _ASKS_THE_TIME.search(text) else None
    return _translate(text, name, tuple(tables.items()), clock)


@lru_cache(maxsize=128)
def _translate(
    text: str, name: str, table_columns: tuple[tuple[str, Columns], ...], query_now: datetime | None
) -> Translation:
    # A rule is checked before the evidence is read and run after: it is translated once.
    found = find_translated(text, table_columns)
    if found is not None:
        return Translation(found["sql"], {}, found["ordered"], found["order_sensitive"])
    # The translator's grammar takes a fifth of a second to load, and the program's own queries need it not.
    from forensics import kql_translation  # noqa: PLC0415 - as the line above says

    return kql_translation.translate(text, name, dict(table_columns), query_now)
