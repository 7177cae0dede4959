"""Hives of one control set that holds given keys, and what is read of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from parsers.hive.system_hive import read_system_hive
from tests.builders.system_hive import build_system_hive

if TYPE_CHECKING:
    from parsers.hive.record import ControlSet
    from tests.builders.hive import KeyToWrite

WRITTEN: Final = 133_500_000_000_000_001
"""When all keys of these hives were last written, unless they say otherwise."""


def hive_with(*keys: KeyToWrite, dirty: bool = False, control_set: int = 1) -> bytes:
    return build_system_hive(
        computer_name="PC-1",
        services=(),
        other_control_sets={2: ()},
        artifacts={control_set: keys},
        last_written=WRITTEN,
        dirty=dirty,
    )


def control_set_with(*keys: KeyToWrite) -> ControlSet:
    hive = read_system_hive(hive_with(*keys), "SYSTEM")
    assert hive.damage == ()
    assert hive.current is not None
    return hive.current
