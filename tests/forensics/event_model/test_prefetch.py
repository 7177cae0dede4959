from __future__ import annotations

import json
from typing import TYPE_CHECKING

from forensics.event_model.event import NO_TIME
from forensics.event_model.prefetch import prefetch_events
from parsers.evidence.source import ArtifactKind
from parsers.prefetch.reader import read_prefetch
from tests.builders.artifacts import artifact_of
from tests.builders.prefetch import PrefetchToWrite, build_prefetch
from tests.builders.rustdesk_files import PREFETCH

if TYPE_CHECKING:
    from forensics.event_model.event import Event


def events_of(written: PrefetchToWrite) -> list[Event]:
    content = build_prefetch(written)
    artifact = artifact_of(content, PREFETCH, kind=ArtifactKind.PREFETCH)
    return list(prefetch_events(read_prefetch(content, PREFETCH), artifact))


def test_every_run_that_is_kept_is_a_row() -> None:
    written = PrefetchToWrite(run_count=12)
    events = events_of(written)

    assert [each.origin.ticks for each in events] == list(written.run_times)
    first = events[0]
    assert first.message == f"Program run: {written.files[1]}, 12 runs counted (Prefetch)"
    assert (first.columns["FileName"], first.columns["FolderPath"]) == ("RUSTDESK.EXE", written.files[1])
    assert first.origin.time_means == "Program run (Prefetch)"
    assert first.origin.locator == "run time 1 of 2"
    assert json.loads(str(first.columns["AdditionalFields"])) == {
        "Source": "Prefetch",
        "RunCount": 12,
        "PrefetchHash": "1A2B3C4D",
        "PrefetchFile": "RUSTDESK.EXE-1A2B3C4D.pf",
    }


def test_a_file_without_a_time_is_a_row_without_a_time() -> None:
    (event,) = events_of(PrefetchToWrite(run_times=(), run_count=1))

    assert event.columns["Timestamp"] == event.origin.ticks == NO_TIME
    assert event.message.endswith("1 run counted (Prefetch)")
