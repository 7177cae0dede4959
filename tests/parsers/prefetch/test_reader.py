from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.errors import UnreadableFile
from parsers.prefetch.reader import LARGEST, LARGEST_UNPACKED, read_prefetch
from tests.builders.prefetch import (
    MOST_RUN_TIMES,
    VOLUME,
    PrefetchToWrite,
    build_prefetch,
    compress_prefetch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "Windows/Prefetch/RUSTDESK.EXE-1A2B3C4D.pf"
PLAIN = build_prefetch()
FORMS: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "compressed": compress_prefetch}


@pytest.mark.parametrize("form", FORMS)
def test_a_file_says_which_program_ran_and_when(form: str) -> None:
    written = PrefetchToWrite(run_count=9)
    prefetch = read_prefetch(FORMS[form](build_prefetch(written)), PATH)

    assert (prefetch.executable, prefetch.path) == ("RUSTDESK.EXE", written.files[1])
    assert (prefetch.prefetch_hash, prefetch.format_version) == (0x1A2B_3C4D, 30)
    assert (prefetch.run_count, prefetch.run_times) == (9, written.run_times)
    assert prefetch.damage == ()


@given(st.lists(st.integers(1, 2**63 - 1), max_size=MOST_RUN_TIMES), st.integers(0, 2**32 - 1))
def test_every_run_time_is_read_to_the_last_digit(times: list[int], count: int) -> None:
    prefetch = read_prefetch(build_prefetch(PrefetchToWrite(run_times=tuple(times), run_count=count)), PATH)

    assert (prefetch.run_times, prefetch.run_count) == (tuple(times), count)


def test_a_long_name_is_found_among_the_files_by_its_start() -> None:
    name = "RUSTDESK-1.4.1-X86_64-HOST=RD.EXAMPLE.EXE"
    files = (rf"{VOLUME}\USERS\AMY\DOWNLOADS\{name}",)
    prefetch = read_prefetch(build_prefetch(PrefetchToWrite(name, files=files)), PATH)

    assert (prefetch.executable, prefetch.path) == (name[:29], files[0])


def test_a_program_that_is_not_among_the_files_has_no_path() -> None:
    files = (rf"{VOLUME}\WINDOWS\SYSTEM32\NTDLL.DLL", rf"{VOLUME}\X\MYRUSTDESK.EXE")

    assert read_prefetch(build_prefetch(PrefetchToWrite(files=files)), PATH).path == ""


@pytest.mark.parametrize("cut", [150, 200, 300])
def test_a_compressed_file_that_was_cut_says_that_its_end_is_missing(cut: int) -> None:
    prefetch = read_prefetch(compress_prefetch(PLAIN)[:-cut], PATH)

    assert [each.reason for each in prefetch.damage] == [
        "its end is missing or damaged: runs and files may be missing too"
    ]


NO_PREFETCH = {
    "empty": b"",
    "text": b"not a prefetch file at all",
    "only a header": PLAIN[:84],
    "cut": PLAIN[:-10],
    "claims 4 GiB": b"MAM\x04" + b"\xff" * 4 + compress_prefetch(PLAIN)[8:],
    "claims too much": b"MAM\x04" + (LARGEST_UNPACKED + 1).to_bytes(4, "little"),
    "too large": PLAIN + bytes(LARGEST),
}


@pytest.mark.parametrize("name", NO_PREFETCH)
def test_what_is_no_prefetch_file_is_an_error_with_a_reason(name: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_prefetch(NO_PREFETCH[name], PATH)

    assert caught.value.path == PATH
    assert not caught.value.reason.endswith((": ", "."))


@pytest.mark.parametrize("form", FORMS)
@given(st.integers(0, len(PLAIN)), st.integers(0, 60), st.binary(max_size=60))
def test_any_harm_gives_runs_or_an_error(form: str, at: int, cut: int, noise: bytes) -> None:
    whole = FORMS[form](PLAIN)
    with suppress(UnreadableFile):
        read_prefetch(whole[:at] + noise + whole[at + cut :], PATH)
