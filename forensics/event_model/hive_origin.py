"""Where a row of a SYSTEM hive comes from: what is the same for everything that a hive holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from forensics.event_model.event import Origin

if TYPE_CHECKING:
    from parsers.hive.held_record import HeldValue
    from parsers.hive.record import ControlSet
    from parsers.hive.replay_record import Replay

ROOT: Final = "HKEY_LOCAL_MACHINE\\SYSTEM\\"
KEY_WRITTEN: Final = "Registry key last written"
FILETIME_DIGITS: Final = 7


@dataclass(frozen=True, slots=True)
class HiveSource:
    """What is the same for all rows of one control set, or of what only a replay shows.

    ``replay`` is the replay whose copy of the hive holds the row, None where the hive's own file does.
    """

    device_name: str
    record_state: str
    replay: Replay | None = None

    @classmethod
    def of(cls, control_set: ControlSet, device_name: str) -> HiveSource:
        """Return the source of the rows of ``control_set`` in the hive's own file."""
        return cls(device_name, "live" if control_set.current else "non_current_control_set")

    @classmethod
    def of_replay(cls, replay: Replay, device_name: str) -> HiveSource:
        """Return the source of rows whose offsets are those of the replayed copy."""
        return cls(device_name, "log_replayed", replay)

    def origin(self, held: HeldValue, detail: str = "") -> Origin:
        """Return the origin of a row of ``held``, at the time when its key was last written.

        ``detail`` says in the locator where inside the value the row is. The locator of a replayed row says
        in which entry of which log its bytes are.
        """
        value = held.value
        where = f", value {value.name} at offset {value.offset:#x}" if value is not None else ""
        offset = held.offset if value is None else value.offset
        locator = f"key {held.path} at offset {held.offset:#x}{where}{detail}{self._copy_at(offset)}"
        return Origin(
            ticks=held.last_written,
            time_means=KEY_WRITTEN,
            raw_time=f"{held.last_written:#018x}",
            digits=FILETIME_DIGITS,
            device_name=self.device_name,
            artifact="SYSTEM hive",
            channel_or_key=ROOT + held.path,
            provider="",
            event_id="",
            record_id="",
            record_state=self.record_state,
            offset=offset,
            locator=locator,
        )

    def _copy_at(self, offset: int) -> str:
        if self.replay is None:
            return ""
        page = self.replay.page_at(offset)
        if page is None:
            return " of the replayed copy"
        log = f"entry {page.sequence} of {page.log} at {page.log_offset:#x}"
        return f" of the replayed copy, written by {log}"


def at_its_own_time(origin: Origin, ticks: int, time_means: str) -> Origin:
    """Return ``origin`` at a FILETIME that the record has of its own."""
    return replace(origin, ticks=ticks, time_means=time_means, raw_time=f"{ticks:#018x}")
