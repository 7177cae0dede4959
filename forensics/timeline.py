"""Findings to rows of the timeline, in order, each saying to which others it belongs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from forensics.correlation import distance_text
from forensics.event_model.provenance import Relation
from forensics.event_model.time_flags import TimeFlag, with_flag
from forensics.operator_server import find_operator_server
from forensics.timeline_row import Related, TimelineRow
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.conclusions import Concluded
    from forensics.correlation import Near
    from forensics.event_model.provenance import EventProvenance
    from forensics.finding import Found, FoundKey
    from forensics.second_reading import SecondReading
    from forensics.service_story import ServiceStory

_RESTS_ON: Final = {
    "recovered": "recovered record: from slack, or from a chunk without its header",
    "log_replayed": "only in the hive's transaction logs",
    "non_current_control_set": "in a control set that is not the current one",
}
"""What is said of a row by the state of its record."""


def to_timeline(
    found: Sequence[Found], concluded: Concluded, second: SecondReading
) -> tuple[TimelineRow, ...]:
    """Return a row for each of ``found``, which are in the contract's order, numbered from 1.

    ``second`` is what reading their records again came to.
    """
    rows = _Rows(found, concluded, second)
    return tuple(rows.row(each, number) for number, each in enumerate(found, start=1))


class _Rows:
    def __init__(self, found: Sequence[Found], concluded: Concluded, second: SecondReading) -> None:
        self._concluded = concluded
        self._second = second
        self._numbers = {each.key: number for number, each in enumerate(found, start=1)}
        self._near = {each.context.key: each for each in concluded.near}
        self._stories: dict[FoundKey, list[ServiceStory]] = defaultdict(list)
        for story in concluded.stories:
            for _, member in story.found:
                self._stories[member.key].append(story)

    def row(self, found: Found, number: int) -> TimelineRow:
        rule, event = found.rule, found.event
        again = self._second.of(event.report_id)
        return TimelineRow(
            datetime=_datetime(event),
            timestamp_desc=event.time_means,
            message=self._message(found),
            row=number,
            finding=rule.finding,
            activity=found.activity,
            severity=self._concluded.weighed[found.key].severity.value,
            basis=rule.basis.value,
            rule_id=rule.rule_id,
            attack=";".join(rule.attack),
            device_name=event.device_name,
            device_id=event.device_id,
            device_role=self._concluded.roles[event.device_id].role.value,
            user=event.user,
            artifact=event.artifact,
            channel_or_key=event.channel_or_key,
            provider=event.provider,
            event_id=event.event_id,
            record_id=event.record_id,
            service_name=event.service_name,
            image_path=event.image_path,
            command_line=event.command_line,
            parent_image=event.parent_image,
            parent_command_line=event.parent_command_line,
            process_id=event.process_id,
            process_guid=event.process_guid,
            hashes=event.hashes,
            raw_time=event.raw_time,
            time_flags=self._time_flags(event),
            record_state=event.record_state,
            altered_fields=event.altered_fields,
            readers=again.cell,
            copies=event.copies,
            evidence_id=event.evidence_id,
            source_path=event.source_path,
            source_sha256=event.source_sha256,
            locator=event.locator,
            ticks=event.ticks,
            offset=event.offset,
            report_id=event.report_id,
            related=tuple(self._related(found)),
            other_copies=tuple(self._concluded.copies.get(event.report_id, ())),
            reader_differences=again.differences,
        )

    def _time_flags(self, event: EventProvenance) -> str:
        """Return the event's own flags and, where the clock jumped near its time, the one that says so."""
        if self._concluded.clocks.jumps.hold(event.device_id, event.ticks):
            return with_flag(event.time_flags, TimeFlag.CLOCK_JUMP)
        return event.time_flags

    def _message(self, found: Found) -> str:
        """Return the event's message and, in square brackets, what the record itself does not say."""
        notes = [f" [{note}]" for note in self._notes(found) if note]
        return found.event.message + "".join(notes)

    def _notes(self, found: Found) -> Iterator[str]:
        event = found.event
        yield _RESTS_ON.get(event.record_state, "")
        yield found.finding.detail.rstrip(". ")
        if found.is_of_rustdesk:
            server = find_operator_server(event.command_line, event.image_path)
            yield "" if server is None else server.to_text()
        for copy in self._concluded.copies.get(event.report_id, ()):
            if copy.relation == Relation.SAME_PROCESS:
                yield f"the same process is in {copy.provider} {copy.event_id}, record {copy.record_id}"
        if (near := self._near.get(found.key)) is not None:
            yield self._near_note(near)
        for story in self._stories[found.key]:
            yield self._story_note(found, story)

    def _near_note(self, near: Near) -> str:
        anchor = near.anchor
        what = f"{self._place(anchor)}, {anchor.rule.finding} on {anchor.event.device_name}"
        return f"{distance_text(near.distance)} {what}: {near.connection}"

    def _story_note(self, found: Found, story: ServiceStory) -> str:
        """Return which other artifacts tell of the service; the first row says what is missing too."""
        others: dict[str, list[Found]] = defaultdict(list)
        for artifact, member in story.found:
            if member.key != found.key:
                others[artifact].append(member)
        told_by = [f"{artifact} ({self._places(members)})" for artifact, members in others.items()]
        also = [f"also {', '.join(told_by)}"] if told_by else []
        first = story.found[0][1].key == found.key
        told = [*also, *story.differs, *(story.missing if first else ())]
        return f"service {story.name}: {'; '.join(told)}" if told else ""

    def _places(self, found: Sequence[Found]) -> str:
        """Return the rows of ``found``, and how many of them are outside the period."""
        numbers = [self._numbers[each.key] for each in found if each.key in self._numbers]
        rows = f"row{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}" if numbers else ""
        outside = len(found) - len(numbers)
        return ", ".join(filter(None, (rows, f"{outside} outside the period" if outside else "")))

    def _place(self, found: Found) -> str:
        number = self._numbers.get(found.key)
        return "a finding outside the period" if number is None else f"row {number}"

    def _related(self, found: Found) -> Iterator[Related]:
        if (near := self._near.get(found.key)) is not None:
            yield Related(self._numbers.get(near.anchor.key), near.connection.value, near.distance)
        for story in self._stories[found.key]:
            for artifact, member in story.found:
                if member.key != found.key:
                    distance = found.event.ticks - member.event.ticks
                    yield Related(self._numbers.get(member.key), f"same service: {artifact}", distance)


def _datetime(event: EventProvenance) -> str:
    """Return the event's time with the digits that its source has, or ``""`` beyond the year 9999."""
    if event.ticks > filetime.MAX_TICKS:
        return ""
    return filetime.to_text(event.ticks, event.digits)
