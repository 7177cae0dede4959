"""The shipped rule as its text says, in a form that can be read.

Its join asks for the same device alone, so every process row is repeated once for each image load of its
device that passes the path filter, and stays once where none does. What it results in is therefore each
distinct row with a multiplicity: the same bag, folded up. The pieces of the folded query are cut out of the
rule's own text and never written anew; that the bags are equal is tested, and the sum of the multiplicities
is counted with the unchanged text at every run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from forensics.errors import RuleDisagreement, RuleError, RuleLocation
from forensics.rule import shipped_rules

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.rule import Rule
    from forensics.rule_engine import KqlEngine

RULE_ID: Final = "rustdesk_execution"

_SHAPE: Final = re.compile(
    r"(?P<processes>.+?)\n\| join kind=leftouter \((?P<loads>.+?)\n\) on DeviceId"
    r"\n\| project (?P<columns>[^|]+)",
    re.DOTALL,
)

_FOLDED: Final = """
let Processes = {processes};
let Loads = {loads};
Processes
| join kind=leftouter (
    Loads
    | summarize LoadsOfDevice = count() by DeviceId
) on DeviceId
| extend Copies = iff(isnull(LoadsOfDevice), 1, LoadsOfDevice)
| summarize Multiplicity = sum(Copies) by {columns}
"""


class RuleResult(NamedTuple):
    """A distinct row of the shipped rule, as it projects it, and how often the rule as written gives it.

    ``timestamp`` is in microseconds since 1970-01-01 UTC, as the event table has it.
    """

    timestamp: int
    device_name: str
    file_name: str
    process_command_line: str
    folder_path: str
    report_id: int
    multiplicity: int


def shipped_rule() -> Rule:
    """Return the shipped rule, its query byte for byte."""
    return next(rule for rule in shipped_rules() if rule.rule_id == RULE_ID)


def rule_results(engine: KqlEngine) -> tuple[RuleResult, ...]:
    """Return the distinct rows of the shipped rule, in order of time, then of the other columns.

    Raises RuleDisagreement where the multiplicities do not add up to the rows of the unchanged rule.
    """
    rule = shipped_rule()
    table = engine.run(folded_query(rule), rule.path)
    # As whole numbers: a time may lie beyond what a datetime can hold, and a sum comes as a decimal.
    whole = {"Timestamp", "Multiplicity"}
    cells = [
        table.column(name).cast(pa.int64()).to_pylist() if name in whole else table.column(name).to_pylist()
        for name in table.column_names
    ]
    results = tuple(RuleResult._make(row) for row in zip(*cells, strict=True))
    _check_sum(results, count_rows(engine, rule))
    return results


def folded_query(rule: Rule) -> str:
    """Return KQL for the distinct rows of ``rule``, which is of the shipped one's shape, and Multiplicity."""
    match = _SHAPE.fullmatch(rule.query.strip())
    if match is None:
        reason = "the rule is no process filter, left outer join on DeviceId and projection"
        raise RuleError(RuleLocation(rule.path), reason, "Restore the shipped rule")
    pieces = {name: text.strip() for name, text in match.groupdict().items()}
    return _FOLDED.format(**pieces)


def counted_query(rule: Rule) -> str:
    """Return KQL for how many rows the unchanged text of ``rule`` results in."""
    return f"{rule.query}\n| count"


def count_rows(engine: KqlEngine, rule: Rule) -> int:
    """Return how many rows the unchanged text of ``rule`` results in."""
    count: int = engine.run(counted_query(rule), rule.path).column(0)[0].as_py()
    return count


def expand_rule_bag(engine: KqlEngine, path: Path) -> int:
    """Write every row of the unchanged shipped rule to ``path`` as Parquet; return how many there are.

    Rows go from the engine to the file batch by batch: memory stays flat however many they are. The same
    tables give the same bytes.
    Raises OSError where the file cannot be written.
    """
    rule = shipped_rule()
    rows = 0
    with engine.stream(rule.query, rule.path) as reader, pq.ParquetWriter(path, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _check_sum(results: tuple[RuleResult, ...], counted: int) -> None:
    total = sum(result.multiplicity for result in results)
    if total != counted:
        difference = f"the multiplicities add up to {total} rows, the unchanged rule gives {counted}"
        raise RuleDisagreement((difference,))
