"""Chunks that are used again: what an earlier use left behind, and how it stood there."""

from __future__ import annotations

from dataclasses import replace
from struct import unpack_from
from typing import TYPE_CHECKING

from parsers.evtx.record import EvtxRecord, RecordState
from tests.builders.sysmon_event import process_created
from tests.parsers.evtx.reading import read, start_of_chunk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.builders.event_to_write import EventToWrite

START = start_of_chunk(0)
TIME = 133_537_248_001_234_567


def processes(first_id: int, number: int, computer: str = "PC1") -> list[EventToWrite]:
    return [
        process_created(
            record_id=record_id,
            computer=computer,
            time_created=TIME + record_id,
            command_line=f"program.exe --number {record_id}",
        )
        for record_id in range(first_id, first_id + number)
    ]


def end_of_records(log: bytes) -> int:
    """Return where the free space of the first chunk begins, counted from the file's start."""
    return START + int(unpack_from("<I", log, START + 48)[0])


def used_again(old: bytes, new: bytes) -> bytes:
    """Lay the used bytes of ``new``'s only chunk over ``old``'s, as where a chunk is begun anew."""
    end = end_of_records(new)
    return new[:end] + old[end:]


def originals(*logs: bytes) -> dict[tuple[int, int], EvtxRecord]:
    """Return the records of sound logs by offset and id."""
    return {(each.location.offset, each.record_id): each for log in logs for each in read(log).live}


def as_recovered(records: Sequence[EvtxRecord]) -> list[EvtxRecord]:
    return [replace(each, state=RecordState.RECOVERED) for each in records]
