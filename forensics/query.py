"""``query``: any KQL over the event tables of a case folder, or of evidence that is read for it."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, TextIO

from forensics.case_folder import RUN_NAME
from forensics.case_report import EVENTS_NAME
from forensics.errors import AnalysisError
from forensics.reading import read_evidence
from forensics.report.json_document import to_json
from forensics.report.summary_table import display_width
from forensics.report.table_csv import rows_of, to_text, write_rows_csv
from forensics.report.verbatim import escape
from forensics.request import HowToRead, NamedEvidence
from forensics.rule_engine import KqlEngine
from forensics.store import case_clock
from forensics.summary import troubles
from parsers.evidence.discovery import Opening
from parsers.evidence.spool import Spool
from parsers.evidence.volume_keys import VolumeKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from forensics.report.json_document import JsonValue

NAME: Final = "query"
"""What an error calls the query's text: it stands on the command line, in no file."""

_WIDEST_CELL: Final = 60


def print_rows(  # noqa: PLR0913 - the last two open what is locked
    source: Path,
    kql: str,
    form: str,
    stream: TextIO,
    *,
    password: str | None = None,
    keys: VolumeKeys | None = None,
) -> bool:
    """Print the rows that ``kql`` results in; return whether all evidence could be read.

    ``form`` is ``table`` (cells cut to 60 columns), ``csv`` or ``jsonl`` (verbatim). Raises RuleError with
    line and column, before any evidence is read, where the query is wrong; EvidenceError and AnalysisError
    where there is nothing that could be asked.
    """
    with KqlEngine(query_now=datetime(2000, 1, 1, tzinfo=UTC)) as engine:
        engine.check(kql, NAME)
    with (
        _event_tables(source, password, keys) as (events, complete),
        KqlEngine(events, query_now=case_clock(events)) as engine,
    ):
        table = engine.run(kql, NAME)
    _WRITERS[form](table, stream)
    return complete


@contextmanager
def _event_tables(source: Path, password: str | None, keys: VolumeKeys | None) -> Iterator[tuple[Path, bool]]:
    """Give the folder of the event tables of a case, or of evidence, which is read into a private folder."""
    if (source / EVENTS_NAME).is_dir() and (source / RUN_NAME).is_file():
        yield source / EVENTS_NAME, _was_complete(source / RUN_NAME)
        return
    with TemporaryDirectory(prefix="rustdesk-forensics-") as private:
        with Spool(Path(private)) as spool:
            how = HowToRead(
                Opening(spool, password=password, keys=keys or VolumeKeys()), workers=os.cpu_count() or 1
            )
            read = read_evidence((NamedEvidence(source),), Path(private, EVENTS_NAME), how)
        for trouble in troubles(read):
            sys.stderr.write(f"rustdesk-forensics: {escape(trouble)}\n")
        yield read.events, read.complete


def _was_complete(run: Path) -> bool:
    """Whether the run that made the case folder read all of the evidence, by what its run.json counts.

    Raises AnalysisError where it does not say.
    """
    try:
        counts = json.loads(run.read_text("utf-8"))["counts"]
        return not any(
            counts[name]
            for name in ("artifacts_not_read", "files_unreadable", "damage", "hives_not_replayed")
        )
    except (ValueError, TypeError, KeyError) as error:
        reason = f"{run} does not say what the case's run came to"
        raise AnalysisError(reason, "Analyze the evidence again") from error


def _write_csv(table: pa.Table, stream: TextIO) -> None:
    write_rows_csv(table.column_names, rows_of(table), stream)


def _write_jsonl(table: pa.Table, stream: TextIO) -> None:
    for row in rows_of(table):
        cells = {name: _json(cell) for name, cell in zip(table.column_names, row, strict=True)}
        stream.write(f"{to_json(cells)}\n")


def _json(cell: object) -> JsonValue:
    if cell is None or isinstance(cell, bool | int | str) or (isinstance(cell, float) and isfinite(cell)):
        return cell
    return to_text(cell)


def _write_table(table: pa.Table, stream: TextIO) -> None:
    lines = (table.column_names, *rows_of(table))
    cut = [[_cut(escape(to_text(cell))) for cell in line] for line in lines]
    widths = [max(map(display_width, column)) for column in zip(*cut, strict=True)]
    for line in cut:
        cells = (
            f"{cell}{' ' * (width - display_width(cell))}" for cell, width in zip(line, widths, strict=True)
        )
        stream.write("  ".join(cells).rstrip() + "\n")
    stream.write(f"{table.num_rows:,} {'row' if table.num_rows == 1 else 'rows'}\n")


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST_CELL else f"{text[: _WIDEST_CELL - 1]}…"


_WRITERS: Final = {"table": _write_table, "csv": _write_csv, "jsonl": _write_jsonl}
