"""report.html in Debian's Chromium: it works, nothing leaves it, and without script it is whole."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from fixtures.build import HERE as FIXTURES
from tests.builders.browser import chromium, watched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.end_to_end.shared_folder import SharedFolder

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
AKIRA: Final = FIXTURES / "case-akira"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def report(browser: Browser, shared: SharedFolder) -> Path:  # noqa: ARG001 - without it nothing is analyzed
    return shared.analyzed("akira", AKIRA).output / "report.html"


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    with watched(browser, report) as opened:
        yield opened


AA: Final = 4.5
"""The contrast of text that WCAG 2.2 asks for at level AA (success criterion 1.4.3)."""
CONTRASTS: Final = """() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((each) => {
      const part = Number(each) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const told = new Map();
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    const words = [...element.childNodes].filter((each) => each.nodeType === 3 && each.data.trim());
    if (!element.checkVisibility() || !words.length) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))];
    told.set(`${element.tagName} ${element.className}`, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return [...told];
}"""


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
    assert "Harbour-Lights-77" in page.inner_text("#trees")
    switch.click()
    assert not any(each.is_visible() for each in page.locator("main .secret .bare").all())


@pytest.mark.parametrize("form", ["A4", "Letter"])
def test_the_report_prints_with_all_its_rows_and_without_its_passwords(
    page: Page, form: str, tmp_path: Path
) -> None:
    _, whole = counted(page)
    printed = text_of(page.pdf(format=form), tmp_path)

    assert "RustDesk was found on 2 of 4 machines" in printed.replace("\n", " ")
    assert f"{whole} rows; timeline.csv has every column of all rows." in printed
    assert printed.count("Time (UTC)") > 5
    assert "Harbour-Lights-77" not in printed
    assert "Show passwords" not in printed
    assert page.locator("#row-table thead button").count() == 7


def text_of(pdf: bytes, folder: Path) -> str:
    """Return the text of a PDF as poppler reads it."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext is not installed")
    path = folder / "report.pdf"
    path.write_bytes(pdf)
    return subprocess.run([program, "-layout", path, "-"], capture_output=True, check=True).stdout.decode()  # noqa: S603 - poppler's own


def test_the_answers_are_those_of_the_story(page: Page) -> None:
    shorts = page.locator(".answer .short").all_inner_texts()

    assert shorts[:5] == [
        "FS01.harbour.example",
        "HARBOUR\\adm.reid",
        "rd.northlight.example",
        "Yes: 1 session on FS01.harbour.example",
        "Yes, on FS01.harbour.example",
    ]
    assert "from 203.0.113.140; for 1 h 33 min, until 21:48:20" in page.inner_text("#summary")


def test_a_choice_filters_and_so_does_all_of_them_together(page: Page) -> None:
    page.select_option("#f-activity", "set_password")
    playwright.expect(page.locator("#count")).to_have_text("2 of 283 rows")
    page.select_option("#f-finding", "rustdesk_execution")
    playwright.expect(page.locator("#count")).to_have_text("1 of 283 rows")


def test_a_covered_password_is_not_found_by_its_words(page: Page) -> None:
    page.fill("#words", "harbour-lights-77")
    playwright.expect(page.locator("#count")).to_have_text("0 of 283 rows")
    page.click("#bare")
    page.fill("#words", "harbour-lights")
    playwright.expect(page.locator("#count")).not_to_have_text("0 of 283 rows")


def test_a_mark_says_what_it_is_when_it_is_pointed_at_and_opens_its_row(page: Page) -> None:
    mark = page.locator("#chart .k-session .mark").first
    mark.hover()
    assert "Connection" in page.inner_text("#tip") or "connection" in page.inner_text("#tip")
    mark.click()
    assert page.locator("#panel").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#panel").is_visible()


def test_the_wheel_zooms_with_control_and_parts_what_was_one_mark(page: Page) -> None:
    axis = page.locator("#axis")
    first = page.locator("#chart .lane[data-kind=run] .mark").first
    whole, before = first.text_content(), axis.text_content()
    assert whole
    assert before
    first.hover()
    page.keyboard.down("Control")
    for _ in range(4):
        page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    playwright.expect(axis).not_to_have_text(before)
    playwright.expect(first).not_to_have_text(whole)
    page.click("#zoom-all")
    playwright.expect(first).to_have_text(whole)
    page.click("#even")
    assert page.get_attribute("#even", "aria-pressed") == "true"
    assert page.locator("#axis .break").count() == 0


def test_dark_is_dark_and_its_words_can_be_read(browser: Browser, report: Path) -> None:
    for scheme in ("light", "dark"):
        with watched(browser, report, color_scheme=scheme) as page:
            pairs = page.evaluate(CONTRASTS)
        worst = min(pairs, key=lambda each: each[1])
        assert worst[1] >= AA, (scheme, worst)


@pytest.mark.parametrize("width", [380, 1280])
def test_the_page_is_no_wider_than_its_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_address_with_a_row_opens_that_row(browser: Browser, report: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{report.as_uri()}#row-158")
    assert page.inner_text("#panel-title").startswith("Row 158 of")
    context.close()


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
