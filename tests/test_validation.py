from __future__ import annotations

from tests.validation import PAGE, page, places, properties


def test_every_property_names_tests_that_there_are() -> None:
    known = places()
    missing = [name for each in properties() for name in each.tests if name not in known]

    assert missing == []
    assert all(each.tests for each in properties())


def test_the_properties_are_numbered_without_a_gap() -> None:
    assert [each.id for each in properties()] == [f"P{number}" for number in range(1, 32)]


def test_the_page_is_what_is_generated() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: make docs"
