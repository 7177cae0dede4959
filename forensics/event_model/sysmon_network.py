"""Sysmon's connections (3) and DNS queries (22) as Defender's rows.

A connection has a source and a destination; which of them is this machine tells Initiated. Sysmon looks
host names up by address when it writes the event: they are what DNS said then, not what the program asked
for.
Source: Sysmon's manifest as its events show it; Microsoft, DeviceNetworkEvents in the advanced hunting
schema.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import additional, number, text
from forensics.event_model.event import Cell, Event, LogSources, Table
from forensics.event_model.log_origin import from_utc_time
from forensics.event_model.sysmon_fields import (
    PROVIDER,
    by_whom,
    facts_of_program,
    initiating_process,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

CONNECTION: Final = 3
DNS_QUERY: Final = 22


def connection(record: EvtxRecord) -> Event:
    """Return the DeviceNetworkEvents row of a Sysmon event 3, local and remote as seen from this machine.

    Where the event does not say who initiated the connection, the source is taken for this machine and
    AdditionalFields has no truth value.
    """
    data = record.data
    initiated = truth(data, "Initiated")
    inbound = initiated is False
    local, remote = ("Destination", "Source") if inbound else ("Source", "Destination")
    action = ActionType.INBOUND_CONNECTION_ACCEPTED if inbound else ActionType.CONNECTION_SUCCESS
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": action,
        "RemoteIP": text(data, f"{remote}Ip"),
        **number(data, f"{remote}Port", "RemotePort"),
        "RemoteUrl": text(data, f"{remote}Hostname"),
        "LocalIP": text(data, f"{local}Ip"),
        **number(data, f"{local}Port", "LocalPort"),
        "Protocol": text(data, "Protocol").capitalize(),
        **initiating_process(data),
        "AdditionalFields": additional(record, {"Initiated": initiated}),
    }
    origin = from_utc_time(record, "Connection accepted" if inbound else "Connection")
    message = _message(data, local, remote, "from" if inbound else "to")
    return Event(Table.NETWORK_EVENTS, columns, message, origin, facts_of_program(data))


def dns_query(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a Sysmon event 22: a name that was asked for, and the answer."""
    data = record.data
    name, answer = text(data, "QueryName"), text(data, "QueryResults")
    status = text(data, "QueryStatus")
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": ActionType.DNS_QUERY_RESPONSE,
        "RemoteUrl": name,
        **initiating_process(data),
        "AdditionalFields": additional(
            record, {"DnsQueryString": name, "QueryStatus": status, "DnsQueryResult": answer}
        ),
    }
    told = f", answer {answer}" if answer else ""
    message = f"DNS query: {name} by {by_whom(data)}, status {status or 'unknown'}{told}"
    return Event(Table.EVENTS, columns, message, from_utc_time(record, "DNS query"), facts_of_program(data))


def _message(data: Mapping[str, str], local: str, remote: str, towards: str) -> str:
    return (
        f"Connection {towards} {_end(data, remote)}, {text(data, 'Protocol') or 'unknown protocol'}, "
        f"at {_end(data, local)}: {by_whom(data)}"
    )


def _end(data: Mapping[str, str], side: str) -> str:
    host = text(data, f"{side}Hostname")
    named = f" ({host})" if host else ""
    return f"{text(data, f'{side}Ip') or 'an unknown address'} port {text(data, f'{side}Port')}{named}"


SOURCES: Final[LogSources] = MappingProxyType(
    {(PROVIDER, CONNECTION): connection, (PROVIDER, DNS_QUERY): dns_query}
)
"""By provider in lower case and event id."""
