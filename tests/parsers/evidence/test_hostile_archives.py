from __future__ import annotations

from typing import Final

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from parsers.errors import EvidenceError
from parsers.evidence.archive_limits import ArchiveLimits
from tests.builders.archive import (
    ALL_KINDS,
    PASSWORD,
    aes_zip_of,
    classic_zip_of,
    seven_zip_of,
    with_seven_zip_header,
    zip_of,
)
from tests.parsers.evidence.archive_search import search

FILES: Final = {
    "C/a/System.evtx": b"ElfFile\0" + bytes(range(256)) * 3,
    "notes.txt": b"notes" * 200,
    "SYSTEM": b"regf" + bytes(700),
    "empty.evtx": b"",
}
SMALL: Final = ArchiveLimits(
    member_bytes=1 << 20, spooled_bytes=1 << 21, decompressed_bytes=1 << 24, members=1000, memory=1 << 26
)
PLAIN_SEVEN_ZIP: Final = seven_zip_of(FILES, plain_header=True)
ARCHIVES: Final = [
    *(build(FILES) for build in ALL_KINDS.values()),
    aes_zip_of(FILES),
    classic_zip_of(FILES),
    PLAIN_SEVEN_ZIP,
    zip_of({f"{kind}.bin": build(FILES) for kind, build in ALL_KINDS.items()}),
]
MAGICS: Final = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b\x08",
    b"BZh9",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
]
BRIEFLY: Final = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])

flips = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(1, 255)), max_size=6)


def look_through(archive: bytes, password: str | None = None) -> None:
    """Search it: out comes a result or an EvidenceError, and the spool is left empty."""
    try:
        searched = search(archive, password, SMALL)
    except EvidenceError:
        return
    assert all(each.reason for each in searched.said)


def flip(content: bytes, at: list[tuple[int, int]]) -> bytes:
    changed = bytearray(content)
    for position, mask in at:
        changed[position % len(changed)] ^= mask
    return bytes(changed)


@BRIEFLY
@given(st.sampled_from(MAGICS), st.binary(max_size=3000))
@example(b"PK\x03\x04", b"\xff" * 100)
def test_no_bytes_behind_a_signature_raise_anything_else(magic: bytes, content: bytes) -> None:
    look_through(magic + content)


@BRIEFLY
@given(st.sampled_from(ARCHIVES), flips, st.sampled_from([None, PASSWORD]))
def test_no_changed_bytes_raise_anything_else(
    archive: bytes, at: list[tuple[int, int]], password: str | None
) -> None:
    look_through(flip(archive, at), password)


@BRIEFLY
@given(st.sampled_from(ARCHIVES), st.floats(0, 1))
def test_no_cut_raises_anything_else(archive: bytes, part: float) -> None:
    look_through(archive[: int(len(archive) * part)])


@BRIEFLY
@given(flips)
def test_no_header_of_a_7z_raises_anything_else(at: list[tuple[int, int]]) -> None:
    look_through(with_seven_zip_header(PLAIN_SEVEN_ZIP, lambda header: flip(header, at)))


@BRIEFLY
@given(st.integers(0, 1 << 16), st.integers(1, 255))
def test_what_is_given_of_a_zip_with_a_changed_byte_is_what_was_packed(position: int, mask: int) -> None:
    try:
        searched = search(flip(ALL_KINDS["zip"](FILES), [(position, mask)]), None, SMALL)
    except EvidenceError:
        return

    assert set(searched.files.values()) <= set(FILES.values())
