from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from forensics.event_model.event import Event, Table
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import additional, event_of, misfits
from tests.builders.sysmon_activity import PROCESS_GUID, sysmon_activity
from tests.builders.typed_value import Boolean, UInt16

if TYPE_CHECKING:
    from tests.builders.windows_event import Given

IMAGE = r"C:\Program Files\RustDesk\RustDesk.exe"
HERE: tuple[str, int, str] = ("192.0.2.7", 50_022, "WS07.corp.example")
THERE: tuple[str, int, str] = ("198.51.100.9", 21_116, "rs.example.net")


def connection(source: tuple[str, int, str], destination: tuple[str, int, str], *, initiated: bool) -> Event:
    data: dict[str, Given] = {
        "Protocol": "tcp",
        "Initiated": Boolean(initiated),
        "SourceIsIpv6": Boolean(value=False),
        "SourceIp": source[0],
        "SourceHostname": source[2],
        "SourcePort": UInt16(source[1]),
        "SourcePortName": "-",
        "DestinationIsIpv6": Boolean(value=False),
        "DestinationIp": destination[0],
        "DestinationHostname": destination[2],
        "DestinationPort": UInt16(destination[1]),
        "DestinationPortName": "-",
    }
    return event_of(record_of(sysmon_activity(3, data)))


OUTBOUND = connection(HERE, THERE, initiated=True)
INBOUND = connection(THERE, HERE, initiated=False)


def test_a_connection_fills_every_column_that_it_knows() -> None:
    assert OUTBOUND.table is Table.NETWORK_EVENTS
    assert OUTBOUND.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "ConnectionSuccess",
        "RemoteIP": "198.51.100.9",
        "RemotePort": 21_116,
        "RemoteUrl": "rs.example.net",
        "LocalIP": "192.0.2.7",
        "LocalPort": 50_022,
        "Protocol": "Tcp",
        "InitiatingProcessAccountDomain": "nt authority",
        "InitiatingProcessAccountName": "system",
        "InitiatingProcessFileName": "rustdesk.exe",
        "InitiatingProcessFolderPath": IMAGE.lower(),
        "InitiatingProcessId": 6244,
        "InitiatingProcessUniqueId": PROCESS_GUID,
        "AdditionalFields": OUTBOUND.columns["AdditionalFields"],
    }
    assert additional(OUTBOUND) == {"Source": "Microsoft-Windows-Sysmon/Operational/3", "Initiated": True}


def test_a_connection_from_elsewhere_is_seen_from_this_machine() -> None:
    same = ("RemoteIP", "RemotePort", "RemoteUrl", "LocalIP", "LocalPort")
    assert [INBOUND.columns[name] for name in same] == [OUTBOUND.columns[name] for name in same]
    assert INBOUND.columns["ActionType"] == "InboundConnectionAccepted"
    assert additional(INBOUND)["Initiated"] is False


def test_a_connection_is_told_in_one_line() -> None:
    assert OUTBOUND.message == (
        "Connection to 198.51.100.9 port 21116 (rs.example.net), tcp, at 192.0.2.7 port 50022 "
        rf"(WS07.corp.example): {IMAGE} as NT AUTHORITY\SYSTEM"
    )
    assert INBOUND.message.startswith("Connection from 198.51.100.9 port 21116 (rs.example.net), tcp, at ")


def test_a_connection_is_dated_by_sysmon() -> None:
    origin = INBOUND.origin
    assert (origin.ticks, origin.time_means) == (
        DEFAULT_TIME - 34_567,
        "Connection accepted (Sysmon UtcTime)",
    )
    assert OUTBOUND.origin.time_means == "Connection (Sysmon UtcTime)"


def test_facts_of_a_connection_are_its_program_s_verbatim() -> None:
    facts = OUTBOUND.facts
    assert (facts.user, facts.image_path) == (r"NT AUTHORITY\SYSTEM", IMAGE)
    assert (facts.process_id, facts.process_guid) == ("6244", PROCESS_GUID)


@pytest.mark.parametrize("nothing", ["-", ""])
def test_a_host_without_a_name_has_none(nothing: str) -> None:
    event = connection(HERE, (*THERE[:2], nothing), initiated=True)
    assert event.columns["RemoteUrl"] == ""
    assert event.message.startswith("Connection to 198.51.100.9 port 21116, tcp, at ")


@pytest.mark.parametrize("data", [{}, {"Initiated": "perhaps", "SourcePort": "99999999999999999999999"}])
def test_a_connection_whose_direction_is_not_told_claims_none(data: dict[str, str]) -> None:
    event = event_of(replace(record_of(sysmon_activity(3, {})), data=data))
    assert event.columns["ActionType"] == "ConnectionSuccess"
    assert additional(event).get("Initiated") not in {True, False}
    assert "LocalPort" not in event.columns


def test_an_address_of_version_6_stays_as_it_is_recorded() -> None:
    event = connection(HERE, ("2001:db8:0:0:0:0:0:9", 21_117, "-"), initiated=True)
    assert event.columns["RemoteIP"] == "2001:db8:0:0:0:0:0:9"


QUERY = event_of(
    record_of(
        sysmon_activity(
            22,
            {
                "QueryName": "rs-ny.rustdesk.com",
                "QueryStatus": "0",
                "QueryResults": "type:  5 relay.example.net;::ffff:198.51.100.9;",
            },
        )
    )
)


def test_a_dns_query_fills_every_column_that_it_knows() -> None:
    assert QUERY.table is Table.EVENTS
    assert QUERY.columns["ActionType"] == "DnsQueryResponse"
    assert QUERY.columns["RemoteUrl"] == "rs-ny.rustdesk.com"
    assert QUERY.columns["InitiatingProcessFolderPath"] == IMAGE.lower()
    assert additional(QUERY) == {
        "DnsQueryResult": "type:  5 relay.example.net;::ffff:198.51.100.9;",
        "DnsQueryString": "rs-ny.rustdesk.com",
        "QueryStatus": "0",
        "Source": "Microsoft-Windows-Sysmon/Operational/22",
    }


def test_a_dns_query_is_told_in_one_line() -> None:
    assert QUERY.message == (
        rf"DNS query: rs-ny.rustdesk.com by {IMAGE} as NT AUTHORITY\SYSTEM, status 0, "
        "answer type:  5 relay.example.net;::ffff:198.51.100.9;"
    )


def test_a_dns_query_without_an_answer_claims_none() -> None:
    data: dict[str, Given] = {"QueryName": "x.example", "QueryStatus": "9003", "QueryResults": "-"}
    event = event_of(record_of(sysmon_activity(22, data)))
    assert event.message.endswith("status 9003")
    assert "DnsQueryResult" not in additional(event)


@pytest.mark.parametrize("event", [OUTBOUND, INBOUND, QUERY])
def test_every_column_is_one_of_its_table(event: Event) -> None:
    assert misfits(event) == []
