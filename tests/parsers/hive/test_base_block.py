import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.hive.base_block import read_base_block
from parsers.hive.layout import base_block_checksum
from parsers.hive.record import BaseBlock
from tests.builders.hive import KeyToWrite, build_hive

WRITTEN = 133_500_000_000_000_001
ROOT = KeyToWrite("ROOT", WRITTEN)


def test_a_base_block_is_read_as_it_was_written() -> None:
    assert read_base_block(build_hive(ROOT, last_written=WRITTEN)) == BaseBlock(
        7, 7, WRITTEN, 1, 5, 4096, True
    )


def test_a_hive_whose_sequence_numbers_differ_is_dirty() -> None:
    assert read_base_block(build_hive(ROOT, dirty=True)).dirty
    assert not read_base_block(build_hive(ROOT)).dirty


def test_a_wrong_checksum_is_told() -> None:
    assert not read_base_block(build_hive(ROOT, checksum=1)).checksum_ok


@pytest.mark.parametrize(
    ("xor", "checksum"), [(0, 1), (0xFFFFFFFF, 0xFFFFFFFE), (1, 1), (0x12345678, 0x12345678)]
)
def test_the_checksum_is_never_0_nor_all_ones(xor: int, checksum: int) -> None:
    assert base_block_checksum(bytes(504) + xor.to_bytes(4, "little")) == checksum


@given(st.integers(0, 507), st.integers(0, 7))
def test_the_checksum_tells_any_flipped_bit(position: int, bit: int) -> None:
    data = bytearray(build_hive(ROOT, last_written=WRITTEN))
    data[position] ^= 1 << bit
    if position >= 4:
        assert not read_base_block(bytes(data)).checksum_ok


@pytest.mark.parametrize("data", [b"", b"regf", b"regf".ljust(511, b"\0"), bytes(4096)])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="base block"):
        read_base_block(data)
