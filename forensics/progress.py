"""Progress: one line on stderr, on a terminal only, written over with what is done and the time left."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Final, Self, TextIO

from forensics.report.summary_table import shortened
from forensics.report.verbatim import escape

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_MEBIBYTE: Final = 1 << 20
_CLEAR: Final = "\r\x1b[K"
_SOONEST: Final = 2.0
"""Seconds after which what was done so far says how long the rest takes."""

_OFTEN: Final = 0.05
"""Seconds between two lines of one phase; a terminal that is written to all the time slows the work down."""


class ProgressLine:
    """The line; as a context it is cleared at the end, however that comes."""

    def __init__(
        self, stream: TextIO, *, show: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._shows = show and stream.isatty()
        self._clock = clock
        self._phase: tuple[str, int] | None = None
        self._began = 0.0
        self._first = 0
        self._written = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def of_bytes(self, what: str, done: int, total: int) -> None:
        """Tell that ``done`` of ``total`` bytes are done; 0 is a total that is not known."""
        of = f" of {total / _MEBIBYTE:,.0f}" if total else ""
        self._tell("bytes", what, f"{done // _MEBIBYTE:,}{of} MiB", done, total)

    def of_rules(self, what: str, done: int, total: int) -> None:
        """Tell that ``done`` of ``total`` rules were asked."""
        self._tell("rules", what, f"{done:,} of {total:,} rules", done, total)

    def of_records(self, what: str, done: int, total: int) -> None:
        """Tell that ``done`` of ``total`` records were read again."""
        self._tell("records", what, f"{done:,} of {total:,} records", done, total)

    def clear(self) -> None:
        """Leave the terminal's line as it was before."""
        if self._phase is not None:
            self._stream.write(_CLEAR)
            self._stream.flush()
            self._phase = None

    def _tell(self, unit: str, what: str, amount: str, done: int, total: int) -> None:
        if not self._shows:
            return
        now = self._clock()
        if self._phase != (unit, total):
            self._phase, self._began, self._first = (unit, total), now, done
        elif now - self._written < _OFTEN and done < total:
            return
        self._written = now
        line = f"{escape(what)}: {amount}{self._left(now, done, total)}"
        self._stream.write(f"{_CLEAR}{shortened(line, shutil.get_terminal_size().columns - 1)}")
        self._stream.flush()

    def _left(self, now: float, done: int, total: int) -> str:
        """Return how long the rest takes if it goes on as it did, once that can be said."""
        passed, new = now - self._began, done - self._first
        if total <= done or new <= 0 or passed < _SOONEST:
            return ""
        seconds = round(passed * (total - done) / new)
        minutes, hours = seconds // 60, seconds // 3600
        told = f"{hours} h {minutes % 60} min" if hours else f"{minutes} min" if minutes else f"{seconds} s"
        return f", about {told} left"
