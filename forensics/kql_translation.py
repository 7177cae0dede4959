"""KQL in, DuckDB's SQL out, and every refusal with its place in the rule's file.

The only module that imports duckdb_kql. It is young and pinned exactly; beside its documented entry points,
its syntax tree is read here to resolve names (see :mod:`forensics.kql_names`).
"""

from __future__ import annotations

import difflib
import re
from datetime import UTC, datetime
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import duckdb_kql
from duckdb_kql.lower import lower
from duckdb_kql.schema import output_columns
from duckdb_kql.translate.functions import AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS

from forensics.errors import RuleError, RuleLocation
from forensics.kql_names import find_unknown_name
from forensics.kql_text import OPERATORS, TokenKind, to_query, tokenize, uses
from forensics.translation import Translation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forensics.kql_names import Columns, UnknownName
    from forensics.kql_text import Query, Token

ONLINE: Final = {
    "externaldata": "it reads from the network",
    "external_data": "it reads from the network",
    "FileProfile": "only Defender's cloud has it",
    "SeenBy": "only Defender's cloud has it",
    "DeviceFromIP": "only Defender's cloud has it",
}
"""What an offline engine can never run, and why."""

NOT_BUILT: Final = frozenset(
    {
        *(
            "DeviceNetworkInfo",
            "DeviceFileCertificateInfo",
            "AlertInfo",
            "AlertEvidence",
            "IdentityLogonEvents",
            "IdentityInfo",
        ),
        *("IdentityQueryEvents", "IdentityDirectoryEvents", "EmailEvents", "EmailAttachmentInfo"),
        *("EmailUrlInfo", "EmailPostDeliveryEvents", "UrlClickEvents", "CloudAppEvents", "BehaviorInfo"),
        *("BehaviorEntities", "SecurityEvent", "Event", "SigninLogs", "AADSignInEventsBeta"),
    }
)
"""Tables that Defender or Sentinel has and that no evidence is turned into: no slip of the pen."""

SENTINEL: Final = {"TimeGenerated": "It is Sentinel's name; Defender's is Timestamp"}
"""Columns that other people's rules read under another product's name, and what to do."""

_NO_CLOCK: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Stands for "no moment was given": a query that asks for it is refused."""

ORDER_SENSITIVE: Final = frozenset(
    {
        *("take", "limit", "top", "sort", "order", "sample", "serialize", "mv-expand"),
        *("arg_min", "arg_max", "argmin", "argmax", "any", "anyif", "take_any", "take_anyif"),
        *(
            "make_list",
            "make_list_if",
            "makelist",
            "make_set",
            "make_set_if",
            "makeset",
            "make_bag",
            "make_bag_if",
        ),
        *("row_number", "row_cumsum", "row_rank_dense", "row_rank_min", "prev", "next"),
        *("sum", "sumif", "avg", "avgif", "stdev", "stdevif", "variance", "varianceif"),
        *("percentile", "percentiles", "percentilew", "percentilesw"),
    }
)
"""Names whose result may depend on the order in which rows arrive, which several threads leave to chance."""

_ORDERS: Final = ("Sort", "Top")
_SHUFFLES: Final = ("Join", "Lookup", "Union", "Summarize", "Distinct", "Count", "MvExpand")
_SECTION: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def translate(
    text: str, name: str, tables: Mapping[str, Columns], query_now: datetime | None = None
) -> Translation:
    """Translate ``text``, the KQL of the file ``name``, over ``tables`` (their columns by name).

    ``query_now`` is what ``now()`` gives. Raises RuleError for what is no KQL, for tables and columns that
    are not there, and for what an offline engine cannot run.
    """
    query = to_query(text, name)
    tokens = tokenize(text)
    _refuse_what_is_online(query, tokens)
    try:
        tree = lower(query.parsed)
        _refuse_unknown_names(tree, query, tokens, tables)
        schema = {table: list(columns) for table, columns in tables.items()}
        moment = _NO_CLOCK if query_now is None else query_now
        result = duckdb_kql.to_sql(query.parsed, schema, query_now=moment)
    except duckdb_kql.KqlSyntaxError as error:
        raise _syntax_error(query, tokens, error) from error
    except duckdb_kql.KqlUnsupportedError as error:
        raise _unsupported(query, tokens, error) from error
    except duckdb_kql.KqlSchemaError as error:
        raise _schema_error(query, tokens, error) from error
    except RecursionError as error:
        raise RuleError(RuleLocation(name), "the query is nested too deeply", "Split it with let") from error
    _refuse_the_wall_clock(query, tokens, result.parameters)
    sensitive = any(token.text in ORDER_SENSITIVE for token in tokens if token.kind is TokenKind.NAME)
    return Translation(str(result), MappingProxyType(dict(result.parameters)), _is_ordered(tree), sensitive)


def _refuse_what_is_online(query: Query, tokens: tuple[Token, ...]) -> None:
    if tokens and tokens[0].text == ".":
        reason = "a management command is no query"
        raise RuleError(query.location(tokens[0].start), reason, "Begin with the name of a table")
    for token in tokens:
        if token.kind is TokenKind.NAME and token.text in ONLINE:
            reason = f"{token.text} cannot be run offline: {ONLINE[token.text]}"
            raise RuleError(query.location(token.start), reason, "Take this part out of the rule")


def _refuse_the_wall_clock(query: Query, tokens: tuple[Token, ...], parameters: Mapping[str, object]) -> None:
    if _NO_CLOCK.replace(tzinfo=None) in parameters.values():
        token = next((each for each in tokens if each.text in ("ago", "now")), None)
        reason = "the query asks what time it is, and evidence has no now"
        remedy = "Name two moments instead, or begin with: set query_now = datetime(2025-01-31);"
        raise RuleError(query.location(token.start if token else 0), reason, remedy)


def _refuse_unknown_names(
    tree: Any,  # noqa: ANN401 - the parser's tree has no types
    query: Query,
    tokens: tuple[Token, ...],
    tables: Mapping[str, Columns],
) -> None:
    unknown = find_unknown_name(tree, tables, _columns_of)
    if unknown is not None:
        raise _unknown_name(query, tokens, unknown)


def _columns_of(tree: Any, tables: Mapping[str, Columns]) -> Columns | None:  # noqa: ANN401 - as above
    try:
        return tuple(output_columns(tree, {table: list(columns) for table, columns in tables.items()}))
    except duckdb_kql.KqlError:
        # Columns that only the data can tell; the engine's own binder has the last word on them.
        return None


def _unknown_name(query: Query, tokens: tuple[Token, ...], unknown: UnknownName) -> RuleError:
    places = uses(tokens, unknown.name)
    location = query.location(places[min(unknown.ordinal, len(places) - 1)].start if places else 0)
    if not unknown.is_table:
        reason = f"there is no column {unknown.name!r} here{_near(unknown.name, unknown.known)}"
        return RuleError(location, reason, SENTINEL.get(unknown.name, "Names of columns are case-sensitive"))
    if unknown.name in NOT_BUILT:
        reason = f"no evidence is turned into the table {unknown.name}"
    else:
        reason = f"there is no table {unknown.name!r}{_near(unknown.name, unknown.known)}"
    return RuleError(location, reason, f"The tables are {', '.join(unknown.known)}")


def _syntax_error(query: Query, tokens: tuple[Token, ...], error: duckdb_kql.KqlSyntaxError) -> RuleError:
    remedy = "Mend the query; the Kusto reference has the grammar"
    for bar, word in pairwise(tokens):
        if bar.text == "|" and word.kind is TokenKind.NAME and word.text not in OPERATORS:
            reason = f"there is no operator {word.text!r}{_near(word.text, OPERATORS)}"
            return RuleError(query.location(word.start), reason, remedy)
    if not error.diagnostics:
        return RuleError(RuleLocation(query.name), str(error), remedy)
    first = error.diagnostics[0]
    offset = query.parsed_offset(first.span.line, first.span.column)
    reason = first.message.partition(" expecting {")[0].replace("<EOF>", "the end of the query")
    return RuleError(query.location(offset), f"not KQL: {reason}", remedy)


def _unsupported(query: Query, tokens: tuple[Token, ...], error: duckdb_kql.KqlUnsupportedError) -> RuleError:
    kind, _, construct = error.construct.rpartition(":")
    spelled = _spelling(construct)
    known = tuple({**SCALAR_FUNCTIONS, **AGGREGATE_FUNCTIONS}) if kind in ("function", "aggregate") else ()
    if error.span is not None:
        offset = query.parsed_offset(error.span.line, error.span.column)
    else:
        offset = next((each.start for each in tokens if each.text == spelled), 0)
    hint = f" ({error.hint})" if error.hint and "this wave" not in error.hint else ""
    reason = f"the engine cannot run {spelled!r}{hint}{_near(spelled, known)}"
    return RuleError(query.location(offset), reason, "Say it with other operators or functions")


def _spelling(construct: str) -> str:
    """Return ``ProjectReorderOperator``, as the grammar has it, as ``project-reorder``, as one writes it."""
    name = re.sub(r"(Operator|Expression)$", "", construct)
    return construct if name == construct else _SECTION.sub("-", name).lower()


def _schema_error(query: Query, tokens: tuple[Token, ...], error: duckdb_kql.KqlSchemaError) -> RuleError:
    offset = next((each.start for each in tokens if each.text == error.name), 0)
    hint = f": {error.hint}" if error.hint else ""
    return RuleError(query.location(offset), f"{error.name!r} is not clear{hint}", "Rename or define it")


def _is_ordered(tree: Any) -> bool:  # noqa: ANN401 - as above
    kinds = [type(each).__name__ for each in tree.operators]
    last = next((each for each in reversed(kinds) if each in _ORDERS + _SHUFFLES), "")
    return last in _ORDERS


def _near(name: str, known: tuple[str, ...]) -> str:
    near = () if name in known else difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""
