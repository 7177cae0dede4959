"""The operator's server in RustDesk's configuration string, in a command line or in the name of its program.

A RustDesk program is told which server to use in three ways, all of which name it:

- ``--config STRING``, STRING being base64url without padding of JSON with host, key, api and relay, reversed;
- a file name with STRING behind ``-licensed-`` or ``--``, as in ``rustdesk-licensed-STRING.exe``;
- a file name ``rustdesk-host=HOST,key=KEY,api=API,relay=RELAY.exe``, or those words behind ``--config``.

What a browser adds to a name, as in ``… (1).exe``, is not part of it. A string that RustDesk's makers
signed has 64 bytes of signature before the JSON; the signature is not checked here. The string needs the
case of its letters: from names in upper or lower case (Prefetch, InitiatingProcessFolderPath) only the
third form can be read.
Source: src/custom_server.rs and src/core_main.rs of rustdesk/rustdesk.
"""

from __future__ import annotations

import json
import ntpath
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from forensics.event_model.windows_path import binary_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_SWITCH: Final = "--config"
_SIGNATURE_SIZE: Final = 64
_SHORTEST: Final = 15
"""Characters of the shortest string that can name anything: ``{"key":"k"}`` is 11 bytes."""

_PROGRAM_END: Final = re.compile(r"(?:\.exe){1,2}\s*\Z", re.IGNORECASE)
_ENCODED: Final = re.compile(rf"={{0,2}}[A-Za-z0-9_-]{{{_SHORTEST},}}")
_BEFORE_STRING: Final = re.compile(r"-licensed-{1,3}|--")
_IN_WORDS: Final = re.compile(r"host=.*", re.IGNORECASE | re.ASCII | re.DOTALL)
_ADDED_TO_NAME: Final = re.compile(r"[\s(].*", re.DOTALL)
_ARGUMENT: Final = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class OperatorServer:
    """The server that a RustDesk program was told to use; what was not told is ``""``.

    ``host`` is the rendezvous server, ``key`` its public key, ``api`` its web API, ``relay`` the relay.
    """

    host: str = ""
    key: str = ""
    api: str = ""
    relay: str = ""

    def to_text(self) -> str:
        """Return what is known in one line, for a message."""
        told = {"server": self.host, "key": self.key, "API": self.api, "relay": self.relay}
        return ", ".join(f"{word} {value}" for word, value in told.items() if value)


_NAMES: Final = tuple(field.name for field in fields(OperatorServer))


def find_operator_server(command_line: str, image_path: str) -> OperatorServer | None:
    r"""Return the server that a process was told to use by its command line or by its own file's name.

    The form in words is taken only from what follows ``--config`` and from the names of the program itself,
    so the process should be one of RustDesk's; the encoded form is found wherever the command line has it,
    also where another program starts or fetches RustDesk's.
    """
    for text in (*_behind_switch(command_line), *map(ntpath.basename, (image_path, binary_of(command_line)))):
        found = read_configuration(text)
        if found is not None:
            return found
    return _first_decoded(command_line)


def read_configuration(text: str) -> OperatorServer | None:
    """Return the server that ``text``, a configuration string or a file name with one, names; else None."""
    stem = _PROGRAM_END.sub("", text.strip())
    in_words = _IN_WORDS.search(stem)
    return _from_words(in_words.group()) if in_words else _first_decoded(stem)


def decode(string: str) -> OperatorServer | None:
    """Return the server in an encoded configuration string, or None where ``string`` is not one."""
    try:
        data = urlsafe_b64decode(_padded(string[::-1].rstrip("=")))
    except ValueError:
        return None
    return _from_json(data) or _from_json(data[_SIGNATURE_SIZE:])


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


def _first_decoded(text: str) -> OperatorServer | None:
    """Return the first server that any run of the alphabet's characters in ``text`` decodes to."""
    runs = (run for match in _ENCODED.finditer(text) for run in _BEFORE_STRING.split(match.group()))
    servers = (decode(run) for run in runs if len(run) >= _SHORTEST)
    return next((server for server in servers if server is not None), None)


def _from_json(data: bytes) -> OperatorServer | None:
    try:
        document = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    told = {name: document[name] for name in _NAMES if name in document}
    if not all(isinstance(value, str) and not _SURROGATE.search(value) for value in told.values()):
        return None
    return _or_nothing(OperatorServer(**told))


def _from_words(words: str) -> OperatorServer | None:
    """Return the server in ``host=…,key=…,api=…,relay=…``: host first, the others in any order."""
    pairs = (part.partition("=") for part in words.split(","))
    told = {name.lower(): _ADDED_TO_NAME.sub("", value) for name, _, value in pairs if name.lower() in _NAMES}
    return _or_nothing(OperatorServer(**told))


def _or_nothing(server: OperatorServer) -> OperatorServer | None:
    return None if server == OperatorServer() else server


def _behind_switch(command_line: str) -> Iterator[str]:
    arguments = [each.replace('"', "") for each in _ARGUMENT.findall(command_line)]
    return (value for switch, value in pairwise(arguments) if switch == _SWITCH)
