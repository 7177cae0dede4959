r"""Network interfaces of a control set: the keys of ``Services\Tcpip\Parameters\Interfaces``.

A key is called by the interface's GUID and holds its addresses, those that were set and those that DHCP gave.
Below it stands a key for each wireless network that has settings of its own.
Source: Microsoft, "TCP/IP and NBT configuration parameters for Windows".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from parsers import filetime
from parsers.hive.held_record import HeldRecord, HeldValue, content_of
from parsers.hive.value_text import several_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.record import HiveValue
    from parsers.hive.walk import HiveKey, HiveWalk

_UNIX_EPOCH: Final = filetime.from_text("1970-01-01T00:00:00Z")
_DWORD_SIZE: Final = 4


@dataclass(frozen=True, slots=True)
class NetworkInterface(HeldRecord):
    r"""One interface, or one network of it: ``name`` is the GUID or ``GUID\network``. ``values`` are all."""

    name: str
    values: tuple[HiveValue, ...]

    @property
    def content(self) -> bytes:
        """The values of the key."""
        return content_of(self.values)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of the value called ``name``, whatever its case, that are not empty."""
        value = self._value(name)
        if value is None:
            return ()
        texts = several_texts(value.raw) if value.type_name == "REG_MULTI_SZ" else (value.text,)
        return tuple(text for text in texts if text)

    def moment(self, name: str) -> int | None:
        """Return the time in ticks that a REG_DWORD has in seconds since 1970, None for 0 or no such value.

        A machine whose clock was not set yet when it got its lease has a time soon after 1970 here.
        """
        value = self._value(name)
        if value is None or value.type_name != "REG_DWORD" or len(value.raw) != _DWORD_SIZE:
            return None
        seconds = int.from_bytes(value.raw, "little")
        return _UNIX_EPOCH + seconds * filetime.TICKS_PER_SECOND if seconds else None

    def _value(self, name: str) -> HiveValue | None:
        return next((each for each in self.values if each.name.lower() == name.lower()), None)


def read_network_interfaces(walk: HiveWalk, control_set: HiveKey) -> Iterator[NetworkInterface]:
    """Give the interfaces of ``control_set``, each before its networks, in the hive's order."""
    interfaces = walk.find(control_set, "Services", "Tcpip", "Parameters", "Interfaces")
    for key in () if interfaces is None else walk.subkeys(interfaces):
        yield _interface(walk, key, key.name)
        for network in walk.subkeys(key):
            yield _interface(walk, network, f"{key.name}\\{network.name}")


def _interface(walk: HiveWalk, key: HiveKey, name: str) -> NetworkInterface:
    held = HeldValue(key.path, key.offset, key.last_written, None)
    return NetworkInterface(held, "", name, walk.values(key))
