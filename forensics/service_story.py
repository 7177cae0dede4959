r"""One service, all its artifacts: which of them agree, which are missing, and what a missing key means.

An installation leaves up to four traces: System 7045 (which names the service by its display name), Security
4697 and the registry key (by its key's name), and Sysmon's events on that key. They are of one service where
the names lead to each other on one machine: equal, or ``X`` and ``X Service``, or the key's own DisplayName.

No key is never "not installed": RustDesk deletes its service when it is stopped from its tray and when it is
uninstalled.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from forensics.finding import Found
    from forensics.machine_sources import MachineSources

INSTALLED: Final = "System 7045"
AUDITED: Final = "Security 4697"
KEY: Final = "service key"
OTHER_KEY: Final = "service key of another control set"
_WHERE: Final = {"7045": INSTALLED, "4697": AUDITED}
_OF_A_KEY: Final = re.compile(r"\\Services\\([^\\\"]+)", re.IGNORECASE)
_KEY_EVENTS: Final = frozenset({"12", "13", "14"})
_BY_KEY_NAME: Final = frozenset({AUDITED, KEY, OTHER_KEY})
_FINDINGS: Final = frozenset(
    {"rustdesk_service_installed", "rustdesk_service_key", "rustdesk_service_changed", "rustdesk_renamed"}
)
_STEP: Final = "--import-config"
"""The argument of the service that the installer makes first and deletes at once."""


@dataclass(frozen=True, slots=True)
class ServiceStory:
    """What the evidence says of one service of machine ``device_id``.

    ``name`` is its key's name, or its display name where no artifact has the key's. ``found`` are the
    findings in order of time, each with the artifact it is in; ``differs`` says in what the artifacts
    disagree, ``missing`` which of the usual three have nothing and what that means.
    """

    device_id: str
    name: str
    found: tuple[tuple[str, Found], ...]
    differs: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def artifacts(self) -> tuple[str, ...]:
        """The artifacts that tell of the service, each once."""
        return tuple(dict.fromkeys(artifact for artifact, _ in self.found))


@dataclass(frozen=True, slots=True)
class _Trace:
    artifact: str
    found: Found
    name: str
    names: frozenset[str]

    @property
    def is_key_name(self) -> bool:
        return self.artifact in _BY_KEY_NAME or self.artifact.startswith("Sysmon")


def service_stories(
    found: Iterable[Found], sources: Mapping[str, MachineSources]
) -> tuple[ServiceStory, ...]:
    """Return a story for each service that ``found`` tells of; ``sources`` are the machines', by DeviceId."""
    by_device: dict[str, list[_Trace]] = defaultdict(list)
    for each in sorted(found, key=lambda each: (each.event.ticks, each.key)):
        if (trace := _trace(each, sources[each.event.device_id])) is not None:
            by_device[each.event.device_id].append(trace)
    return tuple(
        _story(device_id, group, sources[device_id])
        for device_id in sorted(by_device)
        for group in _groups(by_device[device_id])
    )


def _trace(found: Found, sources: MachineSources) -> _Trace | None:
    event = found.event
    artifact = _artifact(found)
    if found.rule.finding not in _FINDINGS or artifact is None:
        return None
    name = event.service_name
    if artifact.startswith("Sysmon"):
        match = _OF_A_KEY.search(event.message)
        name = name or (match[1] if match else "")
    if not name:
        return None
    names = {name.casefold()}
    if artifact in _BY_KEY_NAME or artifact.startswith("Sysmon"):
        names |= {f"{name} Service".casefold(), *sources.display_names.get(name.casefold(), ())}
    return _Trace(artifact, found, name, frozenset(names))


def _artifact(found: Found) -> str | None:
    event = found.event
    if event.artifact == "SYSTEM hive":
        current = event.record_state != "non_current_control_set"
        return (KEY if current else OTHER_KEY) if event.service_name else None
    if event.event_id in _KEY_EVENTS and "sysmon" in event.provider.casefold():
        return f"Sysmon {event.event_id}"
    return _WHERE.get(event.event_id) or (
        f"{event.channel_or_key} {event.event_id}" if event.event_id else None
    )


def _groups(traces: Sequence[_Trace]) -> Iterator[Sequence[_Trace]]:
    """Part the traces of a machine by service; two are of one where they have a name in common."""
    groups: list[tuple[set[str], list[_Trace]]] = []
    for trace in traces:
        joined = [group for group in groups if group[0] & trace.names]
        names = set(trace.names).union(*(group[0] for group in joined))
        members = [each for group in joined for each in group[1]]
        groups = [group for group in groups if group not in joined]
        groups.append((names, [*members, trace]))
    for _, members in groups:
        yield sorted(members, key=lambda each: (each.found.event.ticks, each.found.key))


def _story(device_id: str, traces: Sequence[_Trace], sources: MachineSources) -> ServiceStory:
    key_names = [each.name for each in traces if each.is_key_name]
    return ServiceStory(
        device_id,
        name=(key_names or [traces[0].name])[0],
        found=tuple((each.artifact, each.found) for each in traces),
        differs=tuple(_differs(traces)),
        missing=tuple(_missing(traces, sources)),
    )


def _differs(traces: Sequence[_Trace]) -> Iterator[str]:
    """Say where artifacts give the service different image paths, the installer's first service apart."""
    paths: dict[str, set[str]] = defaultdict(set)
    for each in traces:
        image_path = each.found.event.command_line
        if each.artifact in {INSTALLED, AUDITED, KEY} and image_path and _STEP not in image_path:
            paths[image_path.casefold()].add(each.artifact)
    if len(paths) > 1:
        told = (f"{image_path} ({', '.join(sorted(artifacts))})" for image_path, artifacts in paths.items())
        yield f"image paths differ: {'; '.join(told)}"


def _missing(traces: Sequence[_Trace], sources: MachineSources) -> Iterator[str]:
    have = {each.artifact for each in traces}
    earliest = min(each.found.event.ticks for each in traces)
    if INSTALLED not in have:
        yield _no_record(INSTALLED, "System", earliest, sources)
    if AUDITED not in have:
        audit = "; Windows writes it only where the audit policy asks for it"
        yield _no_record(AUDITED, "Security", earliest, sources) + audit
    if KEY not in have:
        yield _no_key(traces, sources)


def _no_record(what: str, channel: str, earliest: int, sources: MachineSources) -> str:
    if channel not in sources.first_written:
        return f"no {what}: no {channel} log was examined"
    begins = sources.first_written[channel]
    if begins is not None and begins > earliest:
        return f"no {what}: the {channel} log begins later, {_time(begins)}"
    return f"no {what} in the {channel} log"


def _no_key(traces: Sequence[_Trace], sources: MachineSources) -> str:
    if not sources.hive_written:
        return "no service key: no SYSTEM hive was examined"
    if any(each.found.activity == "uninstall" and each.artifact.startswith("Sysmon") for each in traces):
        return "no service key in the current control set: it was seen being deleted"
    written = max(sources.hive_written)
    installed = [each.found.event.ticks for each in traces if each.artifact in {INSTALLED, AUDITED}]
    if installed and written < max(installed):
        return (
            f"no service key: the SYSTEM hive was last written before, {_time(written)}, and cannot show it"
        )
    return (
        f"no service key in the current control set, last written {_time(written)}: the service was "
        "deleted, as RustDesk does when it is stopped from its tray and when it is uninstalled"
    )


def _time(ticks: int) -> str:
    return filetime.to_text(ticks) if ticks <= filetime.MAX_TICKS else f"{ticks:#x}"
