from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forensics.case_folder import CaseFolder, OutputError
from forensics.report.manifest import verify_manifest, write_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL_DEVICE = Path("/dev/full")


def write_case(output: Path, text: str = "first", *, overwrite: bool = False) -> None:
    with CaseFolder(output, overwrite=overwrite) as folder:
        with folder.open_text("run.json") as stream:
            stream.write(text)
        write_manifest(folder.path)


def write_and_fail(output: Path, reason: type[BaseException], *, overwrite: bool = False) -> None:
    with CaseFolder(output, overwrite=overwrite) as folder:
        (folder.path / "events").mkdir()
        (folder.path / "events/a").write_bytes(b"a")
        raise reason


def everything_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB of its own."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root on Linux")
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None:
        pytest.skip("mount is not installed")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(  # noqa: S603 - the arguments are this test's own
        [mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"this system does not let a small disk be mounted: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run([unmount, disk], check=True)  # noqa: S603 - the arguments are this test's own


def test_a_case_folder_is_there_when_it_is_whole(tmp_path: Path) -> None:
    with CaseFolder(tmp_path / "case") as folder:
        with folder.open_text("events/a.csv") as stream:
            stream.write("é\r\n\n")
        assert not (tmp_path / "case").exists()
    assert (tmp_path / "case/events/a.csv").read_bytes() == b"\xc3\xa9\r\n\n"
    assert everything_in(tmp_path) == ["case", "case/events", "case/events/a.csv"]


def test_what_is_unfinished_has_another_name_beside_it(tmp_path: Path) -> None:
    with CaseFolder(tmp_path / "case") as folder:
        assert folder.path.parent == tmp_path
        assert folder.path.name.startswith(".case.partial-")


def test_folders_above_are_made(tmp_path: Path) -> None:
    write_case(tmp_path / "a/b/case")
    assert verify_manifest(tmp_path / "a/b/case").ok


def test_an_empty_folder_may_be_there(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    write_case(tmp_path / "case")
    assert everything_in(tmp_path) == ["case", "case/SHA256SUMS", "case/run.json"]


def test_a_relative_output_stays_where_it_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    with CaseFolder(Path("case")):
        monkeypatch.chdir(tmp_path / "elsewhere")
    assert everything_in(tmp_path) == ["case", "elsewhere"]


@pytest.mark.parametrize("reason", [RuntimeError, KeyboardInterrupt, SystemExit, OSError])
def test_any_exception_leaves_nothing_behind(tmp_path: Path, reason: type[BaseException]) -> None:
    (tmp_path / "case").mkdir()
    with pytest.raises(reason):
        write_and_fail(tmp_path / "case", reason)
    assert everything_in(tmp_path) == ["case"]


def test_a_case_folder_is_not_overwritten_unasked(tmp_path: Path) -> None:
    write_case(tmp_path / "case")
    with pytest.raises(OutputError, match="give --overwrite") as caught:
        write_case(tmp_path / "case", "second")
    assert caught.value.path == str(tmp_path / "case")
    assert (tmp_path / "case/run.json").read_text() == "first"


def test_a_case_folder_is_replaced_when_asked(tmp_path: Path) -> None:
    write_case(tmp_path / "case")
    write_case(tmp_path / "case", "second", overwrite=True)
    assert (tmp_path / "case/run.json").read_text() == "second"
    assert everything_in(tmp_path) == ["case", "case/SHA256SUMS", "case/run.json"]


def test_a_run_that_fails_leaves_the_case_folder_it_would_have_replaced(tmp_path: Path) -> None:
    write_case(tmp_path / "case")
    with pytest.raises(RuntimeError):
        write_and_fail(tmp_path / "case", RuntimeError, overwrite=True)
    assert (tmp_path / "case/run.json").read_text() == "first"
    assert everything_in(tmp_path) == ["case", "case/SHA256SUMS", "case/run.json"]


@pytest.mark.parametrize("names", [["letter.txt"], ["run.json"], ["SHA256SUMS"]], ids=str)
def test_overwrite_never_replaces_what_is_no_case_folder(tmp_path: Path, names: list[str]) -> None:
    (tmp_path / "home").mkdir()
    for name in names:
        (tmp_path / "home" / name).write_text("mine")
    with pytest.raises(OutputError, match="no case folder"):
        write_case(tmp_path / "home", overwrite=True)
    assert everything_in(tmp_path / "home") == names


def test_overwrite_never_removes_what_was_put_into_a_case_folder(tmp_path: Path) -> None:
    write_case(tmp_path / "case")
    (tmp_path / "case/notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"does not list: notes\.txt\. Move that elsewhere"):
        write_case(tmp_path / "case", "second", overwrite=True)
    assert (tmp_path / "case/notes.txt").read_text() == "mine"


def test_what_appeared_in_the_meantime_is_not_replaced(tmp_path: Path) -> None:
    folder = CaseFolder(tmp_path / "case", overwrite=True)
    folder.__enter__()
    (tmp_path / "case").mkdir()
    (tmp_path / "case/letter.txt").write_text("mine")
    with pytest.raises(OutputError, match="no case folder"):
        folder.__exit__(None, None, None)
    assert everything_in(tmp_path) == ["case", "case/letter.txt"]


def test_a_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "case").write_text("mine")
    with pytest.raises(OutputError, match="it is a file"):
        write_case(tmp_path / "case", overwrite=True)


def test_a_mount_point_is_refused_before_any_work(tiny_disk: Path) -> None:
    with pytest.raises(OutputError, match="Name a folder inside it"):
        write_case(tiny_disk)


def test_a_link_to_a_folder_is_followed_and_kept(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    write_case(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/run.json").read_text() == "first"


@pytest.mark.parametrize(
    "output", ["evidence", "evidence/case", "evidence/a/b/case", "link/case", "evidence/../evidence/c"]
)
def test_an_output_in_the_evidence_is_refused(tmp_path: Path, output: str) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "link").symlink_to("evidence", target_is_directory=True)
    with (
        pytest.raises(OutputError, match="never written to"),
        CaseFolder(tmp_path / output, evidence=[tmp_path / "evidence"]),
    ):
        pytest.fail("it was entered")
    assert everything_in(tmp_path / "evidence") == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_evidence_in_the_output_is_refused(tmp_path: Path, overwrite: bool) -> None:
    write_case(tmp_path / "case")
    evidence = tmp_path / "case/run.json"
    with (
        pytest.raises(OutputError, match="never written to"),
        CaseFolder(tmp_path / "case", evidence=[evidence], overwrite=overwrite),
    ):
        pytest.fail("it was entered")


def test_an_output_beside_the_evidence_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "System.evtx").write_bytes(b"")
    (tmp_path / "case-2").mkdir()
    with CaseFolder(
        tmp_path / "case", evidence=[tmp_path / "System.evtx", tmp_path / "case-2", tmp_path / "gone"]
    ):
        pass
    assert (tmp_path / "case").is_dir()


def test_a_full_disk_is_named_with_the_file_and_a_remedy(tiny_disk: Path) -> None:
    with (
        pytest.raises(OutputError) as caught,
        CaseFolder(tiny_disk / "case") as folder,
        folder.open_text("timeline.csv") as stream,
    ):
        stream.write("x" * 100_000)
    assert str(caught.value) == (
        f"{tiny_disk}/case/timeline.csv: No space left on device. "
        "Free space there, or name an --output on a larger disk"
    )
    assert everything_in(tiny_disk) == []


def test_a_disk_that_fills_outside_open_text_is_named_too(tiny_disk: Path) -> None:
    with pytest.raises(OutputError, match="No space left"), CaseFolder(tiny_disk / "case") as folder:
        (folder.path / "timeline.csv").write_bytes(b"x" * 100_000)
    assert everything_in(tiny_disk) == []


def test_a_full_disk_leaves_the_case_folder_it_would_have_replaced(tiny_disk: Path) -> None:
    write_case(tiny_disk / "case")
    with pytest.raises(OutputError, match="No space left"):
        write_case(tiny_disk / "case", "x" * 100_000, overwrite=True)
    assert (tiny_disk / "case/run.json").read_text() == "first"
    assert everything_in(tiny_disk) == ["case", "case/SHA256SUMS", "case/run.json"]


@pytest.mark.skipif(not FULL_DEVICE.exists(), reason="this system has no /dev/full")
def test_a_full_device_is_named_with_the_file(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError) as caught,
        CaseFolder(tmp_path / "case") as folder,
        folder.writing("timeline.csv"),
        FULL_DEVICE.open("w") as stream,
    ):
        stream.write("x")
    assert caught.value.path == str(tmp_path / "case/timeline.csv")
    assert everything_in(tmp_path) == []


def test_an_error_of_the_output_names_its_place_and_not_the_temporary(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught, CaseFolder(tmp_path / "case") as folder:
        (folder.path / "missing/timeline.csv").write_text("")
    assert caught.value.path == str(tmp_path / "case/missing/timeline.csv")


def test_an_error_of_the_evidence_stays_what_it_is(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError),
        CaseFolder(tmp_path / "case") as folder,
        folder.open_text("timeline.csv"),
    ):
        (tmp_path / "System.evtx").read_bytes()
    assert everything_in(tmp_path) == []


def test_a_name_is_written_once(tmp_path: Path) -> None:
    with CaseFolder(tmp_path / "case") as folder:
        folder.open_text("timeline.csv").__enter__().close()
        with pytest.raises(OutputError, match="exists"), folder.open_text("timeline.csv"):
            pytest.fail("it was opened")


def test_a_name_that_is_too_long_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Give --output a shorter name"):
        write_case(tmp_path / ("x" * 250))


def test_a_parent_that_is_a_file_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError) as caught:
        write_case(tmp_path / "file/case")
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno in {errno.ENOTDIR, errno.EEXIST}
