"""Whether a query reads only tables and columns that are there, each under its exact name.

KQL's names are case-sensitive and a subquery sees its own table alone. DuckDB folds case, and lets a
subquery reach the columns of its neighbour; left to it, a slip would become another question. So names are
resolved here, over the syntax tree, before any SQL is run.

The tree's classes are known by their names: this module walks any tree of dataclasses and imports no parser.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

Columns = tuple[str, ...]
ColumnsOf = Callable[[Any, Mapping[str, Columns]], Columns | None]
"""Gives the columns that a query results in, or None where they depend on data."""

_COUNTABLE: Final = ("TableRef", "DataTable", "PrintSource", "RangeSource", "WildcardTableRef")


@dataclasses.dataclass(frozen=True, slots=True)
class UnknownName:
    """A name that is not there; ``ordinal`` counts the earlier uses of the same name in the query.

    ``known`` are the names that could stand in its place.
    """

    name: str
    is_table: bool
    ordinal: int
    known: Columns


class _Found(Exception):  # noqa: N818 - leaves the walk with its result, and never this module
    def __init__(self, unknown: UnknownName) -> None:
        self.unknown = unknown


def find_unknown_name(query: Any, tables: Mapping[str, Columns], columns_of: ColumnsOf) -> UnknownName | None:  # noqa: ANN401 - the parser's tree has no types
    """Return the first name in ``query`` that is neither in ``tables`` nor made by the query, or None."""
    try:
        _Resolver(columns_of).resolve(query, tables)
    except _Found as found:
        return found.unknown
    return None


class _Resolver:
    def __init__(self, columns_of: ColumnsOf) -> None:
        self._columns_of = columns_of
        self._uses: Counter[str] = Counter()

    def resolve(self, query: Any, tables: Mapping[str, Columns]) -> None:  # noqa: ANN401 - see above
        known = dict(tables)
        for name, bound in query.lets:
            if _kind(bound) == "Query":
                self.resolve(bound, known)
                known[name] = self._columns_of(bound, known) or ()
        self._resolve_source(query.source, known)
        for index, operator in enumerate(query.operators):
            before = dataclasses.replace(query, operators=query.operators[:index], lets=[])
            if _kind(query.source) not in _COUNTABLE or not (columns := self._columns_of(before, known)):
                return
            self._resolve_operator(operator, columns, known)

    def _resolve_source(self, source: Any, known: Mapping[str, Columns]) -> None:  # noqa: ANN401 - see above
        if _kind(source) == "TableRef" and source.name not in known:
            self._use(source.name, (), tuple(known), is_table=True)
        elif _kind(source) == "TableRef":
            self._uses[source.name] += 1

    def _resolve_operator(self, operator: Any, columns: Columns, known: Mapping[str, Columns]) -> None:  # noqa: ANN401 - see above
        tolerant = getattr(operator, "isfuzzy", False)
        for kind, part in _parts(operator):
            if kind == "Query" and not (tolerant and _names_no_table(part, known)):
                self.resolve(part, known)
            elif kind == "JoinKey":
                right = self._columns_of(operator.right, known)
                self._use(part.left, columns, columns)
                if part.right != part.left or (right and part.right not in right):
                    self._use(part.right, right or (part.right,), right or ())
            elif kind == "ColumnRef":
                self._use(part, columns, columns)

    def _use(self, name: str, there: Columns, known: Columns, *, is_table: bool = False) -> None:
        if name not in there:
            raise _Found(UnknownName(name, is_table, self._uses[name], known))
        self._uses[name] += 1


def _names_no_table(query: Any, known: Mapping[str, Columns]) -> bool:  # noqa: ANN401 - see above
    return _kind(query.source) == "TableRef" and query.source.name not in known


def _kind(node: object) -> str:
    return type(node).__name__


def _parts(node: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - see above
    """Yield what ``node`` reads in the order of the text: queries, join keys, and columns by name."""
    kind = _kind(node)
    if kind in ("Query", "JoinKey"):
        yield kind, node
    elif kind == "ColumnRef":
        yield kind, node.name
    elif kind == "ProjectAway":
        yield from (("ColumnRef", name) for name in node.columns if "*" not in name)
    elif kind == "ProjectRename":
        yield from (("ColumnRef", old) for old, _ in node.renames)
    elif kind == "MvExpandTarget":
        yield "ColumnRef", node.column
    elif kind not in ("LetRef", "RenderedAggregate"):
        yield from _children(node)


def _children(node: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - see above
    if isinstance(node, Sequence) and not isinstance(node, str):
        for each in node:
            yield from _parts(each)
    elif dataclasses.is_dataclass(node):
        for field in dataclasses.fields(node):
            yield from _parts(getattr(node, field.name))
