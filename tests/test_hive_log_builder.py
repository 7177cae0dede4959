"""Transaction logs that the builder writes, replayed by two readers that know nothing of one another."""

from io import BytesIO
from pathlib import Path
from struct import pack_into, unpack_from

import pytest
from regipy.recovery import apply_transaction_logs
from Registry.RegistryLog import RegistryLog

from tests.builders.hive_layout import BASE_BLOCK_SIZE, CHECKSUM_AT, xor_checksum
from tests.builders.hive_log import SECTOR, build_hive_log, build_old_hive_log, log_base_block
from tests.builders.system_hive import ServiceToWrite, build_system_hive

REGIPY_LEAVES_FILES_OPEN = pytest.mark.filterwarnings("ignore::ResourceWarning")
WRITTEN = 133_500_000_000_000_001


def build(*names: str) -> bytes:
    services = [ServiceToWrite(name, WRITTEN, f"{name}.exe", description=name * 900) for name in names]
    return build_system_hive(computer_name="PC-1", services=services, last_written=WRITTEN, dirty=True)


BASE = build("Apple", "Banana", "Cherry")
CHANGED = build("Apple", "Papaya", "Cherry")
LATER = build("Apple", "Papaya", "Quince")
SEQUENCE = unpack_from("<I", BASE, 8)[0]


def by_regipy(hive: bytes, log: bytes, folder: Path) -> bytes:
    (folder / "hive").write_bytes(hive)
    (folder / "log").write_bytes(log)
    apply_transaction_logs(  # type: ignore[no-untyped-call]
        str(folder / "hive"), str(folder / "log"), restored_hive_path=str(folder / "after")
    )
    return (folder / "after").read_bytes()


def by_python_registry(hive: bytes, log: bytes) -> bytes:
    copy = BytesIO(hive)
    assert RegistryLog(copy, BytesIO(log)).recover_hive() is not None
    return copy.getvalue()


@REGIPY_LEAVES_FILES_OPEN
def test_regipy_turns_the_base_into_what_the_log_was_made_from(tmp_path: Path) -> None:
    replayed = by_regipy(BASE, build_hive_log(BASE, CHANGED, SEQUENCE, LATER), tmp_path)
    assert replayed[BASE_BLOCK_SIZE:] == LATER[BASE_BLOCK_SIZE:]


def test_python_registry_accepts_the_hashes_and_turns_the_base_into_the_same() -> None:
    replayed = by_python_registry(BASE, build_hive_log(BASE, CHANGED, SEQUENCE, LATER))
    assert replayed[BASE_BLOCK_SIZE:] == LATER[BASE_BLOCK_SIZE:]
    assert unpack_from("<II", replayed, 4) == (SEQUENCE + 1, SEQUENCE + 1)


def test_a_wrong_hash_is_refused_by_python_registry() -> None:
    log = bytearray(build_hive_log(BASE, CHANGED, SEQUENCE, LATER))
    size = unpack_from("<I", log, SECTOR + 4)[0]
    log[SECTOR + size + 60] ^= 1
    replayed = by_python_registry(BASE, bytes(log))
    assert replayed[BASE_BLOCK_SIZE:] == CHANGED[BASE_BLOCK_SIZE:]


def test_a_log_has_only_the_pages_that_differ() -> None:
    log = build_hive_log(BASE, BASE, SEQUENCE)
    assert unpack_from("<4sIIIII", log, SECTOR)[1::2] == (SECTOR * 9, SEQUENCE, 1)
    assert unpack_from("<II", log, SECTOR + 40) == (0, 4096)


@REGIPY_LEAVES_FILES_OPEN
def test_an_old_log_is_replayed_by_regipy(tmp_path: Path) -> None:
    replayed = by_regipy(BASE, build_old_hive_log(BASE, CHANGED), tmp_path)
    assert replayed[BASE_BLOCK_SIZE:] == CHANGED[BASE_BLOCK_SIZE:]


def test_the_base_block_of_a_log_is_sound() -> None:
    block = log_base_block(BASE, 42)
    assert unpack_from("<II", block, 4) == (42, 42)
    assert unpack_from("<I", block, CHECKSUM_AT)[0] == xor_checksum(block)
    changed = bytearray(block)
    pack_into("<II", changed, 4, *unpack_from("<II", BASE, 4))
    pack_into("<I", changed, 28, 0)
    assert changed[:CHECKSUM_AT] == BASE[:CHECKSUM_AT]
