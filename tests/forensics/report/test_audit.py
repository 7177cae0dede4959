from __future__ import annotations

import hashlib
import json
import signal
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.report.audit import AuditFault, AuditLog, verify_audit
from tests.builders.timeline_rows import any_text


class Clock:
    """A clock that goes one second at each look."""

    def __init__(self) -> None:
        self._seconds = count()

    def __call__(self) -> datetime:
        return datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC) + timedelta(seconds=next(self._seconds))


def write_log(path: Path, lines: int = 3) -> bytes:
    with AuditLog(path, Clock()) as log:
        for number in range(lines):
            log.append("evidence hashed", {"path": f"System{number}.evtx", "ok": True})
    return path.read_bytes()


def log_and_fail(path: Path) -> None:
    with AuditLog(path, Clock()) as log:
        log.append("started", {})
        log.append("failed", {"error": "the disk is gone\n\ud800"})
        raise RuntimeError


with tempfile.TemporaryDirectory() as new_folder:
    LOG = write_log(Path(new_folder, "audit.jsonl"))


def fault_in(content: bytes) -> AuditFault | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "audit.jsonl")
        path.write_bytes(content)
        return verify_audit(path)


def test_a_line_says_what_was_done_and_when() -> None:
    first = json.loads(LOG.splitlines()[0])
    assert list(first) == ["sequence", "time", "event", "details", "previous", "digest"]
    assert (first["sequence"], first["time"]) == (1, "2024-01-02T03:04:05.000006Z")
    assert (first["event"], first["details"]["path"]) == ("evidence hashed", "System0.evtx")


def test_a_line_names_the_digest_of_the_line_before_it() -> None:
    lines = LOG.splitlines(keepends=True)
    previous = [json.loads(line)["previous"] for line in lines]
    assert previous == ["0" * 64, *(hashlib.sha256(line).hexdigest() for line in lines[:-1])]


def test_an_untouched_log_has_no_fault(tmp_path: Path) -> None:
    write_log(tmp_path / "audit.jsonl")
    assert verify_audit(tmp_path / "audit.jsonl") is None


def test_what_was_appended_is_on_the_disk_before_the_log_is_closed(tmp_path: Path) -> None:
    with AuditLog(tmp_path / "audit.jsonl", Clock()) as log:
        log.append("started", {})
        assert verify_audit(tmp_path / "audit.jsonl") is None


def test_a_run_that_fails_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with pytest.raises(RuntimeError):
        log_and_fail(path)
    assert verify_audit(path) is None
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["started", "failed"]


def test_a_log_that_is_there_is_not_written_to(tmp_path: Path) -> None:
    content = write_log(tmp_path / "audit.jsonl")
    with pytest.raises(FileExistsError):
        AuditLog(tmp_path / "audit.jsonl", Clock())
    assert (tmp_path / "audit.jsonl").read_bytes() == content


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    naive = datetime(2024, 1, 2)  # noqa: DTZ001 - what is refused
    with AuditLog(tmp_path / "audit.jsonl", lambda: naive) as log, pytest.raises(TypeError):
        log.append("started", {})


def test_a_line_that_could_not_be_written_leaves_no_half_behind(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limit on the size of files")
    path = tmp_path / "audit.jsonl"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with AuditLog(path, Clock()) as log:
        log.append("started", {})
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, limits[1]))
        try:
            with pytest.raises(OSError, match="too large"):
                log.append("lost", {})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, handler)
        log.append("went on", {})
    assert verify_audit(path) is None
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["started", "went on"]


@given(st.integers(0, len(LOG) - 1), st.integers(1, 255))
def test_any_changed_byte_is_found(place: int, difference: int) -> None:
    changed = LOG[:place] + bytes([LOG[place] ^ difference]) + LOG[place + 1 :]
    fault = fault_in(changed)
    assert fault is not None
    assert fault.line in {LOG[:place].count(b"\n") + 1, LOG[:place].count(b"\n") + 2}


@given(st.integers(0, len(LOG) - 1))
def test_any_byte_taken_out_is_found(place: int) -> None:
    assert fault_in(LOG[:place] + LOG[place + 1 :]) is not None


@given(st.integers(0, len(LOG)), st.binary(min_size=1, max_size=3))
def test_any_bytes_put_in_are_found(place: int, more: bytes) -> None:
    assert fault_in(LOG[:place] + more + LOG[place:]) is not None


@pytest.mark.parametrize("order", [(1, 2), (0, 2), (1, 0, 2), (0, 1, 1, 2)], ids=str)
def test_lines_taken_out_doubled_or_moved_are_found(order: tuple[int, ...]) -> None:
    lines = LOG.splitlines(keepends=True)
    assert fault_in(b"".join(lines[number] for number in order)) is not None


def test_a_fault_says_which_line_is_wrong_and_how() -> None:
    fault = fault_in(LOG.replace(b"System1", b"System9"))
    assert str(fault) == "line 2: its text is not the text that its digest was taken of"


def test_an_empty_log_is_a_fault() -> None:
    assert fault_in(b"") == AuditFault(1, "the log is empty, and a run always writes to it")


def test_a_log_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify_audit(tmp_path / "audit.jsonl")


@given(any_text(), st.dictionaries(any_text(), any_text(), max_size=3))
def test_any_text_can_be_logged(event: str, details: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "audit.jsonl")
        with AuditLog(path, Clock()) as log:
            log.append(event, details)
            log.append(event, details)
        assert verify_audit(path) is None
        assert path.read_bytes().count(b"\n") == 2


def test_the_stream_is_closed_with_the_log(tmp_path: Path) -> None:
    with AuditLog(tmp_path / "audit.jsonl", Clock()) as log:
        pass
    with pytest.raises(ValueError, match="closed"):
        log.append("late", {})
