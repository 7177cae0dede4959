r"""Fields of log records to cells of rows: text without placeholders, numbers, accounts, additional JSON.

A field that the record does not have is ``""`` as text and no cell as a number.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forensics.event_model.event import Cell
    from parsers.evtx.record import EvtxRecord

_NOTHING: Final = frozenset({"-", "?"})
"""What Windows and Sysmon write where a field has no value."""

_NOBODY: Final = "S-1-0-0"
"""The null SID, which the Security log has where there is no account."""

_NUMBER: Final = re.compile(r"0x[0-9a-f]{1,16}|[0-9]{1,20}", re.IGNORECASE)


def text(data: Mapping[str, str], name: str) -> str:
    """Return the field, or ``""`` where the event does not have it or has a placeholder for nothing."""
    value = data.get(name, "")
    return "" if value in _NOTHING else value


def to_number(value: str) -> int | None:
    """Return decimal digits, or hexadecimal ones behind 0x, as a number; None where ``value`` is none."""
    if not _NUMBER.fullmatch(value):
        return None
    return int(value, 16 if value[:2].lower() == "0x" else 10)


def number(data: Mapping[str, str], name: str, column: str) -> dict[str, Cell]:
    """Return the field as a number for ``column``, or nothing where it is none."""
    value = to_number(data.get(name, ""))
    return {} if value is None else {column: value}


def account(data: Mapping[str, str], name: str, prefix: str) -> dict[str, Cell]:
    r"""Return ``DOMAIN\name`` as two columns in lower case; without a backslash the whole is the name."""
    domain, _, user = text(data, name).lower().rpartition("\\")
    return {f"{prefix}Domain": domain, f"{prefix}Name": user}


def account_by_parts(data: Mapping[str, str], fields: str, prefix: str) -> dict[str, Cell]:
    """Return the account of a Security event, one field for each of its parts, as three columns.

    ``fields`` is "Subject" or "Target" for ``SubjectUserSid``, ``SubjectUserName``, ``SubjectDomainName``;
    ``prefix`` is "Account" or "InitiatingProcessAccount". Name and domain are in lower case.
    """
    return {
        f"{prefix}Domain": text(data, f"{fields}DomainName").lower(),
        f"{prefix}Name": text(data, f"{fields}UserName").lower(),
        f"{prefix}Sid": _sid(data, fields),
    }


def account_in_words(data: Mapping[str, str], fields: str) -> str:
    r"""Return the account of a Security event, given as for :func:`account_by_parts`, as ``DOMAIN\name``.

    Verbatim; without a domain the name alone; without a name the SID.
    """
    domain, user = text(data, f"{fields}DomainName"), text(data, f"{fields}UserName")
    if not user:
        return _sid(data, fields)
    return f"{domain}\\{user}" if domain else user


def _sid(data: Mapping[str, str], fields: str) -> str:
    sid = text(data, f"{fields}UserSid")
    return "" if sid == _NOBODY else sid


def additional(record: EvtxRecord, fields: Mapping[str, str | float | bool]) -> str:
    """Return AdditionalFields as JSON: log and event as Source, and what of ``fields`` is not ``""``."""
    return to_json(
        {"Source": source(record), **{name: value for name, value in fields.items() if value != ""}}
    )


def source(record: EvtxRecord) -> str:
    """Return where the record is from, as ``<Channel>/<EventId>``."""
    return f"{record.channel}/{record.event_id}"


def to_json(fields: Mapping[str, object]) -> str:
    """Return ``fields`` as JSON with its keys sorted, in one line; nothing is ``""``."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True) if fields else ""
