from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from forensics.arguments import UsageError
from forensics.evidence_check import match_evidence
from forensics.recorded_request import RecordError
from forensics.request import NamedEvidence

RUN: Final[dict[str, Any]] = {
    "request": {
        "working_directory": "/case",
        "evidence": [{"path": "dc01", "label": None}, {"path": "/mnt/fs02", "label": "FS02"}],
    },
    "inputs": [{"evidence_id": "E-1", "path": "dc01"}, {"evidence_id": "FS02", "path": "/mnt/fs02"}],
}


def matched(*given: NamedEvidence) -> list[str]:
    return [each.recorded.evidence_id for each in match_evidence(given, RUN)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (NamedEvidence(Path("anywhere"), "E-1"), "E-1"),
        (NamedEvidence(Path("anywhere"), "FS02"), "FS02"),
        (NamedEvidence(Path("/case/dc01")), "E-1"),
        (NamedEvidence(Path("/moved/dc01")), "E-1"),
    ],
)
def test_evidence_is_known_by_its_name_or_its_path(given: NamedEvidence, expected: str) -> None:
    assert matched(given) == [expected]


def test_names_decide_whatever_the_order() -> None:
    assert matched(NamedEvidence(Path("a"), "FS02"), NamedEvidence(Path("b"), "E-1")) == ["FS02", "E-1"]


@pytest.mark.parametrize(
    "given",
    [
        [NamedEvidence(Path("a"), "WS07")],
        [NamedEvidence(Path("unlike"))],
        [NamedEvidence(Path("a"), "E-1"), NamedEvidence(Path("/case/dc01"))],
    ],
)
def test_what_cannot_be_told_apart_says_what_the_case_has(given: list[NamedEvidence]) -> None:
    with pytest.raises(UsageError, match=r"E-1|NAME=PATH"):
        match_evidence(given, RUN)


def test_the_only_evidence_needs_no_name() -> None:
    run = {"inputs": RUN["inputs"][:1]}
    (only,) = match_evidence([NamedEvidence(Path("x"))], run)
    assert (only.recorded.evidence_id, only.recorded.label) == ("E-1", None)


@pytest.mark.parametrize("run", [{}, {"inputs": 1}, {"inputs": [[]]}, {"inputs": [{}], "request": []}])
def test_a_run_record_without_evidence_says_so(run: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        match_evidence([NamedEvidence(Path("x"), "E-1")], run)
