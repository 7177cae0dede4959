"""report.html: the case for people to read, one file, the same bytes for the same evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.report.case_facts import machine_facts
from forensics.report.html_machine import machine_sections
from forensics.report.html_picture import legend, picture
from forensics.report.html_rows import rows_document, static_rows
from forensics.report.html_sources import sources
from forensics.report.html_summary import answers, headline
from forensics.report.html_template import fill
from forensics.report.html_text import has_secret
from forensics.report.html_trees import install_trees
from forensics.report.inbound_session import inbound_sessions
from forensics.report.verbatim import escape_row

if TYPE_CHECKING:
    from typing import TextIO

    from forensics.pipeline import Analysis

REPORT_NAME = "report.html"


def write_report(analysis: Analysis, stream: TextIO) -> None:
    """Write the report of ``analysis`` to ``stream``, opened with ``newline=""`` and UTF-8."""
    stream.write(report(analysis))


def report(analysis: Analysis) -> str:
    """Return the page. It holds nothing of this run: no clock, no path of this computer."""
    rows = analysis.rows
    sessions = inbound_sessions(rows)
    machines = machine_facts(analysis)
    drawn = picture(analysis, sessions)
    shown = static_rows(rows)
    return fill(
        {
            "headline": headline(machines, analysis),
            "answers": answers(machines, analysis),
            "machines": machine_sections(machines, analysis),
            "picture": drawn,
            "legend": legend(drawn.kinds),
            "trees": install_trees(analysis),
            "rows": [escape_row(row) for row in shown],
            "row_count": len(rows),
            "left_out": analysis.left_out,
            "has_secrets": any(has_secret(row.message) or has_secret(row.command_line) for row in rows),
            "document": rows_document(rows, drawn, sessions),
            "sources": sources(analysis),
        }
    )
