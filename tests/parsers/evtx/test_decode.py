"""The decoder is given chunks so that one bad record costs itself and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.evtx.decode import decode_chunk
from parsers.evtx.frame import Frame, frame_chunk
from tests.builders.event_log import build_event_log
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created
from tests.parsers.evtx.reading import CHUNK, CHUNK_HEADER, with_bytes, with_flip, with_stale_chunk_header

if TYPE_CHECKING:
    from parsers.evtx.decode import Decoded

AT = 4096
EVENTS = [
    service_installed(record_id=number) if number % 4 == 3 else process_created(record_id=number)
    for number in range(1, 13)
]
LOG = build_event_log(EVENTS)


def frames_of(log: bytes) -> tuple[Frame, ...]:
    return frame_chunk(log[AT : AT + CHUNK], AT).frames


def decode(log: bytes, frames: tuple[Frame, ...]) -> tuple[Decoded, ...]:
    return decode_chunk(log[AT : AT + CHUNK], frames)


def record_id(document: Decoded) -> int:
    assert isinstance(document, dict)
    return int(document["Event"]["System"]["EventRecordID"])


FRAMES = frames_of(LOG)
SOUND = decode(LOG, FRAMES)
INLINE_TEMPLATES = {0, 2}
"""The first record of each kind holds the template of all the others."""


def test_each_frame_gets_its_own_document() -> None:
    assert [record_id(document) for document in SOUND] == list(range(1, 13))


def test_no_frames_give_no_documents() -> None:
    assert decode(LOG, ()) == ()


@pytest.mark.parametrize("place", range(12))
def test_a_record_is_decoded_alone_as_it_is_among_others(place: int) -> None:
    assert decode(LOG, (FRAMES[place],)) == (SOUND[place],)


@given(st.sets(st.integers(0, 11), min_size=1))
def test_any_choice_of_frames_is_decoded_as_all_are(places: set[int]) -> None:
    chosen = sorted(places)
    assert decode(LOG, tuple(FRAMES[place] for place in chosen)) == tuple(SOUND[place] for place in chosen)


@pytest.mark.parametrize("known", [1, 6, 11])
def test_a_lagging_header_hides_no_record_from_the_decoder(known: int) -> None:
    assert decode(with_stale_chunk_header(LOG, 0, known), FRAMES) == SOUND


def test_a_header_of_zeros_hides_no_record_from_the_decoder() -> None:
    log = with_bytes(LOG, AT + 8, bytes(CHUNK_HEADER - 8))
    assert decode(log, FRAMES) == SOUND


@pytest.mark.parametrize("place", sorted(set(range(12)) - INLINE_TEMPLATES))
def test_a_record_that_cannot_be_decoded_costs_only_itself(place: int) -> None:
    offset = AT + FRAMES[place].offset + 24
    results = decode(with_bytes(LOG, offset, b"\xee" * 30), FRAMES)
    assert isinstance(results[place], str)
    assert results[place]
    assert [result for at, result in enumerate(results) if at != place] == [
        document for at, document in enumerate(SOUND) if at != place
    ]


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(sorted(set(range(12)) - INLINE_TEMPLATES)),
    st.integers(0, 3000),
    st.integers(1, 255),
)
def test_a_wrong_byte_costs_no_other_record(place: int, at: int, bits: int) -> None:
    frame = FRAMES[place]
    log = with_flip(LOG, AT + frame.offset + at % frame.size, bits)
    found = {
        each.offset: result for each, result in zip(frames_of(log), decode(log, frames_of(log)), strict=True)
    }
    for each, document in zip(FRAMES, SOUND, strict=True):
        if each != frame:
            assert found[each.offset] == document


def test_a_chunk_cut_behind_its_records_is_decoded_as_a_whole_one() -> None:
    end = FRAMES[-1].offset + FRAMES[-1].size
    assert decode_chunk(LOG[AT : AT + end], FRAMES) == SOUND


def test_a_record_of_the_wrong_size_is_decoded_by_the_size_that_framing_gives() -> None:
    frame = FRAMES[4]
    log = with_flip(LOG, AT + frame.offset + 4, 0x10)
    assert decode(log, (replace(frame, whole=False),)) == (SOUND[4],)


def test_records_of_the_same_id_are_not_confused() -> None:
    log = build_event_log([process_created(record_id=n, header_record_id=7) for n in range(1, 6)])
    assert [record_id(document) for document in decode(log, frames_of(log))] == [1, 2, 3, 4, 5]
    assert [record_id(decode(log, (frame,))[0]) for frame in frames_of(log)] == [1, 2, 3, 4, 5]


def test_control_characters_are_kept() -> None:
    text = "".join(map(chr, range(1, 0x20))) + "\x7f\x85\u2028"
    log = build_event_log([process_created(computer=f"PC{text}", command_line=text)])
    (document,) = decode(log, frames_of(log))
    assert isinstance(document, dict)
    assert document["Event"]["EventData"]["CommandLine"] == text
    assert document["Event"]["System"]["Computer"] == f"PC{text}"


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400), st.integers(CHUNK_HEADER, CHUNK_HEADER + 5000))
def test_any_bytes_give_a_document_or_a_reason_for_every_frame(junk: bytes, at: int) -> None:
    log = with_bytes(LOG, AT + at, junk)
    frames = frames_of(log)
    results = decode(log, frames)
    assert len(results) == len(frames)
    assert all(isinstance(result, dict) or result for result in results)
