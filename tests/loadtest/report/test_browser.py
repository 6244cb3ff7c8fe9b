"""The page as a real browser shows it: light and dark, on a desk and on a phone."""

from pathlib import Path

import pytest

from loadtest.report.page import PAGE
from loadtest.report.writing import write_reports
from tests.loadtest.report.busy_run import a_busy_verdict
from tests.loadtest.report.chromium import Page
from tests.loadtest.report.recorded_run import a_verdict

DESK, PHONE = (1280, 900), (390, 844)
SCREENS = [(scheme, screen) for scheme in ("light", "dark") for screen in (DESK, PHONE)]

SHOWN_CHARTS = (
    "[...document.querySelectorAll('svg.chart')].filter(svg => svg.getBoundingClientRect().width > 0)"
)
DRAWN = f"""{SHOWN_CHARTS}.map(svg => [
    svg.querySelector('title').textContent,
    [...svg.querySelectorAll('path.line, circle.dot, rect.bar')].filter(each => {{
        const box = each.getBoundingClientRect(), style = getComputedStyle(each);
        const paint = each.matches('path') ? style.stroke : style.fill;
        return box.width + box.height > 1 && paint !== 'none' && paint !== 'rgb(0, 0, 0)';
    }}).length,
])"""
OUTSIDE = f"""{SHOWN_CHARTS}.flatMap(svg => {{
    const whole = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].filter(each => {{
        const box = each.getBoundingClientRect();
        return box.left < whole.left - 1 || box.right > whole.right + 1
            || box.top < whole.top - 1 || box.bottom > whole.bottom + 1;
    }}).map(each => each.textContent);
}})"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of a passed, a violated, a slow and a void run."""
    place = tmp_path_factory.mktemp("runs")
    verdicts = {
        "passed": a_verdict(place / "passed"),
        "violated": a_verdict(place / "violated", double=True),
        "slow": a_busy_verdict(place / "slow"),
        "void": a_busy_verdict(place / "void", saturated=True),
    }
    for name, verdict in verdicts.items():
        write_reports(verdict, place / name)
    return {name: place / name / PAGE for name in verdicts}


def opened(browser: Page, path: Path, scheme: str = "light", screen: tuple[int, int] = DESK) -> None:
    browser.problems.clear()
    browser.requested.clear()
    browser.look(*screen, scheme, phone=screen == PHONE)
    browser.open(path)


@pytest.mark.parametrize(("scheme", "screen"), SCREENS)
@pytest.mark.parametrize("run", ["passed", "violated", "slow", "void"])
def test_the_page_is_shown_without_an_error_and_its_charts_have_content(
    browser: Page, reports: dict[str, Path], run: str, scheme: str, screen: tuple[int, int]
) -> None:
    opened(browser, reports[run], scheme, screen)

    assert browser.problems == []
    charts = browser.evaluate(DRAWN)
    assert len(charts) >= (11 if run in ("slow", "void") else 3)
    assert [name for name, marks in charts if not marks] == []
    assert len({name for name, _ in charts}) == len(charts), "no two are named alike"


@pytest.mark.parametrize(("scheme", "screen"), SCREENS)
def test_the_page_fits_the_screen_and_no_text_of_a_chart_is_cut_off(
    browser: Page, reports: dict[str, Path], scheme: str, screen: tuple[int, int]
) -> None:
    for path in reports.values():
        opened(browser, path, scheme, screen)

        assert browser.evaluate("document.documentElement.scrollWidth") <= screen[0]
        assert browser.evaluate(OUTSIDE) == []


def test_the_page_follows_the_scheme_that_is_preferred(browser: Page, reports: dict[str, Path]) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        opened(browser, reports["passed"], scheme)
        colours[scheme] = browser.evaluate("getComputedStyle(document.body).backgroundColor")

    assert colours == {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 21, 27)"}


def test_the_page_loads_nothing_but_itself(browser: Page, reports: dict[str, Path]) -> None:
    opened(browser, reports["slow"])

    assert [url for url in browser.requested if not url.startswith("data:")] == [reports["slow"].as_uri()]


def test_whoever_cannot_see_it_is_told_what_is_there(browser: Page, reports: dict[str, Path]) -> None:
    opened(browser, reports["slow"])
    found = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in browser.accessible()]

    names = {role: {name for of_role, name in found if of_role == role} for role, _ in found}
    images = names.get("img", set()) | names.get("image", set())
    assert {"Throughput asked and achieved", "Latency of book_appointment over time"} <= images
    assert any(name.endswith("TOO SLOW") for name in names["heading"])
    assert {"Contents"} <= names["navigation"]
    assert {"banner", "main", "contentinfo"} <= names.keys()
    assert "Limits on speed" in names["region"]
    nameless = {
        role for role, name in found if not name and role in ("img", "image", "link", "region", "heading")
    }
    assert nameless == set()


def test_figures_of_a_chart_can_be_unfolded(browser: Page, reports: dict[str, Path]) -> None:
    opened(browser, reports["slow"])
    rows = "[...document.querySelectorAll('figure details tr')].filter(each => each.checkVisibility())"

    assert browser.evaluate(f"{rows}.length") == 0
    browser.evaluate("document.querySelector('figure details summary').click()")
    assert browser.evaluate(f"{rows}.length") > 10
