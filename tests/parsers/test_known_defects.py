"""Each defect that is listed still shows with the library alone: one that no longer does has to go."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
from evtx import PyEvtxParser
from Evtx.Evtx import FileHeader
from lxml import etree
from regipy.plugins.system.external.ShimCacheParser import get_shimcache_entries
from regipy.registry import RegistryHive
from regipy.utils import convert_wintime
from Registry import Registry

from parsers import filetime
from parsers.known_defects import KNOWN_DEFECTS, Defect
from tests.builders.appcompat_cache import CacheEntryToWrite, build_cache
from tests.builders.event_log import Boolean, EventToWrite, Guid, Strings, build_event_log
from tests.builders.hive import REG_MULTI_SZ, REG_QWORD, REG_SZ, ValueToWrite
from tests.builders.sysmon_event import process_created
from tests.builders.system_hive import ServiceToWrite, build_system_hive
from tests.builders.typed_value import AnsiString
from tests.builders.windows_event import windows_event
from tests.parsers.evtx.reading import with_stale_chunk_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TICKS: Final = 133_537_248_343_457_627
"""A time that floats do not hold."""

CHECKS: dict[Defect, Callable[[Path], bool]] = {}


def shows(defect: Defect) -> Callable[[Callable[[Path], bool]], Callable[[Path], bool]]:
    def keep(check: Callable[[Path], bool]) -> Callable[[Path], bool]:
        CHECKS[defect] = check
        return check

    return keep


def by_evtx(log: bytes) -> list[dict[str, Any]]:
    records = cast("Iterator[dict[str, str]]", PyEvtxParser(BytesIO(log)).records_json())
    return [json.loads(each["data"], strict=False)["Event"] for each in records]


def xml_by_python_evtx(log: bytes) -> str:
    (record,) = (each for chunk in FileHeader(log, 0).chunks() for each in chunk.records())
    return str(record.xml())


def example(*fields: tuple[str, Any], **changes: Any) -> EventToWrite:  # noqa: ANN401 - any value of an event
    event = windows_event("Example", 7, "Application")
    values = {name: getattr(event, name) for name in EventToWrite.__dataclass_fields__}
    return EventToWrite(**{**values, "data": tuple(fields), **changes})


def command_line_by_evtx(text: str) -> str:
    (event,) = by_evtx(build_event_log([process_created(command_line=text)]))
    return str(event["EventData"]["CommandLine"])


def fails(log: bytes) -> bool:
    try:
        etree.fromstring(xml_by_python_evtx(log).encode())
    except Exception:  # noqa: BLE001 - whatever it raises
        return True
    return False


def hive_of(folder: Path, *values: ValueToWrite) -> Path:
    path = folder / "SYSTEM"
    service = ServiceToWrite("Example", TICKS, "x.exe", extra_values=values)
    path.write_bytes(build_system_hive(computer_name="PC", services=[service], last_written=TICKS))
    return path


def values_by_regipy(path: Path) -> list[tuple[str, object]]:
    hive: Any = RegistryHive(str(path))  # type: ignore[no-untyped-call]
    key = hive.get_key(r"\ControlSet001\Services\Example")
    return [(each.name, each.value) for each in key.iter_values(trim_values=False)]


@shows(Defect.EVTX_CUTS_TIMES)
def _(_folder: Path) -> bool:
    (event,) = by_evtx(build_event_log([process_created(time_created=TICKS)]))
    shown = event["System"]["TimeCreated"]["#attributes"]["SystemTime"]
    return bool(shown == filetime.to_text(TICKS, 6))


@shows(Defect.EVTX_DROPS_SURROGATES)
def _(_folder: Path) -> bool:
    return command_line_by_evtx("a\ud800b") == "ab"


@shows(Defect.EVTX_ENDS_AT_NUL)
def _(_folder: Path) -> bool:
    return command_line_by_evtx("a\0b") == "a"


@shows(Defect.EVTX_KEEPS_LAST_OF_A_NAME)
def _(_folder: Path) -> bool:
    (event,) = by_evtx(build_event_log([example(("A", "x"), ("A", "y"))]))
    return bool(event["EventData"] == {"A": "y"})


@shows(Defect.EVTX_TRUSTS_HEADERS)
def _(_folder: Path) -> bool:
    log = build_event_log([process_created(record_id=n) for n in range(1, 6)])
    return len(by_evtx(with_stale_chunk_header(log, 0, 2))) == 2


@shows(Defect.PYTHON_EVTX_MOVES_TIMES)
def _(_folder: Path) -> bool:
    times = [TICKS + 10 * number for number in range(20)]
    shown = [xml_by_python_evtx(build_event_log([process_created(time_created=each)])) for each in times]
    moved = [
        filetime.to_text(time, 6)[:-1].replace("T", " ") not in xml
        for time, xml in zip(times, shown, strict=True)
    ]
    return any(moved) and not all(moved)


@shows(Defect.PYTHON_EVTX_REFUSES_TEXT)
def _(_folder: Path) -> bool:
    texts = ("a\ud800b", "a\0b", "a\ufffe")
    return all(fails(build_event_log([process_created(command_line=text)])) for text in texts)


@shows(Defect.PYTHON_EVTX_DROPS_CONTROLS)
def _(_folder: Path) -> bool:
    return ">abc\t<" in xml_by_python_evtx(build_event_log([process_created(command_line="a\x01b\x7fc\t\0")]))


@shows(Defect.PYTHON_EVTX_SPLITS_LISTS)
def _(_folder: Path) -> bool:
    log = build_event_log([example(("", Strings(("a", "b"))))])
    return "&lt;string&gt;" in xml_by_python_evtx(log)


@shows(Defect.PYTHON_EVTX_NEEDS_TEMPLATES)
def _(_folder: Path) -> bool:
    return fails(build_event_log([example(("A", "x"), without_template=True)]))


@shows(Defect.PYTHON_EVTX_READS_ASCII)
def _(_folder: Path) -> bool:
    return fails(build_event_log([example(("A", AnsiString("é")))]))


@shows(Defect.PYTHON_EVTX_SPELLS_OTHERWISE)
def _(_folder: Path) -> bool:
    guid = "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"
    xml = xml_by_python_evtx(build_event_log([example(("A", Boolean(value=True)), ("B", Guid(guid)))]))
    return ">True<" in xml and guid not in xml


@shows(Defect.PYTHON_REGISTRY_MOVES_TIMES)
def _(folder: Path) -> bool:
    key = Registry.Registry(str(hive_of(folder))).open(r"ControlSet001\Services\Example")
    moment: datetime = key.timestamp()
    return moment.tzinfo is None and filetime.from_datetime(moment.replace(tzinfo=UTC)) != TICKS


@shows(Defect.REGIPY_MOVES_TIMES)
def _(_folder: Path) -> bool:
    times = (convert_wintime(TICKS + 10 * number) for number in range(100))
    exact = (filetime.to_datetime(TICKS + 10 * number) for number in range(100))
    return any(shown != right for shown, right in zip(times, exact, strict=True))


@shows(Defect.REGIPY_LOSES_NAMES)
def _(folder: Path) -> bool:
    path = hive_of(folder, ValueToWrite("Größe", REG_SZ, b""))
    return values_by_regipy(path)[-1][0] == "Gr\ufffd\ufffde"


@shows(Defect.REGIPY_CUTS_LISTS)
def _(folder: Path) -> bool:
    path = hive_of(folder, ValueToWrite("A", REG_MULTI_SZ, "one\0two".encode("utf-16-le")))
    return values_by_regipy(path)[-1] == ("A", ["one"])


@shows(Defect.REGIPY_GUESSES_TEXT)
def _(folder: Path) -> bool:
    path = hive_of(folder, ValueToWrite("A", REG_SZ, b"abcde"))
    return values_by_regipy(path)[-1] == ("A", "abcde")


@shows(Defect.REGIPY_GIVES_UP_LISTS)
def _(folder: Path) -> bool:
    path = hive_of(folder, ValueToWrite("Bad", REG_QWORD, bytes(5)), ValueToWrite("Good", REG_SZ, b"a\0"))
    try:
        return "Good" not in dict(values_by_regipy(path))
    except Exception:  # noqa: BLE001 - whatever it raises
        return True


@shows(Defect.REGIPY_LEAVES_OUT_ENTRIES)
def _(_folder: Path) -> bool:
    cache = build_cache("10_1703", [CacheEntryToWrite("package", 0), CacheEntryToWrite("x.exe", TICKS)])
    entries = get_shimcache_entries(cache)  # type: ignore[no-untyped-call]
    return [each["path"] for each in entries] == ["x.exe"]


@pytest.mark.parametrize("defect", Defect)
def test_the_library_alone_shows_it(defect: Defect, tmp_path: Path) -> None:
    assert CHECKS[defect](tmp_path)


def test_each_defect_is_listed_once_with_the_version_that_is_used() -> None:
    assert [each.defect for each in KNOWN_DEFECTS] == list(Defect)
    assert {(each.reader, each.version) for each in KNOWN_DEFECTS} == {
        (name, version(name)) for name in ("evtx", "python-evtx", "python-registry", "regipy")
    }


def test_what_is_said_of_each_are_sentences() -> None:
    assert all(text.endswith(".") for each in KNOWN_DEFECTS for text in (each.effect, each.handled))
