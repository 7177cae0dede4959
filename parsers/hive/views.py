"""A SYSTEM hive seen twice: as its file is, and as its transaction logs make it.

Both views are kept. A row, which is one value with the time of the key that holds it, is in one state: a row
of the file is live, whether or not the logs go beyond it, and a row that only the replay shows is replayed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from parsers.errors import NotAHive
from parsers.hive.held_record import HeldValue
from parsers.hive.replay import replay_logs
from parsers.hive.replay_record import Replay, ReplayOutcome
from parsers.hive.system_hive import read_system_hive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parsers.damage import Damage
    from parsers.hive.held_record import HeldRecord
    from parsers.hive.record import ControlSet, ServiceKey, SystemHive
    from parsers.hive.replay_record import NamedLog


@dataclass(frozen=True, slots=True)
class HiveViews:
    """A hive as its file is, and as it is ``replayed``: None unless the replay's outcome is ``applied``."""

    base: SystemHive
    replayed: SystemHive | None
    replay: Replay


class ServiceDifference(NamedTuple):
    """Rows of one service that one view has and the other has not, ``rows`` being these.

    ``control_set`` and ``service`` are as the view has them that shows the rows. ``counterpart`` is the same
    service in the other view, or None where that has none. ``values_differ`` is False where the rows are
    others only by the time of their key.
    """

    control_set: ControlSet
    service: ServiceKey
    counterpart: ServiceKey | None
    rows: tuple[HeldValue, ...]
    values_differ: bool


class LogReplayed(NamedTuple):
    """What a replay changes, by control set and in the hive's order.

    ``shown`` are rows of the replayed view alone (to be marked ``log_replayed``), ``superseded`` rows of the
    file that the replayed view no longer has (they stay ``live``).
    """

    shown: tuple[ServiceDifference, ...]
    superseded: tuple[ServiceDifference, ...]


def read_system_hive_with_logs(hive: bytes, logs: Sequence[NamedLog], path: str) -> HiveViews:
    """Read the SYSTEM hive as it is and with its logs replayed on a copy; ``path`` is how messages call it.

    A replay after which more of the hive is unreadable than before is not used: its logs do not match. Nor
    is one that is not complete and takes the time of a key back: the hive is newer than its logs.
    Raises NotAHive where the hive itself cannot be read.
    """
    base = read_system_hive(hive, path)
    replay = replay_logs(hive, logs, path)
    if replay.data is None:
        return HiveViews(base, None, replay)
    try:
        replayed = read_system_hive(replay.data, path)
    except NotAHive as error:
        return HiveViews(base, None, _refused(replay, f"after it, {error.reason}"))
    if objection := _made_worse(base, replayed) or (not replay.complete and _taken_back(base, replayed)):
        return HiveViews(base, None, _refused(replay, objection))
    return HiveViews(base, replayed, replay)


def log_replayed_keys(views: HiveViews) -> LogReplayed:
    """Compare the views of one hive row by row; without a replay there is no difference."""
    if views.replayed is None:
        return LogReplayed((), ())
    return LogReplayed(
        shown=tuple(_differences(views.replayed, views.base)),
        superseded=tuple(_differences(views.base, views.replayed)),
    )


def replayed_records(views: HiveViews) -> Iterator[HeldRecord]:
    """Give the records beside services that only the replayed view shows, control set by control set."""
    if views.replayed is not None:
        known = {record.identity for record in _records(views.base)}
        yield from (record for record in _records(views.replayed) if record.identity not in known)


def held_values(service: ServiceKey) -> tuple[HeldValue, ...]:
    """Return the rows of one service: its values in the hive's order, then those of ``Parameters``."""
    values = service.values or (None,)
    rows = [HeldValue(service.path, service.offset, service.last_written, value) for value in values]
    offset, last_written = service.parameters_offset, service.parameters_last_written
    if offset is not None and last_written is not None:
        path = f"{service.path}\\Parameters"
        rows += [HeldValue(path, offset, last_written, value) for value in service.parameters]
    return tuple(rows)


def undecoded_values(base: SystemHive, replayed: SystemHive | None) -> tuple[Damage, ...]:
    """Return the values whose content could not be read: the file's, then those that only the replay has."""
    known = {each.reason for each in base.undecoded}
    after = () if replayed is None else replayed.undecoded
    new = [replace(each, reason=f"{each.reason} (replayed)") for each in after if each.reason not in known]
    return (*base.undecoded, *new)


def _made_worse(base: SystemHive, replayed: SystemHive) -> str:
    """Return how a replay damages the hive, or nothing."""
    count = len(replayed.damage) - len(base.damage)
    if count <= 0:
        return ""
    known = set(base.damage)
    first = next(each for each in replayed.damage if each not in known)
    return f"it would leave {count} more places damaged ({first})"


def _taken_back(base: SystemHive, replayed: SystemHive) -> str:
    """Return which key is older after the replay than in the file, or nothing."""
    before = {path.lower(): last_written for path, last_written in _times_of_keys(base)}
    for path, last_written in _times_of_keys(replayed):
        if last_written < before.get(path.lower(), 0):
            return f"it would take the key {path} back to an earlier time than it has in the file"
    return ""


def _refused(replay: Replay, why: str) -> Replay:
    return Replay(ReplayOutcome.LOGS_DO_NOT_MATCH, f"{replay.reason} The replayed copy is not used: {why}.")


def _times_of_keys(hive: SystemHive) -> Iterator[tuple[str, int]]:
    for service in _services(hive):
        yield service.path, service.last_written
    for record in _records(hive):
        yield record.held.path, record.held.last_written


def _records(hive: SystemHive) -> Iterator[HeldRecord]:
    for control_set in hive.control_sets:
        yield from control_set.records


def _services(hive: SystemHive) -> Iterator[ServiceKey]:
    for control_set in hive.control_sets:
        yield from control_set.services


def _differences(view: SystemHive, other: SystemHive) -> Iterator[ServiceDifference]:
    """Give what ``view`` shows and ``other`` does not."""
    counterparts = {service.path.lower(): service for service in _services(other)}
    for control_set in view.control_sets:
        for service in control_set.services:
            counterpart = counterparts.get(service.path.lower())
            known = () if counterpart is None else held_values(counterpart)
            seen = set(map(_row, known))
            rows = tuple(held for held in held_values(service) if _row(held) not in seen)
            if rows:
                differ = not {_content(held) for held in rows} <= {_content(held) for held in known}
                yield ServiceDifference(control_set, service, counterpart, rows, differ)


def _content(held: HeldValue) -> tuple[str, str, str, bytes]:
    """Return what is compared of a value, wherever its cells are."""
    path = held.path.lower()
    if held.value is None:
        return path, "", "", b""
    return path, held.value.name.lower(), held.value.type_name, held.value.raw


def _row(held: HeldValue) -> tuple[int, tuple[str, str, str, bytes]]:
    return held.last_written, _content(held)
