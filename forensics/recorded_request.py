"""What an analysis was asked for, as run.json keeps it, and back: enough to do the same again.

Secrets are not kept, only that there were some. The user's own rules stand verbatim in the folder ``rules``
of the case. Moments are text in UTC to the tick, other times ticks.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from forensics.device_role import DeviceRole, GivenRole
from forensics.errors import ForensicsError
from forensics.request import NamedEvidence, Period, Request
from forensics.rule import read_rule
from parsers import filetime
from parsers.evidence.archive_limits import ArchiveLimits
from parsers.evtx.sweep import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forensics.case_folder import CaseFolder
    from forensics.report.json_document import JsonValue
    from forensics.rule import Rule

RULES_FOLDER: Final = "rules"
"""Where the case folder keeps the user's own rules."""

_DIGITS: Final = 7


class RecordError(ForensicsError):
    """A case folder does not say what an analysis needs to be done again."""


class RecordedEvidence(NamedTuple):
    """One evidence of a case: its id, the label that it was given or None, and where it was."""

    evidence_id: str
    label: str | None
    path: Path


def to_record(request: Request) -> JsonValue:
    """Return what of ``request`` decides over the files that are the same for the same evidence."""
    return {
        "evidence": [{"path": str(each.path), "label": each.label} for each in request.evidence],
        "working_directory": str(Path.cwd()),
        "since": _to_text(request.period.since),
        "until": _to_text(request.period.until),
        "window_ticks": request.window,
        "roles": [asdict(each) for each in request.roles],
        "reader": request.reader.value,
        "recover": request.recover,
        "archive_limits": asdict(request.limits),
        "password_given": request.password is not None,
        "volume_keys_given": len(request.keys.recovery_keys) + len(request.keys.passwords),
        "excel": request.excel,
        "expand_rule_bag": request.expand_rule_bag,
        "signed": request.signer is not None,
        "timestamp_query": request.timestamp_query,
    }


def rule_file(rule: Rule) -> str:
    """Return where the case folder keeps the query of one of the user's own rules."""
    return f"{RULES_FOLDER}/{rule.rule_id}.kql"


def write_rules(folder: CaseFolder, rules: Sequence[Rule]) -> None:
    """Write the user's own rules to the case folder as they were read."""
    for rule in rules:
        with folder.open_text(rule_file(rule)) as stream:
            stream.write(rule.query)
        if rule.description:
            with folder.open_text(f"{RULES_FOLDER}/{rule.rule_id}.toml") as stream:
                stream.write(rule.description)


def evidence_of(run: Mapping[str, Any]) -> tuple[RecordedEvidence, ...]:
    """Return the evidence that a run.json names. Raises RecordError where it cannot be told."""
    try:
        given = run.get("request") or {"evidence": (), "working_directory": ""}
        labels = {each["path"]: each["label"] for each in given["evidence"]}
        folder = Path(given["working_directory"])
        return tuple(
            RecordedEvidence(each["evidence_id"], labels.get(each["path"]), folder / each["path"])
            for each in run["inputs"]
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise RecordError("run.json does not say what evidence the case was made of") from error


def to_request(
    case: Path, run: Mapping[str, Any], evidence: Sequence[NamedEvidence], output: Path
) -> Request:
    """Return the request to analyze ``evidence`` as ``case`` was, whose run.json is ``run``.

    Raises RecordError where the case does not say how, and RuleError where one of its rules is not there.
    """
    try:
        how = run["request"]
        return Request(
            evidence=tuple(evidence),
            output=output,
            rules=tuple(read_rule(case / RULES_FOLDER / Path(each["file"]).name) for each in run["rules"]),
            period=Period(_to_ticks(how["since"]), _to_ticks(how["until"])),
            reader=Reader(how["reader"]),
            recover=how["recover"],
            limits=ArchiveLimits(**how["archive_limits"]),
            excel=how["excel"],
            expand_rule_bag=how["expand_rule_bag"],
            window=how["window_ticks"],
            roles=tuple(
                GivenRole(each["host"], DeviceRole(each["role"]), each["source"]) for each in how["roles"]
            ),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        reason = "run.json does not say how the case was made, so it cannot be made again"
        raise RecordError(f"{reason} ({type(error).__name__}: {error})") from error


def _to_text(ticks: int | None) -> str | None:
    return None if ticks is None else filetime.to_text(ticks, _DIGITS)


def _to_ticks(text: str | None) -> int | None:
    return None if text is None else filetime.from_text(text)
