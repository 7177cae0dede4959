"""Records beyond the live ones: none is missed that can be had whole, and none is ever made up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.evtx.record import RecordState
from tests.builders.event_log import build_event_log
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import image_loaded, process_created
from tests.parsers.evtx.reading import (
    CHUNK_HEADER,
    Reading,
    offsets_of_records,
    read,
    with_bytes,
)
from tests.parsers.evtx.stale_records import (
    START,
    TIME,
    as_recovered,
    end_of_records,
    originals,
    processes,
    used_again,
)
from tests.parsers.evtx.twenty_records import both_readers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.evtx.sweep import Reader
    from tests.builders.event_to_write import EventToWrite

OLD = build_event_log(processes(1, 20))
NEW = build_event_log(processes(501, 4))
REUSED = used_again(OLD, NEW)


@both_readers
def test_records_behind_the_free_space_come_back_as_they_were(reader: Reader) -> None:
    reading = read(REUSED, reader)
    whole = [each for each in read(OLD, reader).records if each.location.offset >= end_of_records(NEW)]
    assert list(reading.live) == list(read(NEW, reader).records)
    assert list(reading.recovered) == as_recovered(whole)
    assert len(whole) in {15, 16}


def test_recovered_records_are_never_framed_and_never_damage() -> None:
    ledger = read(REUSED).ledger
    assert (ledger.framed, ledger.emitted, ledger.irrelevant, ledger.failed) == (4, 4, 0, 0)
    assert (ledger.recovered, ledger.damage) == (len(read(REUSED).recovered), ())
    assert ledger.completeness.records == 4
    assert (ledger.completeness.own.lowest_id, ledger.completeness.own.highest_id) == (501, 504)
    assert ledger.last_written == TIME + 504


def test_nothing_is_recovered_where_that_is_not_asked_for() -> None:
    reading = read(REUSED, recover=False)
    assert list(reading.records) == list(read(NEW).records)
    assert (reading.ledger.recovered, reading.ledger.recovered_computers) == (0, ())
    assert reading.ledger == replace(read(REUSED).ledger, recovered=0, recovered_computers=())


def test_events_that_nobody_asked_for_are_not_recovered() -> None:
    others = [replace(each, event_id=5) for each in processes(1, 20)]
    assert read(used_again(build_event_log(others), NEW)).recovered == ()


def test_the_machines_of_recovered_records_are_named_apart() -> None:
    """The machine's name is a part of the template, so only what brings its own one is recovered."""
    services = [service_installed(record_id=number, computer="PC2") for number in (3, 4, 5)]
    old = build_event_log([*processes(1, 2, "PC2"), *services])
    reading = read(used_again(old, build_event_log(processes(501, 1))))
    assert [each.record_id for each in reading.recovered] == [3, 4, 5]
    assert (reading.ledger.computers, reading.ledger.last_computer) == (("PC1",), "PC1")
    assert reading.ledger.recovered_computers == ("PC2",)


@both_readers
def test_what_another_template_at_its_place_would_misread_is_left_alone(reader: Reader) -> None:
    newest = build_event_log([process_created(record_id=501, computer="PC1", field_count=16)])
    reading = read(used_again(OLD, newest), reader)
    assert reading.ledger.framed == 1
    assert reading.recovered == ()
    assert reading.ledger.damage == ()


@both_readers
def test_stale_records_that_bring_their_own_template_are_recovered(reader: Reader) -> None:
    old = build_event_log([*processes(1, 4), *(image_loaded(record_id=n, computer="PC1") for n in (5, 6, 7))])
    newest = build_event_log([process_created(record_id=501, computer="PC1", field_count=16)])
    reading = read(used_again(old, newest), reader)
    expected = [each for each in read(old, reader).records if each.event_id == 7]
    assert len(expected) == 3
    assert list(reading.recovered) == as_recovered(expected)


@both_readers
def test_a_template_whose_names_were_overwritten_gives_no_record(reader: Reader) -> None:
    services = [service_installed(record_id=number, computer="PC2") for number in (3, 4, 5)]
    old = build_event_log([*processes(1, 2, "PC2"), *services])
    stale = [each for each in read(old, reader).records if each.event_id == 7045]
    for length in range(1, 12):
        newest = build_event_log(processes(501, 1, "N" * length))
        recovered = read(used_again(old, newest), reader).recovered
        assert list(recovered) in ([], as_recovered(stale))
        assert (length == 3) <= bool(recovered)


@both_readers
def test_a_chunk_without_its_signature_gives_its_records_as_recovered(reader: Reader) -> None:
    reading = read(with_bytes(OLD, START, bytes(8)), reader)
    assert list(reading.recovered) == as_recovered(read(OLD, reader).records)
    assert (reading.live, reading.ledger.framed, reading.ledger.chunks) == ((), 0, 0)
    assert reading.reasons == ["these bytes are not empty but no chunk begins here"]


@both_readers
def test_a_chunk_without_its_whole_header_gives_its_records_as_recovered(reader: Reader) -> None:
    reading = read(with_bytes(OLD, START, bytes(CHUNK_HEADER)), reader)
    assert list(reading.recovered) == as_recovered(read(OLD, reader).records)


@both_readers
def test_a_live_record_whose_template_was_overwritten_fails_and_is_not_misread(reader: Reader) -> None:
    other = build_event_log([process_created(record_id=1, computer="PC1", field_count=16)])
    first, second = offsets_of_records(OLD, 0)[:2]
    patch = other[START + first : end_of_records(other)]
    log = with_bytes(OLD, START + first, patch)
    assert len(patch) < second - first
    reading = read(log, reader, recover=False)
    assert [each.data for each in reading.records] == [each.data for each in read(other, reader).records]
    assert (reading.ledger.framed, reading.ledger.failed) == (20, 19)
    reason = "a template that it uses was overwritten, so its fields cannot be told apart"
    told = [each for each in reading.reasons if reason in each]
    assert told == [f"record {number} cannot be read: {reason}" for number in range(2, 21)]


@both_readers
@pytest.mark.parametrize("inserted", [8, 512, 4096])
def test_chunks_out_of_their_places_give_their_records_as_recovered(reader: Reader, inserted: int) -> None:
    log = build_event_log(processes(1, 30), records_per_chunk=10)
    moved = log[:START] + bytes(inserted) + log[START:]

    found = read(moved, reader)

    assert [record.record_id for record in found.records] == list(range(1, 31))
    assert {record.state for record in found.records} == {RecordState.RECOVERED}
    assert [each.location.offset - inserted for each in found.records] == [
        each.location.offset for each in read(log, reader).records
    ]


@pytest.mark.parametrize("cut", [1, 4, 24, 200])
def test_a_stale_record_that_is_not_whole_is_left_alone(cut: int) -> None:
    last = offsets_of_records(OLD, 0)[-1]
    log = with_bytes(REUSED, end_of_records(OLD) - cut, b"\xff" * cut)
    assert [each.record_id for each in read(log).recovered][-1] == 19
    log = with_bytes(REUSED, START + last, b"\xff" * cut)
    assert [each.record_id for each in read(log).recovered][-1] == 19


def test_a_stale_record_under_another_number_is_left_alone() -> None:
    last = offsets_of_records(OLD, 0)[-1]
    log = with_bytes(REUSED, START + last + 8, (99).to_bytes(8, "little"))
    assert [each.record_id for each in read(log).recovered][-1] == 19


KINDS = st.sampled_from(["process", "short process", "image", "service"])
EVENTS = st.lists(st.tuples(KINDS, st.integers(0, 120)), min_size=1, max_size=12)


def event(kind: str, record_id: int, length: int) -> EventToWrite:
    common = {
        "record_id": record_id,
        "computer": "PC1".ljust(3 + length % 3, "X"),
        "time_created": TIME + record_id,
    }
    text = "x" * length
    match kind:
        case "process":
            return process_created(**common, command_line=text)  # type: ignore[arg-type] # one of several types
        case "short process":
            return process_created(**common, field_count=16, command_line=text)  # type: ignore[arg-type]
        case "image":
            return image_loaded(**common, description=text)  # type: ignore[arg-type]
        case _:
            return service_installed(**common, service_name=text)  # type: ignore[arg-type]


def generation(events: list[tuple[str, int]], first_id: int) -> bytes:
    written = [event(kind, first_id + place, length) for place, (kind, length) in enumerate(events)]
    return build_event_log(written)


def overlay(generations: Sequence[bytes]) -> bytes:
    log = generations[0]
    for newer in generations[1:]:
        log = used_again(log, newer)
    return log


def assert_nothing_is_made_up(reading: Reading, generations: Sequence[bytes]) -> None:
    known = originals(*generations)
    for each in reading.recovered:
        original = known[each.location.offset, each.record_id]
        assert replace(each, state=RecordState.LIVE) == original


@settings(deadline=None, max_examples=100)
@given(st.lists(EVENTS, min_size=2, max_size=4))
def test_no_record_is_ever_made_up(drawn: list[list[tuple[str, int]]]) -> None:
    generations = [generation(events, 100 * place) for place, events in enumerate(drawn, start=1)]
    reading = read(overlay(generations))
    assert reading.live == read(generations[-1]).records
    assert_nothing_is_made_up(reading, generations)


@settings(deadline=None, max_examples=60)
@given(EVENTS, EVENTS, st.integers(0, 20_000), st.integers(1, 3000))
def test_a_hole_makes_no_record_where_none_was(
    old: list[tuple[str, int]], new: list[tuple[str, int]], at: int, length: int
) -> None:
    generations = [generation(old, 100), generation(new, 200)]
    log = overlay(generations)
    log = with_bytes(log, START + 8 + at, bytes(min(length, len(log) - START - 8 - at)))
    known = originals(*generations)
    assert {(each.location.offset, each.record_id) for each in read(log).recovered} <= known.keys()
