from __future__ import annotations

import os
import pickle
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import filetime
from parsers.evtx import decode, json_fields, layout
from parsers.evtx.completeness import (
    RecordFacts,
    Tally,
    gap_text,
    merge,
    reset_text,
    step_back_text,
    tally,
)
from parsers.evtx.continuity import Gap, Reset
from parsers.evtx.frame import frame_chunk
from parsers.evtx.record_runs import LISTED, StepBack

if TYPE_CHECKING:
    from collections.abc import Iterator

T = filetime.from_text("2024-01-02T00:00:00Z")
SECOND = filetime.TICKS_PER_SECOND

ids = st.integers(0, 40)
times = st.integers(0, 60)
facts = st.builds(RecordFacts, ids, st.none() | ids, times, st.none() | times)
logs = st.lists(facts, max_size=40)


def native(*record_ids: int) -> list[RecordFacts]:
    """Return records of a log that was neither exported nor forwarded, one a second of its numbering."""
    return [RecordFacts(each, each, T + each * SECOND, T + each * SECOND) for each in record_ids]


def at(record_id: int, time: int) -> RecordFacts:
    return RecordFacts(record_id, record_id, time, time)


def test_a_log_without_gaps_is_continuous() -> None:
    told = tally(native(5, 6, 7, 8)).completeness()

    assert (told.records, told.own.lowest_id, told.own.highest_id) == (4, 5, 8)
    assert (told.own.gaps, told.own.repeated, told.own.resets, told.own.turns) == ((), 0, (), 0)
    assert (told.first_written, told.last_written) == (T + 5 * SECOND, T + 8 * SECOND)


def test_a_gap_has_its_numbers_and_the_times_on_both_sides() -> None:
    told = tally(native(1, 2, 6, 7)).completeness().own

    assert told.gaps == (Gap(3, 5, T + 2 * SECOND, T + 6 * SECOND),)
    assert (told.gap_count, told.missing) == (1, 3)


def test_a_circular_log_has_a_turn_and_no_gap() -> None:
    told = tally(native(21, 22, 23, 18, 19, 20)).completeness().own

    assert (told.gaps, told.turns, told.resets, told.steps_back) == ((), 1, (), 0)


def test_a_gap_across_the_turn_of_a_circular_log_is_found() -> None:
    assert tally(native(21, 22, 17, 18)).completeness().own.gaps == (
        Gap(19, 20, T + 18 * SECOND, T + 21 * SECOND),
    )


def test_chunks_out_of_order_leave_no_gap() -> None:
    told = tally(native(1, 2, 5, 6, 3, 4, 7, 8)).completeness().own

    assert (told.gaps, told.steps_back, told.turns) == ((), 0, 1)


def test_repeated_numbers_are_counted() -> None:
    told = tally([*native(1, 2, 3, 4), *native(2, 3), *native(4, 4)]).completeness().own

    assert (told.repeated, told.records, told.gaps) == (4, 8, ())


def test_numbers_that_fall_while_time_goes_on_began_again() -> None:
    told = tally([at(900, T), at(901, T + 1), at(1, T + 2), at(2, T + 3), at(4, T + 4)]).completeness().own

    assert told.resets == (Reset(901, T + 1, 1, T + 2),)
    assert (told.gaps, told.repeated) == ((Gap(3, 3, T + 3, T + 4),), 0)


def test_the_same_numbers_after_a_reset_are_not_repeats() -> None:
    told = tally([at(1, T), at(2, T + 1), at(1, T + 5), at(2, T + 6)]).completeness().own

    assert (told.repeated, told.reset_count) == (0, 1)


def test_times_that_step_back_are_counted_and_the_largest_come_first() -> None:
    told = tally([at(1, T), at(2, T - 5), at(3, T + 9), at(7, T), at(8, T + 1)]).completeness().own

    assert told.steps_back == 2
    assert told.largest_steps_back == (StepBack(9, 3, T + 9, 7, T), StepBack(5, 1, T, 2, T - 5))


def test_a_step_back_across_the_turn_of_a_circular_log_is_found() -> None:
    told = tally([at(21, T + 2), at(22, T + 3), at(19, T), at(20, T + 9)]).completeness().own

    assert [(step.id_before, step.id_after) for step in told.largest_steps_back] == [(20, 21)]


def test_a_record_that_cannot_be_decoded_is_not_absent() -> None:
    told = tally([*native(1), RecordFacts(2, None, T, None), *native(3)]).completeness()

    assert (told.own.gaps, told.without_id, told.ids_differ) == ((), 1, 0)


def test_an_export_tells_what_is_absent_of_the_first_log_and_of_the_file() -> None:
    exported = [RecordFacts(1, 700, T, T), RecordFacts(2, 705, T, T), RecordFacts(4, 706, T, T)]

    told = tally(exported).completeness()

    assert told.ids_differ == 3
    assert told.own.gaps == (Gap(701, 704, T, T),)
    assert told.in_file.gaps == (Gap(3, 3, T, T),)


def test_numbers_that_no_log_can_have_are_no_numbers() -> None:
    told = tally([RecordFacts(1, -1, T, -5), RecordFacts(2, 1 << 64, 1 << 64, None)]).completeness()

    assert (told.without_id, told.first_created, told.first_written, told.last_written) == (2, None, T, T)


def test_only_the_largest_gaps_are_listed_and_all_are_counted() -> None:
    sparse = native(*range(0, 2 * LISTED + 20, 2), 5000)

    told = tally(sparse).completeness().own

    assert (told.gap_count, len(told.gaps)) == (LISTED + 10, LISTED)
    assert told.gaps[-1].last_missing == 4999
    assert told.missing == sum(range(0)) + (LISTED + 9) + (4999 - 2 * LISTED - 18)


def test_an_empty_log_says_nothing() -> None:
    told = tally([]).completeness()

    assert (told.records, told.own.lowest_id, told.first_written, told.own.gaps) == (0, None, None, ())


@given(logs, logs, logs)
def test_merging_is_associative(
    one: list[RecordFacts], two: list[RecordFacts], three: list[RecordFacts]
) -> None:
    a, b, c = tally(one), tally(two), tally(three)

    assert merge(merge(a, b), c) == merge(a, merge(b, c)) == tally(one + two + three)


@given(logs, st.integers(1, 7))
def test_where_a_log_is_cut_into_batches_does_not_matter(log: list[RecordFacts], size: int) -> None:
    batches = [tally(log[start : start + size]) for start in range(0, len(log), size)]
    sent = [pickle.loads(pickle.dumps(batch)) for batch in batches]  # noqa: S301 - as between processes

    assert reduce(merge, sent, Tally()) == tally(log)


@given(st.sets(ids), st.integers(0, 40))
def test_where_a_circular_log_turns_does_not_matter(kept: set[int], turn: int) -> None:
    in_order = native(*sorted(kept))
    turned = in_order[turn:] + in_order[:turn]

    told, expected = tally(turned).completeness().own, tally(in_order).completeness().own

    assert (told.gaps, told.missing, told.steps_back) == (
        expected.gaps,
        expected.missing,
        expected.steps_back,
    )


@given(st.lists(st.tuples(ids, times), max_size=40))
def test_gaps_repeats_and_steps_back_are_those_of_plain_counting(log: list[tuple[int, int]]) -> None:
    told = tally(at(record_id, time) for record_id, time in log).completeness().own

    stretches = list(between_resets(log))
    missing = sum(
        max(held) - min(held) + 1 - len(held) for each in stretches if (held := {i for i, _ in each})
    )
    assert told.reset_count == max(0, len(stretches) - 1)
    assert told.missing == missing
    assert told.repeated == len(log) - sum(len({i for i, _ in each}) for each in stretches)


@given(st.permutations(range(12)), st.lists(st.integers(1, 30), min_size=12, max_size=12))
def test_every_step_back_in_order_of_numbers_is_counted(order: list[int], clock: list[int]) -> None:
    log = [(each, clock[each]) for each in order]

    told = tally(at(record_id, time) for record_id, time in log).completeness().own

    by_number = [sorted(each) for each in between_resets(log)]
    assert told.steps_back == sum(a[1] > b[1] for each in by_number for a, b in pairwise(each))


def between_resets(log: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    stretch: list[tuple[int, int]] = []
    for record_id, time in log:
        if stretch and record_id < stretch[-1][0] and 0 < stretch[-1][1] < time:
            yield stretch
            stretch = []
        stretch.append((record_id, time))
    yield stretch


def test_the_wording_says_absent_and_gives_no_reason() -> None:
    gap = gap_text(Gap(3, 5, T, 0))

    assert gap == (
        "Records 3 to 5 (3) are absent from this file; "
        "the record before is of 2024-01-02T00:00:00.0000000Z, the next of an unknown time"
    )
    assert gap_text(Gap(3, 3, T, 1 << 63)).startswith("Record 3 is absent from this file; ")
    assert reset_text(Reset(9, T, 1, T + 1)).endswith("numbering began again")
    assert " is 5,872,384.8206378 s earlier than record 1 of " in step_back_text(
        StepBack(58_723_848_206_378, 1, T, 2, T)
    )


@pytest.mark.parametrize("word", ["delete", "remove", "clear", "erase", "tamper", "lost"])
def test_no_wording_says_what_became_of_a_record(word: str) -> None:
    texts = [gap_text(Gap(3, 5, T, T)), gap_text(Gap(3, 3, T, T)), reset_text(Reset(9, T, 1, T + 1))]
    texts.append(step_back_text(StepBack(1, 1, T, 2, T - 1)))

    assert not [text for text in texts if word in text.lower()]


def of_corpus(name: str) -> Tally:
    corpus = os.environ.get("FORENSICS_CORPUS")
    if corpus is None:
        pytest.skip("FORENSICS_CORPUS is not set")
    content = Path(corpus, "evtx", "omerbenamram", name).read_bytes()
    starts = range(layout.FILE_HEADER_SIZE, len(content), layout.CHUNK_SIZE)
    return reduce(
        merge, (tally(of_chunk(content[start : start + layout.CHUNK_SIZE])) for start in starts), Tally()
    )


def of_chunk(chunk: bytes) -> Iterator[RecordFacts]:
    if not chunk.startswith(layout.CHUNK_SIGNATURE):
        return
    frames = frame_chunk(chunk, 0).frames
    for frame, decoded in zip(frames, decode.decode_chunk(chunk, frames), strict=True):
        own = None if isinstance(decoded, str) else json_fields.identity(decoded).record_id
        yield RecordFacts(frame.record_id, own, frame.written, None)


def test_a_real_log_has_its_known_gap() -> None:
    told = of_corpus("2-vss_7-System.evtx").completeness().own

    assert [(gap.first_missing, gap.last_missing) for gap in told.gaps] == [(1156, 1417)]


def test_a_real_log_has_its_known_steps_back() -> None:
    told = of_corpus("system.evtx").completeness().own

    assert (told.records, told.steps_back) == (1881, 46)
    assert told.largest_steps_back[0].ticks // SECOND == 5_872_384


def test_a_real_export_tells_its_own_numbers_from_the_files() -> None:
    told = of_corpus("Security_short_selected.evtx").completeness()

    assert told.ids_differ == 7
    assert told.own.gap_count == 3
    assert told.in_file.gaps == ()
