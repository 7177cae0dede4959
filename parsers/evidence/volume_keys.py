"""Keys of encrypted volumes, as an investigator gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RECOVERY_KEY: Final = re.compile(r"\s*" + r"[\s-]*".join([r"(\d{6})"] * 8) + r"\s*")
"""Eight groups of six digits, as Windows prints a BitLocker recovery key (also called recovery password)."""


@dataclass(frozen=True, slots=True)
class VolumeKeys:
    """BitLocker recovery keys and passwords. Each is tried on every encrypted volume; none is ever shown."""

    recovery_keys: tuple[str, ...] = field(default=(), repr=False)
    passwords: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> VolumeKeys:
        """Sort what was given: 48 digits in groups of six, with any separators, are a recovery key."""
        recovery_keys: list[str] = []
        passwords: list[str] = []
        for text in texts:
            match = _RECOVERY_KEY.fullmatch(text)
            if match is None:
                passwords.append(text)
            else:
                recovery_keys.append("-".join(match.groups()))
        return cls(tuple(recovery_keys), tuple(passwords))

    def as_credentials(self) -> Iterator[dict[str, str]]:
        """Give each key under the name that dfVFS has for its kind."""
        for key in self.recovery_keys:
            yield {"recovery_password": key}
        for password in self.passwords:
            yield {"password": password}
