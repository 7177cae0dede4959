"""Builds BitLocker volumes (AES-CBC of 128 bits) around a plain volume, with one recovery key or password."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Final

from Cryptodome.Cipher import AES

from tests.builders import bitlocker_layout as layout

if TYPE_CHECKING:
    from pathlib import Path

_ROUNDS: Final = 0x100000
_SALT: Final = bytes(range(16))
_MASTER_KEY: Final = bytes(range(32))
_SECTOR_KEY: Final = bytes(range(64, 80))
_WHEN: Final = 133_000_000_000_000_000
_NONCES: Final = (1, 2, 3)


def build_bitlocker_volume(
    plain: Path, path: Path, *, recovery_key: str | None = None, password: str | None = None
) -> Path:
    """Encrypt the volume at ``plain`` to ``path``, readable with the one key given, and return ``path``.

    BitLocker's own data comes behind the volume, so that the file is longer than ``plain``.
    """
    data = plain.read_bytes()
    blocks = tuple(len(data) + index * layout.METADATA_SIZE for index in range(3))
    header_at = blocks[2] + layout.METADATA_SIZE
    size = header_at + layout.VOLUME_HEADER_SIZE
    metadata = _metadata_block(size, blocks, header_at, _protected_master_key(recovery_key, password))
    start = data[: layout.VOLUME_HEADER_SIZE]
    with path.open("xb") as stream:
        stream.write(_volume_header(blocks).ljust(layout.VOLUME_HEADER_SIZE, b"\0"))
        stream.write(_encrypted(data[layout.VOLUME_HEADER_SIZE :], layout.VOLUME_HEADER_SIZE))
        for _ in blocks:
            stream.write(metadata)
        stream.write(_encrypted(start, header_at))
    return path


def _volume_header(blocks: tuple[int, ...]) -> bytes:
    header = bytearray(layout.SECTOR)
    header[0:3] = b"\xeb\x58\x90"
    header[3:11] = layout.SIGNATURE
    struct.pack_into("<HB", header, 11, layout.SECTOR, 8)
    header[160:176] = layout.IDENTIFIER.bytes_le
    struct.pack_into("<3Q", header, 176, *blocks)
    header[510:512] = b"\x55\xaa"
    return bytes(header)


def _metadata_block(size: int, blocks: tuple[int, ...], header_at: int, master_key: bytes) -> bytes:
    sectors = layout.VOLUME_HEADER_SIZE // layout.SECTOR
    place = struct.pack("<QQ", header_at, layout.VOLUME_HEADER_SIZE)
    sector_key = _key(layout.AES_CBC_128, _SECTOR_KEY)
    entries = (
        master_key
        + _entry(layout.ENTRY_FVEK, layout.VALUE_ENCRYPTED_KEY, _sealed(_MASTER_KEY, _NONCES[0], sector_key))
        + _entry(layout.ENTRY_VOLUME_HEADER, layout.VALUE_OFFSET_AND_SIZE, place)
    )
    length = layout.METADATA_HEADER.size + len(entries)
    head = layout.METADATA_HEADER.pack(
        length, 1, layout.METADATA_HEADER.size, length, bytes(16), len(_NONCES) + 1, layout.AES_CBC_128, _WHEN
    )
    block = layout.BLOCK_HEADER.pack(
        layout.SIGNATURE, layout.BLOCK_HEADER.size, 2, 4, 4, size, 0, sectors, *blocks, header_at
    )
    return (block + head + entries).ljust(layout.METADATA_SIZE, b"\0")


def _protected_master_key(recovery_key: str | None, password: str | None) -> bytes:
    if recovery_key is not None:
        protection = layout.PROTECTED_BY_RECOVERY
        secret = b"".join(struct.pack("<H", int(group) // 11) for group in recovery_key.split("-"))
        known = hashlib.sha256(secret).digest()
    else:
        protection = layout.PROTECTED_BY_PASSWORD
        known = hashlib.sha256(hashlib.sha256((password or "").encode("utf-16-le")).digest()).digest()
    stretched = _stretch(known)
    sealed = _sealed(stretched, _NONCES[1], _key(layout.AES_CCM_256, _MASTER_KEY))
    stretch = struct.pack("<I16s", layout.STRETCHED, _SALT) + _entry(
        0, layout.VALUE_ENCRYPTED_KEY, _sealed(stretched, _NONCES[2], _key(layout.AES_CCM_256, stretched))
    )
    properties = _entry(0, layout.VALUE_STRETCH_KEY, stretch) + _entry(0, layout.VALUE_ENCRYPTED_KEY, sealed)
    head = layout.VMK_HEADER.pack(bytes(16), _WHEN, 0, protection)
    return _entry(layout.ENTRY_VMK, layout.VALUE_VMK, head + properties)


def _stretch(known: bytes) -> bytes:
    last, middle = bytes(32), known + _SALT
    for count in range(_ROUNDS):
        last = hashlib.sha256(last + middle + count.to_bytes(8, "little")).digest()
    return last


def _key(method: int, key: bytes) -> bytes:
    return _entry(0, layout.VALUE_KEY, struct.pack("<I", method) + key)


def _entry(entry_type: int, value_type: int, data: bytes) -> bytes:
    return layout.ENTRY_HEADER.pack(layout.ENTRY_HEADER.size + len(data), entry_type, value_type, 1) + data


def _sealed(key: bytes, counter: int, data: bytes) -> bytes:
    nonce = struct.pack("<QI", _WHEN, counter)
    cipher = AES.new(key, AES.MODE_CCM, nonce=nonce, mac_len=16)
    sealed, code = cipher.encrypt_and_digest(data)
    return nonce + code + sealed


def _encrypted(data: bytes, offset: int) -> bytes:
    """Encrypt whole sectors; the initialization vector of each is its byte offset, itself encrypted."""
    vectors = AES.new(_SECTOR_KEY, AES.MODE_ECB)
    sectors = []
    for at in range(0, len(data), layout.SECTOR):
        vector = vectors.encrypt((offset + at).to_bytes(16, "little"))
        cipher = AES.new(_SECTOR_KEY, AES.MODE_CBC, iv=vector)
        sectors.append(cipher.encrypt(data[at : at + layout.SECTOR]))
    return b"".join(sectors)
