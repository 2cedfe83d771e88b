"""What a page is safe from: scripts in what anybody wrote, requests to anywhere, its own policy being too strict."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from fastapi_chatkit.page import HEADERS
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.samples import HOSTILE, MARKDOWN, WIDGETS
from tests.browser.watch import Watch

IMAGE = "img-src https://tracker.example"


def test_the_policy_is_as_strict_as_can_be() -> None:
    assert "default-src 'self'" in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("name", sorted(MARKDOWN.keys() - {"hostile"}))
async def test_all_of_markdown_is_drawn_under_it(visit: Visit, name: str) -> None:
    chat = await visit()
    await chat.ask(f"show {name}")
    await chat.page.wait_for_load_state("networkidle")


async def test_an_answer_runs_nothing_and_loads_nothing(visit: Visit, watch: Watch) -> None:
    chat = await visit()
    answer = await chat.ask("show hostile")
    await expect(answer).to_contain_text("The end.")
    await chat.page.wait_for_timeout(300)
    assert await chat.pwned() is None
    for link in await answer.get_by_role("link").all():
        assert (await link.get_attribute("href") or "").startswith(("http:", "https:", "mailto:"))
        await link.evaluate("node => node.addEventListener('click', event => event.preventDefault())")
    await expect(chat.composer).to_be_visible()
    # An image of a message's is shown unless the thread says otherwise: here it is the page's policy that stops it.
    watch.broken[:] = [line for line in watch.broken if IMAGE not in line]
    watch.elsewhere[:] = [url for url in watch.elsewhere if not url.startswith("https://tracker.example/pixel.png")]


@pytest.mark.parametrize("text", [HOSTILE, "<script>window.pwned = 30</script>", "[x](javascript:window.pwned=31)"])
async def test_nor_does_a_message_or_a_title(visit: Visit, text: str) -> None:
    chat = await visit()
    await chat.ask(text)
    await chat.ask(f"title {text}")
    await chat.call("showHistory")
    await expect(chat.root.get_by_role("dialog")).to_be_visible()
    await chat.page.reload()
    await chat.until_ready()
    await expect(chat.answers).to_have_count(2)
    assert await chat.pwned() is None


@pytest.mark.parametrize("name", sorted(WIDGETS))
async def test_nor_does_a_widget(visit: Visit, name: str) -> None:
    chat = await visit()
    await chat.say(f"widget {name}")
    await chat.until_done()
    await chat.page.wait_for_load_state("networkidle")
    assert await chat.pwned() is None
    await expect(chat.composer).to_be_visible()


async def test_a_page_of_another_origin_may_use_it(visit: Visit, house: House, watch: Watch) -> None:
    """The module alone: what it asks of the endpoint there is for that server's CORS to allow."""
    chat = await visit()
    other = house.url.replace("127.0.0.1", "localhost")
    watch.origins.add(other)
    page = await chat.page.context.new_page()
    await page.goto(f"{other}/chatkit/ui/licenses.md")
    load = "async url => { await import(url); return customElements.get('openai-chatkit') !== undefined }"
    assert await page.evaluate(load, f"{house.url}/chatkit/ui/chatkit.js")
