from __future__ import annotations

from forensics.report.contacted_server import ASKED, CONNECTED, GIVEN, LOGGED, contacted_servers
from tests.builders.found import event, found, rule
from tests.builders.report_page import row_of_case

LOG = "RustDesk log of LocalService (server): uses the server rd.example.net [a server of the operator's own]"
DNS = "DNS query: rd.example.net by C:\\RustDesk\\rustdesk.exe as x, status 0, answer ::ffff:198.51.100.23;"
CONNECTION = (
    "Connection to 198.51.100.23 port 21116 (rd.example.net), udp, at 192.0.2.21 port 52950: C:\\x.exe"
)


def test_a_server_is_known_in_all_ways_that_rows_tell() -> None:
    config = row_of_case(1, image_path="C:\\rustdesk-host=rd.example.net,key=abc.exe", command_line="")
    messages = {2: LOG, 3: DNS, 4: CONNECTION}
    rows = [config, *(row_of_case(number, message=message) for number, message in messages.items())]

    (server,) = contacted_servers(rows, {})

    assert server.name == "rd.example.net"
    assert dict(server.how) == {CONNECTED: (4,), LOGGED: (2,), ASKED: (3,), GIVEN: (1,)}
    assert server.addresses == ("198.51.100.23",)
    assert not server.is_public


def test_public_servers_come_last() -> None:
    rows = [
        row_of_case(1, message=LOG.replace("rd.example.net", "rs-ny.rustdesk.com")),
        row_of_case(2, message=LOG),
    ]

    assert [each.is_public for each in contacted_servers(rows, {})] == [False, True]


def test_a_name_that_only_ends_like_the_public_one_is_not_it() -> None:
    (server,) = contacted_servers([row_of_case(1, message=LOG.replace("rd.example", "notrustdesk.com."))], {})

    assert not server.is_public


def test_a_connection_to_another_port_is_no_server() -> None:
    assert contacted_servers([row_of_case(1, message=CONNECTION.replace("21116", "443"))], {}) == ()


def test_a_server_that_a_rule_names_is_one_unless_it_is_who_connected() -> None:
    finding = found(rule("r"), event(report_id=1), server="rd.example.net")
    rows = [row_of_case(1, rule_id="r", activity=activity) for activity in ("configure", "inbound_session")]

    told = [contacted_servers([row], {finding.key: finding}) for row in rows]

    assert [[each.name for each in servers] for servers in told] == [["rd.example.net"], []]
