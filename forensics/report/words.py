"""Numbers, times and spans as the case's texts for people have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from parsers import filetime

if TYPE_CHECKING:
    from forensics.records_seen import Stretch

UNNAMED: Final = "a machine without a name"
"""What a machine is called that no artifact names."""


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def time(ticks: int | None) -> str:
    """Return a time in UTC, or that there is none, or the ticks of one that no calendar has."""
    if ticks is None:
        return "an unknown time"
    return filetime.to_text(ticks) if ticks <= filetime.MAX_TICKS else f"{ticks:#x} (no date)"


def span(first: int | None, last: int | None) -> str:
    """Return ``from … to …``, or one time where both are the same."""
    return f"of {time(first)}" if first == last else f"from {time(first)} to {time(last)}"


def times(stretch: Stretch, noun: str = "record") -> str:
    """Return how many there are, and from when to when."""
    return f"{count(stretch.count, noun)} {span(stretch.first, stretch.last)}"


def seconds(ticks: int) -> str:
    """Return ticks as seconds, signed, with the seven digits that they have."""
    whole, rest = divmod(abs(ticks), filetime.TICKS_PER_SECOND)
    return f"{'-' if ticks < 0 else '+'}{whole:,}.{rest:07d} seconds"
