r"""Which files are the traces that a remote-access program and Windows keep of it, beside logs and hives.

Told are, wherever a collector put them:

- RustDesk's logs, ``AppData/Roaming/<App>/log/<switch>/<stem>_rCURRENT.log`` (flexi_logger's names);
- its configuration, ``AppData/Roaming/<App>/config/<App>2.toml`` and ``peers/*.toml``, and the ``meta.toml``
  that its self-extractor leaves in ``AppData/Local``;
- links in a Startup folder; Prefetch files.

``<App>`` is RustDesk or whatever a rebuild calls itself. Other Rust programs keep files of such names in such
places too (crates ``directories`` and ``flexi_logger``), so under another name the file's start has to show
RustDesk's structure: its source files, its switches, its settings. The same start, or RustDesk's name, tells
a loose copy.
"""

from __future__ import annotations

import re
from typing import Final

from parsers.evidence.source import ArtifactKind

RUSTDESK: Final = "rustdesk"

_LOG_NAME: Final = re.compile(
    r"(?P<stem>.+)_r(?:CURRENT|\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d).*\.log", re.IGNORECASE | re.DOTALL
)
"""flexi_logger, Naming::Timestamps; behind it ``.restart-0000``, or what a copy is called."""

_LOG_LINE: Final = re.compile(
    rb"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} [+-]\d\d:\d\d\] (?:ERROR|WARN|INFO|DEBUG|TRACE) "
    rb"\[[^\]\r\n]+:\d+\] ",
    re.MULTILINE,
)
"""flexi_logger, ``opt_format``."""

_OWN_SOURCE: Final = re.compile(
    rb"\[[^\]\r\n]*(?:hbb_common|rendezvous_mediator\.rs|core_main\.rs|ui_cm_interface\.rs|ui_interface\.rs"
    rb"|flutter_ffi\.rs|libs[\\/](?:scrap|enigo|clipboard|virtual_display|remote_printer)[\\/]"
    rb"|server[\\/](?:connection|portable_service|input_service|video_service)\.rs):?[^\]\r\n]*\]"
)
"""Source files that RustDesk's log lines name, and its rebuilds' (rustdesk/rustdesk, ``src``, ``libs``)."""

SWITCHES: Final = frozenset(
    re.split(
        r"\s+",
        "server service tray cm install silent-install uninstall update after-install before-uninstall "
        "password config option get-id set-id assign import-config portable-service install-service "
        "uninstall-service connect play file-transfer port-forward rdp view-camera terminal whiteboard "
        "elevate run-as-system quick_support no-server check-hwcodec-config",
    )
)
"""What a log's folder may be called: the program's first switch without its dashes."""

_OWN_NAME: Final = re.compile(r"rustdesk(?:2|_[a-z_]+)?(?: ?\(\d+\)| - copy.*)?\.toml", re.IGNORECASE)
_OWN_LINK: Final = re.compile(r"rustdesk tray.*\.lnk", re.IGNORECASE)
_PEERS: Final = "peers"
_META: Final = "meta.toml"
_BUILD_TIME: Final = re.compile(rb"\s*timestamp = \d{12,14}\s*")

_OWN_SETTINGS: Final = tuple(
    (re.compile(rb"^%s\s*=" % one, re.MULTILINE), re.compile(rb"^(?:%s)\s*=" % other, re.MULTILINE))
    for one, other in (
        (rb"enc_id", rb"salt|key_pair|key_confirmed"),
        (rb"rendezvous_server", rb"nat_type|serial"),
        (rb"remote_id", rb"kb_layout_type|fav|size"),
        (rb"view_style", rb"size_ft|size_pf|show_remote_cursor|image_quality"),
    )
)
"""Pairs of settings that only RustDesk's files have: of itself, its server, its user, its peers (hbb_common,
``config.rs``)."""

_PROFILE: Final = r"""(?:users/[^/]+|windows/serviceprofiles/[^/]+
    |windows/(?:system32|syswow64|sysnative)/config/systemprofile)"""
_APPLICATION_DATA: Final = re.compile(
    rf"(?:.*/)?(?P<home>{_PROFILE}/appdata/(?:roaming|local)/.+)", re.DOTALL | re.VERBOSE
)
_PLACES: Final = {
    "log": _APPLICATION_DATA,
    "toml": _APPLICATION_DATA,
    "lnk": re.compile(
        r"(?:.*/)?(?P<home>(?:users/[^/]+/appdata/roaming|programdata)/microsoft/windows"
        r"/start menu/programs/startup)",
        re.DOTALL,
    ),
    "pf": re.compile(r"(?:.*/)?(?P<home>windows/prefetch)", re.DOTALL),
}
"""By extension, where such a file is kept; the profiles of service accounts are in ``Windows``."""

_SCCA_AT: Final = 4
_COMPRESSED_PREFETCH: Final = b"MAM\x04"


def tell_application_file(folders: tuple[str, ...], name: str, head: bytes) -> ArtifactKind | None:
    """Return what the file ``name`` in ``folders`` is, whose start is ``head``, or None.

    ``folders`` are the names above it in its evidence, in lower case.
    """
    match name.lower().rpartition(".")[2]:
        case "log":
            return ArtifactKind.APPLICATION_LOG if _is_log(folders, name, head) else None
        case "toml":
            return ArtifactKind.APPLICATION_CONFIGURATION if _is_configuration(folders, name, head) else None
        case "lnk":
            return ArtifactKind.SHORTCUT if _is_startup_link(folders, name) else None
        case "pf":
            return ArtifactKind.PREFETCH if _is_prefetch(folders, head) else None
        case _:
            return None


def may_be_application_file(folders: tuple[str, ...], name: str) -> bool:
    """Whether the start of the file ``name`` in ``folders`` is worth reading."""
    match name.lower().rpartition(".")[2]:
        case "log":
            return _LOG_NAME.fullmatch(name) is not None
        case "lnk":
            return _is_startup_link(folders, name)
        case extension:
            return extension in {"toml", "pf"}


def log_stem(name: str) -> str:
    """Return the stem of a log's name, which is the program's: ``rustdesk`` of ``rustdesk_rCURRENT.log``."""
    match = _LOG_NAME.fullmatch(name)
    return match["stem"] if match else name.rpartition(".")[0]


def application_of(folders: tuple[str, ...], below: str) -> str:
    """Return the ``<App>`` in whose folder ``below`` (``log``, ``config``) ``folders`` are, or ``""``."""
    for place in range(len(folders) - 1, 2, -1):
        if folders[place] == below and folders[place - 3 : place - 1] == ("appdata", "roaming"):
            return folders[place - 1]
    return ""


def _is_log(folders: tuple[str, ...], name: str, head: bytes) -> bool:
    if _LOG_NAME.fullmatch(name) is None:
        return False
    application = application_of(folders, "log")
    if RUSTDESK in {application, log_stem(name).lower()}:
        return True
    if _LOG_LINE.search(head) is None:
        return False
    return (application != "" and folders[-1] in SWITCHES) or _OWN_SOURCE.search(head) is not None


def _is_configuration(folders: tuple[str, ...], name: str, head: bytes) -> bool:
    if name.lower() == _META:
        return _is_meta(folders, head)
    application = application_of(folders, "config")
    if application == RUSTDESK or _OWN_NAME.fullmatch(name):
        return True
    return any(one.search(head) and other.search(head) for one, other in _OWN_SETTINGS)


def _is_meta(folders: tuple[str, ...], head: bytes) -> bool:
    """Whether it is the self-extractor's: in RustDesk's folder, or in a program's and nothing but a time."""
    if folders[-1:] == (RUSTDESK,):
        return True
    return folders[-3:-1] == ("appdata", "local") and _BUILD_TIME.fullmatch(head) is not None


def _is_startup_link(folders: tuple[str, ...], name: str) -> bool:
    in_startup = folders[-1:] == ("startup",) and folders[-2:-1] in {(), ("programs",)}
    return in_startup or _OWN_LINK.fullmatch(name) is not None


def _is_prefetch(folders: tuple[str, ...], head: bytes) -> bool:
    is_one = head.startswith(_COMPRESSED_PREFETCH) or head.startswith(b"SCCA", _SCCA_AT)
    return is_one or folders[-1:] == ("prefetch",)


def application_home(folders: tuple[str, ...], name: str) -> int:
    """Return how many of the last ``folders`` are the place on its machine of such a file, or 0.

    It is the machine's own folder with which that place begins: ``Users``, ``ProgramData`` or ``Windows``.
    """
    place = _PLACES.get(name.lower().rpartition(".")[2])
    match = place.fullmatch("/".join(folders)) if place is not None else None
    return match["home"].count("/") + 1 if match is not None else 0
