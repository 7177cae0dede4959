"""Evidence opened and read as the program does it, with a spool that is gone when it is read."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from forensics.reading import read_evidence
from forensics.request import HowToRead
from parsers.evidence.discovery import Opening
from parsers.evidence.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forensics.reading import Observer, ReadEvidence
    from forensics.request import NamedEvidence


@contextmanager
def opening() -> Iterator[Opening]:
    """Give an opening whose spool lies outside of any evidence; fail where anything is left of it."""
    with TemporaryDirectory() as folder:
        with Spool(Path(folder)) as spool:
            yield Opening(spool)
        assert list(Path(folder).iterdir()) == []


def read_named(
    named: Sequence[NamedEvidence],
    events: Path,
    observer: Observer | None = None,
    *,
    workers: int = 1,
    recover: bool = True,
) -> ReadEvidence:
    """Read ``named`` and write its events below ``events``."""
    with opening() as opened:
        return read_evidence(named, events, HowToRead(opened, workers=workers, recover=recover), observer)
