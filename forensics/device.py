"""Which machine an event is of.

Rules:

1. An artifact is of one machine: a hive always, an event log unless its records' own ids differ from their
   headers' (an export or a forwarded log) and it holds several names. A machine that was renamed keeps its
   earlier names in its logs; its name is the latest.
2. Artifacts with the same name, whatever its case, are of the same machine. A short name is the machine with
   that host part, if only one machine of the evidence has it or else only one of the case.
3. A log that ends under an earlier name of exactly one machine of its evidence is that machine's, unless a
   hive there says that a machine still has the name. A template's name is shared by all machines made of it,
   so no two machines are ever one because of an earlier name.
4. An artifact without a name is of the only machine of its evidence, or of a machine of its own.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one artifact says of its machine: ``names`` in order of appearance, ``latest`` the last of them.

    ``key`` is the artifact's place in the case's order. ``product_type`` only a hive knows.
    """

    key: int
    evidence_id: str
    source_path: str
    names: tuple[str, ...]
    latest: str
    one_machine: bool
    is_hive: bool = False
    product_type: str | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """One machine with all ``names`` that it had.

    ``device_id`` is 40 hex digits, made from its name alone or, where it has none, from its evidence's id;
    so it is the same in every run. ``product_type`` is what its hive calls the edition of Windows
    (``WinNT``, ``ServerNT``, ``LanmanNT``), ``product_source`` which hive; ``""`` where none does.
    """

    device_id: str
    name: str
    names: tuple[str, ...]
    product_type: str = ""
    product_source: str = ""


@dataclass(frozen=True, slots=True)
class Devices:
    """The machines of a case, and to which of them an artifact's records belong."""

    all: tuple[Device, ...]
    by_place: Mapping[tuple[int, str], Device]
    artifacts: Mapping[str, tuple[int, ...]]

    def of(self, key: int, computer: str) -> Device:
        """Return the machine of a record of artifact ``key`` that names ``computer``."""
        return self.by_place[key, computer.casefold()]

    def artifacts_of(self, device: Device) -> tuple[int, ...]:
        """Return the keys of the artifacts that are, in whole or in part, of ``device``."""
        return self.artifacts[device.device_id]


class _Part(NamedTuple):
    """The part of an artifact that is of one machine, with the latest name that it has for it."""

    sighting: Sighting
    name: str
    earlier: frozenset[str] = frozenset()

    @property
    def evidence_id(self) -> str:
        return self.sighting.evidence_id


def find_devices(sightings: Iterable[Sighting]) -> Devices:
    """Tell the machines of a case apart by what its artifacts say, in whatever order they come."""
    ordered = sorted(sightings, key=lambda each: each.key)
    groups = _by_machine([part for sighting in ordered for part in _parts(sighting)])
    devices: list[Device] = []
    by_place: dict[tuple[int, str], Device] = {}
    artifacts: dict[str, tuple[int, ...]] = {}
    for machine, parts in sorted(groups.items()):
        device = _device(machine, parts)
        devices.append(device)
        artifacts[device.device_id] = tuple(sorted({part.sighting.key for part in parts}))
        for part in parts:
            by_place |= {(part.sighting.key, name.casefold()): device for name in (part.name, *part.earlier)}
    return Devices(tuple(devices), by_place, artifacts)


def _parts(sighting: Sighting) -> Iterator[_Part]:
    """Split an artifact by rule 1."""
    if sighting.one_machine or len({name.casefold() for name in sighting.names if name}) == 1:
        latest = sighting.latest.casefold()
        # A record without a name is its log's machine's.
        earlier = frozenset(name for name in ("", *sighting.names) if name.casefold() != latest)
        yield _Part(sighting, sighting.latest, earlier)
        return
    for name in sighting.names or ("",):
        yield _Part(sighting, name)


def _by_machine(parts: Sequence[_Part]) -> dict[str, list[_Part]]:
    """Return the parts of each machine, by the machine's full name in lower case."""
    full_names = _full_names(parts)
    renamed: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    still_used: dict[str, set[str]] = defaultdict(set)
    for part, full_name in zip(parts, full_names, strict=True):
        for name in filter(None, part.earlier):
            renamed[part.evidence_id][name.casefold()].add(full_name)
        if part.sighting.is_hive:
            still_used[part.evidence_id].add(full_name)
    groups: dict[str, list[_Part]] = defaultdict(list)
    for part, full_name in zip(parts, full_names, strict=True):
        here = part.evidence_id
        groups[_present_name(full_name, renamed[here], still_used[here])].append(part)
    _join_unnamed(groups)
    return groups


def _full_names(parts: Iterable[_Part]) -> list[str]:
    """Return each part's name in lower case, a short one made full by rule 2."""
    by_host: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for part in parts:
        host, dot, _ = part.name.casefold().partition(".")
        if host and dot:
            by_host[host].add((part.evidence_id, part.name.casefold()))
    return [_full_name(part, by_host.get(part.name.casefold(), ())) for part in parts]


def _full_name(part: _Part, known: Collection[tuple[str, str]]) -> str:
    here = {name for evidence_id, name in known if evidence_id == part.evidence_id}
    candidates = here or {name for _, name in known}
    return candidates.pop() if len(candidates) == 1 else part.name.casefold()


def _present_name(name: str, renamed: Mapping[str, set[str]], still_used: Collection[str]) -> str:
    """Return the only name that machines once called ``name`` have now, or ``name`` (rule 3)."""
    present: set[str] = set()
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        later = renamed.get(each, set()) - {each}
        if each in still_used or not later:
            present.add(each)
        elif each not in seen:
            waiting += later
        seen.add(each)
    return present.pop() if len(present) == 1 else name


def _join_unnamed(groups: dict[str, list[_Part]]) -> None:
    """Give what has no name to the only machine of its evidence, or to a machine of its own (rule 4)."""
    named: dict[str, set[str]] = defaultdict(set)
    for machine, parts in groups.items():
        for part in parts:
            named[part.evidence_id].add(machine)
    for part in groups.pop("", []):
        machines = named[part.evidence_id] - {""}
        machine = machines.pop() if len(machines) == 1 else f"\0{part.evidence_id}"
        groups.setdefault(machine, []).append(part)


def _device(machine: str, parts: Sequence[_Part]) -> Device:
    names = sorted({name for part in parts for name in (part.name, *part.earlier) if name})
    latest = sorted({part.name for part in parts if part.name}) or [""]
    # A name that only another evidence has in full is spelled in none of the parts.
    spellings = [name for name in latest if name.casefold() == machine] or latest
    told = [part.sighting for part in parts if part.sighting.product_type]
    product_type, source = (told[0].product_type or "", told[0].source_path) if told else ("", "")
    digest = hashlib.sha1(b"rustdesk-forensics device\0" + machine.encode("utf-8", "surrogatepass"))  # noqa: S324 - an id, not a safeguard
    return Device(digest.hexdigest(), spellings[0], tuple(names), product_type, source)
