"""How much an archive may ask for, so that a small hostile file cannot fill a disk, a memory or a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REMEDY: Final = "Raise this limit with --archive-limit if the archive is to be trusted"


class LimitReached(Exception):  # noqa: N818 - says what happened, as ParserError's peers do
    """An archive asked for more than it may; ``reason`` says which limit and what can be done."""

    def __init__(self, reason: str) -> None:
        self.reason = f"{reason}. {REMEDY}"
        super().__init__(self.reason)


class MemberLimitReached(LimitReached):
    """One member asked for too much. The others may still be read."""


class ArchiveLimitReached(LimitReached):
    """The archive as a whole asked for too much. Nothing more of it is read."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What one archive may ask for, archives inside it included. The defaults let pass what collectors write.

    - ``member_bytes``: the largest artifact, or archive inside the archive, that is copied into the spool.
    - ``spooled_bytes``: all copies of one archive together.
    - ``decompressed_bytes``: everything that comes out of decompressors, kept or not. A tar or a solid 7z
      must be read whole to be searched; of a zip only artifacts are, and the first bytes of all else.
    - ``members``: files and folders listed. A zip or a 7z keeps its list in memory, about 1 KB each.
    - ``ratio``: bytes that one compressed byte may become, for each copied member and only once that is
      larger than ``ratio_from`` bytes: logs with much empty space are small but shrink a thousandfold.
    - ``depth``: how many levels of archives inside the archive are opened.
    - ``memory``: bytes that a decompressor may set aside for its dictionary.
    """

    member_bytes: int = 32 << 30
    spooled_bytes: int = 64 << 30
    decompressed_bytes: int = 512 << 30
    members: int = 500_000
    ratio: int = 200
    ratio_from: int = 1 << 30
    depth: int = 1
    memory: int = 512 << 20


class Budget:
    """What an archive has used up of its limits."""

    def __init__(self, limits: ArchiveLimits) -> None:
        self.limits = limits
        self._members = 0
        self._decompressed = 0

    def count_member(self) -> None:
        """Count a member. Raises ArchiveLimitReached."""
        self._members += 1
        if self._members > self.limits.members:
            raise ArchiveLimitReached(f"lists more than {self.limits.members:,} members")

    def count_decompressed(self, count: int) -> None:
        """Count bytes that came out of a decompressor. Raises ArchiveLimitReached."""
        self._decompressed += count
        if self._decompressed > self.limits.decompressed_bytes:
            raise ArchiveLimitReached(f"unpacks to more than {self.limits.decompressed_bytes:,} bytes")

    def check_member(self, size: int, packed: int) -> None:
        """Raise MemberLimitReached where ``size`` bytes, made of ``packed``, are too many for one member."""
        limits = self.limits
        if size > limits.member_bytes:
            raise MemberLimitReached(f"is larger than {limits.member_bytes:,} bytes")
        if size > limits.ratio_from and size > limits.ratio * max(packed, 1):
            raise MemberLimitReached(f"unpacks to more than {limits.ratio:,} times its compressed size")

    def check_spooled(self, count: int) -> None:
        """Raise MemberLimitReached where ``count`` bytes are too many copies of one archive."""
        if count > self.limits.spooled_bytes:
            raise MemberLimitReached(
                f"would be copied beyond {self.limits.spooled_bytes:,} bytes for one archive"
            )
