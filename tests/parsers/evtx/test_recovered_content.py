"""Stale records of every form of content come back, and never with names that are not their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders.event_log import build_event_log
from tests.builders.windows_event import log_cleared, windows_event
from tests.parsers.evtx.reading import WANTED, read
from tests.parsers.evtx.stale_records import as_recovered, processes, used_again
from tests.parsers.evtx.twenty_records import both_readers

if TYPE_CHECKING:
    from parsers.evtx.sweep import Reader
    from tests.builders.event_to_write import EventToWrite

CONTENTS = (
    [
        log_cleared(
            "System", {"SubjectUserName": f"amy{n}", "Channel": "System"}, record_id=n, computer="PC1"
        )
        for n in (3, 4, 5)
    ],
    [
        windows_event(
            "Service Control Manager",
            7036,
            "System",
            data={"param1": "RustDesk", "param2": str(n)},
            binary=b"R\0/\0" + bytes([n]),
            record_id=n,
            computer="PC1",
        )
        for n in (3, 4, 5)
    ],
    [
        windows_event(
            "MsiInstaller",
            1033,
            "Application",
            unnamed=["RustDesk", str(n)],
            binary=b"{",
            record_id=n,
            computer="PC1",
        )
        for n in (3, 4, 5)
    ],
)


@both_readers
@pytest.mark.parametrize("events", CONTENTS, ids=["user data", "binary", "unnamed"])
def test_events_of_every_form_of_content_are_recovered(reader: Reader, events: list[EventToWrite]) -> None:
    wanted = WANTED | {(each.provider.lower(), each.event_id) for each in events}
    old = build_event_log([*processes(1, 2), *events])
    reading = read(used_again(old, build_event_log(processes(501, 1))), reader, wanted=wanted)
    whole = [each for each in read(old, reader, wanted=wanted).records if each.record_id in {3, 4, 5}]
    assert len(whole) == 3
    assert list(reading.recovered) == as_recovered(whole)
    assert not any(each.text_altered for each in reading.recovered)


@both_readers
@pytest.mark.parametrize("events", CONTENTS, ids=["user data", "binary", "unnamed"])
def test_names_that_were_overwritten_are_never_taken_for_those_of_the_fields(
    reader: Reader, events: list[EventToWrite]
) -> None:
    wanted = WANTED | {(each.provider.lower(), each.event_id) for each in events}
    old = build_event_log([*events[:1], *processes(1, 1), *events[1:]])
    whole = {each.record_id: each.data for each in read(old, reader, wanted=wanted).records}
    for length in range(1, 9):
        newest = build_event_log([windows_event("Other", 1, "N" * length, data={"Other": "x"})])
        recovered = read(used_again(old, newest), reader, wanted=wanted).recovered
        assert all(each.data == whole[each.record_id] for each in recovered)
