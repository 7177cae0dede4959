"""The program's own queries as SQL, translated beforehand by the pinned translator.

Parsing KQL takes longer than all else that a small case needs. So the shipped rules and the questions for
roles are translated when they are written, into ``translated_queries.json``: an entry is found by a SHA-256
over the query's text, the tables' columns and the translator's version, so that whatever differs in any of
them is translated anew. ``python -m forensics.translated_queries`` writes the file; a test holds it against
the translator.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from forensics.kql_names import Columns

_NAME: Final = "translated_queries.json"


class Translated(TypedDict):
    """What the file has of one query; ``name`` is the query's, for people."""

    name: str
    sql: str
    ordered: bool
    order_sensitive: bool


def find_translated(text: str, table_columns: Iterable[tuple[str, Columns]]) -> Translated | None:
    """Return the query ``text`` over tables with these columns, if it was translated beforehand."""
    return _all().get(key_of(text, table_columns))


def key_of(text: str, table_columns: Iterable[tuple[str, Columns]]) -> str:
    """Return what a query is found by, 64 lower-case hex digits."""
    whole = [version("duckdb-kql"), text, [[table, list(columns)] for table, columns in table_columns]]
    return hashlib.sha256(json.dumps(whole).encode("utf-8")).hexdigest()


def translate_all() -> Mapping[str, Translated]:
    """Return all of the program's own queries, translated now, by their keys."""
    from forensics.event_model.event import Table  # noqa: PLC0415 - only to write the file
    from forensics.event_model.schema import columns  # noqa: PLC0415 - as above
    from forensics.kql_translation import translate  # noqa: PLC0415 - as above

    tables = {table.value: tuple(columns(table)) for table in Table}
    made: dict[str, Translated] = {}
    for name, text in own_queries():
        found = translate(text, name, tables)
        if not found.parameters:
            made[key_of(text, tables.items())] = {
                "name": name,
                "sql": found.sql,
                "ordered": found.ordered,
                "order_sensitive": found.order_sensitive,
            }
    return made


def own_queries() -> Iterator[tuple[str, str]]:
    """Give every query that the program asks by itself, with its name."""
    from forensics.device_role import ROLES, role_query  # noqa: PLC0415 - only to write the file
    from forensics.rule import shipped_rules  # noqa: PLC0415 - as above
    from forensics.shipped_rule import counted_query, folded_query, shipped_rule  # noqa: PLC0415 - as above

    for rule in shipped_rules():
        yield rule.path, rule.query
    yield "folded", folded_query(shipped_rule())
    yield "counted", counted_query(shipped_rule())
    for role in ROLES:
        yield role_query(role)


@cache
def _all() -> Mapping[str, Translated]:
    file = files("forensics").joinpath(_NAME)
    if not file.is_file():
        return {}
    found: dict[str, Translated] = json.loads(file.read_text("utf-8"))
    return found


def to_file_text(translated: Mapping[str, Translated]) -> str:
    """Return the file's text: one query after the other, in order of their names, ended by LF."""
    by_name = sorted(translated.items(), key=lambda each: (each[1]["name"], each[0]))
    return json.dumps(dict(by_name), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name(_NAME).write_text(to_file_text(translate_all()), "utf-8", newline="\n")
