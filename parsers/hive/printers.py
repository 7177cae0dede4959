r"""Printers and printer drivers of a control set, below ``Control\Print``.

No hive of Windows XP to 10 that was seen has the key of the printers in its file, only that of the drivers:
a running Windows shows there what its SOFTWARE hive holds. No printer here does not mean that there was none.
Source: Microsoft, "Registry entries for printing"; what the keys hold, from hives of Windows XP to 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from parsers.hive.held_record import HeldRecord, HeldValue, content_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.record import HiveValue
    from parsers.hive.walk import HiveKey, HiveWalk


class PrinterKind(StrEnum):
    r"""What a key below ``Control\Print`` describes."""

    PRINTER = "printer"
    DRIVER = "driver"


@dataclass(frozen=True, slots=True)
class Printer(HeldRecord):
    """A printer called ``name``, or a driver; the key itself is what it stands in, with all its ``values``.

    ``driver`` is the name of the driver, ``port`` that of the printer's port, ``""`` of a driver.
    ``environment`` is the driver's, such as ``Windows x64``, with its version, ``Version-4``.
    """

    kind: PrinterKind
    name: str
    driver: str
    port: str
    environment: str
    version: str
    values: tuple[HiveValue, ...]

    @property
    def content(self) -> bytes:
        """The values of the key."""
        return content_of(self.values)

    def text(self, name: str) -> str:
        """Return the text of the value called ``name``, whatever its case, or ``""``."""
        return _text(self.values, name)


def read_printers(walk: HiveWalk, control_set: HiveKey) -> Iterator[Printer]:
    """Give the printers of ``control_set`` and then the drivers, in the hive's order."""
    for key in _subkeys(walk, walk.find(control_set, "Control", "Print", "Printers")):
        values = walk.values(key)
        driver, port = _text(values, "Printer Driver"), _text(values, "Port")
        yield Printer(_held(key), "", PrinterKind.PRINTER, key.name, driver, port, "", "", values)
    for environment in _subkeys(walk, walk.find(control_set, "Control", "Print", "Environments")):
        for version in _subkeys(walk, walk.find(environment, "Drivers")):
            for key in walk.subkeys(version):
                of = environment.name, version.name, walk.values(key)
                yield Printer(_held(key), "", PrinterKind.DRIVER, "", key.name, "", *of)


def _subkeys(walk: HiveWalk, key: HiveKey | None) -> tuple[HiveKey, ...]:
    return () if key is None else walk.subkeys(key)


def _held(key: HiveKey) -> HeldValue:
    return HeldValue(key.path, key.offset, key.last_written, None)


def _text(values: tuple[HiveValue, ...], name: str) -> str:
    return next((each.text for each in values if each.name.lower() == name.lower()), "")
