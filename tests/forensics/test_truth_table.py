from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from forensics import truth_table
from forensics.errors import TruthTableMismatch
from forensics.truth_table import FILE_NAME_HAS_ANY, FOLDER_PATH_HAS, JOINS, JoinCase, check_truth_table

if TYPE_CHECKING:
    from pytest import MonkeyPatch  # noqa: PT013 - for the annotation alone


def test_the_installed_engine_answers_every_known_case() -> None:
    check_truth_table()


@pytest.mark.parametrize("wrong", [FILE_NAME_HAS_ANY, FOLDER_PATH_HAS], ids=["file name", "path"])
def test_each_case_is_asked_so_that_a_false_expectation_is_found(
    monkeypatch: MonkeyPatch, wrong: dict[str | None, bool]
) -> None:
    name = "FILE_NAME_HAS_ANY" if wrong is FILE_NAME_HAS_ANY else "FOLDER_PATH_HAS"
    monkeypatch.setattr(truth_table, name, {case: not holds for case, holds in wrong.items()})

    with pytest.raises(TruthTableMismatch) as caught:
        check_truth_table()

    assert len(caught.value.cases) == len(wrong)


def test_each_join_is_asked_so_that_a_false_multiplicity_is_found(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(
        truth_table, "JOINS", tuple(JoinCase(join.device, join.loads, join.rows + 1) for join in JOINS)
    )

    with pytest.raises(TruthTableMismatch, match="join on device 'D1': 1 rows instead of 2") as caught:
        check_truth_table()

    assert len(caught.value.cases) == len(JOINS)
