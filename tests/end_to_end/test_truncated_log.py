from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.end_to_end.case_reading import document
from tests.end_to_end.command_line import analyze

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.command_line import Run


@pytest.fixture
def truncated(corpus: Path, tmp_path: Path) -> Run:
    """A real log that ends in its third chunk, of which every other reader gives 194 records in silence."""
    return analyze(corpus / "evtx/plaso/System2.evtx", output=tmp_path / "case")


def test_a_real_log_that_was_cut_short_is_read_to_its_end_and_what_is_missing_is_named(
    truncated: Run,
) -> None:
    (artifact,) = document(truncated.output, "context.json")["artifacts"]
    log: dict[str, Any] = artifact["log"]

    assert truncated.code == 3
    assert (log["records_framed"], log["records_failed"]) == (283, 0)
    assert (log["record_ids"]["lowest"], log["record_ids"]["highest"]) == (1, 283)
    # The third chunk counts 90 records to number 284.
    lost = {each["reason"]: each["records_lost"] for each in artifact["damage"]}
    assert lost["the file ends in the records of this chunk, 704 bytes of it are missing"] == 1
    for place in (
        "0x30d40-0x31000: the file ends",
        "0x31000-0x601000: the header counts 96 chunks, 93 of them",
    ):
        assert f"System2.evtx: bytes {place}" in truncated.stderr
        assert f"System2.evtx, bytes {place}" in (truncated.output / "limitations.txt").read_text("utf-8")
    assert not truncated.output.joinpath("timeline.jsonl").read_bytes()
