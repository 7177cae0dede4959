from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.case_reading import findings, timeline
from tests.end_to_end.restraint import offline

if TYPE_CHECKING:
    from tests.end_to_end.command_line import Run


def test_a_case_is_analyzed_where_there_is_no_network(akira: Run) -> None:
    if offline() is None:
        pytest.skip("no network namespace can be made here (unshare --net)")

    assert (akira.code, akira.stderr) == (0, "")
    assert findings(akira.output)["rustdesk_execution"] > 0
    assert {row["device_name"].partition(".")[0] for row in timeline(akira.output)} >= {
        "FS01",
        "APP02",
        "DC02",
    }
