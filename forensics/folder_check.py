"""Checks of a case folder by itself: SHA256SUMS, its signature, the audit log, run.json, the timeline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from forensics import VERSION
from forensics.case_folder import RUN_NAME
from forensics.check import Check
from forensics.report.audit import AUDIT_NAME, verify_audit
from forensics.report.json_document import read_json_document
from forensics.report.manifest import MANIFEST_NAME, verify_manifest
from forensics.report.signature import SigningError, check_signature, check_timestamp_query
from forensics.report.verbatim import escape_unambiguously, unescape
from forensics.run_record import digest_of_packages
from forensics.timeline_row import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TIMELINE_NAME: Final = "timeline.jsonl"
_FIRST_EVENT: Final = "analysis started"
_LAST_EVENT: Final = "analysis finished"
_WRONG_FORM: Final = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What walking through a document raises that is not of the form that it was written in."""

Run = dict[str, Any]


def check_manifest(case: Path, expected: str | None) -> tuple[Check, str]:
    """Compare the folder with its SHA256SUMS, and that with the digest in the examiner's notes.

    Returns the manifest's own digest too, ``""`` where there is none.
    """
    found = verify_manifest(case)
    problems = [
        *found.faults,
        *(f"{each}: is missing" for each in found.missing),
        *(f"{each}: is not listed in {MANIFEST_NAME}" for each in found.extra),
        *(
            f"{each}: is not as {MANIFEST_NAME} lists it; one of the two was changed"
            for each in found.changed
        ),
        *(f"{each}: cannot be read" for each in found.unreadable),
    ]
    if expected is not None and found.sha256 != expected.strip().lower():
        problems.append(f"{MANIFEST_NAME}: its digest is not {expected.strip().lower()}")
    return Check("manifest", f"every file is as {MANIFEST_NAME} lists it", tuple(problems)), found.sha256


def check_signing(case: Path, run: Run | None, public_key: Path | None) -> Iterator[Check]:
    """Check the signature of SHA256SUMS and the request for a time stamp, where there are any."""
    asked = _member(run, "request")
    try:
        yield _signature(case, public_key, was_signed=bool(_member(asked, "signed")))
    except SigningError as error:
        yield Check("signature", "", (str(error),))
    try:
        present, problems = check_timestamp_query(case)
    except SigningError as error:
        present, problems = True, (str(error),)
    if not present and _member(asked, "timestamp_query"):
        problems = (f"the case was made with a time stamp's request, and {MANIFEST_NAME}.tsq is missing",)
    if present or problems:
        yield Check("time stamp request", f"it is over the digest of this {MANIFEST_NAME}", problems)


def check_audit(case: Path) -> Check:
    """Compute the audit log's chain anew, and see that it goes from the start of the run to its end."""
    path = case / AUDIT_NAME
    try:
        fault = verify_audit(path)
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        return Check("audit log", "", (f"{AUDIT_NAME}: {error.strerror}",))
    if fault is not None:
        return Check("audit log", "", (f"{AUDIT_NAME}: {fault}",))
    text = f"{len(lines)} lines, each bound to the line before, from the start of the run to its end"
    return Check("audit log", text, tuple(_ends(lines)))


def read_run(case: Path) -> tuple[Run | None, Check | None]:
    """Return run.json, or a check that says why it cannot be read."""
    try:
        run = read_json_document(case / RUN_NAME)
    except OSError as error:
        return None, Check("run record", "", (f"{RUN_NAME}: {error.strerror}",))
    except ValueError as error:
        return None, Check("run record", "", (f"{RUN_NAME}: is no JSON: {escape_unambiguously(str(error))}",))
    if not isinstance(run, dict):
        return None, Check("run record", "", (f"{RUN_NAME}: is no JSON object",))
    return run, None


def check_run(case: Path, run: Run) -> Check:
    """See that run.json and the audit log tell of the same evidence, and that it did not change meanwhile."""
    try:
        problems = list(_disagreements(case, run))
        if run["inputs_unchanged"] is not True:
            problems.append(f"{RUN_NAME}: evidence changed while the case was made")
    except _WRONG_FORM:
        problems = [f"{RUN_NAME}: does not say what it must say of the evidence"]
    except OSError as error:
        problems = [f"{AUDIT_NAME}: {error.strerror}"]
    return Check("run record", "it and the audit log tell of the same evidence, unchanged", tuple(problems))


def check_tool(run: Run) -> Check:
    """Say whether the case was made by this very program; another version is no fault of the case."""
    tool, schema = _member(run, "tool"), run.get("schema")
    made = f"{_member(tool, 'version')} (sha256 {str(_member(tool, 'sha256'))[:16]}…)"
    if schema != SCHEMA_VERSION:
        text = f"made by version {made} with schema {schema}; this program writes schema {SCHEMA_VERSION}"
        return Check("program", escape_unambiguously(text), noted=True)
    own = f"{VERSION} (sha256 {digest_of_packages()[:16]}…)"
    if own == made:
        return Check("program", f"made by this very program, version {made}")
    return Check(
        "program", escape_unambiguously(f"made by version {made}; this is version {own}"), noted=True
    )


def check_timeline(case: Path, run: Run) -> Check:
    """See that the rows are numbered from 1, and rest on files that run.json gives with these digests."""
    try:
        known = {
            (each["evidence_id"], file["path"]): file["sha256_before"]
            for each in run["inputs"]
            for file in each["artifacts"]
        }
        with (case / TIMELINE_NAME).open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if problem := _wrong_row(json.loads(line), number, known):
                    return Check("timeline", "", (f"{TIMELINE_NAME}: line {number}: {problem}",))
    except OSError as error:
        return Check("timeline", "", (f"{TIMELINE_NAME}: {error.strerror}",))
    except _WRONG_FORM:
        return Check(
            "timeline", "", (f"{TIMELINE_NAME} or {RUN_NAME}: is not of the form that it must have",)
        )
    return Check("timeline", f"every row rests on a file whose digest is in {RUN_NAME}")


def _signature(case: Path, public_key: Path | None, *, was_signed: bool) -> Check:
    found = check_signature(case, public_key)
    problems = found.problems
    if not found.signed and not problems:
        if not was_signed:
            return Check("signature", f"{MANIFEST_NAME} is not signed", noted=True)
        problems = (f"the case was made with --sign, and {MANIFEST_NAME}.sig is missing",)
    text = f"good, by the key with sha256 {found.key}"
    if found.beside:
        text += ", which lies beside the output and so proves nothing about who ran it; give --public-key"
    return Check("signature", text, tuple(map(escape_unambiguously, problems)))


def _ends(lines: list[bytes]) -> Iterator[str]:
    """Give what is wrong with the first and the last line, which a chain alone cannot tell."""
    first, last = json.loads(lines[0]).get("event"), json.loads(lines[-1]).get("event")
    if first != _FIRST_EVENT:
        yield f"{AUDIT_NAME}: line 1: the log does not begin with {_FIRST_EVENT!r}"
    if last != _LAST_EVENT:
        said = escape_unambiguously(str(last))
        yield f"{AUDIT_NAME}: line {len(lines)}: the log ends with {said!r}, so lines were cut off its end"


def _disagreements(case: Path, run: Run) -> Iterator[str]:
    """Give the evidence of which run.json and the audit log do not say the same."""
    recorded = {
        each["evidence_id"]: {file["path"]: file["sha256_before"] for file in each["artifacts"]}
        for each in run["inputs"]
    }
    opened = {each["evidence_id"]: each for each in _details(case, "evidence opened")}
    for evidence_id in dict.fromkeys((*recorded, *opened)):
        logged = opened.get(evidence_id, {"artifacts": []})
        noted = {file["path"]: file["sha256"] for file in logged["artifacts"]}
        own = recorded.get(evidence_id, {})
        differing = sorted(path for path in own.keys() | noted.keys() if own.get(path) != noted.get(path))
        for path in map(escape_unambiguously, differing):
            yield f"{RUN_NAME}: {evidence_id}: {path}: not the digest that {AUDIT_NAME} has"
        if evidence_id not in recorded or evidence_id not in opened:
            yield f"{escape_unambiguously(evidence_id)}: is in only one of {RUN_NAME} and {AUDIT_NAME}"


def _details(case: Path, event: str) -> Iterator[Any]:
    for line in (case / AUDIT_NAME).read_bytes().splitlines():
        entry = json.loads(line)
        if entry["event"] == event:
            yield _unescaped(entry["details"])


def _unescaped(value: Any) -> Any:  # noqa: ANN401 - JSON
    match value:
        case str():
            return unescape(value)
        case list():
            return [_unescaped(each) for each in value]
        case dict():
            return {key: _unescaped(each) for key, each in value.items()}
        case _:
            return value


def _wrong_row(row: Run, number: int, known: Mapping[tuple[str, str], str]) -> str:
    if row["row"] != number:
        return f"it is row {row['row']}"
    path = unescape(row["source_path"])
    digest = known.get((unescape(row["evidence_id"]), path))
    if digest is None:
        return f"its file {row['source_path']} is not in {RUN_NAME}"
    return "" if digest == row["source_sha256"] else f"its file's digest is not the one in {RUN_NAME}"


def _member(document: object, name: str) -> object:
    return document.get(name) if isinstance(document, dict) else None
