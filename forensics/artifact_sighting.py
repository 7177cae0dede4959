"""What each artifact says of its machine: the names in it, and the place that it shares with others.

RustDesk's files, links and Prefetch files name no machine. They are of the machine whose ``Users``,
``ProgramData`` or ``Windows`` they lie in; a loose one is of the only machine below whose folder it lies.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from forensics.device import Sighting
from forensics.event_model.service_key import host_name
from parsers.evidence.known_paths import CopyKind, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from parsers.evidence.source import Artifact
    from parsers.evtx.record import EventLogLedger
    from parsers.hive.record import ControlSet, SystemHive

_PLACE: Final = "\0"
"""Stands between the id of an evidence and a machine's place in it."""


def sighting_of_log(key: int, artifact: Artifact, ledger: EventLogLedger) -> Sighting:
    """Return what an event log says."""
    return Sighting(
        key=key,
        evidence_id=_origin(artifact),
        source_path=artifact.path,
        names=ledger.computers,
        latest=ledger.last_computer,
        one_machine=not ledger.ids_differ,
    )


def sighting_of_hive(key: int, artifact: Artifact, hive: SystemHive) -> Sighting:
    """Return what a hive says."""
    described = _described(hive)
    name = hive_name(hive)
    return Sighting(
        key=key,
        evidence_id=_origin(artifact),
        source_path=artifact.path,
        names=(name,),
        latest=name,
        one_machine=True,
        is_hive=True,
        product_type=None if described is None else described.product_type,
    )


def sighting_of_events(key: int, artifact: Artifact, names: Sequence[str]) -> Sighting:
    """Return what an artifact's stored events say: of another kind, or whose reading broke off."""
    return Sighting(
        key=key,
        evidence_id=_origin(artifact),
        source_path=artifact.path,
        names=tuple(names),
        latest=names[-1] if names else "",
        one_machine=len(names) < 2,  # noqa: PLR2004 - which of several is the latest cannot be told
    )


def sightings_of_recovered(live: Sighting, ledger: EventLogLedger) -> Iterator[Sighting]:
    """Give the machines that only recovered records name: an export's slack may be of another machine."""
    known = {name.casefold() for name in live.names}
    others = tuple(name for name in ledger.recovered_computers if name.casefold() not in known)
    if others:
        yield replace(live, names=others, latest=others[0], one_machine=False)


def hive_name(hive: SystemHive) -> str:
    """Return the machine's name as the hive has it, or ``""``."""
    described = _described(hive)
    return "" if described is None else host_name(described)


def with_loose_joined(sightings: Iterable[Sighting]) -> Iterator[Sighting]:
    """Give ``sightings``, each loose one without a name at the place of the machine below which it lies."""
    every = list(sightings)
    homes: dict[str, set[str]] = defaultdict(set)
    for each in every:
        evidence_id, at_home, root = each.evidence_id.partition(_PLACE)
        if any(each.names) and at_home:
            homes[evidence_id].add(root)
    for each in every:
        above = [root for root in homes[each.evidence_id] if _is_below(each, root)]
        is_lost = not any(each.names) and _PLACE not in each.evidence_id
        joined = f"{each.evidence_id}{_PLACE}{max(above, key=len)}" if is_lost and above else each.evidence_id
        yield replace(each, evidence_id=joined)


def _is_below(sighting: Sighting, root: str) -> bool:
    own = place_of(sighting.source_path).machine_root
    return not root or own == root or own.startswith(f"{root}/")


def _origin(artifact: Artifact) -> str:
    """Return what artifacts of one machine have in common: their evidence, and their place before Windows."""
    place = place_of(artifact.path)
    loose = place.copy is CopyKind.EXPORT
    return artifact.evidence_id if loose else f"{artifact.evidence_id}{_PLACE}{place.machine_root}"


def _described(hive: SystemHive) -> ControlSet | None:
    """Return the control set to describe the machine by: the current one, or else the first."""
    return hive.current or next(iter(hive.control_sets), None)
