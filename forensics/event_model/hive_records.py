"""What a SYSTEM hive holds beside services, as rows of DeviceEvents: each record with the row that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.event_model.hive_firewall import firewall_rule
from forensics.event_model.hive_network import network_interface, share
from forensics.event_model.hive_origin import HiveSource
from forensics.event_model.hive_printers import printer
from forensics.event_model.hive_programs import cached_program, last_run
from parsers.hive.appcompat_cache import CachedProgram
from parsers.hive.firewall_rules import FirewallRule
from parsers.hive.last_runs import LastRun
from parsers.hive.network_interfaces import NetworkInterface
from parsers.hive.printers import Printer
from parsers.hive.shares import Share
from parsers.hive.views import replayed_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.event_model.event import Event
    from parsers.hive.held_record import HeldRecord
    from parsers.hive.views import HiveViews


def hive_records(views: HiveViews, device_name: str) -> Iterator[tuple[Event, HeldRecord]]:
    """Give the rows of every control set of the hive, and then those that only its replay shows."""
    for control_set in views.base.control_sets:
        source = HiveSource.of(control_set, device_name)
        for record in control_set.records:
            yield _event(record, source), record
    replayed = HiveSource.of_replay(views.replay, device_name)
    for record in replayed_records(views):
        yield _event(record, replayed), record


def _event(record: HeldRecord, source: HiveSource) -> Event:
    match record:
        case FirewallRule():
            return firewall_rule(record, source)
        case LastRun():
            return last_run(record, source)
        case CachedProgram():
            return cached_program(record, source)
        case Printer():
            return printer(record, source)
        case Share():
            return share(record, source)
        case NetworkInterface():
            return network_interface(record, source)
        case _:
            raise TypeError(f"no row is made of a {type(record).__name__}")
