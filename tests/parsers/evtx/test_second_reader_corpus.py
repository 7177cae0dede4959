"""Real logs read by both readers: a sample of each, and the differences that remain, with why they do."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from parsers.evidence.source import FileSource
from parsers.evtx import decode, json_fields, layout
from parsers.evtx.compared_fields import EVTX, PYTHON_EVTX
from parsers.evtx.frame import frame_chunk
from parsers.evtx.second_reader import RecordsToRead, RecordToRead, read_records_again
from parsers.two_readings import Verdict

CORPUS = os.environ.get("FORENSICS_CORPUS")
pytestmark = pytest.mark.skipif(CORPUS is None, reason="FORENSICS_CORPUS names no folder of real logs")

SAMPLE: Final = 25
"""Records of a log that are read twice, evenly spread over it."""


class Remaining(NamedTuple):
    """What of a sample is not plain agreement, by verdict and by what it is, and why."""

    found: dict[tuple[Verdict, str], int]
    why: str


FAILS, LOST, DIFFER = Verdict.ONE_READER, Verdict.LOST_TEXT, Verdict.DIFFER

PLAIN: Final = "the events, or what is inside of them, use no template, which python-evtx needs"
CODE_PAGE: Final = "python-evtx reads texts of one byte a character as ASCII, and here is a byte beyond it"
NO_DATA: Final = "its elements are no Data but ComplexData with a name; evtx calls them by the element's name"
REPEATED: Final = "the event has two fields called LogonGuid, of which evtx gives one"
PADDED: Final = "the text is filled up with NULs, which neither reader shows"

_NAMED_COMPLEX_DATA: Final = {
    (DIFFER, name): 1 for name in ("ComplexData", "ComplexData_1", "IdleState", "PerfState")
}
_FOLDER: Final = "evtx/mdecrevoisier"
_PIPE_SHELL: Final = (
    f"{_FOLDER}/TA0002-Execution/T1059.001-PowerShell/"
    "ID800-4103-Interactive PipeShell over named pipe (server and client).evtx"
)
_SSP: Final = (
    f"{_FOLDER}/TA0003-Persistence/T1547-Boot or Logon Autostart Execution/"
    "ID4622-New SSP loaded in LSA (only legitim).evtx"
)
_CAPI: Final = "Microsoft-Windows-CAPI2%4Operational.evtx"
_LANGUAGES: Final = "Microsoft-Windows-LanguagePackSetup%4Operational.evtx"
_OVERRUN: Final = (FAILS, "OverrunBufferException")
_NULL: Final = (FAILS, "AttributeError")

REMAINING: Final = {
    _PIPE_SHELL: Remaining({_NULL: 2, _OVERRUN: 28}, PLAIN),
    _SSP: Remaining({_NULL: 1, _OVERRUN: 26}, PLAIN),
    f"evtx/omerbenamram/E_ShadowCopy6_windows_system32_winevt_logs_{_CAPI}": Remaining({_OVERRUN: 26}, PLAIN),
    f"evtx/omerbenamram/E_Windows_system32_winevt_logs_{_CAPI}": Remaining({_NULL: 1, _OVERRUN: 26}, PLAIN),
    "evtx/omerbenamram/MSExchange_Management_wec.evtx": Remaining({_NULL: 1}, PLAIN),
    "evtx/omerbenamram/Microsoft-Windows-LanguagePackSetup%4Operational.evtx": Remaining(
        {_OVERRUN: 1}, PLAIN
    ),
    "evtx/omerbenamram/issue_201.evtx": Remaining({_NULL: 1}, PLAIN),
    "evtx/omerbenamram/Security_with_size_t.evtx": Remaining({(LOST, "LogonGuid_1"): 4}, REPEATED),
    "evtx/omerbenamram/sample_with_a_bad_chunk_magic.evtx": Remaining(
        {(LOST, "PackageFamilyName"): 1}, PADDED
    ),
    "evtx/plaso/System.evtx": Remaining(_NAMED_COMPLEX_DATA, NO_DATA),
    "evtx/python-evtx/system.evtx": Remaining(_NAMED_COMPLEX_DATA, NO_DATA),
    "evtx/python-evtx/dns_log_malformed.evtx": Remaining({(FAILS, "UnicodeDecodeError"): 4}, CODE_PAGE),
}


def paths() -> list[str]:
    if CORPUS is None:
        return []
    root = Path(CORPUS)
    return sorted(path.relative_to(root).as_posix() for path in (root / "evtx").rglob("*.evtx"))


def records(path: Path) -> list[RecordToRead]:
    """Return every record of a log that the first reader can read."""
    log = path.read_bytes()
    every: list[RecordToRead] = []
    for start in range(layout.FILE_HEADER_SIZE, len(log), layout.CHUNK_SIZE):
        chunk = log[start : start + layout.CHUNK_SIZE]
        if not chunk.startswith(layout.CHUNK_SIGNATURE):
            continue
        frames = frame_chunk(chunk, start).frames
        for frame, decoded in zip(frames, decode.decode_chunk(chunk, frames), strict=True):
            if not isinstance(decoded, str):
                own = json_fields.identity(decoded)
                number = str(own.record_id) if own.record_id >= 0 else ""
                place = start + frame.offset
                every.append(
                    RecordToRead(place, recovered=False, event_id=str(own.event_id), record_id=number)
                )
    return every


@pytest.mark.parametrize("path", paths(), ids=range(len(paths())))
def test_the_readers_agree_on_a_sample_but_for_what_is_known(path: str) -> None:
    place = Path(str(CORPUS), path)
    every = records(place)
    sample = tuple(every[:: max(1, len(every) // SAMPLE)])
    found: Counter[tuple[Verdict, str]] = Counter()
    for again in read_records_again(RecordsToRead(FileSource(place), sample)):
        if again.verdict is Verdict.ONE_READER:
            found[again.verdict, again.failures.get(PYTHON_EVTX, EVTX).partition(":")[0]] += 1
        for each in again.fields:
            found[again.verdict, each.name] += 1
        assert not again.missing
    assert dict(found) == (REMAINING[path].found if path in REMAINING else {})
