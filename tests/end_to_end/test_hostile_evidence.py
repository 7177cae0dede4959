from __future__ import annotations

import os
import tarfile
from typing import TYPE_CHECKING, Final

import pytest

from tests.builders.archive import tar_of, zip_of
from tests.builders.disk_image import MEBIBYTE, ImageToBuild, missing_tools
from tests.end_to_end.case_reading import findings, timeline_objects
from tests.end_to_end.command_line import CLEAN, DC01
from tests.end_to_end.confinement import Confinement
from tests.end_to_end.evidence_forms import VOLUME, copy_of_dc01, kape_zip, make_image, make_volume
from tests.end_to_end.hostile_archives import links, tar_bomb, zip_bomb

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.command_line import Run
    from tests.end_to_end.shared_folder import SharedFolder

LOG: Final = (CLEAN / "Windows/System32/winevt/Logs/System.evtx").read_bytes()
HALF: Final = kape_zip(CLEAN)
EXT_MAGIC_AT: Final = 1080
OUTSIDE: Final = "escaped-from-the-archive"


def ext4_image() -> bytes:
    image = bytearray(2 * MEBIBYTE)
    image[EXT_MAGIC_AT : EXT_MAGIC_AT + 2] = b"\x53\xef"
    return bytes(image)


LEADING_OUT: Final = zip_of({f"../../{OUTSIDE}/System.evtx": LOG, f"/tmp/{OUTSIDE}.evtx": LOG})  # noqa: S108 - never written
LINKED: Final = tar_of(
    {"Logs/System.evtx": LOG},
    [
        *links([("a", "b"), ("b", "a"), ("Security.evtx", "Security.evtx")]),
        *links([("Logs/Sysmon.evtx", "../../../etc/hostname")], tarfile.LNKTYPE),
    ],
)
HOSTILE: Final[dict[str, tuple[bytes, str]]] = {
    "honest-bomb.zip": (zip_bomb("Security.evtx", 1200), "Raise this limit with --archive-limit"),
    "lying-bomb.zip": (zip_bomb("Security.evtx", 1200, told=70_000), "Security.evtx: cannot be read"),
    "bomb.tar.gz": (
        tar_bomb(1100),
        "unpacks to more than 1,073,741,824 bytes. Raise this limit with --archive",
    ),
    "outside.zip": (LEADING_OUT, "which leads out of the archive"),
    "links.tar": (LINKED, "Security.evtx: is a link to 'Security.evtx', and holds nothing itself"),
    "empty.E01": (b"", "is empty, 0 bytes. Copy it again"),
    "half.zip": (HALF[: len(HALF) // 2], "is cut off or damaged"),
    "ext4.dd": (
        ext4_image(),
        "its file system is ext2/3/4. Only NTFS is read: export its files with another",
    ),
}
"""Evidence by its name: its bytes, and what has to be said of it."""

NOTHING_IN_THEM: Final = ("empty.E01", "ext4.dd")


@pytest.fixture
def confined(tmp_path: Path) -> Confinement:
    return Confinement(tmp_path)


def lines_about(run: Run, name: str) -> list[str]:
    return [line for line in run.stderr.splitlines() if f"{name}: " in line or f"{name}/" in line]


def test_hostile_evidence_is_named_and_all_else_is_found(confined: Confinement, dc01: Run) -> None:
    copy_of_dc01(confined.evidence / "DC01")
    for name, (content, _) in HOSTILE.items():
        (confined.evidence / name).write_bytes(content)

    run = confined.analyze(options=("--archive-limit", "1"))

    assert run.code == 3
    of_dc01 = [row for row in timeline_objects(run.output) if row["source_path"].startswith("DC01/")]
    assert len(of_dc01) == len(timeline_objects(dc01.output)) == len(timeline_objects(run.output))
    for name, (_, said) in HOSTILE.items():
        assert any(said in line for line in lines_about(run, name)), (name, run.stderr)
    assert all(line.startswith("rustdesk-forensics: ") for line in run.stderr.splitlines())
    text = (run.output / "limitations.txt").read_text("utf-8").partition("not be read")[2]
    assert [name for name in HOSTILE if name not in text] == []


@pytest.mark.parametrize("name", NOTHING_IN_THEM)
def test_evidence_of_which_nothing_can_be_opened_is_refused(confined: Confinement, name: str) -> None:
    content, said = HOSTILE[name]
    (confined.evidence / name).write_bytes(content)

    run = confined.analyze(confined.evidence / name)

    assert (run.code, run.stdout) == (2, "")
    assert f"{confined.evidence / name}: " in run.stderr
    assert said in run.stderr
    assert not run.output.exists()


def test_links_in_a_folder_that_go_in_circles_or_lead_out_are_not_followed(
    confined: Confinement, dc01: Run, tmp_path: Path
) -> None:
    if os.name == "nt":
        pytest.skip("Windows lets only administrators make links")
    copy_of_dc01(confined.evidence / "DC01")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "System.evtx").write_bytes(LOG)
    (confined.evidence / "DC01/again").symlink_to("..")
    (confined.evidence / "itself.evtx").symlink_to("itself.evtx")
    (confined.evidence / "elsewhere").symlink_to(outside)

    run = confined.analyze()

    assert run.code == 3
    assert findings(run.output) == findings(dc01.output)
    assert {row["copies"] for row in timeline_objects(run.output)} == {1}
    assert "elsewhere: is a link to a folder outside of the evidence; it is not followed" in run.stderr
    assert "itself.evtx: Too many levels of symbolic links" in run.stderr
    assert "again" not in run.stderr


def test_a_missing_segment_of_an_e01_is_named(confined: Confinement, shared: SharedFolder) -> None:
    if (missing := missing_tools(ImageToBuild.E01)) is not None:
        pytest.skip(missing)
    image = make_image(ImageToBuild.E01, shared.once("ntfs", make_volume) / VOLUME, confined.evidence)
    image.with_suffix(".E02").unlink()

    run = confined.analyze(image, DC01)

    assert run.code == 3
    assert "disk.E01, disk.E03 are here, and disk.E02 is missing" in run.stderr


def test_a_bitlocker_key_that_no_volume_asks_for_does_no_harm(
    confined: Confinement, dc01: Run, shared: SharedFolder
) -> None:
    if (missing := missing_tools(ImageToBuild.BARE)) is not None:
        pytest.skip(missing)
    image = make_image(ImageToBuild.BARE, shared.once("ntfs", make_volume) / VOLUME, confined.evidence)

    run = confined.analyze(image, options=("--bitlocker-key", "Autumn-Rain-4711", "--password", "unneeded"))

    assert (run.code, run.stderr) == (0, "")
    assert findings(run.output) == findings(dc01.output)
