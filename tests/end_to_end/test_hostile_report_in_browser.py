"""report.html in Debian's Chromium with what evidence should not hold, and with as many rows as it may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from forensics.report.html_report import report
from tests.builders.browser import chromium, watched
from tests.builders.report_page import analysis_with, row_of_case
from tests.builders.timeline_rows import TICKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from forensics.timeline_row import TimelineRow

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
MANY: Final = 10_000
HOSTILE: Final = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}",
    '" autofocus onfocus="alert(1)',
    "]]></title></svg><svg onload=alert(1)>",
    "a\u202egnp.exe\x00\ud800\u2028b",
    "x" * 40_000,
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def written(folder: Path, rows: Iterable[TimelineRow]) -> Path:
    path = folder / "report.html"
    path.write_bytes(report(analysis_with(rows)).encode())
    return path


def test_hostile_text_is_shown_and_does_nothing(browser: Browser, tmp_path: Path) -> None:
    rows = [
        row_of_case(
            number, message=text, command_line=text, device_name=text, user=text, ticks=TICKS + number
        )
        for number, text in enumerate(HOSTILE, start=1)
    ]
    with watched(browser, written(tmp_path, rows)) as page:
        for number, text in enumerate(HOSTILE[:5], start=1):
            page.locator(f"#row-body tr[data-row='{number}']").click()
            assert page.inner_text("#panel-body .said") == text
        page.locator("#row-body tr[data-row='6']").click()
        assert page.inner_text("#panel-body .said") == "a<U+202E>gnp.exe<U+0000><U+D800><U+2028>b"
        page.locator("#chart .mark").first.hover()
        page.fill("#words", "<img src")
        playwright.expect(page.locator("#count")).to_have_text("1 of 7 rows")


def test_a_very_long_command_line_is_folded_and_opens_whole(browser: Browser, tmp_path: Path) -> None:
    long = "rustdesk.exe " + "y" * 40_000
    with watched(browser, written(tmp_path, [row_of_case(1, command_line=long)])) as page:
        page.locator("#row-body tr[data-row='1']").click()
        cell = page.locator("#panel-body dt:text-is('command_line') + dd")
        assert len(cell.inner_text()) < 2000
        cell.locator("button").click()
        assert cell.inner_text() == long


def test_ten_thousand_rows_filter_and_sort_and_only_those_in_view_are_in_the_page(
    browser: Browser, tmp_path: Path
) -> None:
    rows = (
        row_of_case(
            number,
            message=f"Process created: rustdesk.exe --server {number}",
            severity="critical" if number % 100 == 0 else "low",
            ticks=TICKS + number * 10_000_000,
        )
        for number in range(1, MANY + 1)
    )
    with watched(browser, written(tmp_path, rows)) as page:
        count = page.locator("#count")
        playwright.expect(count).to_have_text("10,000 of 10,000 rows")
        assert page.locator("#row-body tr").count() < 100
        page.select_option("#f-severity", "critical")
        playwright.expect(count).to_have_text("100 of 10,000 rows")
        page.fill("#words", "server 9900")
        playwright.expect(count).to_have_text("1 of 10,000 rows")
        page.click("#filters button[type=reset]")
        playwright.expect(count).to_have_text("10,000 of 10,000 rows")
        page.locator("th[data-column=row] button").click()
        assert page.locator("#row-body tr[data-row]").first.get_attribute("data-row") == "10000"
        page.locator("#row-body tr[data-row]").first.focus()
        page.keyboard.press("End")
        playwright.expect(page.locator("#row-body tr[data-row='1']")).to_be_focused()


def test_a_report_without_findings_is_a_page_too(browser: Browser, tmp_path: Path) -> None:
    with watched(browser, written(tmp_path, [])) as page:
        assert "No RustDesk indicator was found in the sources examined." in page.inner_text("main")
        playwright.expect(page.locator("#count")).to_have_text("0 of 0 rows")
