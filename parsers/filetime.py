"""FILETIME: an unsigned count of 100-nanosecond ticks since 1601-01-01 UTC ([MS-DTYP] 2.3.3).

Integer arithmetic throughout. A float holds 53 bits and today's FILETIMEs need 57, so any way through
seconds as a float moves about half of all timestamps.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

TICKS_PER_MICROSECOND: Final = 10
TICKS_PER_SECOND: Final = 10_000_000
EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
MAX_TICKS: Final = 2_650_467_743_999_999_999
"""9999-12-31T23:59:59.9999999Z, the last moment that a four-digit year can name."""

_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,7})(?:(?<=\.\d{7})00)?)?(?:Z| ?UTC)?", re.ASCII
)
"""Windows before 10 shows times with nine digits, of which the last two are always zeros."""


def to_datetime(ticks: int) -> datetime:
    """Return the UTC microsecond that contains ``ticks``.

    Raises OverflowError beyond the year 9999.
    """
    return EPOCH + timedelta(microseconds=ticks // TICKS_PER_MICROSECOND)


def to_text(ticks: int, digits: int = 7) -> str:
    """Return ``ticks`` as ``YYYY-MM-DDTHH:MM:SS.fffffffZ`` with ``digits`` digits after the point (0 to 7).

    Digits beyond ``digits`` are cut, never rounded. Raises OverflowError beyond the year 9999.
    """
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    whole = (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{fraction:07d}"[: 20 + digits] + "Z" if digits else f"{whole}Z"


def from_text(text: str) -> int:
    """Return the ticks of a UTC time such as ``2024-01-02 03:04:05.123`` or ``2024-01-02T03:04:05.1234567Z``.

    Raises ValueError for anything else and for times before 1601: no time zone but UTC is understood, and no
    digit is guessed.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError(f"not a UTC time: {text!r}")
    *parts, fraction = match.groups()
    moment = datetime(*(int(part) for part in parts), tzinfo=UTC)  # type: ignore[misc,arg-type]
    whole = (moment - EPOCH) // timedelta(seconds=1)
    if whole < 0:
        raise ValueError(f"before FILETIME's first moment: {text!r}")
    return whole * TICKS_PER_SECOND + int((fraction or "").ljust(7, "0"))


def from_datetime(moment: datetime) -> int:
    """Return the ticks of an aware ``moment``. Raises TypeError for a naive one."""
    return (moment - EPOCH) // timedelta(microseconds=1) * TICKS_PER_MICROSECOND
