"""Events of Sysmon as its releases write them: 1 (process created) and 7 (image loaded).

Fields that are not given are those of an ordinary program without version information, so that nothing in
them takes part in a rule by accident.
Specification: https://learn.microsoft.com/sysinternals/downloads/sysmon; field sets and types are those of
real logs.
"""

from __future__ import annotations

from hashlib import md5, sha256
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias, Unpack
from uuid import UUID
from zlib import crc32

from parsers.filetime import TICKS_PER_SECOND, to_text
from tests.builders.event_log import EventToWrite, Guid, HexInt64, UInt32, Value
from tests.builders.event_to_write import DEFAULT_TIME, RecordFields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FieldCount: TypeAlias = Literal[16, 21, 22, 23]
"""Sysmon 1's field sets: 16 (2017), then RuleName and version information, OriginalFileName, ParentUser."""

_UNIX_EPOCH: Final = 116_444_736_000_000_000


class ProcessFields(RecordFields, total=False):
    """What ``process_created`` takes; GUIDs as text, identifiers as numbers."""

    rule_name: str
    utc_time: str
    process_guid: str
    process_id: int
    image: str
    file_version: str
    description: str
    product: str
    company: str
    original_file_name: str
    command_line: str
    current_directory: str
    user: str
    logon_guid: str
    logon_id: int
    terminal_session_id: int
    integrity_level: str
    hashes: str
    parent_process_guid: str
    parent_process_id: int
    parent_image: str
    parent_command_line: str
    parent_user: str


class ImageFields(RecordFields, total=False):
    """What ``image_loaded`` takes; GUIDs as text, identifiers as numbers."""

    rule_name: str
    utc_time: str
    process_guid: str
    process_id: int
    image: str
    image_loaded: str
    file_version: str
    description: str
    product: str
    company: str
    original_file_name: str
    hashes: str
    signed: str
    signature: str
    signature_status: str
    user: str


class _Field(NamedTuple):
    """A field's name in the event, the keyword that gives it, its type, the smallest set that has it."""

    name: str
    keyword: str
    to_value: Callable[[Any], Value] = str
    since: int = 16


_PROCESS_CREATED: Final = (
    _Field("RuleName", "rule_name", since=21),
    _Field("UtcTime", "utc_time"),
    _Field("ProcessGuid", "process_guid", Guid),
    _Field("ProcessId", "process_id", UInt32),
    _Field("Image", "image"),
    _Field("FileVersion", "file_version", since=21),
    _Field("Description", "description", since=21),
    _Field("Product", "product", since=21),
    _Field("Company", "company", since=21),
    _Field("OriginalFileName", "original_file_name", since=22),
    _Field("CommandLine", "command_line"),
    _Field("CurrentDirectory", "current_directory"),
    _Field("User", "user"),
    _Field("LogonGuid", "logon_guid", Guid),
    _Field("LogonId", "logon_id", HexInt64),
    _Field("TerminalSessionId", "terminal_session_id", UInt32),
    _Field("IntegrityLevel", "integrity_level"),
    _Field("Hashes", "hashes"),
    _Field("ParentProcessGuid", "parent_process_guid", Guid),
    _Field("ParentProcessId", "parent_process_id", UInt32),
    _Field("ParentImage", "parent_image"),
    _Field("ParentCommandLine", "parent_command_line"),
    _Field("ParentUser", "parent_user", since=23),
)

_IMAGE_LOADED: Final = (
    _Field("RuleName", "rule_name"),
    _Field("UtcTime", "utc_time"),
    _Field("ProcessGuid", "process_guid", Guid),
    _Field("ProcessId", "process_id", UInt32),
    _Field("Image", "image"),
    _Field("ImageLoaded", "image_loaded"),
    _Field("FileVersion", "file_version"),
    _Field("Description", "description"),
    _Field("Product", "product"),
    _Field("Company", "company"),
    _Field("OriginalFileName", "original_file_name"),
    _Field("Hashes", "hashes"),
    _Field("Signed", "signed"),
    _Field("Signature", "signature"),
    _Field("SignatureStatus", "signature_status"),
    _Field("User", "user"),
)

_DEFAULTS: Final[Mapping[str, Any]] = {
    "computer": "WORKSTATION-1",
    "record_id": 1,
    "time_created": DEFAULT_TIME,
    "rule_name": "-",
    "process_id": 4242,
    "image": r"C:\Program Files\Example\example.exe",
    "image_loaded": r"C:\Program Files\Example\example.dll",
    "file_version": "-",
    "description": "-",
    "product": "-",
    "company": "-",
    "original_file_name": "-",
    "current_directory": "C:\\Windows\\system32\\",
    "user": r"WORKSTATION-1\user",
    "logon_guid": "{00000000-0000-0000-0000-000000000000}",
    "logon_id": 0x3E7,
    "terminal_session_id": 1,
    "integrity_level": "Medium",
    "parent_process_id": 1234,
    "parent_image": r"C:\Windows\explorer.exe",
    "parent_command_line": r"C:\Windows\Explorer.EXE",
    "parent_user": r"WORKSTATION-1\user",
    "signed": "false",
    "signature": "-",
    "signature_status": "Unavailable",
}


def process_created(*, field_count: FieldCount = 23, **given: Unpack[ProcessFields]) -> EventToWrite:
    """Return a Sysmon 1 with the field set of ``field_count`` fields."""
    layout = [field for field in _PROCESS_CREATED if field.since <= field_count]
    return _sysmon_event(1, 5, layout, _with_defaults(given, hashed="image"))


def image_loaded(**given: Unpack[ImageFields]) -> EventToWrite:
    """Return a Sysmon 7: a process loaded a library."""
    return _sysmon_event(7, 3, _IMAGE_LOADED, _with_defaults(given, hashed="image_loaded"))


def process_guid(computer: str, started: int, process_id: int) -> str:
    """Return a process GUID made as Sysmon makes it: machine, second of the start, process.

    ``started`` is FILETIME ticks. The machine's part is made of its name, the last one of the process id.
    """
    seconds = (started - _UNIX_EPOCH) // TICKS_PER_SECOND
    machine = crc32(computer.encode("utf-8", "surrogatepass"))
    parts = (machine, seconds & 0xFFFF, seconds >> 16 & 0xFFFF, 0, 0, process_id << 16 | 0x1000)
    return f"{{{UUID(fields=parts)}}}".upper()


def _with_defaults(given: ProcessFields | ImageFields, *, hashed: str) -> dict[str, Any]:
    """Fill up what was not given, last what follows from others. ``hashed`` is the file's keyword."""
    fields: dict[str, Any] = {**_DEFAULTS, **given}
    computer, time = fields["computer"], fields["time_created"]
    following = {
        "utc_time": to_text(time, 3).replace("T", " ").rstrip("Z"),
        "process_guid": process_guid(computer, time, fields["process_id"]),
        "parent_process_guid": process_guid(computer, time, fields["parent_process_id"]),
        "command_line": f'"{fields["image"]}"',
        "hashes": _hashes(fields[hashed]),
    }
    return following | fields


def _hashes(path: str) -> str:
    """Digests as Sysmon writes them, here of the path: another path, other digests."""
    content = path.encode("utf-8", "surrogatepass")
    weak = md5(content, usedforsecurity=False).hexdigest().upper()
    return f"MD5={weak},SHA256={sha256(content).hexdigest().upper()},IMPHASH={'0' * 32}"


def _sysmon_event(
    event_id: int, version: int, layout: Iterable[_Field], fields: Mapping[str, Any]
) -> EventToWrite:
    return EventToWrite(
        provider="Microsoft-Windows-Sysmon",
        provider_guid="{5770385F-C22A-43E0-BF4C-06F5698FFBD9}",
        channel="Microsoft-Windows-Sysmon/Operational",
        event_id=event_id,
        version=version,
        task=event_id,
        computer=fields["computer"],
        record_id=fields["record_id"],
        header_record_id=fields.get("header_record_id"),
        time_created=fields["time_created"],
        written=fields.get("written"),
        process_id=2284,
        thread_id=5252,
        user_sid="S-1-5-18",
        data=tuple((field.name, field.to_value(fields[field.keyword])) for field in layout),
    )
