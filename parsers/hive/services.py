"""The services of a control set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.hive.record import ServiceKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.walk import HiveKey, HiveWalk


def read_services(walk: HiveWalk, control_set: HiveKey) -> Iterator[ServiceKey]:
    """Give every key under ``Services`` of ``control_set`` in the hive's order, drivers among them.

    A service that cannot be read, and a control set without ``Services``, become the walk's damage.
    """
    services = walk.find(control_set, "Services")
    if services is None:
        walk.report(control_set.offset, f"{control_set} has no key Services, so its services are lost")
        return
    for key in walk.subkeys(services):
        parameters = walk.find(key, "Parameters")
        yield ServiceKey(
            name=key.name,
            path=key.path,
            offset=key.offset,
            last_written=key.last_written,
            values=walk.values(key),
            service_dll=walk.value(parameters, "ServiceDll"),
            parameters=() if parameters is None else walk.values(parameters),
            parameters_offset=None if parameters is None else parameters.offset,
            parameters_last_written=None if parameters is None else parameters.last_written,
        )
