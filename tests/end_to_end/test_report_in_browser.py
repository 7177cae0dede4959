"""report.html in Debian's Chromium: it works, nothing leaves it, and without script it is whole."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from fixtures.build import HERE as FIXTURES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.end_to_end.shared_folder import SharedFolder

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM: Final = shutil.which("chromium")
AKIRA: Final = FIXTURES / "case-akira"
READY: Final = "html[data-ready=yes]"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def report(shared: SharedFolder) -> Path:
    return shared.analyzed("akira", AKIRA).output / "report.html"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, report: Path) -> Iterator[Page]:
    """The report, opened; it fails a test that left an error on the console or asked for anything."""
    opened = context.new_page()
    errors: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda told: errors.append(told.text) if told.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(report.as_uri())
    opened.wait_for_selector(READY)
    yield opened
    assert errors == []
    assert asked == [report.as_uri()]


def counted(page: Page) -> tuple[int, int]:
    """Return how many rows the table says it shows, and of how many."""
    shown, _, of = page.inner_text("#count").removesuffix(" rows").partition(" of ")
    return int(shown.replace(",", "")), int(of.replace(",", ""))


def test_words_filter_the_rows_and_all_come_back(page: Page) -> None:
    _, whole = counted(page)
    page.fill("#words", "wakelock")
    playwright.expect(page.locator("#count")).not_to_have_text(f"{whole:,} of {whole:,} rows")
    shown, of = counted(page)
    assert of == whole
    assert 0 < shown < whole
    page.click("#filters button[type=reset]")
    playwright.expect(page.locator("#count")).to_have_text(f"{whole:,} of {whole:,} rows")


def test_a_heading_sorts_and_sorts_the_other_way_round(page: Page) -> None:
    heading = page.locator("th[data-column=severity]")
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert page.locator("#row-body .severity").first.inner_text() == "critical"


def test_a_row_opens_with_what_leads_back_to_its_record_and_closes_by_escape(page: Page) -> None:
    page.locator("#row-body tr[data-row]").first.click()
    body = page.locator("#panel-body")
    assert page.locator("#panel").is_visible()
    names = body.locator("dt").all_inner_texts()
    assert {"locator", "source_path", "source_sha256", "evidence_id"} <= set(names)
    page.keyboard.press("Escape")
    assert not page.locator("#panel").is_visible()


def test_arrows_and_enter_open_a_row(page: Page) -> None:
    page.locator("#row-body tr[data-row]").first.focus()
    page.keyboard.press("ArrowDown")
    playwright.expect(page.locator("#row-body tr[data-row='2']")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.inner_text("#panel-title").startswith("Row 2 of")


def test_keys_zoom_the_picture_and_bring_all_back(page: Page) -> None:
    axis = page.locator("#axis")
    page.locator("#chart .mark").first.focus()
    before = axis.text_content()
    assert before
    for _ in range(3):
        page.keyboard.press("+")
    playwright.expect(axis).not_to_have_text(before)
    page.keyboard.press("0")
    playwright.expect(axis).to_have_text(before)
    assert page.locator("#chart .mark").count() > 0


def test_a_link_in_the_summary_opens_its_row(page: Page) -> None:
    link = page.locator("#summary a[href^='#row-']").first
    number = int(link.inner_text())
    link.click()
    assert page.inner_text("#panel-title").startswith(f"Row {number:,} of")


def test_passwords_are_covered_until_they_are_asked_for(page: Page) -> None:
    switch = page.locator("#bare")
    hidden = page.locator("main .secret .bare")
    assert hidden.count() > 0
    assert not any(each.is_visible() for each in hidden.all())
    switch.click()
    assert switch.get_attribute("aria-pressed") == "true"
    assert page.locator("html").get_attribute("class") == "show-bare"
    switch.click()
    assert not any(each.is_visible() for each in page.locator("main .secret .bare").all())


@pytest.mark.parametrize("form", ["A4", "Letter"])
def test_the_report_prints(page: Page, form: str) -> None:
    assert page.pdf(format=form).startswith(b"%PDF-")


@pytest.mark.parametrize("width", [380, 1280])
def test_the_page_is_no_wider_than_its_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_script_the_summary_the_picture_and_the_rows_are_there(
    browser: Browser, report: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert "RustDesk was found on 2 of 4 machines" in page.inner_text(".headline")
    assert page.locator("#chart .mark").count() > 0
    assert page.locator("#row-body tr").count() > 100
    assert "timeline.csv" in page.inner_text("#static-note")
    assert page.locator(".script:visible").count() == 0
    context.close()
