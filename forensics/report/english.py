"""How times, numbers and lists are said in English, the same in every place and every locale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Sequence

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_NO_DATE: Final = "a time without a date"
_DAY: Final = 24 * 3600


def day_and_time(ticks: int) -> str:
    """Return ``3 September 2025 at 20:02:18 UTC``; fractions of a second are cut."""
    if not 0 < ticks <= filetime.MAX_TICKS:
        return _NO_DATE
    date, _, clock = filetime.to_text(ticks, 0).rstrip("Z").partition("T")
    year, month, day = date.split("-")
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year} at {clock} UTC"


def span(begin: int, end: int) -> str:
    """Return ``3 September 2025, 20:02:18 to 20:38:18 UTC``, with both dates where they differ."""
    if begin == end:
        return day_and_time(begin)
    first, last = day_and_time(begin), day_and_time(end)
    day, _, clock = first.removesuffix(" UTC").partition(" at ")
    if last.startswith(f"{day} at "):
        return f"{day}, {clock} to {clock_time(end)} UTC"
    return f"{first} to {last}"


def clock_time(ticks: int) -> str:
    """Return ``20:02:18``; fractions of a second are cut."""
    if not 0 < ticks <= filetime.MAX_TICKS:
        return _NO_DATE
    return filetime.to_text(ticks, 0).rstrip("Z").partition("T")[2]


def short_date(date: str, year_before: str) -> str:
    """Return ``2025-09-03`` as ``3 Sep 2025``, or as ``3 Sep`` where the year before it was the same."""
    year, month, day = date.split("-")
    told = f"{int(day)} {_MONTHS[int(month) - 1][:3]}"
    return told if year == year_before else f"{told} {year}"


def how_long(ticks: int) -> str:
    """Return a length of time in its two largest units: ``1 h 33 min``."""
    seconds = abs(ticks) // filetime.TICKS_PER_SECOND
    parts = (
        (seconds // _DAY, "d"),
        (seconds % _DAY // 3600, "h"),
        (seconds // 60 % 60, "min"),
        (seconds % 60, "s"),
    )
    told = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(told[:2]) or "less than 1 s"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 row``, ``1,234 rows``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(items: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    if len(items) < 2:  # noqa: PLR2004 - one has nothing to be joined with
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
