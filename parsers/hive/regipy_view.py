"""One key and its values as regipy has them: the second reader of what findings rest on."""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from regipy.registry import RegistryHive

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT: str = "(default)"
"""What regipy calls the value without a name."""


class RegipyKey(NamedTuple):
    """When a key was last written, in ticks, and its values by name: the type's name and the text of each."""

    last_written: int
    values: Mapping[str, tuple[str, str]]


class NotRead(Exception):  # noqa: N818 - says what happened
    """regipy cannot read the key; the message says why in a few words."""


def read_key_with_regipy(hive: bytes, path: str) -> RegipyKey:
    """Return the key at ``path`` from the hive's root. regipy reads files: it is given a private copy.

    Raises NotRead.
    """
    with TemporaryDirectory(prefix="hive-view-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copy = Path(folder, "hive")
        try:
            copy.write_bytes(hive)
            key = RegistryHive(str(copy)).get_key(f"\\{path}")  # type: ignore[no-untyped-call]
            values = {
                "" if each.name == DEFAULT else str(each.name): (str(each.value_type), _text(each.value))
                for each in key.iter_values(trim_values=False)
            }
            return RegipyKey(int(key.header.last_modified), values)
        except Exception as error:  # regipy lets through whatever its parsing meets
            raise NotRead(f"{type(error).__name__}: {error}") from error


def _text(value: object) -> str:
    match value:
        case bytes():
            return value.hex()
        case list():
            return "; ".join(map(str, value))
        case _:
            return str(value).rstrip("\0")
