"""Events of Windows' auditing as the Security log has them: any event by its fields, and 4688 by its version.

Specification: the events' XML in Microsoft's Advanced security auditing; types as in real logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Unpack

from tests.builders.event_log import HexInt64, Sid
from tests.builders.windows_event import Given, windows_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.builders.event_to_write import EventToWrite, RecordFields

SUBJECT: Final[Mapping[str, Given]] = {
    "SubjectUserSid": Sid("S-1-5-21-1-2-3-1104"),
    "SubjectUserName": "Amy",
    "SubjectDomainName": "CONTOSO",
    "SubjectLogonId": HexInt64(0x364EB),
}
"""Who asks for something in the Security log: CONTOSO\\Amy."""

NOBODY: Final[Mapping[str, Given]] = {
    "TargetUserSid": Sid("S-1-0-0"),
    "TargetUserName": "-",
    "TargetDomainName": "-",
    "TargetLogonId": HexInt64(0),
}
"""The target account of a 4688 whose process runs as its creator does."""

_SINCE: Final = {
    "CommandLine": 1,
    **dict.fromkeys(NOBODY, 2),
    "ParentProcessName": 2,
    "MandatoryLabel": 2,
}


def security_event(
    event_id: int, fields: Mapping[str, Given], *, version: int = 0, **given: Unpack[RecordFields]
) -> EventToWrite:
    """Return a Security event with ``fields`` in their order."""
    return windows_event(
        "Microsoft-Windows-Security-Auditing",
        event_id,
        "Security",
        data=fields,
        provider_guid="{54849625-5478-4994-a5ba-3e3b0328c30d}",
        version=version,
        level=0,
        keywords=0x8020000000000000,
        **given,
    )


def process_created(
    fields: Mapping[str, Given], *, version: int = 2, **given: Unpack[RecordFields]
) -> EventToWrite:
    """Return a 4688 of ``version`` (0 to 2), an ordinary one unless ``fields`` say otherwise."""
    every: dict[str, Given] = {
        **SUBJECT,
        "NewProcessId": HexInt64(0x1864),
        "NewProcessName": r"C:\Program Files\Example\example.exe",
        "TokenElevationType": "%%1936",
        "ProcessId": HexInt64(0x2CC),
        "CommandLine": "",
        **NOBODY,
        "ParentProcessName": r"C:\Windows\System32\services.exe",
        "MandatoryLabel": Sid("S-1-16-8192"),
        **fields,
    }
    known = {name: value for name, value in every.items() if _SINCE.get(name, 0) <= version}
    return security_event(4688, known, version=version, **given)
