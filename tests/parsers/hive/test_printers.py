from parsers.hive.printers import PrinterKind
from tests.builders.held_records import WRITTEN, control_set_with
from tests.builders.hive_artifacts import key_at, printer, printer_driver

DRIVER = "RustDesk v4 Printer Driver"


def test_a_printer_has_its_driver_and_its_port() -> None:
    key = printer(WRITTEN + 4, "RustDesk Printer", DRIVER, "RustDesk Printer")
    (found,) = control_set_with(key).printers
    assert (found.kind, found.name) == (PrinterKind.PRINTER, "RustDesk Printer")
    assert (found.driver, found.port) == (DRIVER, "RustDesk Printer")
    assert found.held.path == r"ControlSet001\Control\Print\Printers\RustDesk Printer"
    assert (found.held.last_written, found.held.value) == (WRITTEN + 4, None)


def test_drivers_are_found_in_every_environment_and_version() -> None:
    keys = (
        printer_driver(WRITTEN, DRIVER, "mxdwdrv.dll"),
        printer_driver(WRITTEN, "Old", "old.dll", "Windows NT x86", "Version-3"),
    )
    found = {each.driver: each for each in control_set_with(*keys).printers}
    assert {each.kind for each in found.values()} == {PrinterKind.DRIVER}
    assert (found[DRIVER].environment, found[DRIVER].version) == ("Windows x64", "Version-4")
    assert (found["Old"].environment, found["Old"].version) == ("Windows NT x86", "Version-3")
    assert (found[DRIVER].text("driver"), found[DRIVER].text("Manufacturer")) == ("mxdwdrv.dll", "")


def test_an_environment_without_drivers_gives_none() -> None:
    control_set = control_set_with(key_at(r"Control\Print\Environments\Windows IA64", WRITTEN))
    assert control_set.printers == ()


def test_two_printers_of_one_content_are_two_records() -> None:
    keys = printer(WRITTEN, "A", DRIVER, "p"), printer(WRITTEN, "B", DRIVER, "p")
    first, second = control_set_with(*keys).printers
    assert first.identity != second.identity
