from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.end_to_end.command_line import AKIRA, CLEAN, DC01, Run, load, save
from tests.end_to_end.command_line import analyze as analyze_once
from tests.end_to_end.restraint import offline
from tests.end_to_end.shared_folder import SharedFolder


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> SharedFolder:
    """What is made once for all workers of the session."""
    base = tmp_path_factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return SharedFolder(root / "shared")


@pytest.fixture(scope="session")
def dc01(shared: SharedFolder) -> Run:
    """The fixture case of the domain controller, analyzed with everything that can be written."""
    return shared.analyzed("dc01", DC01, options=("--expand-rule-bag", "--excel"))


@pytest.fixture(scope="session")
def clean(shared: SharedFolder) -> Run:
    """The fixture case with look-alikes only; that it was analyzed is told as JSON."""
    return shared.analyzed("clean", CLEAN, options=("--json", "--fail-on-findings"))


@pytest.fixture(scope="session")
def akira(shared: SharedFolder) -> Run:
    """The fixture case of an intrusion on several machines, analyzed without a network if that can be."""

    def make(folder: Path) -> None:
        save(analyze_once(AKIRA, output=folder / "case", prefix=offline() or ()), folder)

    return load(shared.once("akira", make))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real event logs and hives."""
    folder = os.environ.get("FORENSICS_CORPUS")
    if not folder:
        pytest.skip("FORENSICS_CORPUS is unset: no real event logs and hives to read")
    return Path(folder)
