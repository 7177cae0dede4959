"""Records to events, events to findings, findings to a timeline in a case folder.

Start with :mod:`forensics.pipeline`: the whole analysis stands there on one page.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
"""The program's version, as its distribution's."""
