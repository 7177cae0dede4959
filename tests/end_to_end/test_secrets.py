"""What opens encrypted evidence: what is said where it does not, and that it is kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.builders.archive import aes_zip_of, seven_zip_of
from tests.builders.bitlocker import build_bitlocker_volume
from tests.builders.disk_image import missing_tools
from tests.end_to_end.case_reading import document, findings
from tests.end_to_end.command_line import DC01
from tests.end_to_end.confinement import Confinement
from tests.end_to_end.evidence_forms import VOLUME, files_of, make_volume

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.command_line import Run
    from tests.end_to_end.shared_folder import SharedFolder

PASSWORD: Final = "Winter-Sturm-0815"  # noqa: S105 - of an archive that tests make
RECOVERY_KEY: Final = "111111-222222-333333-444444-555555-666666-000000-111111"
WRONG_KEY: Final = "000000-222222-333333-444444-555555-666666-000000-111111"
WITHOUT_A_PASSWORD: Final = ("Give --password", "no password was given")
WITH_A_WRONG_ONE: Final = ("Give the right one with --password",)


@pytest.fixture
def confined(tmp_path: Path) -> Confinement:
    return Confinement(tmp_path)


def assert_nowhere(secret: str, run: Run) -> None:
    """Fail where a secret is printed, or is in any file of the case."""
    assert secret not in run.stdout + run.stderr
    forms = (secret.encode(), secret.encode("utf-16-le"))
    files = [path for path in run.output.rglob("*") if path.is_file()]
    assert [path for path in files if any(form in path.read_bytes() for form in forms)] == []


@pytest.mark.parametrize("name", ["collection.zip", "collection.7z"])
def test_the_right_password_opens_an_archive_and_is_kept_nowhere(
    confined: Confinement, dc01: Run, name: str
) -> None:
    files = files_of(DC01, "C/")
    archive = aes_zip_of(files, PASSWORD) if name.endswith("zip") else seven_zip_of(files, PASSWORD)
    (confined.evidence / name).write_bytes(archive)

    run = confined.analyze(options=(f"--password={PASSWORD}",))

    assert (run.code, run.stderr) == (0, "")
    assert findings(run.output) == findings(dc01.output)
    assert "--password=***" in document(run.output, "run.json")["argv"]
    assert_nowhere(PASSWORD, run)


@pytest.mark.parametrize(
    ("options", "said"),
    [((), WITHOUT_A_PASSWORD), (("--password", "wrong-Herbst-4711"), WITH_A_WRONG_ONE)],
    ids=["none", "wrong"],
)
def test_an_archive_that_the_password_does_not_open_says_so(
    confined: Confinement, options: tuple[str, ...], said: tuple[str, ...]
) -> None:
    (confined.evidence / "C.zip").write_bytes(aes_zip_of(files_of(DC01, "C/"), PASSWORD))

    alone = confined.analyze(confined.evidence / "C.zip", options=options)
    (confined.evidence / "System.evtx").write_bytes(
        (DC01 / "Windows/System32/winevt/Logs/System.evtx").read_bytes()
    )
    beside = confined.analyze(options=options, name="beside")

    assert (alone.code, beside.code) == (2, 3)
    assert not alone.output.exists()
    assert findings(beside.output)["rustdesk_service_installed"] == 2
    for run in (alone, beside):
        assert all(text in run.stderr for text in said)
        assert "is encrypted" in run.stderr
        for secret in options[1:]:
            assert_nowhere(secret, run)


def test_the_right_bitlocker_key_opens_a_volume_a_wrong_one_does_not_and_neither_is_kept(
    confined: Confinement, dc01: Run, shared: SharedFolder
) -> None:
    if (missing := missing_tools()) is not None:
        pytest.skip(missing)
    plain = shared.once("ntfs", make_volume) / VOLUME
    volume = build_bitlocker_volume(plain, confined.evidence / "disk.dd", recovery_key=RECOVERY_KEY)

    runs = {
        key: confined.analyze(volume, options=("--bitlocker-key", key), name=name)
        for key, name in ((RECOVERY_KEY, "right"), (WRONG_KEY, "wrong"))
    }

    assert {key: run.code for key, run in runs.items()} == {RECOVERY_KEY: 0, WRONG_KEY: 2}
    assert findings(runs[RECOVERY_KEY].output) == findings(dc01.output)
    assert "--bitlocker-key" in runs[WRONG_KEY].stderr
    for key, run in runs.items():
        assert_nowhere(key, run)
