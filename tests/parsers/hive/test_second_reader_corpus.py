"""Every value of real hives that rows are made of, read by both readers: nothing remains that differs."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parsers.evidence.source import FileSource
from parsers.hive.second_reader import ValuesToRead, ValueToRead, read_values_again
from parsers.hive.system_hive import read_system_hive
from parsers.hive.views import held_values
from parsers.two_readings import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.held_record import HeldValue
    from parsers.hive.record import SystemHive

CORPUS = os.environ.get("FORENSICS_CORPUS")
pytestmark = pytest.mark.skipif(CORPUS is None, reason="FORENSICS_CORPUS names no folder of real hives")

ALIKE = "regipy decodes its entry alike"
WITHOUT_TIME = "its entry is decoded by this program alone: regipy leaves out entries without a time"
ENTRIES = {
    "BitCurator_SYSTEM": {ALIKE: 192},
    "SYSTEM": {ALIKE: 660},
    "SYSTEM_2": {ALIKE: 111, WITHOUT_TIME: 1},
    "SYSTEM_B": {ALIKE: 279, WITHOUT_TIME: 127},
    "corrupted_system_hive": {},
}
"""By hive, what is said of its entries of the compatibility cache."""


def places(hive: SystemHive) -> Iterator[ValueToRead]:
    for control_set in hive.control_sets:
        yield from (place(held) for each in control_set.services for held in held_values(each))
        yield from (place(each.held, getattr(each, "position", None)) for each in control_set.records)


def place(held: HeldValue, entry: int | None = None) -> ValueToRead:
    return ValueToRead(held.path, held.offset if held.value is None else held.value.offset, entry)


@pytest.mark.parametrize("name", ENTRIES)
def test_the_readers_agree_on_every_value(name: str) -> None:
    path = Path(str(CORPUS), "hive", name)
    values = tuple(places(read_system_hive(path.read_bytes(), name)))
    again = read_values_again(ValuesToRead(FileSource(path), None, values))
    assert {each.verdict for each in again} == {Verdict.AGREE}
    assert dict(Counter(each.note for each in again if each.note)) == ENTRIES[name]
