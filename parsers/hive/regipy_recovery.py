"""Transaction logs applied by regipy: the only importer of its replay.

regipy checks neither the hashes of entries nor their numbers, applies a second log before the first whatever
is in them, does not lengthen a hive, and leaves the base block with a wrong checksum and often with the
number it had. So it is given one log of checked entries in their order and a hive that is long enough, and
the base block is set right elsewhere.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from regipy.recovery import apply_transaction_logs


class NotReplayed(Exception):  # noqa: N818 - says what happened
    """A replay that failed; the message says why in a few words."""


def apply_with_regipy(hive: bytes, log: bytes) -> tuple[bytes, int]:
    """Return a copy of ``hive`` with the pages of ``log``, and how many these are.

    regipy reads and writes files: they are in a private temporary folder, which is always removed.
    Raises NotReplayed where regipy cannot read its input or the files cannot be written.
    """
    with TemporaryDirectory(prefix="hive-replay-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # regipy does not close what it reads
        before, changes, after = (Path(folder, name) for name in ("hive", "log", "replayed"))
        try:
            before.write_bytes(hive)
            changes.write_bytes(log)
            _, pages = apply_transaction_logs(  # type: ignore[no-untyped-call]
                str(before), str(changes), restored_hive_path=str(after)
            )
            return after.read_bytes(), int(pages)
        except Exception as error:  # regipy lets through whatever its parsing meets
            raise NotReplayed(f"regipy cannot do it: {type(error).__name__}: {error}") from error
