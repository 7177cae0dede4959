"""What walking through an archive gives, whatever its format: members, and trouble."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from parsers.evidence.archive_limits import LimitReached

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parsers.evidence.archive_stream import Readable

LOCKED: Final = "is encrypted, and no password was given. Give --password"
LOCKED_OTHERWISE: Final = "is encrypted, and not with the password given. Give the right one with --password"
_LONGEST_REASON: Final = 200


class ArchiveUnopenable(Exception):  # noqa: N818 - says what the file is
    """Nothing of the archive can be read; ``reason`` says why, ``remedy`` what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason, remedy)
        self.reason = reason
        self.remedy = remedy


class MemberUnreadable(Exception):  # noqa: N818 - says what the member is
    """A member cannot be read; ``reason`` says why, as the rest of a sentence that its name begins."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MemberDamaged(MemberUnreadable):
    """The member's own bytes cannot be had, or are not what they were."""


class MemberRefused(MemberUnreadable):
    """The member cannot be read for a reason that it shares with others: said once for all of them."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. ``name`` is as the archive has it; ``size`` is what the archive says, in bytes.

    ``open_`` gives its bytes, until the next member is asked for; it and reading raise MemberUnreadable and
    LimitReached. ``link`` says what it is where it has a name but no bytes, such as a link; None for a file.
    """

    name: str
    size: int
    open_: Callable[[], Readable]
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that could not be read: the archive itself, or the member called ``name``."""

    reason: str
    name: str | None = None


@contextmanager
def library_errors() -> Iterator[None]:
    """Turn whatever a library raises over an archive's bytes into MemberDamaged."""
    try:
        yield
    except (MemberUnreadable, LimitReached, ArchiveUnopenable):
        raise
    except Exception as error:  # the bytes are hostile, and the libraries promise no closed set of errors
        raise MemberDamaged(f"cannot be read: {tell(error)}") from error


def tell(error: Exception) -> str:
    """Return what ``error`` says, on one line and without a full stop."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join((said or type(error).__name__).split())[:_LONGEST_REASON].rstrip(".")
