"""Archives as collectors make them and as nobody should, from names and bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Final

import py7zr
import pyzipper  # type: ignore[import-untyped]  # it ships no types
import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PASSWORD: Final = "infected"  # noqa: S105 - what responders call their archives' password
EVENT_LOG: Final = b"ElfFile\0" + bytes(range(256)) * 8
HIVE: Final = b"regf" + bytes(4092)

_SEVEN_ZIP_START: Final = 32


def zip_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip, as most programs make one."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def zip_written_forwards(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip as Velociraptor streams it: sizes and checksums stand behind the members."""
    stream = _Forwards()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return bytes(stream.written)


def aes_zip_of(files: Mapping[str, bytes], password: str = PASSWORD) -> bytes:
    """Return a zip encrypted with AES-256."""
    stream = io.BytesIO()
    with pyzipper.AESZipFile(
        stream, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(password.encode())
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def classic_zip_of(files: Mapping[str, bytes], password: str = PASSWORD) -> bytes:
    """Return a zip with the classic encryption of APPNOTE.TXT 6.1, which no library here writes."""
    plain = bytearray(zip_of(files, zipfile.ZIP_STORED))
    out, directory = bytearray(), bytearray()
    with zipfile.ZipFile(io.BytesIO(bytes(plain))) as archive:
        infos = archive.infolist()
    for info in infos:
        name, content = info.filename.encode(), files[info.filename]
        locked = _classic_encrypt(bytes(11) + bytes([info.CRC >> 24]) + content, password.encode())
        common = struct.pack(
            "<HHHHHIIIHH", 20, 1, 0, 0, 33, info.CRC, len(locked), len(content), len(name), 0
        )
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + common
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + name
        out += b"PK\x03\x04" + common + name + locked
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(infos), len(infos), len(directory), len(out), 0)
    return bytes(out + directory + end)


def tar_of(
    files: Mapping[str, bytes], others: Iterable[tarfile.TarInfo] = (), form: int = tarfile.GNU_FORMAT
) -> bytes:
    """Return a plain tar of ``files``, and of ``others`` that hold no bytes."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for other in others:
            archive.addfile(other)
    return stream.getvalue()


def seven_zip_of(files: Mapping[str, bytes], password: str | None = None, **options: Any) -> bytes:  # noqa: ANN401
    """Return a 7z; ``options`` are py7zr's, and ``plain_header`` leaves its header uncompressed."""
    plain_header = options.pop("plain_header", False)
    stream = io.BytesIO()
    with py7zr.SevenZipFile(stream, "w", password=password, **options) as archive:
        if plain_header:
            archive.set_encoded_header_mode(False)
        for name, content in files.items():
            # The public way refuses names that lead outside.
            archive._writestr(content, name)  # noqa: SLF001
    return stream.getvalue()


def with_seven_zip_header(archive: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return ``archive`` with its header changed, and the checksums made good."""
    offset, size = struct.unpack_from("<QQ", archive, 12)
    start = _SEVEN_ZIP_START + offset
    header = change(archive[start : start + size])
    rest = struct.pack("<QQI", offset, len(header), zlib.crc32(header))
    first = archive[:8] + struct.pack("<I", zlib.crc32(rest)) + rest
    return bytes(first + archive[_SEVEN_ZIP_START:start] + header)


ALL_KINDS: Final[Mapping[str, Callable[[Mapping[str, bytes]], bytes]]] = {
    "stored zip": lambda files: zip_of(files, zipfile.ZIP_STORED),
    "zip": zip_of,
    "zip written forwards": zip_written_forwards,
    "tar": tar_of,
    "pax tar": lambda files: tar_of(files, form=tarfile.PAX_FORMAT),
    "tar.gz": lambda files: gzip.compress(tar_of(files)),
    "tar.bz2": lambda files: bz2.compress(tar_of(files)),
    "tar.xz": lambda files: lzma.compress(tar_of(files)),
    "tar.zst": lambda files: zstandard.compress(tar_of(files)),
    "7z": seven_zip_of,
}
"""Every kind of archive that is read without a password."""

ENCRYPTED_KINDS: Final[Mapping[str, Callable[[Mapping[str, bytes]], bytes]]] = {
    "AES zip": aes_zip_of,
    "classic zip": classic_zip_of,
    "7z": lambda files: seven_zip_of(files, PASSWORD),
    "7z with its header": lambda files: seven_zip_of(files, PASSWORD, header_encryption=True),
}
"""Every kind that is read with PASSWORD."""


class _Forwards(io.RawIOBase):
    """A stream that cannot go back."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, block: Any, /) -> int:  # noqa: ANN401 - any buffer
        self.written += block
        return len(block)


def _classic_encrypt(plain: bytes, password: bytes) -> bytes:
    table = [_crc_of_byte(value) for value in range(256)]
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = keys[0] >> 8 ^ table[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = keys[2] >> 8 ^ table[(keys[2] ^ keys[1] >> 24) & 0xFF]

    for byte in password:
        update(byte)
    locked = bytearray()
    for byte in plain:
        mask = keys[2] | 2
        locked.append(byte ^ (mask * (mask ^ 1) >> 8) & 0xFF)
        update(byte)
    return bytes(locked)


def _crc_of_byte(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
    return value
