"""audit.jsonl: what was done and when, line by line, each line bound to the one before.

A line is a JSON object on its own: ``sequence`` (1, 2, 3 …), ``time`` (UTC, to the microsecond), ``event``,
``details``, ``previous`` and ``digest``.

* ``previous`` is the SHA-256 of the whole line before, its line feed included, so that
  ``sed -n 3p audit.jsonl | sha256sum`` gives what line 4 must say; the first line says 64 zeros.
* ``digest`` is the SHA-256 of its own line up to the comma before ``"digest"``. It guards the last line,
  which no other follows.

A chain cannot tell that whole lines were cut off its end, or that all of it was written anew: that is what
SHA256SUMS, and the manifest's digest in the examiner's notes, are for.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Self

from forensics.report.json_document import to_json
from parsers.filetime import from_datetime, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from forensics.report.json_document import JsonValue

AUDIT_NAME: Final = "audit.jsonl"
_NO_LINE_BEFORE: Final = "0" * 64
_MICROSECOND_DIGITS: Final = 6
_ENTRY: Final = re.compile(rb'(\{.*),"digest":"([0-9a-f]{64})"\}\n', re.DOTALL)


@dataclass(frozen=True, slots=True)
class AuditFault:
    """The first line, counted from 1, that is not as it was written, and what is wrong with it."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class AuditLog:
    """A new audit.jsonl that is only ever added to; what was appended is on the disk when append returns.

    ``clock`` gives aware times. A run that fails leaves every line up to there whole. Raises
    FileExistsError where there is such a file already, OSError where it cannot be written.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._stream = path.open("xb", buffering=0)
        self._lines = 0
        self._previous = _NO_LINE_BEFORE

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, event: str, details: Mapping[str, JsonValue]) -> None:
        """Add one line. Raises OSError where it cannot be written, ValueError after :meth:`close`."""
        line = self._line(event, details)
        self._write(line)
        self._lines += 1
        self._previous = sha256(line).hexdigest()

    def close(self) -> None:
        """Close the file. Nothing can be added afterwards."""
        self._stream.close()

    def _write(self, line: bytes) -> None:
        end = self._stream.tell()
        try:
            remaining = memoryview(line)
            while remaining:
                remaining = remaining[self._stream.write(remaining) :]
            os.fsync(self._stream.fileno())
        except OSError:
            self._stream.truncate(end)  # half a line would break the chain for the lines to come
            self._stream.seek(end)
            raise

    def _line(self, event: str, details: Mapping[str, JsonValue]) -> bytes:
        members: dict[str, JsonValue] = {
            "sequence": self._lines + 1,
            "time": to_text(from_datetime(self._clock()), _MICROSECOND_DIGITS),
            "event": event,
            "details": details,
            "previous": self._previous,
        }
        body = to_json(members).encode().removesuffix(b"}")
        return body + f',"digest":"{sha256(body).hexdigest()}"}}\n'.encode()


def verify_audit(path: Path) -> AuditFault | None:
    """Compute the chain of ``path`` anew and return its first fault, or None where it holds.

    Raises OSError where the file cannot be read.
    """
    number, previous = 0, _NO_LINE_BEFORE
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if reason := _fault(line, number, previous):
                return AuditFault(number, reason)
            previous = sha256(line).hexdigest()
    return None if number else AuditFault(1, "the log is empty, and a run always writes to it")


def _fault(line: bytes, number: int, previous: str) -> str | None:
    """Return what is wrong with ``line``, or None. Only what its digest vouches for is looked into."""
    entry = _ENTRY.fullmatch(line)
    if entry is None:
        return "it is not a whole entry of an audit log"
    body, digest = entry.groups()
    if sha256(body).hexdigest() != digest.decode():
        return "its text is not the text that its digest was taken of"
    return _broken_link(body, number, previous)


def _broken_link(body: bytes, number: int, previous: str) -> str | None:
    try:
        members = json.loads(body + b"}")
    except ValueError:
        return "it is not JSON"
    if members.get("previous") != previous:
        return "the line before it is not the line that it was written after"
    if members.get("sequence") != number:
        return f"it says that it is line {members.get('sequence')}"
    return None
