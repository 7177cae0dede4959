from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.builders.disk_image import ImageToBuild
from tests.end_to_end.case_reading import document, sha256_of, timeline
from tests.end_to_end.confinement import Confinement
from tests.end_to_end.evidence_forms import (
    ARCHIVES,
    IMAGES,
    VOLUME,
    make_archive,
    make_image,
    make_volume,
    missing_for,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.command_line import Run
    from tests.end_to_end.shared_folder import SharedFolder

OF_EVIDENCE: Final = {"evidence_id", "source_path"}
"""Columns that say in which evidence a row's artifact is; all others are of the artifact itself."""


@pytest.fixture(params=[*ARCHIVES, *IMAGES])
def form(request: pytest.FixtureRequest) -> str | ImageToBuild:
    made: str | ImageToBuild = request.param
    if (missing := missing_for(made)) is not None:
        pytest.skip(missing)
    return made


def make(form: str | ImageToBuild, folder: Path, shared: SharedFolder) -> Path:
    if not isinstance(form, ImageToBuild):
        return make_archive(form, folder)
    return make_image(form, shared.once("ntfs", make_volume) / VOLUME, folder)


def without_evidence(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: cell for name, cell in row.items() if name not in OF_EVIDENCE} for row in rows]


def on_the_machine(run: Run) -> set[str]:
    """The paths that artifacts had on the machine, without what a collector made of them."""
    paths = {row["source_path"].replace("%25", "%") for row in timeline(run.output)}
    return {path[path.index("Windows/") :] for path in paths}


def test_the_timeline_is_the_same_in_whatever_form_the_evidence_comes(
    form: str | ImageToBuild, dc01: Run, shared: SharedFolder, tmp_path: Path
) -> None:
    confined = Confinement(tmp_path)
    evidence = make(form, confined.evidence, shared)

    run = confined.analyze(evidence)

    assert (run.code, run.stderr) == (0, "")
    assert without_evidence(timeline(run.output)) == without_evidence(timeline(dc01.output))
    assert on_the_machine(run) == on_the_machine(dc01)
    (container,) = document(run.output, "context.json")["containers"]
    assert container["path"] == ""  # the evidence itself, whatever its file is called
    files = sorted(confined.evidence.iterdir())
    assert [each["sha256"] for each in container["files"]] == [sha256_of(path) for path in files]
