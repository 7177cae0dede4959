"""What Sysmon's events have in common: the process that did it, the digests of a file, truth values.

Fields come and go with Sysmon's releases (RuleName and, in most events, User are younger than the rest), so
every field is asked for by name. Source: Sysmon's manifest as its events show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.event_model.cells import account, number, text
from forensics.event_model.event import Cell, Facts
from forensics.event_model.windows_path import base_name

if TYPE_CHECKING:
    from collections.abc import Mapping

PROVIDER: Final = "microsoft-windows-sysmon"

_TRUTH: Final = {"true": True, "false": False}


def initiating_process(data: Mapping[str, str]) -> dict[str, Cell]:
    """Return the process that the event names as the one that did it, as InitiatingProcess columns."""
    image = text(data, "Image")
    return {
        **account(data, "User", "InitiatingProcessAccount"),
        "InitiatingProcessFileName": base_name(image).lower(),
        "InitiatingProcessFolderPath": image.lower(),
        **number(data, "ProcessId", "InitiatingProcessId"),
        "InitiatingProcessUniqueId": text(data, "ProcessGuid"),
    }


def facts_of_program(data: Mapping[str, str]) -> Facts:
    """Return the facts of an event that tells what a program did: the program is its image."""
    return Facts(
        user=data.get("User", ""),
        image_path=data.get("Image", ""),
        process_id=data.get("ProcessId", ""),
        process_guid=data.get("ProcessGuid", ""),
    )


def facts_of_object(data: Mapping[str, str], image_path: str = "", service_name: str = "") -> Facts:
    """Return the facts of an event that tells what became of a thing: the program is the parent image.

    ``image_path`` is the thing, where it is a file; ``service_name`` its service, where it is one's.
    """
    return Facts(
        user=data.get("User", ""),
        service_name=service_name,
        image_path=image_path,
        parent_image=data.get("Image", ""),
        process_id=data.get("ProcessId", ""),
        process_guid=data.get("ProcessGuid", ""),
        hashes=data.get("Hashes", ""),
    )


def hashes(data: Mapping[str, str]) -> dict[str, Cell]:
    """Return the event's digests that have a column."""
    found = digests(data)
    return {kind: found[kind] for kind in ("SHA1", "SHA256", "MD5") if kind in found}


def digests(data: Mapping[str, str]) -> dict[str, str]:
    """Return the digests by their kinds, in lower case: ``SHA1=…,MD5=…,SHA256=…,IMPHASH=…``."""
    pairs = (part.partition("=") for part in text(data, "Hashes").split(","))
    return {kind: digest.lower() for kind, _, digest in pairs if digest}


def truth(data: Mapping[str, str], name: str) -> bool | str:
    """Return the field as a truth value, or as its own text where it is neither true nor false."""
    value = text(data, name)
    return _TRUTH.get(value.lower(), value)


def by_whom(data: Mapping[str, str]) -> str:
    """Return the program and, where the event has one, its user, for a message."""
    program, user = text(data, "Image") or "a program without a name", text(data, "User")
    return f"{program} as {user}" if user else program
