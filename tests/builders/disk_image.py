"""Builds disk images with real tools: an NTFS volume filled from a folder, and disks that hold it, in any
format.

mkntfs and ntfs-3g make the volume (through FUSE, so that root is needed), sfdisk the partition tables,
qemu-img and ewfacquire the formats. :func:`missing_tools` says what a machine lacks; tests skip with that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MEBIBYTE: Final = 1 << 20
VOLUME_SIZE: Final = 64 * MEBIBYTE
EFI_OFFSET: Final = MEBIBYTE
VOLUME_OFFSET: Final = 4 * MEBIBYTE
"""Where the NTFS partition begins: the second one, behind a small one for starting."""

_SECTOR: Final = 512
_AFTER: Final = 4 * MEBIBYTE
_SPLIT_PARTS: Final = 3
_GPT_TYPES: Final = {
    "efi": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
    "data": "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
}


class ImageToBuild(StrEnum):
    """What :func:`build_image` can make. All but the first two hold a disk with a GUID partition table."""

    BARE = "bare"
    MBR = "mbr"
    GPT = "gpt"
    SPLIT = "split"
    E01 = "e01"
    VMDK = "vmdk"
    VMDK_FLAT = "vmdk_flat"
    VMDK_STREAM = "vmdk_stream"
    VHD = "vhd"
    VHD_FIXED = "vhd_fixed"
    VHDX = "vhdx"
    QCOW2 = "qcow2"


_QEMU: Final = {
    ImageToBuild.VMDK: (".vmdk", "vmdk", ""),
    ImageToBuild.VMDK_FLAT: (".vmdk", "vmdk", "subformat=monolithicFlat"),
    ImageToBuild.VMDK_STREAM: (".vmdk", "vmdk", "subformat=streamOptimized"),
    ImageToBuild.VHD: (".vhd", "vpc", ""),
    ImageToBuild.VHD_FIXED: (".vhd", "vpc", "subformat=fixed,force_size=on"),
    ImageToBuild.VHDX: (".vhdx", "vhdx", ""),
    ImageToBuild.QCOW2: (".qcow2", "qcow2", ""),
}


def missing_tools(kind: ImageToBuild = ImageToBuild.BARE) -> str | None:
    """Say what is needed to build an image of ``kind`` and is not there, or return None."""
    needed = ["mkntfs", "ntfs-3g", "umount"]
    if kind is not ImageToBuild.BARE:
        needed.append("sfdisk")
    if kind in _QEMU:
        needed.append("qemu-img")
    if kind is ImageToBuild.E01:
        needed.append("ewfacquire")
    missing = [tool for tool in needed if _find(tool) is None]
    if missing:
        return f"{', '.join(missing)} is not installed"
    if os.geteuid() != 0 or not Path("/dev/fuse").exists():
        return "mounting with ntfs-3g needs root and /dev/fuse"
    return None


def build_ntfs_volume(folder: Path, path: Path, size: int = VOLUME_SIZE) -> Path:
    """Make an NTFS volume of ``size`` bytes at ``path``, with everything that ``folder`` holds, and return
    ``path``."""
    with path.open("xb") as stream:
        stream.truncate(size)
    run("mkntfs", "-F", "-Q", "-q", "-s", "512", "-p", "0", "-H", "0", "-S", "0", path)
    with mounted(path) as inside:
        shutil.copytree(folder, inside, dirs_exist_ok=True)
    return path


@contextmanager
def mounted(volume: Path) -> Iterator[Path]:
    """Mount an NTFS volume that a test builds, to change it."""
    with tempfile.TemporaryDirectory() as folder:
        run("ntfs-3g", volume, folder)
        try:
            yield Path(folder)
        finally:
            run("umount", folder)


def build_image(volume: Path, kind: ImageToBuild, path: Path) -> Path:
    """Make an image of ``kind`` that holds ``volume``, and return its first file.

    ``path`` is that file without its extension: ``disk`` becomes ``disk.E01``, ``disk.E02`` and so on.
    """
    if kind is ImageToBuild.BARE:
        return Path(shutil.copyfile(volume, _with_suffix(path, ".dd")))
    if kind in {ImageToBuild.MBR, ImageToBuild.GPT}:
        return build_disk(volume, _with_suffix(path, ".dd"), kind)
    disk = build_disk(volume, _with_suffix(path, ".tmp"), ImageToBuild.GPT)
    try:
        return _convert(disk, kind, path)
    finally:
        disk.unlink()


def build_disk(volume: Path, path: Path, scheme: ImageToBuild) -> Path:
    """Make a raw disk with a small partition for starting and ``volume`` behind it."""
    size = volume.stat().st_size
    with path.open("xb") as stream:
        stream.truncate(VOLUME_OFFSET + size + _AFTER)
    types = ("ef", "7") if scheme is ImageToBuild.MBR else (_GPT_TYPES["efi"], _GPT_TYPES["data"])
    label = "dos" if scheme is ImageToBuild.MBR else "gpt"
    script = (
        f"label: {label}\n"
        f"start={EFI_OFFSET // _SECTOR}, size=2048, type={types[0]}\n"
        f"start={VOLUME_OFFSET // _SECTOR}, size={size // _SECTOR}, type={types[1]}\n"
    )
    run("sfdisk", "-q", path, text=script)
    run(
        "dd",
        f"if={volume}",
        f"of={path}",
        "bs=1M",
        f"seek={VOLUME_OFFSET // MEBIBYTE}",
        "conv=notrunc,sparse",
    )
    return path


def run(tool: str, *arguments: str | Path, text: str | None = None) -> str:
    """Run a tool and return what it wrote. Raises CalledProcessError where it fails."""
    command = [_find(tool) or tool, *map(str, arguments)]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603 - tests' own


def _convert(disk: Path, kind: ImageToBuild, path: Path) -> Path:
    if kind is ImageToBuild.SPLIT:
        return _split(disk, path)
    if kind is ImageToBuild.E01:
        # Stored uncompressed, so that the size of a segment is known.
        part = (disk.stat().st_size // _SPLIT_PARTS // MEBIBYTE + 2) * MEBIBYTE
        run("ewfacquire", "-u", "-q", "-c", "none", "-d", "sha1", "-S", str(part), "-t", path, disk)
        return _with_suffix(path, ".E01")
    suffix, form, options = _QEMU[kind]
    image = _with_suffix(path, suffix)
    run("qemu-img", "convert", "-f", "raw", "-O", form, *(("-o", options) if options else ()), disk, image)
    return image


def _split(disk: Path, path: Path) -> Path:
    data = disk.read_bytes()
    size = len(data) // _SPLIT_PARTS // _SECTOR * _SECTOR + _SECTOR
    for number in range(_SPLIT_PARTS):
        _with_suffix(path, f".{number + 1:03d}").write_bytes(data[number * size : (number + 1) * size])
    return _with_suffix(path, ".001")


def _with_suffix(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _find(tool: str) -> str | None:
    return shutil.which(tool) or shutil.which(tool, path="/usr/sbin:/sbin")
