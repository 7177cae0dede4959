"""Artifacts are found by what they hold, wherever they lie and whatever they are called."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from parsers.errors import EvidenceError
from parsers.evidence.evidence import read_sha256
from parsers.evidence.found import FoundFile
from parsers.evidence.source import ArtifactKind
from tests.builders.event_log import build_event_log
from tests.builders.sysmon_event import process_created
from tests.builders.system_hive import ServiceToWrite, build_system_hive
from tests.parsers.evidence.folder_search import found, kinds, lay_out, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG = build_event_log([process_created()])
HIVE = build_system_hive(computer_name="PC-1", services=[ServiceToWrite("A", 1, "a.exe")], last_written=1)
NOBODY = 65534

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux alone")
posix_only = pytest.mark.skipif(os.name == "nt", reason="permissions are not those of POSIX")
needs_links = pytest.mark.skipif(os.name == "nt", reason="making links needs a privilege on Windows")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user may enter, as pytest's own are not."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Root may read everything: give its rights up for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_event_logs_are_found_by_content_and_by_name(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "Windows/System32/winevt/Logs/System.evtx": LOG,
            "carved/foo.bin": LOG,
            "carved/no_extension": LOG,
            "carved/headerless.bin": bytes(4096) + LOG[4096:],
            "broken/EMPTY.EVTX": b"",
            "broken/text.evtx": b"not a log",
            "notes.txt": b"ElfFil",
            "about.md": b"The signature ElfFile\0 stands at the start of a log",
        },
    )
    assert list(kinds(tmp_path).items()) == [
        ("Windows/System32/winevt/Logs/System.evtx", ArtifactKind.EVENT_LOG),
        ("broken/EMPTY.EVTX", ArtifactKind.EVENT_LOG),
        ("broken/text.evtx", ArtifactKind.EVENT_LOG),
        ("carved/foo.bin", ArtifactKind.EVENT_LOG),
        ("carved/headerless.bin", ArtifactKind.EVENT_LOG),
        ("carved/no_extension", ArtifactKind.EVENT_LOG),
    ]
    assert unreadable(tmp_path) == {}


def test_a_file_that_is_only_called_system_is_left_to_its_reader(tmp_path: Path) -> None:
    lay_out(tmp_path, {"config/SYSTEM": b"", "other/System": b"no hive"})
    assert kinds(tmp_path) == {
        "config/SYSTEM": ArtifactKind.SYSTEM_HIVE,
        "other/System": ArtifactKind.SYSTEM_HIVE,
    }


def test_order_is_by_path_whatever_the_order_on_disk(tmp_path: Path) -> None:
    names = ["b.evtx", "a/z.evtx", "a.evtx", "a/b/c.evtx", "B.evtx", "ä.evtx", "a b.evtx", "a-b.evtx"]
    lay_out(tmp_path / "one", dict.fromkeys(names, LOG))
    lay_out(tmp_path / "two", dict.fromkeys(reversed(names), LOG))
    assert list(kinds(tmp_path / "one")) == list(kinds(tmp_path / "two")) == sorted(names)


def test_a_single_file_is_an_artifact_by_its_own_name(tmp_path: Path) -> None:
    lay_out(tmp_path, {"deep/System.evtx": LOG, "deep/SYSTEM": HIVE})
    assert kinds(tmp_path / "deep/System.evtx") == {"System.evtx": ArtifactKind.EVENT_LOG}
    assert kinds(tmp_path / "deep/SYSTEM") == {"SYSTEM": ArtifactKind.SYSTEM_HIVE}


def test_a_single_file_of_no_kind_is_refused_with_a_remedy(tmp_path: Path) -> None:
    lay_out(tmp_path, {"notes.txt": b"text"})
    with pytest.raises(EvidenceError) as caught:
        found(tmp_path / "notes.txt")
    assert caught.value.path == str(tmp_path / "notes.txt")
    assert caught.value.reason == (
        "is no event log (EVTX), no SYSTEM hive, no archive and no disk image that is known"
    )
    assert caught.value.remedy == "Give one of these, or a folder that holds them"


def test_a_path_where_nothing_is_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="there is no such file or folder"):
        found(tmp_path / "missing")


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@posix_only
def test_a_folder_that_may_not_be_read_is_named(open_folder: Path) -> None:
    lay_out(open_folder, {"Logs/System.evtx": LOG, "open.evtx": LOG})
    (open_folder / "Logs").chmod(0)
    try:
        with as_an_ordinary_user():
            assert unreadable(open_folder) == {"Logs": "Permission denied"}
            assert kinds(open_folder) == {"open.evtx": ArtifactKind.EVENT_LOG}
    finally:
        (open_folder / "Logs").chmod(0o755)


@posix_only
def test_a_folder_whose_files_may_not_be_reached_names_them(open_folder: Path) -> None:
    lay_out(open_folder, {"Logs/System.evtx": LOG})
    (open_folder / "Logs").chmod(0o444)
    try:
        with as_an_ordinary_user():
            assert unreadable(open_folder) == {"Logs/System.evtx": "Permission denied"}
    finally:
        (open_folder / "Logs").chmod(0o755)


@posix_only
def test_a_file_that_may_not_be_read_is_named(open_folder: Path) -> None:
    lay_out(open_folder, {"Logs/System.evtx": LOG, "Logs/Security.evtx": LOG})
    (open_folder / "Logs/System.evtx").chmod(0)
    with as_an_ordinary_user():
        assert unreadable(open_folder) == {"Logs/System.evtx": "Permission denied"}
        assert kinds(open_folder) == {"Logs/Security.evtx": ArtifactKind.EVENT_LOG}
        assert unreadable(open_folder / "Logs/System.evtx") == {"System.evtx": "Permission denied"}


@posix_only
def test_evidence_that_may_not_be_entered_is_named(open_folder: Path) -> None:
    root = open_folder / "case"
    lay_out(root, {"System.evtx": LOG})
    root.chmod(0)
    try:
        with as_an_ordinary_user():
            assert unreadable(root) == {".": "Permission denied"}
    finally:
        root.chmod(0o755)


@needs_links
def test_a_broken_link_is_named_if_it_is_called_an_artifact(tmp_path: Path) -> None:
    (tmp_path / "System.evtx").symlink_to("gone.evtx")
    (tmp_path / "SYSTEM").symlink_to(tmp_path / "gone")
    (tmp_path / "Application Data").symlink_to("gone")
    assert unreadable(tmp_path) == {
        "SYSTEM": "No such file or directory",
        "System.evtx": "No such file or directory",
    }
    assert kinds(tmp_path) == {}


@needs_links
def test_links_that_go_in_circles_end(tmp_path: Path) -> None:
    lay_out(tmp_path, {"Logs/System.evtx": LOG})
    (tmp_path / "Logs/up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "itself").symlink_to("itself")
    (tmp_path / "loop.evtx").symlink_to("loop.evtx")
    assert kinds(tmp_path) == {"Logs/System.evtx": ArtifactKind.EVENT_LOG}
    assert list(unreadable(tmp_path)) == ["loop.evtx"]


@needs_links
def test_a_link_to_a_file_is_followed_and_one_to_a_folder_outside_is_named(tmp_path: Path) -> None:
    lay_out(tmp_path, {"outside/System.evtx": LOG, "case/inside/Security.evtx": LOG})
    (tmp_path / "case/linked.evtx").symlink_to(tmp_path / "outside/System.evtx")
    (tmp_path / "case/within").symlink_to("inside", target_is_directory=True)
    (tmp_path / "case/elsewhere").symlink_to(tmp_path / "outside", target_is_directory=True)
    assert list(kinds(tmp_path / "case")) == ["inside/Security.evtx", "linked.evtx"]
    assert unreadable(tmp_path / "case") == {
        "elsewhere": "is a link to a folder outside of the evidence; it is not followed"
    }


@needs_links
def test_evidence_may_itself_be_given_by_a_link(tmp_path: Path) -> None:
    lay_out(tmp_path, {"case/System.evtx": LOG})
    (tmp_path / "link").symlink_to("case", target_is_directory=True)
    assert list(kinds(tmp_path / "link")) == ["System.evtx"]
    assert unreadable(tmp_path / "link") == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_what_is_no_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.evtx")
    assert found(tmp_path) == []


@linux_only
def test_names_that_are_no_utf_8_are_found_and_can_be_opened(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff\xfe"
    Path(os.fsdecode(folder)).mkdir()
    Path(os.fsdecode(folder + b"/S\xfcstem.evtx")).write_bytes(LOG)
    (log,) = found(tmp_path)
    assert isinstance(log, FoundFile)
    assert log.path == "\udcff\udcfe/S\udcfcstem.evtx"
    assert read_sha256(log.source)[1] == len(LOG)
    assert os.fsencode(log.path) == b"\xff\xfe/S\xfcstem.evtx"


@linux_only
def test_names_with_line_breaks_and_control_characters_are_kept(tmp_path: Path) -> None:
    lay_out(tmp_path, {"a\nb.evtx": LOG, "\x1b[31m\u202e.evtx": LOG, "back\\slash.evtx": LOG})
    assert set(kinds(tmp_path)) == {"a\nb.evtx", "\x1b[31m\u202e.evtx", "back\\slash.evtx"}
