"""What was typed on the command line, to a request that can be carried out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from forensics.device_role import parse_role, read_assets
from forensics.errors import ForensicsError
from forensics.expected_digest import parse_expected
from forensics.report.signature import read_signer, require_timestamp_query
from forensics.request import NamedEvidence, Period, Request
from forensics.rule import read_rule
from parsers import filetime
from parsers.evidence.archive_limits import ArchiveLimits
from parsers.evidence.volume_keys import VolumeKeys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics.report.signature import Signer
    from parsers.evtx.sweep import Reader

_LABEL: Final = re.compile(r"[\w.-]{1,64}")
SECRET_OPTIONS: Final = frozenset({"--password", "--bitlocker-key"})
_WINDOW: Final = re.compile(r"(\d{1,6})\s*([smhd])", re.IGNORECASE)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class UsageError(ForensicsError):
    """The command line asks for something that cannot be done; the message says what to type instead."""


def to_request(  # noqa: PLR0913 - one parameter an option
    *,
    evidence: Sequence[str],
    output: Path,
    rules: Sequence[Path],
    since: str | None,
    until: str | None,
    reader: Reader,
    workers: int,
    recover: bool,
    password: str | None,
    volume_keys: Sequence[str],
    archive_limit: int | None,
    excel: bool,
    expand_rule_bag: bool,
    overwrite: bool,
    examiner: str,
    exhibit: str,
    case_number: str,
    expected: Sequence[str],
    window: str,
    roles: Sequence[str],
    assets: Path | None,
    argv: Sequence[str],
    sign: Path | None = None,
    sign_passphrase_file: Path | None = None,
    timestamp_query: bool = False,
) -> Request:
    """Return the request.

    Raises UsageError, RoleError, SigningError, ExpectedDigestError, and RuleError for a rule file that is
    wrong.
    """
    return Request(
        evidence=to_named_evidence(evidence),
        output=output,
        rules=tuple(read_rule(path) for path in rules),
        period=_period(since, until),
        reader=reader,
        workers=workers,
        recover=recover,
        password=password,
        keys=to_volume_keys(volume_keys),
        limits=_limits(archive_limit),
        excel=excel,
        expand_rule_bag=expand_rule_bag,
        overwrite=overwrite,
        examiner=examiner,
        exhibit=exhibit,
        case_number=case_number,
        expected=tuple(parse_expected(text) for text in expected),
        window=_window(window),
        roles=(*(read_assets(assets) if assets else ()), *(parse_role(text) for text in roles)),
        argv=_without_secrets(argv),
        signer=_signer(sign, sign_passphrase_file),
        timestamp_query=timestamp_query and require_timestamp_query(),
    )


def to_volume_keys(texts: Sequence[str]) -> VolumeKeys:
    """Return BitLocker recovery keys and passwords, told apart by their form."""
    return VolumeKeys.from_texts(texts)


def to_named_evidence(texts: Sequence[str]) -> tuple[NamedEvidence, ...]:
    """Return each PATH or NAME=PATH as both. Raises UsageError where two have one name, or one place."""
    named = tuple(_named(text) for text in texts)
    labels = [each.label for each in named if each.label is not None]
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(f"two pieces of evidence are called {label}. Give each a name of its own")
    seen: dict[Path, Path] = {}
    for each in named:
        if each.path.resolve() in seen:
            raise UsageError(f"{each.path}: this evidence is given twice. Name it once")
        seen[each.path.resolve()] = each.path
    for place, path in seen.items():
        above = next((seen[each] for each in place.parents if each in seen), None)
        if above is not None:
            raise UsageError(f"{path} lies in {above}, so it would be read twice. Name {above} alone")
    return named


def _named(text: str) -> NamedEvidence:
    """Return NAME=PATH as both, and anything that is there as it stands as a path."""
    label, equals, path = text.partition("=")
    labelled = equals and _LABEL.fullmatch(label) and not Path(text).exists()
    if not (path if labelled else text):
        raise UsageError(f"{text!r} names no evidence. Write PATH or NAME=PATH")
    return NamedEvidence(Path(path), label) if labelled else NamedEvidence(Path(text))


def _limits(gibibytes: int | None) -> ArchiveLimits:
    """Return the limits of an archive that may unpack to so much, all of them raised in proportion."""
    limits = ArchiveLimits()
    if gibibytes is None:
        return limits
    factor = max(1, -(-(gibibytes << 30) // limits.decompressed_bytes))
    return replace(
        limits,
        member_bytes=limits.member_bytes * factor,
        spooled_bytes=limits.spooled_bytes * factor,
        decompressed_bytes=gibibytes << 30,
        members=limits.members * factor,
        ratio=limits.ratio * factor,
    )


def _without_secrets(argv: Sequence[str]) -> tuple[str, ...]:
    """Return the command line for the record, what opens archives and volumes replaced by asterisks."""
    shown: list[str] = []
    for before, text in zip(("", *argv), argv, strict=False):
        option, equals, _ = text.partition("=")
        hidden = option in SECRET_OPTIONS and equals
        shown.append(f"{option}=***" if hidden else "***" if before in SECRET_OPTIONS else text)
    return tuple(shown)


def _signer(key: Path | None, passphrase_file: Path | None) -> Signer | None:
    if key is None:
        if passphrase_file is not None:
            raise UsageError("--sign-passphrase-file opens a key. Give that with --sign")
        return None
    return read_signer(key, passphrase_file)


def _window(text: str) -> int:
    """Return the ticks of ``24h``, ``90m``, ``7d`` or ``30s``."""
    match = _WINDOW.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--window {text}: not a stretch of time. Write 24h, 90m, 7d or 30s")
    return int(match[1]) * _SECONDS[match[2].lower()] * filetime.TICKS_PER_SECOND


def _period(since: str | None, until: str | None) -> Period:
    period = Period(_moment(since, "--since", last=False), _moment(until, "--until", last=True))
    if period.since is not None and period.until is not None and period.since > period.until:
        raise UsageError(f"--since {since} is later than --until {until}. Nothing can be in between")
    return period


def _moment(text: str | None, option: str, *, last: bool) -> int | None:
    """Return the ticks of a day or a UTC time; of a day its first tick, or its ``last``."""
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            start = filetime.from_text(f"{text}T00:00:00Z")
            return start + 86_400 * filetime.TICKS_PER_SECOND - 1 if last else start
        return filetime.from_text(text)
    except ValueError as error:
        reason = f"{option} {text}: not a time. Write 2026-03-01 or 2026-03-01T10:04:11Z, in UTC"
        raise UsageError(reason) from error
