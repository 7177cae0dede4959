"""What grounds a finding, read again by a second library: which rows both agree on, and where they do not.

Records of event logs are read by ``evtx`` and by python-evtx, values of hives by python-registry and by
regipy. Neither outcome hides or changes a finding: it is told beside it. A copy that does not speak is not
read again. What there is one reader for is said to have one.

No more than :data:`MOST_READ_AGAIN` records are read again, since the slow reader takes some five
milliseconds for each. Those come first that matter most: not the loads of images, then by severity, of these
executions and services, then in the timeline's order. Which they are does not depend on how many processes
read.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.event_model.hive_origin import ROOT
from forensics.processes import processes
from forensics.readers_cell import ReaderDifference, reader_differences, readers_cell
from forensics.severity import LEVELS
from parsers.evtx.second_reader import RecordsToRead, RecordToRead, read_records_again
from parsers.hive.second_reader import ValuesToRead, ValueToRead, read_values_again
from parsers.two_readings import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from forensics.artifact_reading import ArtifactReading
    from forensics.conclusions import Concluded
    from forensics.event_model.provenance import EventProvenance
    from forensics.finding import Found
    from forensics.reading import ReadEvidence
    from parsers.two_readings import TwoReadings

MOST_READ_AGAIN: Final = 20_000
"""Records and values: with two processes the slow reader takes about a minute for so many."""

BEYOND_BOUND: Final = "not read again (bound)"

POOL_FROM_RECORDS: Final = 600
"""Fewer records are read again faster than processes start."""

_RECORDS_PER_TASK: Final = 64
_LAST: Final = "rustdesk_image_load"
_FIRST: Final = frozenset({"rustdesk_execution", "rustdesk_service_installed", "rustdesk_service_key"})
_ENTRY: Final = re.compile(r", entry ([0-9]+) at byte ")

SINGLE_READERS: Final[Mapping[str, str]] = {
    "RustDesk log": "this program",
    "RustDesk configuration": "tomllib",
    "Startup link": "liblnk",
    "Prefetch": "libscca",
}
"""By artifact, the one reader that there is; ``tomllib`` is Python's own."""

_EVENT_LOG: Final = "EVTX"
_HIVE: Final = "SYSTEM hive"

Told = Callable[[str, int, int], None]
"""Told what is being done, how many records of it are done, and of how many."""


class Effort(NamedTuple):
    """How many processes read again, and how many records at most."""

    workers: int = 1
    most: int = MOST_READ_AGAIN


class RecordReadAgain(NamedTuple):
    """What became of one record: the text of the column ``readers``, and what is not alike with its texts."""

    verdict: Verdict
    cell: str
    differences: tuple[ReaderDifference, ...] = ()


@dataclass(frozen=True, slots=True)
class SecondReading:
    """What became of each record that grounds a finding, by its ReportId; ``most`` could be read again."""

    records: Mapping[int, RecordReadAgain] = field(default_factory=dict)
    most: int = MOST_READ_AGAIN

    def of(self, report_id: int) -> RecordReadAgain:
        """Return what became of a record."""
        return self.records.get(report_id, _NOT_ASKED)

    @property
    def counts(self) -> dict[str, int]:
        """How many records came to what, by verdict; all verdicts are there."""
        counts = Counter(each.verdict for each in self.records.values())
        return {verdict.value: counts[verdict] for verdict in Verdict}


class _Task(NamedTuple):
    """Records to be read by one worker, and whose they are."""

    report_ids: tuple[int, ...]
    work: RecordsToRead | ValuesToRead


def read_again(
    found: Iterable[Found],
    concluded: Concluded,
    read: ReadEvidence,
    effort: Effort,
    told: Told = lambda _what, _done, _total: None,
) -> SecondReading:
    """Read the records of ``found`` again and compare; ``told`` is told how it goes on.

    The evidence must still be at hand, with copies of what lay in archives. Raises AnalysisError where a
    process dies.
    """
    events = {each.event.report_id: each.event for each in _by_importance(found, concluded)}
    records = {report_id: _single(event) for report_id, event in events.items() if not _is_twofold(event)}
    twofold = [event for report_id, event in events.items() if report_id not in records]
    records |= {each.report_id: _TOO_MANY for each in twofold[effort.most :]}
    tasks = list(_tasks(twofold[: effort.most], read))
    done, total = 0, len(twofold[: effort.most])
    with processes(effort.workers, worth_it=total >= POOL_FROM_RECORDS) as executor:
        mapped = map if executor is None else executor.map
        for task, readings in zip(tasks, mapped(_read, (each.work for each in tasks)), strict=True):
            told("Reading findings again", done, total)
            records |= dict(zip(task.report_ids, map(_compared, readings), strict=True))
            done += len(readings)
    return SecondReading(records, effort.most)


def _read(work: RecordsToRead | ValuesToRead) -> tuple[TwoReadings, ...]:
    return read_records_again(work) if isinstance(work, RecordsToRead) else read_values_again(work)


def _compared(read: TwoReadings) -> RecordReadAgain:
    return RecordReadAgain(read.verdict, readers_cell(read), reader_differences(read))


def _by_importance(found: Iterable[Found], concluded: Concluded) -> list[Found]:
    """Return ``found`` with what matters most first; of one record that it grounds, the severest first."""
    weighed = concluded.weighed

    def order(numbered: tuple[int, Found]) -> tuple[bool, int, bool, int]:
        place, each = numbered
        severity = LEVELS.index(weighed[each.key].severity)
        finding = each.rule.finding
        return finding == _LAST, -severity, finding not in _FIRST, place

    return [each for _, each in sorted(enumerate(found), key=order)]


def _is_twofold(event: EventProvenance) -> bool:
    return event.artifact in {_EVENT_LOG, _HIVE}


def _single(event: EventProvenance) -> RecordReadAgain:
    reader = SINGLE_READERS.get(event.artifact, "this program")
    return RecordReadAgain(Verdict.SINGLE_READER, f"single reader: {reader}")


def _tasks(events: Sequence[EventProvenance], read: ReadEvidence) -> Iterator[_Task]:
    """Give what is to be read, artifact by artifact and in each in the order of its bytes."""
    by_artifact: dict[tuple[str, str], list[EventProvenance]] = defaultdict(list)
    for event in sorted(events, key=lambda each: (each.offset, each.report_id)):
        by_artifact[event.evidence_id, event.source_path].append(event)
    for reading in read.readings:
        own = by_artifact.get((reading.artifact.evidence_id, reading.artifact.path), [])
        yield from _of_hive(own, reading) if reading.hive is not None else _of_log(own, reading)


def _of_log(events: Sequence[EventProvenance], reading: ArtifactReading) -> Iterator[_Task]:
    for start in range(0, len(events), _RECORDS_PER_TASK):
        own = events[start : start + _RECORDS_PER_TASK]
        records = tuple(
            RecordToRead(each.offset, each.record_state == _RECOVERED, each.event_id, each.record_id)
            for each in own
        )
        yield _Task(_ids(own), RecordsToRead(reading.artifact.source, records))


def _of_hive(events: Sequence[EventProvenance], reading: ArtifactReading) -> Iterator[_Task]:
    replay = reading.replay
    for replayed in (False, True):
        own = [each for each in events if (each.record_state == _REPLAYED) == replayed]
        data = replay.data if replayed and replay is not None else None
        if own:
            values = tuple(map(_value, own))
            yield _Task(_ids(own), ValuesToRead(reading.artifact.source, data, values))


def _value(event: EventProvenance) -> ValueToRead:
    entry = _ENTRY.search(event.locator)
    path = event.channel_or_key.removeprefix(ROOT)
    return ValueToRead(path, event.offset, int(entry[1]) if entry else None)


def _ids(events: Sequence[EventProvenance]) -> tuple[int, ...]:
    return tuple(each.report_id for each in events)


_RECOVERED: Final = "recovered"
_REPLAYED: Final = "log_replayed"
_NOT_ASKED: Final = RecordReadAgain(Verdict.NOT_READ_AGAIN, "")
_TOO_MANY: Final = RecordReadAgain(Verdict.BEYOND_BOUND, BEYOND_BOUND)
