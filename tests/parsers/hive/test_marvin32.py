import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.hive.marvin32 import LOG_SEED, marvin32
from tests.builders import hive_log


# The known answers of the tests of Microsoft's .NET.
@pytest.mark.parametrize(
    ("seed", "data", "expected"),
    [
        (0x004FB61A001BDBCC, "", 0x30ED35C100CD3C7D),
        (0x004FB61A001BDBCC, "af", 0x48E73FC77D75DDC1),
        (0x004FB61A001BDBCC, "e70f", 0xB5F6E1FC485DBFF8),
        (0x004FB61A001BDBCC, "37f495", 0xF0B07C789B8CF7E8),
        (0x004FB61A001BDBCC, "8642dc59", 0x7008F2E87E9CF556),
        (0x004FB61A001BDBCC, "ab427ea8d10fc7", 0xE11847E4F0678C41),
        (0x804FB61A001BDBCC, "153fb79826", 0x0A06114B13464DBD),
        (0x804FB61A801BDBCC, "00", 0xA37FB0DA2ECAE06C),
    ],
)
def test_known_answers_are_given(seed: int, data: str, expected: int) -> None:
    raw = bytes.fromhex(data)
    assert marvin32(raw, seed) == expected
    assert hive_log.marvin32(raw, (seed & 0xFFFFFFFF, seed >> 32)) == expected


@given(st.binary(max_size=64), st.integers(0, 2**64 - 1) | st.just(LOG_SEED))
def test_two_implementations_agree(data: bytes, seed: int) -> None:
    assert marvin32(data, seed) == hive_log.marvin32(data, (seed & 0xFFFFFFFF, seed >> 32))
