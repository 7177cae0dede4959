"""``verify``: whether a case is as it was made, and whether its evidence leads to it again.

Nothing is written into the case folder or the evidence. Copies out of archives and the second analysis are
in a private folder, in the one that ``work`` names or else in the system's for temporary files, and removed.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from forensics.arguments import UsageError
from forensics.case_folder import RUN_NAME
from forensics.check import Check, Status
from forensics.errors import RuleError
from forensics.evidence_check import check_evidence, match_evidence
from forensics.folder_check import (
    check_audit,
    check_manifest,
    check_run,
    check_signing,
    check_timeline,
    check_tool,
    read_run,
)
from forensics.recorded_request import RecordError
from forensics.report.audit import AUDIT_NAME
from forensics.report.json_document import to_json
from forensics.report.manifest import MANIFEST_NAME
from parsers.evidence.archive_limits import ArchiveLimits
from parsers.evidence.discovery import Opening
from parsers.evidence.spool import Spool
from parsers.evidence.volume_keys import VolumeKeys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.evidence_check import Matched
    from forensics.request import NamedEvidence

_WIDTH: Final = max(len(each) for each in Status)


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """What is asked of one case folder.

    ``evidence`` is what is at hand of its evidence; ``rederive`` asks for a second analysis of it.
    ``expected`` is the digest of SHA256SUMS that the examiner noted, ``public_key`` who is to have signed.
    """

    case: Path
    evidence: tuple[NamedEvidence, ...] = ()
    rederive: bool = False
    work: Path | None = None
    expected: str | None = None
    public_key: Path | None = None
    password: str | None = field(default=None, repr=False)
    keys: VolumeKeys = field(default_factory=VolumeKeys)
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Verification:
    """All checks, in order; ``manifest_sha256`` is what the examiner's statement must say."""

    checks: tuple[Check, ...]
    manifest_sha256: str

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return not any(each.status is Status.FAILED for each in self.checks)

    def to_text(self) -> str:
        """Return one line a check, or a line for each of its problems, and the manifest's digest."""
        lines = [
            f"{each.status:<{_WIDTH}}  {each.name}: {text}"
            for each in self.checks
            for text in each.problems or (each.text,)
        ]
        lines.append(f"{MANIFEST_NAME} sha256: {self.manifest_sha256 or 'there is none'}")
        return "".join(f"{line}\n" for line in lines)

    def to_json(self) -> str:
        """Return the same for scripts."""
        checks = [
            {
                "name": each.name,
                "status": each.status.value,
                "text": "" if each.problems else each.text,
                "problems": list(each.problems),
            }
            for each in self.checks
        ]
        return to_json({"ok": self.ok, "manifest_sha256": self.manifest_sha256, "checks": checks}, indent=2)


def verify(request: VerifyRequest) -> Verification:
    """Carry out every check that was asked for.

    Raises UsageError where ``case`` is no case folder or the evidence cannot be told apart, and OSError.
    """
    case = request.case
    if not any((case / name).is_file() for name in (RUN_NAME, MANIFEST_NAME, AUDIT_NAME)):
        raise UsageError(f"{case}: is no case folder. Name the --output of an analysis")
    if request.rederive and not request.evidence:
        raise UsageError("--rederive reads the evidence again. Give it with --evidence")
    manifest, digest = check_manifest(case, request.expected)
    run, unreadable = read_run(case)
    checks = [manifest, *check_signing(case, run, request.public_key), check_audit(case)]
    checks += [unreadable] if unreadable is not None else []
    if run is not None:
        checks += [check_run(case, run), check_tool(run), check_timeline(case, run)]
    checks += _of_evidence(request, run)
    return Verification(tuple(checks), digest)


def _of_evidence(request: VerifyRequest, run: dict[str, Any] | None) -> Iterator[Check]:
    if not request.evidence:
        yield Check("evidence", "not looked at: give it with --evidence NAME=PATH", noted=True)
        return
    if run is None:
        yield Check("evidence", "", (f"{RUN_NAME} does not say what it was",))
        return
    try:
        matched = match_evidence(request.evidence, run)
        yield from _checked_in_private(request, run, matched)
    except RecordError as error:
        yield Check("evidence", "", (str(error),))


def _checked_in_private(
    request: VerifyRequest, run: dict[str, Any], matched: Sequence[Matched]
) -> Iterator[Check]:
    """Check the evidence, and analyze it again where that is asked for, with a private folder to write to."""
    _refuse_work_in(request)
    yield from _keys_not_given(request, run)
    with ExitStack() as stack:
        private = Path(
            stack.enter_context(TemporaryDirectory(prefix="rustdesk-forensics-", dir=request.work))
        )
        with Spool(private) as spool:
            opening = Opening(spool, _limits(run), request.password, request.keys)
            for each in matched:
                yield check_evidence(each, run, opening)
        if request.rederive:
            yield _second_analysis(request, run, matched, private / "case")


def _keys_not_given(request: VerifyRequest, run: dict[str, Any]) -> Iterator[Check]:
    """Note what opened the evidence when the case was made, and was not given now."""
    how = run.get("request")
    how = how if isinstance(how, dict) else {}
    if how.get("password_given") and request.password is None:
        yield Check("password", "the case was made with --password; give it again", noted=True)
    if how.get("volume_keys_given") and request.keys == VolumeKeys():
        yield Check("keys", "the case was made with --bitlocker-key; give it again", noted=True)


def _second_analysis(
    request: VerifyRequest, run: dict[str, Any], matched: Sequence[Matched], output: Path
) -> Check:
    from forensics.rederivation import rederive, to_second_request  # noqa: PLC0415 - slow to import
    from forensics.summary import progress  # noqa: PLC0415 - likewise

    try:
        second = to_second_request(request.case, run, matched, output)
    except (RecordError, RuleError) as error:
        return Check("second analysis", "", (str(error),))
    second = replace(second, password=request.password, keys=request.keys, workers=request.workers)
    return rederive(request.case, run, matched, second, progress(show=True))


def _limits(run: dict[str, Any]) -> ArchiveLimits:
    try:
        return ArchiveLimits(**run["request"]["archive_limits"])
    except (KeyError, TypeError):
        return ArchiveLimits()


def _refuse_work_in(request: VerifyRequest) -> None:
    """Raise UsageError where the private folder would lie in the case or in the evidence."""
    if request.work is None:
        return
    work = Path(os.path.realpath(request.work))
    for kept in (request.case, *(each.path for each in request.evidence)):
        if work.is_relative_to(os.path.realpath(kept)):
            raise UsageError(f"--work {request.work}: lies in {kept}, which is not written to. Name another")
    if not work.is_dir():
        raise UsageError(f"--work {request.work}: there is no such folder. Name one that is there")
