from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forensics.machine_sources import MachineSources
from forensics.service_story import service_stories
from tests.builders.found import DEVICE_ID, HOUR, TICKS, event, found, rule

if TYPE_CHECKING:
    from forensics.finding import Found
    from forensics.service_story import ServiceStory

FINAL = '"C:\\Program Files\\RustDesk\\RustDesk.exe" --service'
FIRST = '"C:\\Program Files\\RustDesk\\RustDesk.exe" --import-config "C:\\Users\\amy\\RustDesk.toml"'
SOURCES = MachineSources({"System": TICKS - HOUR, "Security": TICKS - HOUR}, (TICKS + HOUR,), {})


def scm(report_id: int = 1, name: str = "RustDesk Service", command_line: str = FINAL) -> Found:
    made = event(
        report_id, event_id="7045", channel_or_key="System", service_name=name, command_line=command_line
    )
    return found(rule("rustdesk_service_installed"), made)


def audited(report_id: int = 2, name: str = "RustDesk", command_line: str = FINAL) -> Found:
    made = event(
        report_id,
        TICKS + 1,
        event_id="4697",
        channel_or_key="Security",
        service_name=name,
        command_line=command_line,
    )
    return found(rule("rustdesk_service_installed"), made)


def key(report_id: int = 3, name: str = "RustDesk", command_line: str = FINAL) -> Found:
    made = event(
        report_id,
        TICKS + 2,
        artifact="SYSTEM hive",
        event_id="",
        service_name=name,
        command_line=command_line,
    )
    return found(rule("rustdesk_service_key"), made)


def sysmon(report_id: int = 4) -> Found:
    made = event(
        report_id,
        TICKS + 3,
        provider="Microsoft-Windows-Sysmon",
        event_id="12",
        service_name="",
        message="Registry key deleted: HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\RustDesk",
    )
    return found(rule("rustdesk_service_changed"), made)


def only(*findings: Found, sources: MachineSources = SOURCES) -> ServiceStory:
    (story,) = service_stories(findings, {DEVICE_ID: sources})
    return story


def test_the_log_events_and_the_key_of_one_service_are_one_story() -> None:
    story = only(key(), audited(), scm(), scm(5, command_line=FIRST), sysmon())

    assert story.name == "RustDesk"
    assert story.artifacts == ("System 7045", "Security 4697", "service key", "Sysmon 12")
    assert [each.event.report_id for _, each in story.found] == [1, 5, 2, 3, 4]
    assert (story.differs, story.missing) == ((), ())


def test_another_service_is_another_story() -> None:
    stories = service_stories([scm(), scm(2, "Helper"), key(3, "Helper")], {DEVICE_ID: SOURCES})

    assert sorted(story.name for story in stories) == ["Helper", "RustDesk Service"]


def test_a_display_name_that_only_the_hive_knows_joins_the_log_to_the_key() -> None:
    sources = MachineSources(SOURCES.first_written, SOURCES.hive_written, {"updsvc": frozenset({"updater"})})

    story = only(scm(name="Updater"), key(name="UpdSvc"), sources=sources)

    assert story.artifacts == ("System 7045", "service key")


def test_services_of_two_machines_are_never_one() -> None:
    elsewhere = found(
        rule("rustdesk_service_key"),
        event(9, artifact="SYSTEM hive", service_name="RustDesk", device_id="e" * 40),
    )

    stories = service_stories([scm(), elsewhere], {DEVICE_ID: SOURCES, "e" * 40: SOURCES})

    assert len(stories) == 2


def test_image_paths_that_differ_are_said() -> None:
    (told,) = only(scm(), key(command_line="C:\\Evil\\x.exe --service")).differs

    assert told.startswith("image paths differ: ")
    assert "c:\\evil\\x.exe --service (service key)" in told


def test_the_installers_first_service_is_no_difference() -> None:
    assert only(scm(command_line=FIRST), key()).differs == ()


def test_a_key_that_is_gone_from_a_later_hive_was_deleted_and_not_never_there() -> None:
    (told,) = only(scm(), audited()).missing

    assert "the service was deleted" in told
    assert "stopped from its tray" in told


def test_a_key_that_only_another_control_set_has_is_gone_from_the_current_one() -> None:
    old = found(
        rule("rustdesk_service_key"),
        event(
            3,
            TICKS + 2,
            artifact="SYSTEM hive",
            event_id="",
            service_name="RustDesk",
            record_state="non_current_control_set",
        ),
    )

    story = only(scm(), audited(), old)

    assert story.artifacts == ("System 7045", "Security 4697", "service key of another control set")
    assert "no service key in the current control set" in story.missing[0]


def test_a_key_that_was_seen_being_deleted_is_said_to_have_been() -> None:
    seen = sysmon()
    deleted = replace(seen, finding=replace(seen.finding, activity="uninstall"))

    (told,) = only(scm(), audited(), deleted).missing

    assert told == "no service key in the current control set: it was seen being deleted"


def test_a_hive_that_is_older_than_the_install_cannot_show_its_key() -> None:
    older = MachineSources(SOURCES.first_written, (TICKS - HOUR,), {})

    (told,) = only(scm(), audited(), sources=older).missing

    assert "was last written before" in told


def test_what_was_not_examined_is_said_to_be_so() -> None:
    nothing = MachineSources({}, (), {})

    assert only(scm(), sources=nothing).missing == (
        (
            "no Security 4697: no Security log was examined; "
            "Windows writes it only where the audit policy asks for it"
        ),
        "no service key: no SYSTEM hive was examined",
    )


def test_a_log_that_begins_later_cannot_hold_the_install() -> None:
    late = MachineSources({"System": TICKS + HOUR}, (TICKS + HOUR,), {})

    assert only(key(), sources=late).missing[0].startswith("no System 7045: the System log begins later, ")


def test_a_log_that_was_there_and_has_no_record_is_said_to_have_none() -> None:
    assert only(key()).missing[0] == "no System 7045 in the System log"
