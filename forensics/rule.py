"""Rules: a KQL query, and beside it what the query asks, what its answer means and what it cannot see.

A rule is two files of one stem. The ``.kql`` is the query, as it would be pasted into Defender's advanced
hunting; the ``.toml`` says the rest, with the keys named in :data:`KEYS`. A user's may have no ``.toml``.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.errors import RuleError, RuleLocation
from forensics.report.verbatim import escape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

FINDINGS: Final = (
    "rustdesk_execution",
    "rustdesk_service_installed",
    "rustdesk_service_key",
    "rustdesk_image_load",
    "rustdesk_service_changed",
    "rustdesk_renamed",
    "rustdesk_trace",
    "ssh_tunnel",
    "scheduled_task",
    "service_created",
    "log_cleared",
    "clock_changed",
    "custom_rule",
)
"""What a rule may find: the contract's findings, and ``custom_rule`` for a user's own."""

ACTIVITIES: Final = (
    "install",
    "run",
    "service",
    "server",
    "tray",
    "inbound_session",
    "configure",
    "set_password",
    "update",
    "uninstall",
    "portable",
    "load",
)
"""What RustDesk did, in the contract's words."""

TEXT_KEYS: Final = ("title", "question", "finding", "severity", "kind", "basis", "activity", "near")
LIST_KEYS: Final = ("attack", "references", "blind_spots", "false_positives")
KEYS: Final = TEXT_KEYS + LIST_KEYS
"""The keys that a rule's ``.toml`` may have. A shipped rule has the first four and all lists."""

_ATTACK_ID: Final = re.compile(r"T\d{4}(\.\d{3})?")
_UNFIT_FOR_A_NAME: Final = re.compile(r'[<>:"/\\|?*]')
"""What Windows has in no file's name (Microsoft, "Naming Files, Paths, and Namespaces")."""

_TOML_PLACE: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")


class RuleKind(StrEnum):
    """What the rows of a rule are.

    A ``finding`` stands for itself. ``context`` is told only near findings of RustDesk (``--window``), or
    near those with the rule's ``near`` activity. An ``annotation`` is no finding: its rows say, of events
    that other rules find, what RustDesk did there.
    """

    FINDING = "finding"
    CONTEXT = "context"
    ANNOTATION = "annotation"


class Basis(StrEnum):
    """Whether a record says what the finding says, or it is concluded from what records say."""

    OBSERVED = "observed"
    INFERRED = "inferred"


class Severity(StrEnum):
    """How much a finding matters before the device's role is known, from least to most."""

    INFORMATIONAL = "informational"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


_ALLOWED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "severity": tuple(Severity),
        "finding": FINDINGS,
        "kind": tuple(RuleKind),
        "basis": tuple(Basis),
        "activity": ACTIVITIES,
        "near": ACTIVITIES,
    }
)
"""The texts that a key may have."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``query`` is KQL, all else is for the reader of its results.

    ``question`` is what the query answers, in plain English; ``finding`` is one of :data:`FINDINGS`;
    ``attack`` are ids of ATT&CK techniques; ``blind_spots`` are what the query cannot see and
    ``false_positives`` what it matches without being what it looks for, each a sentence. ``path`` is the
    ``.kql`` as it was named; a shipped rule's is relative to the project.

    ``activity`` is one of :data:`ACTIVITIES` or ``""``, for rows whose query gives no column Activity.
    ``near`` is the activity that a context rule is about, or ``""`` for every finding of RustDesk.
    ``description`` is the text of the ``.toml``, ``""`` where there is none.
    """

    rule_id: str
    title: str
    question: str
    finding: str
    severity: Severity
    attack: tuple[str, ...]
    references: tuple[str, ...]
    blind_spots: tuple[str, ...]
    false_positives: tuple[str, ...]
    query: str
    path: str
    kind: RuleKind = RuleKind.FINDING
    basis: Basis = Basis.OBSERVED
    activity: str = ""
    near: str = ""
    description: str = ""


def shipped_rules() -> tuple[Rule, ...]:
    """Return the rules that come with the program, in the order of their ids."""
    folder = files("forensics").joinpath("rules")
    ids = sorted(file.name.removesuffix(".kql") for file in folder.iterdir() if file.name.endswith(".kql"))
    return tuple(
        _to_rule(
            rule_id,
            folder / f"{rule_id}.kql",
            folder / f"{rule_id}.toml",
            f"forensics/rules/{rule_id}.kql",
            f"forensics/rules/{rule_id}.toml",
        )
        for rule_id in ids
    )


def read_rule(path: Path) -> Rule:
    """Return the rule whose KQL is at ``path``, described by the ``.toml`` of the same stem if there is one.

    Raises RuleError where either file cannot be read or says what is not understood, or where its name
    cannot be that of a file of results on every system.
    """
    if _UNFIT_FOR_A_NAME.search(path.stem) or escape(path.stem) != path.stem:
        reason = "a character of the file's name cannot stand in the name of its results"
        raise RuleError(
            RuleLocation(str(path)), reason, 'Rename the file, without control characters or <>:"|?*'
        )
    described = path.with_suffix(".toml")
    return _to_rule(path.stem, path, described, str(path), str(described))


def _to_rule(rule_id: str, kql: Traversable, toml: Traversable, kql_name: str, toml_name: str) -> Rule:
    query = _read_text(kql, kql_name)
    description = _read_text(toml, toml_name) if toml.is_file() else ""
    metadata = _read_metadata(description, toml_name)
    texts = {key: value for key, value in metadata.items() if isinstance(value, str)}
    lists = {key: value for key, value in metadata.items() if isinstance(value, tuple)}
    title = texts.get("title", rule_id)
    return Rule(
        rule_id=rule_id,
        title=title,
        question=texts.get("question", title),
        finding=texts.get("finding", "custom_rule"),
        severity=Severity(texts.get("severity", Severity.MEDIUM)),
        attack=lists.get("attack", ()),
        references=lists.get("references", ()),
        blind_spots=lists.get("blind_spots", ()),
        false_positives=lists.get("false_positives", ()),
        query=query,
        path=kql_name,
        kind=RuleKind(texts.get("kind", RuleKind.FINDING)),
        basis=Basis(texts.get("basis", Basis.OBSERVED)),
        activity=texts.get("activity", ""),
        near=texts.get("near", ""),
        description=description,
    )


def _read_text(file: Traversable, name: str) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}"
        raise RuleError(RuleLocation(name), reason, "Name a file that is there and may be read") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        reason = f"byte {error.start} is not UTF-8"
        raise RuleError(RuleLocation(name, line), reason, "Save the file as UTF-8") from error


def _read_metadata(text: str, name: str) -> Mapping[str, str | tuple[str, ...]]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(error, text, name) from error
    return {key: _checked(key, value, _location(text, name, key)) for key, value in document.items()}


def _not_toml(error: tomllib.TOMLDecodeError, text: str, name: str) -> RuleError:
    message = str(error)
    place = _TOML_PLACE.search(message)
    if place is not None and place[1]:
        location = RuleLocation(name, int(place[1]), int(place[2]))
    else:
        location = RuleLocation(name, text.count("\n") + 1, len(text) - text.rfind("\n"))
    return RuleError(location, f"not TOML: {_TOML_PLACE.sub('', message)}", "Mend the file or remove it")


def _location(text: str, name: str, key: str) -> RuleLocation:
    match = re.search(rf"""^[ \t]*["']?{re.escape(key)}["']?[ \t]*[=.\]]""", text, re.MULTILINE)
    return RuleLocation(name, text.count("\n", 0, match.start()) + 1 if match else 1)


def _checked(key: str, value: object, location: RuleLocation) -> str | tuple[str, ...]:
    if key in TEXT_KEYS:
        return _checked_text(key, value, location)
    if key in LIST_KEYS:
        return _checked_list(key, value, location)
    raise RuleError(location, f"there is no key {key!r}{_near(key, KEYS)}", f"The keys are {', '.join(KEYS)}")


def _checked_text(key: str, value: object, location: RuleLocation) -> str:
    if not isinstance(value, str) or not value.strip():
        raise RuleError(location, f"{key} is not a text", f'Write {key} = "..."')
    allowed = _ALLOWED.get(key)
    if allowed is not None and value not in allowed:
        reason = f"{key} cannot be {value!r}{_near(value, allowed)}"
        raise RuleError(location, reason, f"It is one of {', '.join(allowed)}")
    return value


def _checked_list(key: str, value: object, location: RuleLocation) -> tuple[str, ...]:
    texts = tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
    if not isinstance(value, list) or len(texts) != len(value):
        raise RuleError(location, f"{key} is not a list of texts", f'Write {key} = ["...", "..."]')
    if key == "attack":
        for each in texts:
            if not _ATTACK_ID.fullmatch(each):
                raise RuleError(location, f"{each!r} is no ATT&CK technique", "Write it as T1219.002")
    return texts


def _near(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {str(near[0])!r}?" if near else ""
