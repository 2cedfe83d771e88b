"""All widgets with all their variants, under a strict policy: nothing goes wrong, and axe finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import Contexts
from tests.browser.house import House
from tests.browser.watch import Watch
from tests.support.node import npm


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the gallery."""
    folder: Path = tmp_path_factory.mktemp("gallery")
    npm("run", "build:gallery", "--", "--outDir", str(folder))
    return folder


async def opened(contexts: Contexts, house: House, watch: Watch, built: Path, how: str, width: int) -> Page:
    watch.origins.add(house.url)
    context = await contexts(viewport={"width": width, "height": 900})

    async def file(route: Route) -> None:
        path = route.request.url.split("?")[0].partition("/gallery/")[2] or "index.html"
        await route.fulfill(path=built / path)

    await context.route("**/gallery/**", file)
    page = await context.new_page()
    await page.goto(f"{house.url}/gallery/?{how}")
    await expect(page.get_by_role("heading", name="Widgets")).to_be_visible()
    await page.wait_for_function("""
      () => {
        const { shadowRoot } = document.querySelector("widget-gallery");
        const charts = [...shadowRoot.querySelectorAll("chatkit-chart")];
        return charts.length > 0 && charts.every(chart => chart.querySelector("svg"));
      }
    """)
    await page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("width", [320, 900])
@pytest.mark.parametrize("how", ["scheme=light", "scheme=dark", "dir=rtl&locale=ar"])
async def test_every_widget(contexts: Contexts, house: House, watch: Watch, built: Path, how: str, width: int) -> None:
    page = await opened(contexts, house, watch, built, how, width)
    assert [line for line in watch.said if line.startswith(("error", "warning"))] == []
    assert await page.evaluate("document.scrollingElement.scrollWidth") == width
    found = await violations(page)
    assert not found, "\n".join(found)
