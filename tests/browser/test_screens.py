"""The main states look as they did when somebody looked at them."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open, Visit
from tests.browser.likeness import MOST, difference

PROMPTS = [
    {"label": "Plan a week", "prompt": "plan", "icon": "calendar"},
    {"label": "Explain something", "prompt": "explain", "icon": "lightbulb"},
    {"label": "Write some code", "prompt": "code", "icon": "square-code"},
]
WIDE, NARROW = {"width": 900, "height": 700}, {"width": 320, "height": 640}

looks = pytest.mark.parametrize(
    ("look", "options", "viewport"),
    [
        ("light", {"theme": "light"}, WIDE),
        ("dark", {"theme": "dark"}, WIDE),
        ("narrow", {"theme": "light"}, NARROW),
        ("right-to-left", {"theme": "light", "locale": "ar"}, WIDE),
    ],
    ids=["light", "dark", "narrow", "right-to-left"],
)


@looks
async def test_a_start(visit: Visit, look: str, options: dict[str, object], viewport: dict[str, int]) -> None:
    start = {"startScreen": {"greeting": "What would you like to do?", "prompts": PROMPTS}}
    chat = await visit(options={**options, **start}, viewport=viewport, ready=False)
    await expect(chat.root).to_contain_text("Write some code")
    assert await difference(chat.page, f"start-{look}") < MOST


@looks
async def test_a_conversation(visit: Visit, look: str, options: dict[str, object], viewport: dict[str, int]) -> None:
    chat = await visit(options=options, viewport=viewport, ready=False)
    for words, seen in (("widget form", "Drink"), ("show everything", "Euler")):
        await chat.root.get_by_role("textbox").last.fill(words)
        await chat.page.keyboard.press("Enter")
        await expect(chat.log).to_contain_text(seen)
        await expect(chat.root.locator("[data-what=stop]")).to_have_count(0)
    await chat.page.wait_for_load_state("networkidle")
    await chat.page.wait_for_timeout(300)
    assert await difference(chat.page, f"conversation-{look}") < MOST


async def test_what_goes_wrong(visit: Visit) -> None:
    chat = await visit(endpoint="/hostile/413", viewport=WIDE)
    await chat.say("hello")
    await expect(chat.button("Send again").or_(chat.button("Try again")).first).to_be_visible()
    assert await difference(chat.page, "refused") < MOST
    gone = await visit(endpoint="/hostile/404", thread="thr_1", ready=False, viewport=WIDE)
    await expect(gone.alert).to_be_visible()
    assert await difference(gone.page, "gone") < MOST


@pytest.mark.parametrize("look", ["light", "dark", "narrow"])
async def test_taskflow(open_taskflow: Open, look: str) -> None:
    scheme = "dark" if look == "dark" else "light"
    viewport = NARROW if look == "narrow" else {"width": 1280, "height": 760}
    page = await open_taskflow(color_scheme=scheme, viewport=viewport)
    for words in ("add a task to bake a cake, high priority", "add a task to call Ann, low priority", "start task 1"):
        await page.ask(words)
    if look == "narrow":
        await page.tab("Board").click()
    await expect(page.card("Bake a cake", "In progress")).to_be_visible()
    await page.page.mouse.move(1, 1)
    await page.page.wait_for_timeout(300)
    assert await difference(page.page, f"taskflow-{look}") < MOST
