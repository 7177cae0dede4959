from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.report.manifest import MANIFEST_NAME, find_unlisted, verify_manifest, write_manifest

FILES = {"timeline.csv": b"a,b\r\n", "events/b/1.parquet": b"PAR1", "events.json": b"", "run.json": b"{}\n"}


def fill(folder: Path) -> str:
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return write_manifest(folder)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    fill(tmp_path)
    return tmp_path


def test_the_manifest_lists_every_other_file_by_the_bytes_of_its_path(case: Path) -> None:
    lines = (case / MANIFEST_NAME).read_text().splitlines(keepends=True)
    expected = ["events.json", "events/b/1.parquet", "run.json", "timeline.csv"]
    assert lines == [f"{hashlib.sha256(FILES[name]).hexdigest()}  {name}\n" for name in expected]


def test_the_manifest_s_own_digest_is_returned(tmp_path: Path) -> None:
    digest = fill(tmp_path)
    assert digest == hashlib.sha256((tmp_path / MANIFEST_NAME).read_bytes()).hexdigest()
    assert verify_manifest(tmp_path).sha256 == digest


def test_an_untouched_folder_is_as_it_was(case: Path) -> None:
    assert verify_manifest(case).ok


def test_what_was_changed_removed_or_added_is_listed(case: Path) -> None:
    (case / "run.json").write_bytes(b"{ }\n")
    (case / "timeline.csv").unlink()
    (case / "events/b/note\u202e.txt").write_bytes(b"")
    check = verify_manifest(case)
    assert (check.changed, check.missing, check.extra) == (
        ("run.json",),
        ("timeline.csv",),
        ("events/b/note<U+202E>.txt",),
    )
    assert not check.ok


def test_signatures_of_the_manifest_are_not_its_own_to_list(case: Path) -> None:
    (case / "SHA256SUMS.sig").write_bytes(b"signature")
    assert verify_manifest(case).ok
    assert find_unlisted(case) == ()


def test_a_second_manifest_in_a_folder_below_is_a_file_like_others(case: Path) -> None:
    (case / "events" / MANIFEST_NAME).write_bytes(b"")
    assert verify_manifest(case).extra == (f"events/{MANIFEST_NAME}",)
    assert find_unlisted(case) == (f"events/{MANIFEST_NAME}",)


def test_a_folder_without_a_manifest_is_missing_it(case: Path) -> None:
    (case / MANIFEST_NAME).unlink()
    check = verify_manifest(case)
    assert (check.missing, check.sha256, check.ok) == ((MANIFEST_NAME,), "", False)
    assert len(check.extra) == len(FILES)


def test_a_link_in_the_place_of_a_file_is_a_change(case: Path) -> None:
    (case / "run.json").rename(case.parent / "elsewhere.json")
    (case / "run.json").symlink_to(case.parent / "elsewhere.json")
    assert verify_manifest(case).changed == ("run.json",)


def test_a_link_is_not_handed_on(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/")
    with pytest.raises(ValueError, match="neither a file nor a folder"):
        write_manifest(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no FIFOs")
def test_a_fifo_is_reported_without_waiting_for_it(case: Path) -> None:
    (case / "run.json").unlink()
    os.mkfifo(case / "run.json")
    assert verify_manifest(case).changed == ("run.json",)


def test_a_path_outside_the_folder_is_never_opened(case: Path) -> None:
    (case.parent / "secret").write_bytes(b"secret")
    with (case / MANIFEST_NAME).open("ab") as stream:
        stream.write(f"{hashlib.sha256(b'secret').hexdigest()}  ../secret\n".encode())
    assert "../secret" in verify_manifest(case).missing


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"  run", b" *run"),
        (b"csv\n", b"csv"),
        (b"csv\n", b"csv\n\n"),
        (b"csv\n", b"csv\r\n"),
        (b"\n", b"\n# x\n"),
    ],
    ids=["binary-mark", "no-last-line-feed", "empty-line", "carriage-return", "comment"],
)
def test_a_manifest_that_was_edited_is_a_fault(case: Path, old: bytes, new: bytes) -> None:
    content = (case / MANIFEST_NAME).read_bytes()
    (case / MANIFEST_NAME).write_bytes(content.replace(old, new))
    assert verify_manifest(case).faults


def test_a_manifest_in_another_order_is_a_fault(case: Path) -> None:
    lines = (case / MANIFEST_NAME).read_bytes().splitlines(keepends=True)
    (case / MANIFEST_NAME).write_bytes(b"".join(reversed(lines)))
    assert verify_manifest(case).faults


@given(st.sampled_from([*FILES, MANIFEST_NAME]), st.data())
def test_any_changed_byte_is_found(name: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        content = Path(folder, name).read_bytes()
        place = data.draw(st.integers(0, max(len(content) - 1, 0)))
        changed = data.draw(st.binary(max_size=2).filter(lambda piece: piece != content[place : place + 1]))
        Path(folder, name).write_bytes(content[:place] + changed + content[place + 1 :])
        assert not verify_manifest(Path(folder)).ok


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="GNU sha256sum is not installed")
def test_gnu_sha256sum_accepts_the_manifest(case: Path) -> None:
    names = ("back\\slash", "line\nfeed", "carriage\rreturn", "日本 語", "\udcff")
    for name in names if sys.platform == "linux" else ():
        (case / name).write_bytes(b"named for trouble")
    write_manifest(case)
    checked = subprocess.run(  # noqa: S603 - the arguments are this test's own
        ["sha256sum", "--check", "--strict", MANIFEST_NAME],  # noqa: S607 - whichever is installed
        cwd=case,
        capture_output=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, b"")
    assert checked.stdout.count(b": OK\n") == sum(path.is_file() for path in case.rglob("*")) - 1
    assert verify_manifest(case).ok
