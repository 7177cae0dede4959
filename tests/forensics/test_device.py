from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forensics.device import Device, Devices, Sighting, find_devices

SHARP_S, DOTLESS_I, DOTTED_I, LONG_S, KELVIN = "\u00df", "\u0131", "\u0130", "\u017f", "\u212a"
COLLIDING = (SHARP_S, "SS", "ss", DOTLESS_I, "I", "i", DOTTED_I, LONG_S, "s", KELVIN, "k")
ODD = ("\ud800", ".", "..", ".x", "", "\0")


def log(key: int, *names: str, evidence_id: str = "E-1", forwarded: bool = False) -> Sighting:
    """What an event log says that has ``names`` in this order."""
    latest = next((name for name in reversed(names) if name), "")
    return Sighting(key, evidence_id, f"{key}.evtx", names, latest, one_machine=not forwarded)


def hive(key: int, name: str, evidence_id: str = "E-1", product_type: str | None = "WinNT") -> Sighting:
    return Sighting(
        key,
        evidence_id,
        f"{key}/SYSTEM",
        (name,),
        name,
        one_machine=True,
        is_hive=True,
        product_type=product_type,
    )


def names_of(devices: Devices) -> dict[str, tuple[int, ...]]:
    """The machines with the keys of their artifacts."""
    return {device.name: devices.artifacts_of(device) for device in devices.all}


def only(devices: Devices) -> Device:
    (device,) = devices.all
    return device


@pytest.mark.parametrize("hive_name", ["DC01", "DC01.corp.example", "dc01.CORP.example", "dc01"])
def test_hive_and_logs_of_one_machine_are_one_device(hive_name: str) -> None:
    devices = find_devices([hive(0, hive_name), log(1, "DC01.corp.example"), log(2, "DC01")])
    device = only(devices)
    assert device.name.casefold() == "dc01.corp.example"
    assert devices.of(0, hive_name) == devices.of(1, "dc01.corp.EXAMPLE") == devices.of(2, "Dc01") == device


def test_a_device_id_is_forty_lower_case_hex_digits_of_the_name_alone() -> None:
    first = only(find_devices([log(0, "DC01.corp.example")]))
    second = only(find_devices([log(7, "dc01.CORP.example", evidence_id="E-9")]))
    assert re.fullmatch("[0-9a-f]{40}", first.device_id)
    assert first.device_id == second.device_id


def test_a_device_id_stays_the_same_for_good() -> None:
    assert only(find_devices([log(0, "DC01.corp.example")])).device_id == (
        "e4466a4d9b967a24787e373b6986cd867b30fca6"
    )


def test_machines_in_one_folder_are_told_apart() -> None:
    devices = find_devices([log(0, "DC01.corp.example"), log(1, "FS02.corp.example"), hive(2, "FS02")])
    assert names_of(devices) == {"DC01.corp.example": (0,), "FS02.corp.example": (1, 2)}


def test_a_short_name_that_two_machines_have_is_neither() -> None:
    devices = find_devices([log(0, "PC1.a.example"), log(1, "PC1.b.example"), log(2, "PC1")])
    assert names_of(devices) == {"PC1": (2,), "PC1.a.example": (0,), "PC1.b.example": (1,)}


def test_a_short_name_is_first_of_all_the_machine_of_its_own_evidence() -> None:
    devices = find_devices(
        [
            log(0, "DC01.a.example", evidence_id="A"),
            hive(1, "DC01", evidence_id="A"),
            log(2, "DC01.b.example", evidence_id="B"),
            hive(3, "DC01", evidence_id="B"),
        ]
    )
    assert names_of(devices) == {"DC01.a.example": (0, 1), "DC01.b.example": (2, 3)}


def test_the_same_machine_in_two_evidences_is_one() -> None:
    devices = find_devices([log(0, "DC01.corp.example", evidence_id="A"), hive(1, "DC01", evidence_id="B")])
    assert names_of(devices) == {"DC01.corp.example": (0, 1)}


def test_a_renamed_machine_is_one_device_with_both_names() -> None:
    devices = find_devices([log(0, "WIN-8K2JQ", "DC01.corp.example"), hive(1, "DC01.corp.example")])
    assert only(devices).names == ("DC01.corp.example", "WIN-8K2JQ")
    assert devices.of(0, "win-8k2jq") == devices.of(0, "DC01.corp.example")


def test_a_log_that_ended_under_the_earlier_name_is_the_renamed_machine_s() -> None:
    devices = find_devices([log(0, "WIN-8K2JQ"), log(1, "WIN-8K2JQ", "DC01.corp.example")])
    assert names_of(devices) == {"DC01.corp.example": (0, 1)}


def test_names_are_followed_through_several_renames() -> None:
    logs = [log(0, "A"), log(1, "A", "C"), log(2, "C", "B"), log(3, "A", "B")]
    for order in permutations(logs):
        assert names_of(find_devices(order)) == {"B": (0, 1, 2, 3)}


def test_machines_made_of_one_template_stay_two() -> None:
    devices = find_devices(
        [log(0, "WIN-TEMPLATE", "PC1"), log(1, "WIN-TEMPLATE", "PC2"), hive(2, "PC1"), hive(3, "PC2")]
    )
    assert names_of(devices) == {"PC1": (0, 2), "PC2": (1, 3)}
    assert {device.names for device in devices.all} == {("PC1", "WIN-TEMPLATE"), ("PC2", "WIN-TEMPLATE")}


def test_a_log_that_ended_under_a_template_s_name_is_no_one_s_where_two_machines_had_it() -> None:
    devices = find_devices([log(0, "WIN-T", "PC1"), log(1, "WIN-T", "PC2"), log(2, "WIN-T")])
    assert names_of(devices) == {"PC1": (0,), "PC2": (1,), "WIN-T": (2,)}


def test_a_template_s_name_is_followed_in_each_evidence_alone() -> None:
    devices = find_devices(
        [
            log(0, "WIN-T", evidence_id="A"),
            log(1, "WIN-T", "PC1", evidence_id="A"),
            log(2, "WIN-T", evidence_id="B"),
            log(3, "WIN-T", "PC2", evidence_id="B"),
        ]
    )
    assert names_of(devices) == {"PC1": (0, 1), "PC2": (2, 3)}


def test_a_name_that_a_hive_still_has_is_a_machine_s() -> None:
    devices = find_devices([log(0, "WIN-T", "PC1"), log(1, "WIN-T"), hive(2, "WIN-T")])
    assert names_of(devices) == {"PC1": (0,), "WIN-T": (1, 2)}


def test_a_name_that_came_back_ends_nowhere() -> None:
    devices = find_devices([log(0, "A", "B"), log(1, "B", "A")])
    assert names_of(devices) == {"A": (1,), "B": (0,)}


def test_a_forwarded_log_is_of_all_machines_that_it_names() -> None:
    devices = find_devices([log(0, "PC1", "PC2", "", forwarded=True), log(1, "PC1")])
    assert {name: keys for name, keys in names_of(devices).items() if name} == {"PC1": (0, 1), "PC2": (0,)}
    assert devices.of(0, "PC1") != devices.of(0, "PC2") != devices.of(0, "")


def test_an_export_that_names_one_machine_is_that_machine_s() -> None:
    devices = find_devices([log(0, "PC1", "pc1", "", forwarded=True)])
    assert devices.of(0, "") == devices.of(0, "PC1") == only(devices)


def test_a_record_without_a_name_is_its_log_s_machine_s() -> None:
    devices = find_devices([log(0, "", "PC1")])
    assert devices.of(0, "") == devices.of(0, "PC1")


def test_an_artifact_without_a_name_is_of_the_only_machine_of_its_evidence() -> None:
    devices = find_devices([log(0), log(1, ""), hive(2, ""), log(3, "PC1")])
    assert names_of(devices) == {"PC1": (0, 1, 2, 3)}


def test_artifacts_without_a_name_are_one_machine_where_it_could_be_several() -> None:
    devices = find_devices([log(0), hive(1, ""), log(2, "PC1"), log(3, "PC2")])
    assert names_of(devices) == {"": (0, 1), "PC1": (2,), "PC2": (3,)}


def test_machines_without_a_name_are_told_apart_by_their_evidence() -> None:
    devices = find_devices([hive(0, "", evidence_id="A"), hive(1, "", evidence_id="B")])
    assert [(each.name, each.names) for each in devices.all] == [("", ()), ("", ())]
    assert devices.of(0, "") != devices.of(1, "")


def test_a_name_of_a_dot_takes_no_unnamed_artifact_of_another_evidence() -> None:
    devices = find_devices([log(0, ".corp", evidence_id="A"), log(1, evidence_id="B")])
    assert devices.of(0, ".corp") != devices.of(1, "")


def test_a_machine_that_is_named_in_full_only_elsewhere_keeps_a_name() -> None:
    devices = find_devices(
        [
            log(0, "OLD.corp", evidence_id="A"),
            log(1, "OLD.corp", "NEW.corp", evidence_id="A"),
            hive(2, "OLD", evidence_id="B"),
        ]
    )
    assert names_of(devices) == {"NEW.corp": (0, 1), "OLD": (2,)}


def test_a_machine_has_the_product_type_of_its_hive_and_says_which() -> None:
    device = only(find_devices([hive(0, "PC1", product_type="ServerNT"), log(1, "PC1")]))
    assert (device.product_type, device.product_source) == ("ServerNT", "0/SYSTEM")


@pytest.mark.parametrize(
    "sighting", [hive(0, "PC1", product_type=None), hive(0, "PC1", product_type=""), log(0, "PC1")]
)
def test_a_machine_whose_evidence_does_not_say_has_no_product_type(sighting: Sighting) -> None:
    device = only(find_devices([sighting]))
    assert (device.product_type, device.product_source) == ("", "")


def test_no_artifacts_are_no_machines() -> None:
    assert find_devices([]).all == ()


NAMES = st.sampled_from([*COLLIDING, *ODD, "A", "a", "B", "A.x", "a.X", "A.y", "B.x", "WIN-T"])


@st.composite
def sightings(draw: st.DrawFn) -> list[Sighting]:
    drawn = draw(
        st.lists(st.tuples(st.lists(NAMES, max_size=4), st.sampled_from("EF"), st.booleans(), st.booleans()))
    )
    return [
        hive(key, "".join(names[:1]), evidence_id)
        if is_hive
        else log(key, *names, evidence_id=evidence_id, forwarded=forwarded)
        for key, (names, evidence_id, is_hive, forwarded) in enumerate(drawn)
    ]


@given(sightings().flatmap(lambda seen: st.tuples(st.just(seen), st.permutations(seen))))
@example(
    ([log(0, "A"), log(1, "A", "C"), log(2, "C", "B")], [log(2, "C", "B"), log(1, "A", "C"), log(0, "A")])
)
def test_the_order_of_the_artifacts_does_not_matter(both: tuple[list[Sighting], list[Sighting]]) -> None:
    seen, shuffled = both
    assert find_devices(shuffled) == find_devices(seen)


@pytest.mark.parametrize(("one", "other"), [(SHARP_S, "SS"), (LONG_S, "S"), (KELVIN, "k")])
def test_names_that_differ_in_case_alone_are_one(one: str, other: str) -> None:
    assert names_of(find_devices([log(0, f"PC-{one}"), log(1, f"PC-{other}")])).popitem()[1] == (0, 1)


def test_a_dotless_i_is_another_letter() -> None:
    assert len(find_devices([log(0, f"W{DOTLESS_I}N"), log(1, "WIN")]).all) == 2


@given(sightings())
def test_every_record_is_of_exactly_one_machine(seen: list[Sighting]) -> None:
    devices = find_devices(seen)
    for sighting in seen:
        for name in {*sighting.names, sighting.latest}:
            device = devices.of(sighting.key, name)
            assert device in devices.all
            assert sighting.key in devices.artifacts_of(device)
    assert len({device.device_id for device in devices.all}) == len(devices.all)


@given(sightings())
def test_every_artifact_is_of_some_machine_and_every_machine_has_an_artifact(seen: list[Sighting]) -> None:
    devices = find_devices(seen)
    keys = [key for device in devices.all for key in devices.artifacts_of(device)]
    assert set(keys) == {sighting.key for sighting in seen}
    assert all(devices.artifacts_of(device) for device in devices.all)


@given(sightings())
def test_artifacts_of_one_name_are_of_one_machine_unless_it_was_renamed(seen: list[Sighting]) -> None:
    unrenamed = [
        replace(each, names=(each.latest,), one_machine=True) for each in seen if "." not in each.latest
    ]
    devices = find_devices(unrenamed)
    by_name: dict[str, set[str]] = {}
    for each in filter(lambda sighting: sighting.latest, unrenamed):
        by_name.setdefault(each.latest.casefold(), set()).add(devices.of(each.key, each.latest).device_id)
    assert all(len(ids) == 1 for ids in by_name.values())
