from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from forensics.errors import AnalysisError, RuleError
from forensics.pipeline import analyze
from forensics.query import print_rows
from forensics.request import NamedEvidence, Request
from parsers.errors import EvidenceError
from tests.builders.artifacts import artifact_of, hive_of, log_of, write_evidence
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from pathlib import Path

COMMAND_LINE = 'x.exe\t"a,b" \u202e=1+1'
LOG = log_of(
    process_created(computer="PC1", image=r"C:\x.exe", command_line=COMMAND_LINE, record_id=1),
    process_created(computer="PC1", image=r"C:\y.exe", logon_id=2**63, record_id=2),
)
ALL = "DeviceProcessEvents | project Timestamp, FileName, ProcessCommandLine, LogonId"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_evidence(tmp_path_factory.mktemp("evidence"), [LOG, hive_of("PC1")])


@pytest.fixture(scope="module")
def case(evidence: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("output") / "case"
    request = Request(evidence=(NamedEvidence(evidence),), output=output)
    return analyze(request, lambda _what, _done, _total: None).output


def asked(source: Path, kql: str, form: str = "jsonl") -> str:
    stream = StringIO()
    print_rows(source, kql, form, stream)
    return stream.getvalue()


def test_evidence_and_its_case_folder_give_the_same_rows(evidence: Path, case: Path) -> None:
    assert asked(evidence, ALL) == asked(case, ALL)
    assert len(asked(case, ALL).splitlines()) == 2


def test_rows_as_json_lines_keep_their_types(case: Path) -> None:
    first, second = (json.loads(line) for line in asked(case, ALL).splitlines())
    assert first == {
        "Timestamp": "2024-03-01T00:00:00.123456Z",
        "FileName": "x.exe",
        "ProcessCommandLine": 'x.exe<U+0009>"a,b" <U+202E>=1+1',
        "LogonId": 0x3E7,
    }
    assert second["LogonId"] is None


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1.5", 1.5),
        ("true", True),
        ("dynamic([1])", "[1]"),
        ("datetime(2024-01-01)", "2024-01-01T00:00:00.000000Z"),
        ("real(nan)", "nan"),
        ("9007199254740993", 9_007_199_254_740_993),
    ],
)
def test_a_cell_of_any_type_has_its_json(case: Path, expression: str, value: object) -> None:
    assert json.loads(asked(case, f"DeviceInfo | project X = {expression}")) == {"X": value}


def test_rows_as_csv_are_verbatim_but_for_what_is_named(case: Path) -> None:
    header, first, _ = csv.reader(StringIO(asked(case, ALL, "csv"), newline=""))
    assert header == ["Timestamp", "FileName", "ProcessCommandLine", "LogonId", "altered_fields"]
    assert first[2:] == ['x.exe<U+0009>"a,b" <U+202E>=1+1', "999", "ProcessCommandLine"]


def test_rows_as_a_table_stand_under_each_other_and_are_cut(case: Path) -> None:
    kql = "DeviceInfo | project Short = 'a', Long = strcat('b', strrep('x', 80)), Last = 1"
    assert asked(case, kql, "table") == (f"Short  Long{' ' * 58}Last\na      b{'x' * 58}…  1\n1 row\n")


def test_a_table_without_rows_has_its_header(case: Path) -> None:
    assert asked(case, "DeviceEvents | project ActionType", "table") == "ActionType\n0 rows\n"


@pytest.mark.parametrize(
    ("kql", "place"),
    [
        ("DeviceProcessEvents\n| wher FileName == 'x'", "query:2:3: "),
        ("DeviceProcessEvents | where FileNam == 'x'", "query:1:29: "),
        ("DeviceProcesEvents", "query:1:1: "),
    ],
)
def test_a_typo_is_told_before_any_evidence_is_read(kql: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError) as raised:
        asked(tmp_path / "not there", kql)
    assert str(raised.value).startswith(place)


def test_evidence_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="there is no such file or folder"):
        asked(tmp_path / "not there", "DeviceInfo")


def test_the_present_is_when_the_machine_was_last_seen(case: Path) -> None:
    kql = "DeviceProcessEvents | where Timestamp > ago(1s) | summarize Found = count(), Now = min(now())"
    assert json.loads(asked(case, kql)) == {"Found": 2, "Now": "2024-03-01T00:00:00.123456Z"}
    assert DEFAULT_TIME % 10_000_000 == 1_234_567


def test_whether_all_evidence_was_read_is_handed_back(evidence: Path, case: Path, tmp_path: Path) -> None:
    broken = write_evidence(tmp_path / "broken", [LOG, artifact_of(b"nothing", "broken.evtx")])
    request = Request(evidence=(NamedEvidence(broken),), output=tmp_path / "case")
    incomplete = analyze(request, lambda _what, _done, _total: None).output
    complete = [
        print_rows(source, "DeviceInfo", "jsonl", StringIO())
        for source in (evidence, case, broken, incomplete)
    ]
    assert complete == [True, True, False, False]


def test_what_could_not_be_read_is_told_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = write_evidence(tmp_path / "broken", [LOG, artifact_of(b"nothing", "broken.evtx")])
    asked(broken, "DeviceInfo")
    told = capsys.readouterr()
    assert told.out == ""
    assert "broken.evtx: not read, is not an event log (EVTX)" in told.err


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"counts": {}}', '{"counts": null}'])
def test_a_case_folder_whose_run_is_not_told_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(AnalysisError, match="does not say what the case's run came to"):
        asked(tmp_path, "DeviceInfo")
