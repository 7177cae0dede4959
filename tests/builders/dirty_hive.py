"""A small dirty hive with the logs that were written on from it, and how to replay and break them."""

from __future__ import annotations

from struct import pack_into, unpack_from
from typing import Final

from parsers.hive.replay import replay_logs
from parsers.hive.replay_record import NamedLog, Replay
from tests.builders.hive_layout import BASE_BLOCK_SIZE, CHECKSUM_AT, xor_checksum
from tests.builders.hive_log import SECTOR, build_hive_log
from tests.builders.system_hive import ServiceToWrite, build_system_hive

WRITTEN: Final = 133_500_000_000_000_001
OTHERS: Final = [f"Driver{number}" for number in range(20)]
RESOURCE_MANAGER_AT: Final = 112
SIGNATURE_AT: Final = 164


def build(*names: str, dirty: bool = True) -> bytes:
    services = [ServiceToWrite(name, WRITTEN, f"{name}.exe") for name in (*names, *OTHERS)]
    return build_system_hive(computer_name="PC-1", services=services, last_written=WRITTEN, dirty=dirty)


BASE: Final = build("Apple", "Cherry")
FIRST: Final = build("Apple", "Banana", "Cherry")
SECOND: Final = build("Apple", "Banana", "Cherry", "RustDesk")
THIRD: Final = build("Apple", "Banana", "Cherry", "RustDesk", *(f"Service{number}" for number in range(40)))
NUMBER: Final = unpack_from("<I", BASE, 8)[0]
LOG1: Final = NamedLog("SYSTEM.LOG1", build_hive_log(BASE, FIRST, NUMBER, SECOND))
LOG2: Final = NamedLog("SYSTEM.LOG2", build_hive_log(SECOND, THIRD, NUMBER + 2))
EMPTY: Final = NamedLog("SYSTEM.LOG", b"")


def replay(*logs: NamedLog, hive: bytes = BASE) -> Replay:
    return replay_logs(hive, logs, "SYSTEM")


def bins(result: Replay) -> bytes | None:
    return None if result.data is None else result.data[BASE_BLOCK_SIZE:]


def bins_of(hive: bytes) -> bytes:
    return hive[BASE_BLOCK_SIZE:]


def with_base_block(data: bytes, at: int, value: bytes) -> bytes:
    """Return a hive or log with ``value`` in its base block, whose checksum is right again."""
    changed = bytearray(data)
    changed[at : at + len(value)] = value
    pack_into("<I", changed, CHECKSUM_AT, xor_checksum(bytes(changed)))
    return bytes(changed)


def of_manager(data: bytes, guid: bytes) -> bytes:
    return with_base_block(with_base_block(data, RESOURCE_MANAGER_AT, guid), SIGNATURE_AT, b"rmtm")


def flipped(log: NamedLog, at: int) -> NamedLog:
    changed = bytearray(log.data)
    changed[at] ^= 1
    return NamedLog(log.name, bytes(changed))


def second_entry(log: NamedLog) -> int:
    return SECTOR + int(unpack_from("<I", log.data, SECTOR + 4)[0])
