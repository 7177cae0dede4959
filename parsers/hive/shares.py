r"""Folders and printers that the machine shares: the values of ``Services\LanmanServer\Shares``.

A value is called by the share's name and holds texts ``name=value``: Path, Type, Permissions and others.
Administrative shares (``C$``, ``ADMIN$``, ``IPC$``) are made at every start and do not stand here.
Source: Microsoft, "Saving and restoring existing Windows shares".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parsers.hive.held_record import HeldRecord, HeldValue
from parsers.hive.value_text import several_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.walk import HiveKey, HiveWalk


@dataclass(frozen=True, slots=True)
class Share(HeldRecord):
    """One share. ``settings`` are its texts in their order, each split at its first ``=``."""

    name: str
    settings: tuple[tuple[str, str], ...]

    def setting(self, name: str) -> str:
        """Return the setting called ``name``, whatever its case, or ``""``."""
        return next((value for each, value in self.settings if each.lower() == name.lower()), "")


def read_shares(walk: HiveWalk, control_set: HiveKey) -> Iterator[Share]:
    """Give the shares of ``control_set`` in the hive's order."""
    key = walk.find(control_set, "Services", "LanmanServer", "Shares")
    if key is None:
        return
    for value in walk.values(key):
        held = HeldValue(key.path, key.offset, key.last_written, value)
        if value.type_name != "REG_MULTI_SZ":
            yield Share(held, f"it is of type {value.type_name}", value.name, ())
            continue
        texts = several_texts(value.raw)
        odd = sum("=" not in text for text in texts)
        settings = tuple((name, content) for name, _, content in (text.partition("=") for text in texts))
        yield Share(held, f"{odd} of its texts have no =" if odd else "", value.name, settings)
