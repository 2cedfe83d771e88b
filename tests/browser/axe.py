"""axe-core, which finds what keeps people from using a page."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.async_api import Page

from tests.support.missing import missing
from tests.support.node import WEB

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def violations(page: Page) -> list[str]:
    """What axe has against the page as it is now."""
    await page.evaluate(_source())
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found: dict[str, Any] = await page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{one['id']}: {one['help']}\n  {node['target']}\n  {node['html'][:300]}\n  {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@cache
def _source() -> str:
    path = WEB / "node_modules/axe-core/axe.min.js"
    if not path.exists():
        missing("make", "axe-core, which `make test` installs")
    return path.read_text()
