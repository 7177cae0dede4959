from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.sources import LOG_SOURCES
from forensics.same_event import (
    Merged,
    Position,
    Sighting,
    ValueKey,
    key_digest,
    merge_copies,
    record_key,
    value_key,
)
from parsers.evidence.known_paths import CopyKind, place_of
from parsers.evidence.source import Artifact, ArtifactKind, FileSource
from parsers.evtx.event_log import read_event_log
from parsers.evtx.record import EvtxRecord, RecordLocation, RecordState
from parsers.hive.record import HiveValue
from tests.builders.event_log import EventToWrite, build_event_log
from tests.builders.service_event import service_installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOG = "Windows/System32/winevt/Logs/System.evtx"
DEVICE = "d" * 40
RECORD = EvtxRecord(
    provider="Service Control Manager",
    event_id=7045,
    channel="System",
    computer="DC01.corp.example",
    user_sid="S-1-5-18",
    record_id=812,
    header_record_id=812,
    time_created=133_500_000_000_000_000,
    written=133_500_000_000_000_000,
    data={"ServiceName": "RustDesk", "ImagePath": r"C:\RustDesk\rustdesk.exe"},
    location=RecordLocation(0, 4608, 300),
    state=RecordState.LIVE,
)
VALUE = HiveValue("ImagePath", "REG_EXPAND_SZ", "rustdesk.exe", b"r\0u\0", 8000)
PATH = r"ControlSet001\Services\RustDesk"


def of_record(record: EvtxRecord, device_id: str = DEVICE, table: str = "DeviceEvents") -> str:
    return key_digest(record_key(record, device_id, table))


def of_value(
    value: HiveValue | None = VALUE, path: str = PATH, last_written: int = 5, device_id: str = DEVICE
) -> str:
    return key_digest(value_key(path, value, last_written, device_id, "DeviceRegistryEvents"))


@pytest.mark.parametrize(
    "copy",
    [
        replace(RECORD, header_record_id=1, written=RECORD.written + 117_000_000),
        replace(RECORD, location=RecordLocation(9, 600_000, 296), state=RecordState.CRC_BAD),
        replace(RECORD, computer="dc01.CORP.example"),
        replace(RECORD, data=dict(sorted(RECORD.data.items()))),
    ],
    ids=["exported", "elsewhere and damaged", "computer in another case", "fields in another order"],
)
def test_a_copy_of_a_record_has_its_key(copy: EvtxRecord) -> None:
    assert of_record(copy) == of_record(RECORD)


@pytest.mark.parametrize(
    "other",
    [
        replace(RECORD, record_id=813),
        replace(RECORD, time_created=RECORD.time_created + 1),
        replace(RECORD, data={**RECORD.data, "ImagePath": r"C:\RustDesk\other.exe"}),
        replace(RECORD, data={"ServiceName": "RustDeskImagePath", "": r"C:\RustDesk\rustdesk.exe"}),
        replace(RECORD, data={"ServiceName": "RustDesk"}),
        replace(RECORD, computer="DC02.corp.example"),
        replace(RECORD, channel="Application"),
        replace(RECORD, event_id=7040),
        replace(RECORD, provider="Another"),
        replace(RECORD, user_sid="S-1-5-21-1-2-3-500"),
    ],
)
def test_a_record_that_only_looks_alike_has_another_key(other: EvtxRecord) -> None:
    assert of_record(other) != of_record(RECORD)


def test_the_history_of_a_template_stays_with_each_machine_made_of_it() -> None:
    assert of_record(RECORD, device_id="e" * 40) != of_record(RECORD)


def test_two_rows_of_one_record_in_two_tables_stay_two() -> None:
    assert of_record(RECORD, table="DeviceProcessEvents") != of_record(RECORD)


def test_records_without_a_number_are_known_by_their_headers() -> None:
    unnumbered = replace(RECORD, record_id=-1)

    assert of_record(unnumbered) == of_record(replace(unnumbered, location=RecordLocation(5, 9, 9)))
    assert of_record(unnumbered) != of_record(RECORD)
    assert of_record(unnumbered) != of_record(replace(unnumbered, header_record_id=813))
    assert of_record(unnumbered) != of_record(replace(unnumbered, written=RECORD.written + 1))


def test_a_lone_surrogate_is_content_like_any_other() -> None:
    one, other = (replace(RECORD, data={"ServiceName": text}) for text in ("\ud800", "\ufffd"))

    assert of_record(one) != of_record(other)


def test_a_value_is_one_with_its_copy_wherever_its_cell_is() -> None:
    assert of_value(replace(VALUE, offset=1)) == of_value()


@pytest.mark.parametrize(
    "other",
    [
        of_value(replace(VALUE, raw=b"x\0u\0")),
        of_value(replace(VALUE, type_name="REG_SZ")),
        of_value(replace(VALUE, name="imagepath")),
        of_value(path=PATH.replace("001", "002")),
        of_value(last_written=6),
        of_value(device_id="e" * 40),
        of_value(None),
        of_value(HiveValue("", "REG_NONE", "", b"", 0)),
    ],
)
def test_another_value_or_state_has_another_key(other: str) -> None:
    assert other != of_value()


def test_a_key_without_values_differs_from_one_with_an_empty_default() -> None:
    assert of_value(None) != of_value(HiveValue("", "REG_NONE", "", b"", 0))


def a_key(number: int) -> ValueKey:
    return value_key(PATH, VALUE, number, DEVICE, "DeviceRegistryEvents")


def seen(place: int, copy: CopyKind = CopyKind.LIVE, state: str = "live", key: int = 0) -> Sighting[int]:
    return Sighting(a_key(key), Position("E-1", f"log{place}", place), copy, state, place)


def speakers(*sightings: Sighting[int]) -> list[int]:
    return [merged.speaks.payload for merged in merge_copies(sightings)]


def test_the_best_copy_speaks_and_the_others_are_kept_best_first() -> None:
    recovered = seen(1, state="recovered")
    crc_bad = seen(2, state="crc_bad")
    replayed = seen(3, state="log_replayed")
    shadow = seen(4, CopyKind.SHADOW_COPY)
    live = seen(5)

    (merged,) = merge_copies([recovered, crc_bad, replayed, shadow, live])

    assert merged == Merged(live, (shadow, replayed, crc_bad, recovered))
    assert (merged.copies, merged.recovered_only) == (5, False)


@pytest.mark.parametrize("copy", [each for each in CopyKind if each is not CopyKind.LIVE])
def test_a_live_file_comes_before_any_other_and_damage_after_all(copy: CopyKind) -> None:
    assert speakers(seen(1, copy), seen(2)) == [2]
    assert speakers(seen(1, state="crc_bad"), seen(2, copy)) == [2]


def test_a_control_set_that_is_not_current_is_as_sound_as_one_that_is() -> None:
    assert speakers(seen(1, state="non_current_control_set"), seen(2)) == [1]


def test_among_equals_the_first_in_the_evidences_order_speaks() -> None:
    assert speakers(seen(3), seen(1), seen(2)) == [1]


def test_what_was_recovered_and_nothing_else_says_so() -> None:
    (merged,) = merge_copies([seen(1, state="recovered"), seen(2, state="recovered")])

    assert merged.recovered_only


def test_a_copy_given_twice_is_one() -> None:
    (merged,) = merge_copies([seen(1), seen(1), seen(2)])

    assert merged.copies == 2


def test_a_state_that_the_contract_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no record state 'fresh'"):
        merge_copies([seen(1, state="fresh")])


sightings = st.builds(
    seen,
    st.integers(0, 30),
    st.sampled_from(CopyKind),
    st.sampled_from(["live", "crc_bad", "recovered", "log_replayed", "non_current_control_set"]),
    st.integers(0, 3),
)


@given(st.lists(sightings, max_size=12), st.randoms())
def test_the_order_of_sightings_does_not_matter(given_: list[Sighting[int]], chance: object) -> None:
    unique = {(each.key, each.position): each for each in given_}
    shuffled = sorted(unique.values(), key=lambda _: chance.random())  # type: ignore[attr-defined]

    assert merge_copies(shuffled) == merge_copies(unique.values())


@given(st.lists(sightings, max_size=12))
def test_every_copy_is_in_one_group_with_its_key(given_: list[Sighting[int]]) -> None:
    merged = merge_copies(given_)

    kept = [each for group in merged for each in (group.speaks, *group.others)]
    assert {(each.key, each.position) for each in kept} == {(each.key, each.position) for each in given_}
    assert len(kept) == len({(each.key, each.position) for each in kept})
    assert all(each.key == group.speaks.key for group in merged for each in group.others)
    assert len({group.speaks.key for group in merged}) == len(merged)


def read(folder: Path, path: str, events: list[EventToWrite]) -> Iterator[Sighting[str]]:
    file = folder / path
    file.parent.mkdir(parents=True)
    file.write_bytes(content := build_event_log(events))
    sha256 = hashlib.sha256(content).hexdigest()
    artifact = Artifact("E-1", path, ArtifactKind.EVENT_LOG, len(content), sha256, FileSource(file))
    for record in read_event_log(artifact, frozenset(LOG_SOURCES)):
        if isinstance(record, EvtxRecord):
            position = Position("E-1", path, record.location.offset)
            key = record_key(record, DEVICE, "DeviceEvents")
            yield Sighting(key, position, place_of(path).copy, record.state.value, record.data["ServiceName"])


def test_one_record_read_from_three_places_is_one_row_with_three_copies(tmp_path: Path) -> None:
    installs = [service_installed(record_id=40, service_name="RustDesk"), service_installed(record_id=41)]
    export = [service_installed(record_id=40, header_record_id=1, service_name="RustDesk")]
    found = [
        *read(tmp_path, f"p2/vss1/{LOG}", installs),
        *read(tmp_path, f"p2/{LOG}", installs),
        *read(tmp_path, "export/rustdesk.evtx", export),
    ]

    rustdesk, other = merge_copies(found)

    assert (rustdesk.speaks.payload, rustdesk.copies, other.copies) == ("RustDesk", 3, 2)
    assert rustdesk.speaks.position.source_path == f"p2/{LOG}"


def test_a_log_that_uses_its_numbers_again_gives_two_rows(tmp_path: Path) -> None:
    before, after = (
        service_installed(record_id=1),
        service_installed(record_id=1, time_created=134_000_000_000_000_000),
    )

    found = [*read(tmp_path, f"vss1/{LOG}", [before]), *read(tmp_path, LOG, [after])]

    assert [each.copies for each in merge_copies(found)] == [1, 1]
