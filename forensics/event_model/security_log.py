"""What the events of Windows' auditing have in common: who did it.

Source: Microsoft, Advanced security auditing, the events' XML; versions 1 of later Windows add the process
that asked for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.event_model.cells import account_by_parts, account_in_words, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forensics.event_model.event import Cell

PROVIDER: Final = "microsoft-windows-security-auditing"


def initiator(data: Mapping[str, str]) -> dict[str, Cell]:
    """Return the account, logon and process that asked for something, as columns of DeviceEvents."""
    return {
        **account_by_parts(data, "Subject", "InitiatingProcessAccount"),
        **number(data, "SubjectLogonId", "InitiatingProcessLogonId"),
        **number(data, "ClientProcessId", "InitiatingProcessId"),
        **number(data, "ParentProcessId", "InitiatingProcessParentId"),
    }


def initiator_in_words(data: Mapping[str, str]) -> str:
    r"""Return who asked for something as ``DOMAIN\name``, for a sentence."""
    return account_in_words(data, "Subject") or "an unnamed account"
