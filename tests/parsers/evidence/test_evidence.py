"""Evidence has one identity, made of what it holds, and is never changed by being read."""

from __future__ import annotations

import hashlib
import os
import sys
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.errors import EvidenceError
from parsers.evidence.evidence import Evidence, changed_files, open_evidence, order_evidence
from parsers.evidence.source import Artifact, ArtifactKind, FileSource
from tests.builders.event_log import build_event_log
from tests.builders.evidence_reading import opening
from tests.builders.sysmon_event import process_created
from tests.parsers.evtx.reading import read_artifact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

LOG = build_event_log([process_created(record_id=number) for number in range(1, 4)])
OTHER_LOG = build_event_log([process_created(record_id=9)])


def a_case(root: Path, **logs: bytes) -> Path:
    root.mkdir(parents=True)
    for name, content in logs.items():
        (root / f"{name}.evtx").write_bytes(content)
    return root


def opened(path: Path, label: str | None = None) -> Evidence:
    with opening() as opened:
        return open_evidence(path, label, opened, lambda _size: None)


def ids(evidence: Sequence[Evidence]) -> list[str]:
    return [each.evidence_id for each in evidence]


def test_every_artifact_is_hashed_and_measured(tmp_path: Path) -> None:
    sizes: list[int] = []
    with opening() as opened_with:
        evidence = open_evidence(
            a_case(tmp_path / "case", a=LOG, b=OTHER_LOG), None, opened_with, sizes.append
        )
    assert [each.path for each in evidence.artifacts] == ["a.evtx", "b.evtx"]
    assert [each.sha256 for each in evidence.artifacts] == [
        hashlib.sha256(log).hexdigest() for log in (LOG, OTHER_LOG)
    ]
    assert [each.size for each in evidence.artifacts] == sizes == [len(LOG), len(OTHER_LOG)]
    assert {each.evidence_id for each in evidence.artifacts} == {evidence.evidence_id}
    assert evidence.unreadable == ()


def test_the_id_is_the_same_wherever_the_evidence_lies(tmp_path: Path) -> None:
    here = opened(a_case(tmp_path / "here", a=LOG, b=OTHER_LOG))
    there = opened(a_case(tmp_path / "far/away", b=OTHER_LOG, a=LOG))
    assert here.evidence_id == there.evidence_id
    assert here.evidence_id.startswith("E-")
    assert len(here.evidence_id) == 14


def test_the_id_tells_other_content_and_other_names_apart(tmp_path: Path) -> None:
    cases = [
        a_case(tmp_path / "1", a=LOG),
        a_case(tmp_path / "2", a=OTHER_LOG),
        a_case(tmp_path / "3", b=LOG),
        a_case(tmp_path / "4", a=LOG, b=LOG),
    ]
    assert len({opened(case).evidence_id for case in cases}) == 4


def test_a_label_is_the_id(tmp_path: Path) -> None:
    evidence = opened(a_case(tmp_path / "case", a=LOG), "DC01")
    assert evidence.evidence_id == "DC01"
    assert [each.evidence_id for each in evidence.artifacts] == ["DC01"]


def test_a_path_where_nothing_is_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="there is no such file or folder"):
        opened(tmp_path / "missing")


def test_identical_evidence_gets_distinct_ids_in_any_order(tmp_path: Path) -> None:
    cases = [opened(a_case(tmp_path / name, a=LOG)) for name in ("x", "y", "z")]
    own = cases[0].evidence_id
    for given_order in permutations(cases):
        ordered = order_evidence(given_order)
        assert ids(ordered) == [own, f"{own}-2", f"{own}-3"]
        assert [each.evidence_id for evidence in ordered for each in evidence.artifacts] == ids(ordered)


def test_one_label_for_different_evidence_is_numbered_by_content_not_by_place(tmp_path: Path) -> None:
    first = [
        opened(a_case(tmp_path / "a", log=LOG), "PC"),
        opened(a_case(tmp_path / "b", log=OTHER_LOG), "PC"),
    ]
    second = [
        opened(a_case(tmp_path / "c", log=OTHER_LOG), "PC"),
        opened(a_case(tmp_path / "d", log=LOG), "PC"),
    ]

    def digests(evidence: Sequence[Evidence]) -> dict[str, str]:
        return {each.evidence_id: each.artifacts[0].sha256 for each in order_evidence(evidence)}

    assert digests(first) == digests(second)
    assert set(digests(first)) == {"PC", "PC-2"}


labels = st.lists(st.sampled_from(["A", "A-2", "A-3", "A-2-2", "B"]), max_size=7)


@given(labels, st.randoms())
def test_ids_are_distinct_and_do_not_depend_on_the_order_given(labels: list[str], chance: Random) -> None:
    source = FileSource(Path("log.evtx"))
    evidence = [
        Evidence(
            label,
            Path(f"/evidence/{place}"),
            (Artifact(label, "log.evtx", ArtifactKind.EVENT_LOG, 1, f"{place:064x}", source),),
            (),
            (),
        )
        for place, label in enumerate(labels)
    ]
    ordered = order_evidence(evidence)
    assert len(set(ids(ordered))) == len(labels)
    assert set(labels) <= set(ids(ordered))
    chance.shuffle(evidence)
    assert order_evidence(evidence) == ordered


def test_changed_files_are_noticed(tmp_path: Path) -> None:
    case = a_case(tmp_path / "case", kept=LOG, grown=LOG, flipped=LOG, gone=LOG, touched=LOG)
    evidence = opened(case)
    assert changed_files(evidence) == ()
    (case / "grown.evtx").write_bytes(LOG + b"\0")
    (case / "flipped.evtx").write_bytes(LOG[:-1] + b"\x01")
    (case / "gone.evtx").unlink()
    os.utime(case / "touched.evtx", (1, 1))
    assert [each.path for each in changed_files(evidence)] == [
        "flipped.evtx",
        "gone.evtx",
        "grown.evtx",
    ]


def test_reading_evidence_leaves_it_as_it_was(tmp_path: Path) -> None:
    case = a_case(tmp_path / "case", a=LOG, b=OTHER_LOG)
    for path in case.iterdir():
        os.utime(path, ns=(1_700_000_000_123_456_789, 1_600_000_000_987_654_321))
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in case.iterdir()}
    evidence = opened(case)
    for artifact in evidence.artifacts:
        read_artifact(artifact)
    changed_files(evidence)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in case.iterdir()} == before


def test_evidence_on_which_nothing_may_be_written_is_read(tmp_path: Path) -> None:
    case = a_case(tmp_path / "case", a=LOG)
    (case / "a.evtx").chmod(0o444)
    case.chmod(0o555)
    try:
        (artifact,) = opened(case).artifacts
        assert len(read_artifact(artifact).records) == 3
    finally:
        case.chmod(0o755)


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux alone")
def test_names_that_are_no_utf_8_have_an_id_and_are_read(tmp_path: Path) -> None:
    case = a_case(tmp_path / "case")
    Path(os.fsdecode(os.fsencode(case) + b"/S\xfcstem.evtx")).write_bytes(LOG)
    evidence = opened(case)
    (artifact,) = evidence.artifacts
    assert artifact.path == "S\udcfcstem.evtx"
    assert evidence.evidence_id.startswith("E-")
    assert len(read_artifact(artifact).records) == 3
    assert changed_files(evidence) == ()


def test_names_that_windows_allows_and_unicode_does_not_have_an_id() -> None:
    source = FileSource(Path("log.evtx"))
    artifact = Artifact("PC", "\ud800.evtx", ArtifactKind.EVENT_LOG, 1, "0" * 64, source)
    evidence = Evidence("PC", Path("/evidence"), (artifact,), (), ())
    assert ids(order_evidence([evidence, evidence])) == ["PC", "PC-2"]
