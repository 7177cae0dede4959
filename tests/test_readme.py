"""Every command that README.md and docs/usage.md show is run as it stands, on stand-ins for the evidence."""

from __future__ import annotations

import gzip
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.builders.archive import seven_zip_of, tar_of, zip_of
from tests.builders.bitlocker import build_bitlocker_volume
from tests.builders.disk_image import (
    MEBIBYTE,
    ImageToBuild,
    build_image,
    build_ntfs_volume,
    missing_tools,
)
from tests.builders.evidence_state import state_of
from tests.end_to_end.command_line import CLEAN, DC01, ROOT, analyze, run_program
from tests.end_to_end.evidence_forms import copy_of_dc01, files_of, kape_zip, velociraptor_zip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROGRAM: Final = "rustdesk-forensics"
BLOCK: Final = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
SHOWN: Final = [
    line.removeprefix("$ ")
    for page in ("README.md", "docs/usage.md")
    for block in BLOCK.findall((ROOT / page).read_text("utf-8"))
    for line in block.splitlines()
    if line.startswith(f"$ {PROGRAM} ")
]
LOGS: Final = DC01 / "Windows/System32/winevt/Logs"
RULE: Final = 'DeviceProcessEvents | where FileName has "rustdesk"\n'


def fleet(path: Path) -> None:
    path.mkdir()
    (path / "DC01.zip").write_bytes(kape_zip())
    shutil.copytree(CLEAN, path / "WS07")


def case(path: Path) -> None:
    assert analyze(DC01, output=path).code == 0


def volume(path: Path, bitlocker_key: str | None = None) -> None:
    """Write an NTFS volume, encrypted where a key is given."""
    plain = build_ntfs_volume(DC01, path.with_suffix(".plain"), 24 * MEBIBYTE)
    if bitlocker_key is not None:
        build_bitlocker_volume(plain, path, recovery_key=bitlocker_key)
        plain.unlink()
    else:
        plain.rename(path)


def image(path: Path, kind: ImageToBuild) -> None:
    volume(path.with_name("volume"))
    build_image(path.with_name("volume"), kind, path.with_suffix(""))
    path.with_name("volume").unlink()


FILES: Final[Mapping[str, Callable[[], bytes]]] = {
    "System.evtx": (LOGS / "System.evtx").read_bytes,
    "SYSTEM": (DC01 / "Windows/System32/config/SYSTEM").read_bytes,
    "kape.zip": kape_zip,
    "Collection-DC01.zip": velociraptor_zip,
    "DC01.tar.gz": lambda: gzip.compress(tar_of(files_of(DC01))),
    "huge.tar.gz": lambda: gzip.compress(tar_of(files_of(DC01))),
    "DC01.7z": lambda: seven_zip_of(files_of(DC01), "infected"),
    "fs02.zip": lambda: zip_of(files_of(CLEAN)),
    "my_rule.kql": RULE.encode,
    "assets.csv": lambda: b"host,role\r\nDC01,domain_controller\r\n",
}
IMAGES: Final[Mapping[str, ImageToBuild]] = {
    "DC01.dd": ImageToBuild.GPT,
    "DC01.E01": ImageToBuild.E01,
    "DC01.vmdk": ImageToBuild.VMDK,
    "DC01.vhdx": ImageToBuild.VHDX,
    "DC01.qcow2": ImageToBuild.QCOW2,
}
FOLDERS: Final[Mapping[str, Callable[[Path], object]]] = {
    "DC01": copy_of_dc01,
    "dc01": copy_of_dc01,
    "fleet": fleet,
}


def stand_in(name: str, arguments: list[str], folder: Path) -> None:
    """Make in ``folder`` what ``name`` stands for in the README, if anything. Skips without the tools."""
    if name in FILES:
        (folder / name).write_bytes(FILES[name]())
    elif name in FOLDERS:
        FOLDERS[name](folder / name)
    elif name in IMAGES:
        skip_without(missing_tools(IMAGES[name]))
        image(folder / name, IMAGES[name])
    elif name == "C.dd":
        skip_without(missing_tools())
        volume(folder / name, arguments[arguments.index("--bitlocker-key") + 1])
    elif name == "case" and arguments[0] in {"query", "verify", "show"}:
        case(folder / name)


def skip_without(missing: str | None) -> None:
    if missing is not None:
        pytest.skip(missing)


def states(folder: Path) -> dict[str, dict[str, tuple[str, int]]]:
    return {path.name: state_of(path) for path in folder.iterdir()}


def test_the_readme_shows_a_command_for_every_kind_of_evidence() -> None:
    named = {
        Path(word.rpartition("=")[2]).name for line in SHOWN for word in shlex.split(line, comments=True)
    }

    assert {*FILES, *IMAGES, *FOLDERS, "C.dd"} <= named


@pytest.mark.parametrize("command", sorted(set(SHOWN)))
def test_a_command_of_the_readme_does_what_it_says(command: str, tmp_path: Path) -> None:
    _, *arguments = shlex.split(command, comments=True)
    for word in arguments:
        stand_in(Path(word.rpartition("=")[2]).name, arguments, tmp_path)

    before = states(tmp_path)
    run = run_program(*arguments, cwd=tmp_path)
    after = states(tmp_path)

    assert (run.code, run.stderr) == (0, "")
    assert run.stdout
    assert after.keys() - before.keys() == ({"case"} if arguments[0] == "analyze" else set())
    assert {name: after[name] for name in before} == before
