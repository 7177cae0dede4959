r"""Programs that ran, as the background and desktop activity moderators (BAM, DAM) note them for each user.

``Services\bam\State\UserSettings\<SID>`` since Windows 10 1809, ``Services\bam\UserSettings\<SID>`` in 1709
and 1803; the same for ``dam``. A value is called by the program's device path or, of a packaged app, by the
package's name; its data begin with the FILETIME of the last run.
Source: libyal winreg-kb, "Background activity moderator".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from parsers.filetime import MAX_TICKS
from parsers.hive.held_record import HeldRecord, HeldValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.record import HiveValue
    from parsers.hive.walk import HiveKey, HiveWalk

_TIME_SIZE: Final = 8
_PLACES: Final = (("State", "UserSettings"), ("UserSettings",))
_BOOKKEEPING: Final = frozenset({("version", "REG_DWORD"), ("sequencenumber", "REG_DWORD")})
"""Values beside those of programs, by name in lower case and type."""


class Moderator(StrEnum):
    """Which service noted a run."""

    BAM = "BAM"
    DAM = "DAM"


@dataclass(frozen=True, slots=True)
class LastRun(HeldRecord):
    """The last run of ``program`` by the user with this SID.

    ``run`` is its time in ticks. None means that the value has no time that could be one, and ``problem``
    says why: then nothing says that the program ran.
    """

    moderator: Moderator
    user_sid: str
    program: str
    run: int | None

    @property
    def ticks(self) -> int:
        """The run's time: the key changes with every run of any program, this record does not."""
        return self.held.last_written if self.run is None else self.run


def read_last_runs(walk: HiveWalk, control_set: HiveKey) -> Iterator[LastRun]:
    """Give the programs that either service notes, user by user in the hive's order."""
    for moderator in Moderator:
        for place in _PLACES:
            settings = walk.find(control_set, "Services", moderator.lower(), *place)
            for user in () if settings is None else walk.subkeys(settings):
                yield from _runs_of(walk, user, moderator)


def _runs_of(walk: HiveWalk, user: HiveKey, moderator: Moderator) -> Iterator[LastRun]:
    for value in walk.values(user):
        if (value.name.lower(), value.type_name) not in _BOOKKEEPING:
            held = HeldValue(user.path, user.offset, user.last_written, value)
            stored = int.from_bytes(value.raw[:_TIME_SIZE], "little")
            problem = _problem(value, stored)
            run = None if problem else stored
            yield LastRun(held, problem, moderator, user.name, value.name, run)


def _problem(value: HiveValue, stored: int) -> str:
    """Return why the value holds no time of a run, or nothing."""
    if value.type_name != "REG_BINARY":
        return f"the value is of type {value.type_name}"
    if len(value.raw) < _TIME_SIZE:
        return f"its {len(value.raw)} bytes of data are too few for a time"
    if not 0 < stored <= MAX_TICKS:
        return "its time is zero" if not stored else "its time is beyond the year 9999"
    return ""
