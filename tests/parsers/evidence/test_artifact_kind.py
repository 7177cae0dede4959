"""Hives and their logs are told by the names that they keep, and by their own where they keep none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parsers.evidence.source import ArtifactKind
from tests.builders.system_hive import ServiceToWrite, build_system_hive
from tests.parsers.evidence.folder_search import kinds, lay_out

if TYPE_CHECKING:
    from pathlib import Path

HIVE = build_system_hive(computer_name="PC-1", services=[ServiceToWrite("A", 1, "a.exe")], last_written=1)
KEPT_NAME = slice(48, 112)


def hive(kept_name: str) -> bytes:
    """Return a hive whose base block keeps ``kept_name`` as the file's."""
    name = kept_name.encode("utf-16-le").ljust(64, b"\0")
    return HIVE[: KEPT_NAME.start] + name + HIVE[KEPT_NAME.stop :]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("SYSTEM", "SYSTEM"),
        ("system", ""),
        ("SYSTEM", "\\??\\C:\\temp\\saved.hiv"),
        ("E_Windows_system32_config_SYSTEM", "SYSTEM"),
        ("E_Windows_system32_config_SYSTEM", ""),
        ("renamed.bin", "emRoot\\System32\\Config\\SYSTEM"),
        ("renamed.bin", "/Windows/System32/config/system"),
        ("corrupted_system_hive", ""),
        ("SYSTEM_B", ""),
        ("PC-1.SYSTEM.sav", ""),
        ("looks_like.evtx", "SYSTEM"),
    ],
)
def test_a_system_hive_is_told_by_the_name_that_it_keeps_or_that_it_has(
    tmp_path: Path, name: str, kept: str
) -> None:
    lay_out(tmp_path, {name: hive(kept)})
    assert kinds(tmp_path) == {name: ArtifactKind.SYSTEM_HIVE}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("SOFTWARE", "emRoot\\System32\\Config\\SOFTWARE"),
        ("E_Windows_system32_config_SOFTWARE", ""),
        ("E_Windows_system32_config_SOFTWARE", "SOFTWARE"),
        ("HKLM_SYSTEM_config_SAM", "emRoot\\System32\\Config\\SAM"),
        ("NTUSER.DAT", "\\??\\C:\\Users\\user\\ntuser.dat"),
        ("ecosystem", ""),
        ("systemprofile", ""),
        ("SOFTWARE.LOG1", "SOFTWARE"),
        ("SYSTEM.LOG1", "emRoot\\System32\\Config\\SOFTWARE"),
    ],
)
def test_other_hives_and_their_transaction_logs_are_no_artifacts(
    tmp_path: Path, name: str, kept: str
) -> None:
    lay_out(tmp_path, {name: hive(kept)})
    assert kinds(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "kept"), [("SYSTEM.LOG", "SYSTEM"), ("SYSTEM.LOG1", ""), ("SYSTEM_B.log2", "SYSTEM")]
)
def test_transaction_logs_of_a_system_hive_are_no_hives_but_logs(
    tmp_path: Path, name: str, kept: str
) -> None:
    lay_out(tmp_path, {name: hive(kept), f"empty/{name}": b""})
    assert kinds(tmp_path) == {f"empty/{name}": ArtifactKind.HIVE_LOG, name: ArtifactKind.HIVE_LOG}
