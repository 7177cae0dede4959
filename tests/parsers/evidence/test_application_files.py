from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.evidence.application_files import may_be_application_file, tell_application_file
from parsers.evidence.artifact_kind import tell_kind
from parsers.evidence.collector_names import names_of
from parsers.evidence.known_paths import CopyKind, Place, place_of
from parsers.evidence.source import ArtifactKind
from tests.builders.prefetch import build_prefetch, compress_prefetch
from tests.builders.rustdesk_files import (
    PEER,
    PREFETCH,
    SERVER_CONFIGURATION,
    SERVER_LOG,
    STARTUP_LINK,
    LineToWrite,
    build_log,
    peer_configuration,
    server_configuration,
    session_log,
)
from tests.builders.shortcut import build_shortcut
from tests.parsers.evidence.folder_search import kinds, lay_out

if TYPE_CHECKING:
    from pathlib import Path

LOG, CONFIGURATION = ArtifactKind.APPLICATION_LOG, ArtifactKind.APPLICATION_CONFIGURATION
SHORTCUT, RUNS = ArtifactKind.SHORTCUT, ArtifactKind.PREFETCH

OTHER_LOG = build_log(LineToWrite("ready", source=r"src\main.rs:7"))
IDENTITY = b"enc_id = '00abc'\npassword = ''\nsalt = 'x1'\n"
LOCAL = b"remote_id = '123456789'\nsize = [0, 0, 0, 0]\n"
META = b"timestamp = 1700000000000\n"

TOLD = {
    # Of every user, of the service and of the system; of the program's first switch, and of none.
    SERVER_LOG: (session_log(), LOG),
    "C/Users/amy/AppData/Roaming/RustDesk/log/rustdesk_rCURRENT.log": (b"", LOG),
    "Users/amy/AppData/Roaming/RustDesk/log/cm/rustdesk_r2024-02-29_23-59-59.log": (b"", LOG),
    "Windows/System32/config/systemprofile/AppData/Roaming/RUSTDESK/LOG/tray/x_rCURRENT.log": (b"", LOG),
    "Users/amy/AppData/Roaming/RustDesk/log/server/rustdesk_r2024-02-29_23-59-59.restart-0001.log": (
        b"",
        LOG,
    ),
    # A rebuild's, by its switch or by the source files that it is made of.
    "Users/amy/AppData/Roaming/AcmeHelp/log/server/AcmeHelp_rCURRENT.log": (OTHER_LOG, LOG),
    "Users/amy/AppData/Roaming/AcmeHelp/log/AcmeHelp_rCURRENT.log": (session_log(), LOG),
    "Users/amy/AppData/Roaming/AcmeHelp/log/AcmeHelp_r2024-02-29_23-59-59.log": (OTHER_LOG, None),
    # Loose.
    "rustdesk_rCURRENT.log": (b"", LOG),
    "triage/acme_rCURRENT (2).log": (session_log(), LOG),
    "triage/acme_rCURRENT.log": (OTHER_LOG, None),
    "Users/amy/AppData/Roaming/RustDesk/log/notes.log": (session_log(), None),
    "Users/amy/AppData/Roaming/RustDesk/log/rustdesk.txt": (session_log(), None),
    # Configuration.
    SERVER_CONFIGURATION: (server_configuration(), CONFIGURATION),
    PEER: (peer_configuration(), CONFIGURATION),
    "Users/amy/AppData/Roaming/RustDesk/config/RustDesk_local.toml": (b"", CONFIGURATION),
    "Users/amy/AppData/Roaming/AcmeHelp/config/AcmeHelp2.toml": (server_configuration(), CONFIGURATION),
    "Users/amy/AppData/Roaming/AcmeHelp/config/AcmeHelp.toml": (IDENTITY, CONFIGURATION),
    "Users/amy/AppData/Roaming/AcmeHelp/config/AcmeHelp_local.toml": (LOCAL, CONFIGURATION),
    "Users/amy/AppData/Roaming/AcmeHelp/config/peers/1.toml": (peer_configuration(), CONFIGURATION),
    "Users/amy/AppData/Roaming/AcmeEditor/config/AcmeEditor.toml": (b"theme = 'dark'\n", None),
    "RustDesk2.toml": (b"", CONFIGURATION),
    "triage/RustDesk2 (1).toml": (b"", CONFIGURATION),
    "triage/server.toml": (server_configuration(), CONFIGURATION),
    "rustdesk-master/Cargo.toml": (b"[package]\nname = 'rustdesk'\n", None),
    "rustdesk-1.4.toml": (b"x = 1\n", None),
    # The self-extractor's.
    "Users/amy/AppData/Local/rustdesk/meta.toml": (META, CONFIGURATION),
    "Users/amy/AppData/Local/acmehelp/meta.toml": (META, CONFIGURATION),
    "Users/amy/AppData/Local/acmehelp/sub/meta.toml": (META, None),
    "Users/amy/AppData/Local/acmehelp/meta.toml ": (META, None),
    "meta.toml": (META, None),
    # Links: those in a Startup folder, whatever they start, and RustDesk's own.
    STARTUP_LINK: (build_shortcut(), SHORTCUT),
    "C/Users/amy/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/StartUp/x.LNK": (b"", SHORTCUT),
    "Startup/x.lnk": (b"", SHORTCUT),
    "triage/RustDesk Tray.lnk": (b"", SHORTCUT),
    "Users/Public/Desktop/RustDesk.lnk": (build_shortcut(), None),
    "Tools/Startup/x.lnk": (build_shortcut(), None),
    "Users/amy/AppData/Roaming/Microsoft/Windows/Recent/x.lnk": (build_shortcut(), None),
    # Prefetch: by its place, or by its signature.
    PREFETCH: (compress_prefetch(build_prefetch()), RUNS),
    "C/WINDOWS/PREFETCH/X.EXE-0.PF": (b"", RUNS),
    "triage/X.EXE-0.pf": (build_prefetch(), RUNS),
    "triage/report.pf": (b"%PDF-1.7", None),
    "Windows/Prefetch/Layout.ini": (b"", None),
}


@pytest.mark.parametrize("path", TOLD)
def test_a_program_s_own_files_are_told_by_place_name_and_start(path: str) -> None:
    head, kind = TOLD[path]

    assert tell_kind(path.rpartition("/")[2], head, path) is kind


@pytest.mark.parametrize("path", [path for path, (_, kind) in TOLD.items() if kind is not None])
def test_every_such_file_is_looked_at_in_an_image(path: str) -> None:
    *folders, name = (each.decoded.lower() for each in names_of(path))

    assert may_be_application_file(tuple(folders), name)


def test_velociraptor_s_escaped_names_are_the_same_files() -> None:
    path = f"uploads/auto/C%3A/{STARTUP_LINK}"

    assert tell_kind("RustDesk Tray.lnk", b"", path) is SHORTCUT


def test_a_folder_gives_them_beside_logs_and_hives(tmp_path: Path) -> None:
    files = {path: head for path, (head, _) in TOLD.items()}
    lay_out(tmp_path, files)

    assert kinds(tmp_path) == {path: kind for path, (_, kind) in TOLD.items() if kind is not None}


@given(st.lists(st.sampled_from(["appdata", "roaming", "log", "config", "peers", "startup", ""])), st.text())
def test_any_name_in_any_folder_is_told_or_not(folders: list[str], name: str) -> None:
    for extension in ("log", "toml", "lnk", "pf"):
        told = tell_application_file(tuple(folders), f"{name}.{extension}", b"")
        assert told is None or may_be_application_file(tuple(folders), f"{name}.{extension}")


LIVE, SHADOW, OLD, EXPORT = (
    CopyKind.LIVE,
    CopyKind.SHADOW_COPY,
    CopyKind.WINDOWS_OLD,
    CopyKind.EXPORT,
)
USER_LOG = "Users/amy/AppData/Roaming/RustDesk/log/cm/rustdesk_rCURRENT.log"
PLACES = {
    SERVER_LOG: ("", SERVER_LOG, LIVE, ""),
    f"HOST1/C/{SERVER_LOG}": ("HOST1", SERVER_LOG, LIVE, ""),
    f"fleet/HOST1.zip/D/{USER_LOG}": ("fleet/HOST1.zip", USER_LOG, LIVE, ""),
    f"H.zip/uploads/auto/C%3A/{USER_LOG}": ("H.zip", USER_LOG, LIVE, ""),
    f"uploads/ntfs/%5C%5C.%5CC%3A/{STARTUP_LINK}": ("", STARTUP_LINK, LIVE, ""),
    f"disk.E01/p2/vss1/{PREFETCH}": ("disk.E01", PREFETCH, SHADOW, "vss1"),
    f"p2/Windows.old/{USER_LOG}": ("", f"Windows.old/{USER_LOG}", OLD, ""),
    f"[root]/{SERVER_CONFIGURATION}": ("", SERVER_CONFIGURATION, LIVE, ""),
    "HOST1/RustDesk2.toml": ("HOST1", "RustDesk2.toml", EXPORT, ""),
    "HOST1/amy/AppData/Roaming/RustDesk/config/RustDesk2.toml": (
        "HOST1/amy/AppData/Roaming/RustDesk/config",
        "RustDesk2.toml",
        EXPORT,
        "",
    ),
}


@pytest.mark.parametrize("path", PLACES)
def test_their_place_is_that_of_the_machine_s_other_files(path: str) -> None:
    assert place_of(path) == Place(*PLACES[path])
