"""The files of case-dc01 as responders hold them: folders, collectors' archives, disk images."""

from __future__ import annotations

import gzip
import shutil
from typing import TYPE_CHECKING, Final

import zstandard

from tests.builders.archive import seven_zip_of, tar_of, zip_of, zip_written_forwards
from tests.builders.disk_image import (
    MEBIBYTE,
    ImageToBuild,
    build_image,
    build_ntfs_volume,
    missing_tools,
)
from tests.end_to_end.command_line import DC01

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

VOLUME: Final = "volume"


def files_of(folder: Path, prefix: str = "") -> dict[str, bytes]:
    """Return the bytes of all files below ``folder`` by their paths there, ``prefix`` before each."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {f"{prefix}{path.relative_to(folder).as_posix()}": path.read_bytes() for path in paths}


def kape_zip(folder: Path = DC01) -> bytes:
    """Return a zip with a folder for the drive, and what KAPE says of its own work."""
    log = {"2025-09-17T08_00_00_CopyLog.csv": b"CopiedTimestamp,SourceFile\r\n"}
    return zip_of(files_of(folder, "C/") | log)


def velociraptor_zip(folder: Path = DC01) -> bytes:
    """Return a zip as an offline collector streams it, names escaped as it escapes them."""
    own = {"client_info.json": b"{}", "uploads.json": b"", "results/Windows.KapeFiles.Targets.json": b""}
    files = files_of(folder)
    return zip_written_forwards(
        own | {f"uploads/auto/C%3A/{name.replace('%', '%25')}": data for name, data in files.items()}
    )


ARCHIVES: Final[Mapping[str, Callable[[], bytes]]] = {
    "kape.zip": kape_zip,
    "velociraptor.zip": velociraptor_zip,
    "collection.tar.gz": lambda: gzip.compress(tar_of(files_of(DC01, "[root]/"))),
    "collection.tar.zst": lambda: zstandard.compress(tar_of(files_of(DC01))),
    "collection.7z": lambda: seven_zip_of(files_of(DC01, "DC01/C/")),
}
IMAGES: Final = tuple(
    getattr(ImageToBuild, name) for name in ("BARE", "MBR", "GPT", "E01", "VMDK", "VHDX", "QCOW2")
)


def missing_for(form: str | ImageToBuild) -> str | None:
    """Say what this machine lacks to make ``form``, or return None."""
    return missing_tools(form) if isinstance(form, ImageToBuild) else None


def make_volume(folder: Path) -> None:
    """Write the NTFS volume that all images hold."""
    build_ntfs_volume(DC01, folder / VOLUME, 24 * MEBIBYTE)


def make_image(kind: ImageToBuild, volume: Path, folder: Path) -> Path:
    """Write an image of ``kind`` below ``folder``, and return its first file."""
    return build_image(volume, kind, folder / "disk")


def make_archive(name: str, folder: Path) -> Path:
    """Write the archive called ``name`` below ``folder``, and return it."""
    (folder / name).write_bytes(ARCHIVES[name]())
    return folder / name


def copy_of_dc01(folder: Path) -> Path:
    """Copy the fixture case to ``folder``, which must not exist, and return it."""
    return shutil.copytree(DC01, folder)
