from __future__ import annotations

import re
import shutil
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from tests.end_to_end.case_reading import document, timeline_objects
from tests.end_to_end.command_line import DC01, Run, analyze

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOGS: Final = "Windows/System32/winevt/Logs"
SYSMON: Final = f"{LOGS}/Microsoft-Windows-Sysmon%4Operational.evtx"
HIVE: Final = "Windows/System32/config/SYSTEM"
NEW: Final = f"{LOGS}/Application.evtx"
SIZES: Final = {path: (DC01 / path).stat().st_size for path in (SYSMON, HIVE)}
CHUNK: Final = range(0x71000, 0x81000)
"""One chunk of the Sysmon log, with two executions in it."""
RECORD: Final = range(0x97338, 0x97338 + 1488)
"""The record of the Sysmon log that tells of ``--get-id``; others stand before it in its chunk."""
NOTHING: Final = range(0)


def cut(content: bytes, *, size: int) -> bytes:
    return content[:size]


def zero(content: bytes, *, place: range) -> bytes:
    return content[: place.start] + bytes(len(place)) + content[place.stop :]


def flip(content: bytes, *, offset: int, bits: int = 0xFF) -> bytes:
    return content[:offset] + bytes([content[offset] ^ bits]) + content[offset + 1 :]


def become(_content: bytes, *, content: bytes) -> bytes:
    return content


class Harm(NamedTuple):
    """What is done to one file, the bytes that cannot be read after it, and what has to be said of it."""

    file: str
    edit: Callable[[bytes], bytes]
    lost: range
    says: str


HARMS: Final = {
    "a log cut in half": Harm(
        SYSMON,
        partial(cut, size=SIZES[SYSMON] // 2),
        range(SIZES[SYSMON] // 2, SIZES[SYSMON]),
        r"bytes 0x[0-9a-f]+-0x[0-9a-f]+: the header counts 16 chunks, 8 of them are not in the file",
    ),
    "a log cut inside a record": Harm(
        SYSMON,
        partial(cut, size=0x97400),
        range(0x97338, SIZES[SYSMON]),
        r"bytes 0x97400-0x[0-9a-f]+: the file ends in",
    ),
    "a zeroed chunk": Harm(SYSMON, partial(zero, place=CHUNK), CHUNK, r"bytes 0x71000-0x81000: zeros where"),
    "a flipped byte that ends a record": Harm(
        SYSMON,
        partial(flip, offset=RECORD.start + 24),
        RECORD,
        r"bytes 0x97338-0x\w+: record 48669 cannot be",
    ),
    "a flipped byte in the text of a record": Harm(
        SYSMON,
        partial(flip, offset=RECORD.stop - 200, bits=0x20),
        NOTHING,
        r"bytes 0x91200-0x\w+: .*checksum",
    ),
    "a destroyed file header": Harm(
        SYSMON, partial(zero, place=range(128)), NOTHING, r"bytes 0x0-0x80: the file's header is destroyed"
    ),
    "an empty log": Harm(NEW, partial(become, content=b""), NOTHING, r".*is empty"),
    "a text file called .evtx": Harm(
        NEW,
        partial(become, content=b"hello, I am a text\n"),
        NOTHING,
        r".*is not an event log \(EVTX\): its first bytes are 68 65 6c 6c 6f",
    ),
    "a truncated hive": Harm(
        HIVE,
        partial(cut, size=SIZES[HIVE] // 2),
        range(SIZES[HIVE] // 2, SIZES[HIVE]),
        r"bytes 0xe000-0x1c000: the file ends here; by its base block 57344 bytes are missing",
    ),
    "a hive with a wrong checksum": Harm(
        HIVE, partial(flip, offset=508), NOTHING, r"bytes 0x0-0x200: the checksum of the base block is wrong"
    ),
    "a text file called SYSTEM": Harm(
        HIVE, partial(become, content=b"hello"), range(SIZES[HIVE]), r".*68 65 6c 6c.*regf"
    ),
}


@pytest.fixture(params=HARMS)
def harm(request: pytest.FixtureRequest) -> Harm:
    return HARMS[request.param]


@pytest.fixture
def harmed(harm: Harm, tmp_path: Path) -> Run:
    """The fixture case, analyzed after one of its files was harmed."""
    evidence = tmp_path / "evidence"
    shutil.copytree(DC01, evidence)
    file = evidence / harm.file
    file.write_bytes(harm.edit(file.read_bytes() if file.exists() else b""))
    return analyze(evidence, output=tmp_path / "case")


def places(rows: list[dict[str, Any]]) -> set[tuple[str, str, int]]:
    return {(row["finding"], row["source_path"], row["offset"]) for row in rows}


def places_that_speak(lost: list[dict[str, Any]]) -> set[tuple[str, str, int]]:
    """Return where the Security log has processes whose record in Sysmon's log was lost: it speaks then."""
    return {
        (row["finding"], copy["source_path"], copy["offset"])
        for row in lost
        for copy in row["other_copies"]
        if copy["relation"] == "same_process"
    }


def is_lost(row: dict[str, Any], harm: Harm) -> bool:
    """Whether bytes that the row rests on were harmed: a whole record, or the start of a key."""
    told = re.search(r"(\d+) bytes", row["locator"])
    start = int(row["offset"])
    end = start + (int(told[1]) if told else 1)
    return row["source_path"] == harm.file and start < harm.lost.stop and end > harm.lost.start


def test_damage_is_told_and_all_else_is_still_found(dc01: Run, harm: Harm, harmed: Run) -> None:
    assert harmed.code == 3
    lines = harmed.stderr.splitlines()
    assert all(line.startswith("rustdesk-forensics: ") for line in lines)
    assert any(re.search(f"{re.escape(harm.file)}: {harm.says}", line) for line in lines), harmed.stderr
    assert harm.file in (harmed.output / "limitations.txt").read_text("utf-8").partition("not be read")[2]

    rows = timeline_objects(dc01.output)
    kept = [row for row in rows if not is_lost(row, harm)]
    lost = [row for row in rows if is_lost(row, harm)]
    assert places(timeline_objects(harmed.output)) == places(kept) | places_that_speak(lost)
    artifacts = document(harmed.output, "context.json")["artifacts"]
    assert [each["path"] for each in artifacts if each["damage"] or each["failure"]] == [harm.file]


def test_a_row_from_a_chunk_with_a_wrong_checksum_says_so(dc01: Run, tmp_path: Path) -> None:
    log = tmp_path / "Sysmon.evtx"
    log.write_bytes(HARMS["a flipped byte in the text of a record"].edit((DC01 / SYSMON).read_bytes()))

    run = analyze(log, output=tmp_path / "case")

    states = {row["offset"]: row["record_state"] for row in timeline_objects(run.output)}
    expected = {
        row["offset"]: "crc_bad" if 0x91000 <= row["offset"] < 0xA1000 else "live"
        for row in timeline_objects(dc01.output)
        if row["source_path"] == SYSMON
    }
    assert states == expected
