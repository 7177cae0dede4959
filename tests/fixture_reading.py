"""The committed fixtures as a reader that nobody here wrote sees them, and KQL's idea of a word."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from Evtx.Evtx import FileHeader
from Registry.Registry import Registry

from fixtures.build import HERE
from tests.builders.independent_readers import EVTX, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

MANIFEST: Final[dict[str, Any]] = tomllib.loads((HERE / "MANIFEST.toml").read_text("utf-8"))
LOGS: Final = "Windows/System32/winevt/Logs"
SYSMON_LOG: Final = f"{LOGS}/Microsoft-Windows-Sysmon%4Operational.evtx"
SYSTEM_HIVE: Final = "Windows/System32/config/SYSTEM"


@cache
def read_log(path: str) -> tuple[Reading, ...]:
    """Return the records of the event log at ``path`` inside the fixtures."""
    return tuple(EVTX.read((HERE / path).read_bytes()))


def record_ids_by_python_evtx(path: str) -> list[int]:
    """Return the identifiers in the record headers, without rendering the records: that takes seconds."""
    chunks = FileHeader((HERE / path).read_bytes(), 0).chunks()
    return [record.record_num() for chunk in chunks for record in chunk.records()]


def open_hive(path: str) -> Any:  # noqa: ANN401 - python-registry has no types
    return Registry(BytesIO((HERE / path).read_bytes()))


def file_name(path: str) -> str:
    return path.rsplit("\\", 1)[-1]


def has(text: str, words: str) -> bool:
    """Whether ``text`` has ``words`` as KQL means it: no letter or digit directly before or after them."""
    places = (match.span() for match in re.finditer(re.escape(words.lower()), text.lower()))
    return any(not text[:start][-1:].isalnum() and not text[end:][:1].isalnum() for start, end in places)


def rule_processes(records: Iterable[Reading], event_id: int = 1, field: str = "Image") -> list[Reading]:
    """Return the processes that pass the left side of the shipped rule."""
    named = (each for each in records if each.event_id == event_id)
    return [each for each in named if has(file_name(each.fields[field]), "rustdesk")]


def rule_image_loads(records: Iterable[Reading]) -> list[Reading]:
    """Return the image loads that pass the right side of the shipped rule."""
    loads = (each for each in records if each.event_id == 7)
    folders = ("Program Files", "ProgramData")
    return [each for each in loads if any(has(each.fields["ImageLoaded"], folder) for folder in folders)]
