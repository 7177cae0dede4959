"""What one of the libyal libraries says of a file, value by value, any of which may be unreadable."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")

LIBRARY_ERRORS = (OSError, ValueError, OverflowError, MemoryError, TypeError)
"""What the libyal libraries raise over bytes that are not what they should be."""


def plain_reason(error: BaseException) -> str:
    """Return why a libyal library failed, without the names of its functions.

    It writes what was tried, then what was wrong, then each caller of the function that found it.
    """
    clauses = [clause for clause in str(error).split(". ") if clause]
    said = clauses[1] if len(clauses) > 1 else str(error) or type(error).__name__
    return (said.partition(": ")[2] or said).rstrip(". ")


class Values:
    """Asks for values and keeps the names of those that cannot be had."""

    def __init__(self) -> None:
        self.unreadable: list[str] = []

    def get(self, name: str, ask: Callable[[], Value | None], default: Value) -> Value:
        """Return what ``ask`` gives; ``default`` where there is none, or where it cannot be read."""
        try:
            value = ask()
        except LIBRARY_ERRORS:
            self.unreadable.append(name)
            return default
        return default if value is None else value
