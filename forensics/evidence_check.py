"""Checks of the evidence that a case was made of: hashed again, and named what is not as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from forensics.arguments import UsageError
from forensics.check import Check
from forensics.recorded_request import RecordError, evidence_of
from forensics.report.verbatim import escape_unambiguously
from parsers.errors import EvidenceError
from parsers.evidence.evidence import open_evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from forensics.recorded_request import RecordedEvidence
    from forensics.request import NamedEvidence
    from parsers.evidence.discovery import Opening
    from parsers.evidence.evidence import Evidence, HashedContainer


class Matched(NamedTuple):
    """Evidence that is at hand, and as what it stands in the case."""

    recorded: RecordedEvidence
    evidence: NamedEvidence


def match_evidence(given: Sequence[NamedEvidence], run: Mapping[str, Any]) -> tuple[Matched, ...]:
    """Return which evidence of the case each of ``given`` is: by its name or its path, or the only one.

    Raises UsageError where that cannot be told, or one is given twice; and RecordError.
    """
    recorded = evidence_of(run)
    matched = tuple(Matched(_recorded(each, recorded), each) for each in given)
    ids = [each.recorded.evidence_id for each in matched]
    twice = next((each for each in ids if ids.count(each) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} is given twice. Give each evidence once, as NAME=PATH")
    return matched


def check_evidence(matched: Matched, run: Mapping[str, Any], opening: Opening) -> Check:
    """Hash the evidence again and compare it, file by file, with what run.json recorded."""
    evidence_id, path = matched.recorded.evidence_id, matched.evidence.path
    name = f"evidence {escape_unambiguously(evidence_id)}"
    try:
        found = open_evidence(path, evidence_id, opening, opening.on_bytes)
    except EvidenceError as error:
        return Check(name, "", (escape_unambiguously(str(error)),))
    except OSError as error:
        return Check(name, "", (escape_unambiguously(f"{path}: {error.strerror}"),))
    entry = next(each for each in run["inputs"] if each["evidence_id"] == evidence_id)
    try:
        problems = tuple(map(escape_unambiguously, _differences(entry, found)))
    except (KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"run.json does not say what {evidence_id} was") from error
    return Check(name, _what_holds(found), problems)


def with_label(matched: Matched) -> NamedEvidence:
    """Return the evidence under the label that it had when the case was made."""
    return replace(matched.evidence, label=matched.recorded.label)


def _recorded(given: NamedEvidence, recorded: Sequence[RecordedEvidence]) -> RecordedEvidence:
    names = ", ".join(each.evidence_id for each in recorded)
    if given.label is not None:
        found = next((each for each in recorded if given.label in {each.evidence_id, each.label}), None)
        if found is None:
            raise UsageError(f"--evidence {given.label}: the case has no such evidence. It has {names}")
        return found
    if len(recorded) == 1:
        return recorded[0]
    same = [each for each in recorded if each.path == given.path.absolute()]
    same = same or [each for each in recorded if each.path.name == given.path.name]
    if len(same) != 1:
        raise UsageError(f"--evidence {given.path}: which one is it? Write NAME=PATH; the case has {names}")
    return same[0]


def _differences(entry: Mapping[str, Any], found: Evidence) -> Iterator[str]:
    """Give what differs, containers before the files inside of them."""
    recorded = {each["path"]: each for each in entry["containers"]}
    present = {each.path: each for each in found.containers}
    for path in dict.fromkeys((*recorded, *present)):
        yield from _container(path, recorded.get(path), present.get(path))
    before = {each["path"]: each["sha256_before"] for each in entry["artifacts"]}
    now = {each.path: each.sha256 for each in found.artifacts}
    for path in sorted(before.keys() | now.keys()):
        if path not in now:
            yield f"{path}: is not there any more, or cannot be read"
        elif path not in before:
            yield f"{path}: was not there, or could not be read, when the case was made"
        elif before[path] != now[path]:
            yield f"{path}: was sha256 {before[path]}, is {now[path]}"


def _container(
    path: str, recorded: Mapping[str, Any] | None, present: HashedContainer | None
) -> Iterator[str]:
    if recorded is None or present is None:
        when = "is there now" if recorded is None else "was there"
        yield f"{path or 'the evidence itself'}: an archive or image that only {when}"
        return
    files = recorded["files"]
    if len(files) != len(present.files):
        yield f"{present.name}: was {len(files)} files, is {len(present.files)}"
    for before, now in zip(files, present.files, strict=False):
        if before["sha256_before"] != now.sha256:
            yield f"{now.path.name}: was sha256 {before['sha256_before']}, is {now.sha256}"
    ewf = present.ewf
    if ewf is not None and not ewf.ok and (ewf.stored_md5 or ewf.stored_sha1):
        yield f"{present.name}: {ewf.problem}"


def _what_holds(found: Evidence) -> str:
    count = len(found.artifacts)
    text = f"{count} {'artifact has its' if count == 1 else 'artifacts have their'} recorded digest"
    text += "s" if count != 1 else ""
    if found.containers:
        text += f", and {sum(len(each.files) for each in found.containers)} files of archives and images"
    for each in found.containers:
        if each.ewf is not None and each.ewf.ok:
            hashes = {"MD5": each.ewf.stored_md5, "SHA-1": each.ewf.stored_sha1}
            stored = ", ".join(f"{name} {value}" for name, value in hashes.items() if value)
            text += f"; {escape_unambiguously(each.name)} stores {stored}, which its disk has"
    return text
