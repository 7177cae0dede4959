"""Builds SYSTEM hives: one machine's control sets with their services and what they say of the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.builders.hive import (
    KeyToWrite,
    ValueToWrite,
    binary_value,
    build_hive,
    dword_value,
    expandable_value,
    text_value,
)
from tests.builders.hive_artifacts import merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.builders.hive_layout import ListKind

_OWN_PROCESS: Final = 0x10
_AUTOMATIC: Final = 2


@dataclass(frozen=True, slots=True)
class ServiceToWrite:
    """One service as the service control manager would have registered it; times in FILETIME ticks.

    None leaves a value out. ``service_dll`` goes into a subkey ``Parameters``, which is as old as the
    service. ``extra_values`` are further values of the service's own key.
    """

    name: str
    last_written: int
    image_path: str | None
    display_name: str | None = None
    start: int = _AUTOMATIC
    type: int = _OWN_PROCESS
    object_name: str | None = "LocalSystem"
    error_control: int = 1
    description: str | None = None
    failure_actions: bytes | None = None
    delayed_autostart: bool | None = None
    service_dll: str | None = None
    extra_values: tuple[ValueToWrite, ...] = ()


@dataclass(frozen=True, slots=True)
class _Machine:
    """What every control set of one hive says of its machine."""

    computer_name: str
    host_name: str
    domain: str
    product_type: str
    time_zone_name: str
    bias: int
    active_bias: int
    last_written: int

    def key(self, name: str, *subkeys: KeyToWrite, values: tuple[ValueToWrite, ...] = ()) -> KeyToWrite:
        return KeyToWrite(name, self.last_written, values, subkeys)

    def control(self) -> KeyToWrite:
        computer_name = self.key("ComputerName", values=(text_value("ComputerName", self.computer_name),))
        zone = (
            dword_value("Bias", self.bias),
            dword_value("ActiveTimeBias", self.active_bias),
            text_value("TimeZoneKeyName", self.time_zone_name),
        )
        product = (text_value("ProductType", self.product_type),)
        return self.key(
            "Control",
            self.key("ComputerName", computer_name),
            self.key("TimeZoneInformation", values=zone),
            self.key("ProductOptions", values=product),
        )

    def tcpip(self) -> KeyToWrite:
        driver = ServiceToWrite(
            "Tcpip",
            self.last_written,
            r"System32\drivers\tcpip.sys",
            "TCP/IP Protocol Driver",
            start=0,
            type=0x1,
            object_name=None,
        )
        values = (
            text_value("Hostname", self.host_name),
            text_value("NV Hostname", self.host_name),
            text_value("Domain", self.domain),
        )
        parameters = self.key("Parameters", values=values)
        return KeyToWrite(driver.name, driver.last_written, _service_values(driver), (parameters,))

    def control_set(
        self, number: int, services: Sequence[ServiceToWrite], artifacts: Sequence[KeyToWrite]
    ) -> KeyToWrite:
        keys = self.control(), self.key("Services", self.tcpip(), *map(_service_key, services))
        return self.key(f"ControlSet{number:03}", *merged([*keys, *artifacts]))


def build_system_hive(  # noqa: PLR0913 - one argument for each thing that the hive says
    *,
    computer_name: str,
    services: Sequence[ServiceToWrite],
    last_written: int,
    host_name: str | None = None,
    domain: str = "",
    product_type: str = "WinNT",
    time_zone_name: str = "UTC",
    bias: int = 0,
    active_bias: int = 0,
    other_control_sets: Mapping[int, Sequence[ServiceToWrite]] | None = None,
    artifacts: Mapping[int, Sequence[KeyToWrite]] | None = None,
    select_current: int | None = 1,
    dirty: bool = False,
    list_kind: ListKind = "lh",
) -> bytes:
    """Return the SYSTEM hive of one machine.

    ``services`` become ``ControlSet001``'s, beside the driver ``Tcpip`` that every control set has for
    its parameters; ``other_control_sets`` gives the services of further ones by number. ``artifacts`` are
    further keys of a control set, by its number (:mod:`tests.builders.hive_artifacts`). ``select_current``
    is what ``Select\\Current`` says; None leaves out ``Select``. ``host_name`` is ``computer_name`` unless
    given.
    ``product_type`` is ``WinNT``, ``ServerNT`` or ``LanmanNT``; biases are signed minutes;
    ``last_written`` is the time in ticks of the hive and of all keys that are no services.
    """
    machine = _Machine(
        computer_name,
        computer_name if host_name is None else host_name,
        domain,
        product_type,
        time_zone_name,
        bias,
        active_bias,
        last_written,
    )
    numbered = {1: services, **(other_control_sets or {})}
    extra = artifacts or {}
    subkeys = [machine.control_set(number, each, extra.get(number, ())) for number, each in numbered.items()]
    if select_current is not None:
        subkeys.append(machine.key("Select", values=_select_values(select_current)))
    return build_hive(
        machine.key("ROOT", *subkeys), dirty=dirty, last_written=last_written, list_kind=list_kind
    )


def _select_values(current: int) -> tuple[ValueToWrite, ...]:
    numbers = {"Current": current, "Default": current, "Failed": 0, "LastKnownGood": current}
    return tuple(dword_value(name, number) for name, number in numbers.items())


def _service_key(service: ServiceToWrite) -> KeyToWrite:
    subkeys: tuple[KeyToWrite, ...] = ()
    if service.service_dll is not None:
        values = (expandable_value("ServiceDll", service.service_dll),)
        subkeys = (KeyToWrite("Parameters", service.last_written, values),)
    return KeyToWrite(service.name, service.last_written, _service_values(service), subkeys)


def _service_values(service: ServiceToWrite) -> tuple[ValueToWrite, ...]:
    """Return the values in the order in which CreateService and what configures it later write them."""
    texts = {
        "DisplayName": service.display_name,
        "ObjectName": service.object_name,
        "Description": service.description,
    }
    return (
        dword_value("Type", service.type),
        dword_value("Start", service.start),
        dword_value("ErrorControl", service.error_control),
        *(expandable_value("ImagePath", path) for path in (service.image_path,) if path is not None),
        *(text_value(name, text) for name, text in texts.items() if text is not None),
        *_recovery_values(service),
        *service.extra_values,
    )


def _recovery_values(service: ServiceToWrite) -> tuple[ValueToWrite, ...]:
    values = []
    if service.delayed_autostart is not None:
        values.append(dword_value("DelayedAutostart", service.delayed_autostart))
    if service.failure_actions is not None:
        values.append(binary_value("FailureActions", service.failure_actions))
    return tuple(values)
