"""Reasons that many members of an archive share, such as its password: each is said once for them all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parsers.evidence.artifact_kind import tell_kind
from parsers.evidence.found import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class _Refused:
    path: str
    count: int
    is_artifact: bool


@dataclass(slots=True)
class Refusals:
    """Members that were refused, by reason."""

    _by_reason: dict[str, _Refused] = field(default_factory=dict)

    def add(self, path: str, reason: str) -> None:
        """Count the member at ``path``. The first speaks for all, or the first artifact by its name."""
        is_artifact = tell_kind(path.rsplit("/", 1)[-1], b"", path) is not None
        refused = self._by_reason.setdefault(reason, _Refused(path, 0, is_artifact))
        refused.count += 1
        if is_artifact and not refused.is_artifact:
            refused.path, refused.is_artifact = path, True

    def __iter__(self) -> Iterator[Unreadable]:
        for reason, refused in self._by_reason.items():
            others = f". The same goes for {refused.count - 1:,} more members" if refused.count > 1 else ""
            yield Unreadable(refused.path, reason + others)
