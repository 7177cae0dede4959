"""A case made again from its evidence, and every file that must be the same compared to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from forensics.case_folder import RUN_NAME
from forensics.check import Check
from forensics.errors import ForensicsError
from forensics.evidence_check import with_label
from forensics.first_difference import first_difference
from forensics.pipeline import analyze
from forensics.recorded_request import evidence_of, to_request
from forensics.report.audit import AUDIT_NAME
from forensics.report.manifest import MANIFEST_NAME, SIGNATURE_NAMES
from forensics.report.verbatim import escape_unambiguously
from forensics.timeline_row import SCHEMA_VERSION
from parsers.errors import ParserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from forensics.evidence_check import Matched
    from forensics.reading import Progress
    from forensics.request import Request

DIFFER_BY_RUN: Final = frozenset({RUN_NAME, AUDIT_NAME, MANIFEST_NAME, *SIGNATURE_NAMES})
"""The files that tell of one run: they are not compared."""

_NAME: Final = "second analysis"


def rederive(
    case: Path, run: Mapping[str, Any], matched: Sequence[Matched], request: Request, progress: Progress
) -> Check:
    """Analyze the evidence as ``case`` was, into the output of ``request``, and compare.

    ``request`` is :func:`to_second_request`'s.
    """
    if problem := _not_comparable(run, matched):
        return Check(_NAME, "", (problem,))
    try:
        again = analyze(request, progress).output
    except (ForensicsError, ParserError) as error:
        return Check(_NAME, "", (escape_unambiguously(f"cannot be made: {error}"),))
    problems = tuple(_differences(case, again))
    count = len(_files(case))
    return Check(_NAME, f"{count} files are the same to the byte", problems)


def to_second_request(
    case: Path, run: Mapping[str, Any], matched: Sequence[Matched], output: Path
) -> Request:
    """Return the request that makes ``case`` again. Raises RecordError and RuleError."""
    return to_request(case, run, [with_label(each) for each in matched], output)


def _not_comparable(run: Mapping[str, Any], matched: Sequence[Matched]) -> str:
    if run.get("schema") != SCHEMA_VERSION:
        return (
            f"not comparable: the case has schema {run.get('schema')}, this program writes {SCHEMA_VERSION}. "
            "Install the version of rustdesk-forensics that made it"
        )
    at_hand = {each.recorded.evidence_id for each in matched}
    absent = [each.evidence_id for each in evidence_of(run) if each.evidence_id not in at_hand]
    return f"not made: give all evidence of the case; {', '.join(absent)} is not at hand" if absent else ""


def _differences(case: Path, again: Path) -> Iterator[str]:
    ours, theirs = _files(case), _files(again)
    for name in sorted(ours.keys() | theirs.keys()):
        shown = escape_unambiguously(name)
        if name not in theirs:
            yield f"{shown}: the second analysis has no such file"
        elif name not in ours:
            yield f"{shown}: only the second analysis has this file"
        elif (place := first_difference(ours[name], theirs[name])) is not None:
            yield f"{shown}: {place}"


def _files(folder: Path) -> dict[str, Path]:
    """Return the files that must be the same, by their path in the folder; links are not followed."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path for name, path in found.items() if name not in DIFFER_BY_RUN and not path.is_symlink()}
