"""Printers and printer drivers of a SYSTEM hive as rows, at the time when their key was last written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import to_json
from forensics.event_model.event import Cell, Event, Table
from parsers.hive.printers import PrinterKind

if TYPE_CHECKING:
    from forensics.event_model.hive_origin import HiveSource
    from parsers.hive.printers import Printer


def printer(found: Printer, source: HiveSource) -> Event:
    """Return the DeviceEvents row of a printer or of a driver: ``Kind`` tells which."""
    told = {
        "Source": "Printers",
        "Kind": found.kind.value,
        "Printer": found.name,
        "Driver": found.driver,
        "Port": found.port,
        "Environment": found.environment,
        "Version": found.version,
        "DriverFile": found.text("Driver"),
        "InfPath": found.text("InfPath"),
        "Manufacturer": found.text("Manufacturer"),
        "Provider": found.text("Provider"),
    }
    columns: dict[str, Cell] = {
        "Timestamp": found.held.last_written,
        "ActionType": ActionType.PRINTER_FOUND,
        "AdditionalFields": to_json({name: text for name, text in told.items() if text}),
    }
    return Event(Table.EVENTS, columns, _message(found), source.origin(found.held))


def _message(found: Printer) -> str:
    match found.kind:
        case PrinterKind.PRINTER:
            return f"Printer found: {found.name}, driver {found.driver}, port {found.port}"
        case PrinterKind.DRIVER:
            return f"Printer driver found: {found.driver} ({found.environment}, {found.version})"
