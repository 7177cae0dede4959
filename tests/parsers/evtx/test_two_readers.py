"""Two readers that share no code give the same records; where they cannot, it is known and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.evtx.sweep import Reader
from tests.builders.event_log import build_event_log
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import FieldCount, image_loaded, process_created
from tests.parsers.evtx.reading import Reading, read

if TYPE_CHECKING:
    from parsers.evtx.record import EvtxRecord
    from tests.builders.event_log import EventToWrite

TIME = 133_537_248_001_234_567
FIELD_COUNTS: tuple[FieldCount, ...] = get_args(FieldCount)


def both(*events: EventToWrite) -> tuple[Reading, Reading]:
    log = build_event_log(events)
    return read(log, Reader.RUST), read(log, Reader.PYTHON)


def agreed(*events: EventToWrite) -> tuple[EvtxRecord, ...]:
    """Return the records of ``events``, after seeing that both readers give them and lose nothing."""
    rust, python = both(*events)
    assert rust == python
    assert len(rust.records) == len(events)
    assert rust.ledger.damage == ()
    return rust.records


@pytest.mark.parametrize("count", FIELD_COUNTS)
def test_every_field_set_of_sysmon_is_read_alike(count: FieldCount) -> None:
    event = process_created(field_count=count, record_id=9, time_created=TIME, written=TIME + 12_345)
    (record,) = agreed(event)
    assert list(record.data) == [name for name, _ in event.data]
    assert (record.provider, record.event_id) == ("Microsoft-Windows-Sysmon", 1)
    assert (record.channel, record.computer) == ("Microsoft-Windows-Sysmon/Operational", "WORKSTATION-1")
    assert (record.record_id, record.header_record_id, record.user_sid) == (9, 9, "S-1-5-18")
    assert (record.time_created, record.written) == (TIME, TIME + 12_345)


def test_an_absent_field_is_absent_and_an_empty_one_is_empty() -> None:
    oldest, empty, dash = agreed(
        process_created(field_count=16, record_id=1),
        process_created(field_count=21, record_id=2, rule_name=""),
        process_created(field_count=21, record_id=3),
    )
    assert "RuleName" not in oldest.data
    assert empty.data["RuleName"] == ""
    assert dash.data["RuleName"] == "-"


def test_numbers_and_guids_are_spelt_as_windows_shows_them() -> None:
    (record,) = agreed(
        process_created(process_id=9112, logon_id=0x3E7, process_guid="5770385f-c22a-43e0-bf4c-06f5698ffbd9")
    )
    assert record.data["ProcessId"] == "9112"
    assert record.data["LogonId"] == "0x3e7"
    assert record.data["ProcessGuid"] == "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"


@pytest.mark.parametrize("logon_id", [0, 1, 0xFFFFFFFF, 2**64 - 1])
def test_any_logon_id_is_read_alike(logon_id: int) -> None:
    (record,) = agreed(process_created(logon_id=logon_id))
    assert record.data["LogonId"] == f"{logon_id:#x}"


def test_an_image_load_is_read_alike() -> None:
    (record,) = agreed(image_loaded(image_loaded=r"C:\Program Files\RustDesk\sciter.dll", signed="true"))
    assert record.data["ImageLoaded"] == r"C:\Program Files\RustDesk\sciter.dll"
    assert record.data["Signed"] == "true"


@pytest.mark.parametrize(
    ("service_type", "start_type"),
    [
        ("user mode service", "auto start"),
        ("ユーザー モード サービス", "自動的な開始"),
        ("Benutzermodusdienst", "Automatisch starten"),
    ],
)
def test_a_service_is_read_alike_in_every_language(service_type: str, start_type: str) -> None:
    event = service_installed(
        service_name="RustDesk",
        image_path=r'"C:\Program Files\RustDesk\rustdesk.exe" --service',
        service_type=service_type,
        start_type=start_type,
        user_sid="S-1-5-21-1-2-3-500",
    )
    (record,) = agreed(event)
    assert record.data == dict(event.data)
    assert (record.provider, record.event_id, record.channel) == ("Service Control Manager", 7045, "System")
    assert record.user_sid == "S-1-5-21-1-2-3-500"


def test_an_event_without_a_user_has_no_sid() -> None:
    (record,) = agreed(service_installed(user_sid=None))
    assert record.user_sid == ""


def test_a_command_line_as_long_as_windows_allows_is_read_whole() -> None:
    line = "rustdesk.exe --password " + "ä" * 29_976
    (record,) = agreed(process_created(command_line=line))
    assert len(line) == 30_000
    assert record.data["CommandLine"] == line


@pytest.mark.parametrize(
    "text",
    [
        "  ping  -n 6 ",
        "<a>&amp;'\"]]></a>",
        "tab\tand line\nfeed",
        "carriage\rreturn\r\nand line feed\n\r",
        "0x00000010",
        "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
        "5770385F-C22A-43E0-BF4C-06F5698FFBD9",
        "2024-03-01T00:00:00.123456Z",
        "2024-99-99T99:99:99.999999Z",
        "<string>a</string>",
        "\U0001f5a5 e\u0301 \u202egnp.exe \u200b",
        "\x85\u2028",
        "null",
        "-1",
        "0x",
        "{not-a-guid}",
        "{0}{1}%1%%s",
    ],
)
def test_text_that_looks_like_something_else_is_read_alike(text: str) -> None:
    (record,) = agreed(process_created(command_line=text, rule_name=text))
    assert (record.data["CommandLine"], record.data["RuleName"]) == (text, text)


safe_texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", max_codepoint=0x1FFFD),
    max_size=30,
)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(safe_texts, safe_texts), min_size=1, max_size=3))
def test_any_text_that_xml_can_hold_is_read_alike(pairs: list[tuple[str, str]]) -> None:
    events = [
        process_created(record_id=number, command_line=line, computer=f"PC-{line}", parent_image=f"C:{image}")
        for number, (line, image) in enumerate(pairs, start=1)
    ]
    records = agreed(*events)
    assert [(each.data["CommandLine"], each.computer) for each in records] == [
        (line, f"PC-{line}") for line, _ in pairs
    ]


def test_known_the_second_reader_drops_control_characters_and_says_so() -> None:
    rust, python = both(process_created(command_line="a\x01b\x1fc\x7fd"))
    assert rust.records[0].data["CommandLine"] == "a\x01b\x1fc\x7fd"
    assert python.records[0].data["CommandLine"] == "abcd"
    assert (rust.records[0].text_altered, python.records[0].text_altered) == (False, True)


@pytest.mark.parametrize("text", ["a\ud800b", "a\udc00", "a\0b", "a\ufffe"])
def test_known_the_second_reader_cannot_read_what_xml_cannot_hold_and_says_so(text: str) -> None:
    rust, python = both(process_created(record_id=1, command_line=text), process_created(record_id=2))
    assert rust.ids == [1, 2]
    assert python.ids == [2]
    assert python.ledger.failed == 1
    assert python.reasons[0].startswith("record 1 cannot be read: ")


def test_known_the_first_reader_loses_surrogates_and_what_stands_behind_a_nul_and_says_so() -> None:
    rust, _ = both(
        process_created(record_id=1, command_line="a\ud800b"),
        process_created(record_id=2, command_line="a\0b"),
    )
    assert [each.data["CommandLine"] for each in rust.records] == ["ab", "a"]
    assert [each.text_altered for each in rust.records] == [True, True]
