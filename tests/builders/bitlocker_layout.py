"""Layout of a BitLocker volume of Windows 7 and later, as the tests' builder writes it.

Source: "BitLocker Drive Encryption (BDE) format specification" of the libbde project.
"""

from __future__ import annotations

import struct
from typing import Final
from uuid import UUID

SECTOR: Final = 512
METADATA_SIZE: Final = 0x10000
VOLUME_HEADER_SIZE: Final = 8192
"""How much of the volume's start is kept elsewhere, so that the start can hold the signature."""

IDENTIFIER: Final = UUID("4967d63b-2e29-4ad8-8399-f6a339e3d001")
SIGNATURE: Final = b"-FVE-FS-"

AES_CBC_128: Final = 0x8002
AES_CCM_256: Final = 0x2000
STRETCHED: Final = 0x1000

ENTRY_VMK: Final = 2
ENTRY_FVEK: Final = 3
ENTRY_VOLUME_HEADER: Final = 0xF

VALUE_KEY: Final = 1
VALUE_STRETCH_KEY: Final = 3
VALUE_ENCRYPTED_KEY: Final = 5
VALUE_VMK: Final = 8
VALUE_OFFSET_AND_SIZE: Final = 0xF

PROTECTED_BY_RECOVERY: Final = 0x0800
PROTECTED_BY_PASSWORD: Final = 0x2000

BLOCK_HEADER: Final = struct.Struct("<8sHHHHQIIQQQQ")
"""Signature, size, version, two unknown, encrypted size, unknown, header sectors, three block offsets, header
offset."""

METADATA_HEADER: Final = struct.Struct("<IIII16sIIQ")
"""Size, version, header's size, size again, volume identifier, next nonce, encryption method, creation
time."""

ENTRY_HEADER: Final = struct.Struct("<HHHH")
"""Size, entry type, value type, version."""

VMK_HEADER: Final = struct.Struct("<16sQHH")
"""Key identifier, last modification, unknown, protection."""
