"""Two tabs in impatient hands, and a server that is killed meanwhile: all that was said is there, once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from playwright.async_api import Error, expect

from tests.browser.chat import Chat
from tests.browser.conftest import Visit
from tests.browser.house import House

SEED = 20261126
DEEDS = 40
AT_ONCE_MS = 300
"""What cannot be pressed within that is not there now."""

LIST = """
async ([user, thread_id]) => {
  const headers = { "Content-Type": "application/json", "X-User-ID": user, Authorization: "Bearer any" };
  const params = { thread_id, order: "asc", limit: 100 };
  const body = JSON.stringify({ type: "items.list", params });
  const response = await fetch("/chatkit", { method: "POST", headers, body });
  return (await response.json()).data;
}
"""


class Somebody:
    """Does one thing after the other, without waiting for what comes of it."""

    def __init__(self, tabs: list[Chat], chance: random.Random) -> None:
        self._tabs = tabs
        self._chance = chance
        self._numbers = count(1)
        self.said: list[str] = []

    async def do_something(self) -> None:
        """Whatever comes to mind; what is not there cannot be pressed."""
        deeds: dict[Callable[[Chat], Awaitable[None]], int] = {
            self._say: 6, self._hammer: 1, self._hesitate: 3, self._stop: 4, self._look_back: 2, self._reload: 2,
            self._lose_the_network: 2, self._resize: 1, self._rest: 3,
        }  # fmt: skip
        [deed] = self._chance.choices(list(deeds), list(deeds.values()))
        await deed(self._chance.choice(self._tabs))

    def _words(self) -> str:
        number = next(self._numbers)
        text = self._chance.choice([f"hello {number}", f"slow {number}"])
        self.said.append(text)
        return text

    async def _say(self, chat: Chat) -> None:
        await chat.say(self._words())

    async def _hammer(self, chat: Chat) -> None:
        await chat.composer.fill(self._words())
        for _ in range(10):
            await chat.composer.press("Enter")

    async def _hesitate(self, chat: Chat) -> None:
        await chat.say(self._words())
        await self._stop(chat)
        await chat.say(self._words())

    async def _stop(self, chat: Chat) -> None:
        try:
            await chat.stop_button.click(timeout=AT_ONCE_MS)
        except Error:
            return

    async def _look_back(self, chat: Chat) -> None:
        await chat.button("Show chat history").click()
        await expect(chat.root.get_by_role("dialog")).to_be_visible()
        await chat.page.keyboard.press("Escape")

    async def _reload(self, chat: Chat) -> None:
        await chat.page.reload()
        await chat.until_ready()

    async def _lose_the_network(self, chat: Chat) -> None:
        await chat.page.context.set_offline(True)
        await asyncio.sleep(self._chance.random() / 2)
        await chat.page.context.set_offline(False)

    async def _resize(self, chat: Chat) -> None:
        await chat.page.set_viewport_size({"width": self._chance.choice([320, 800]), "height": 600})

    async def _rest(self, chat: Chat) -> None:
        await asyncio.sleep(self._chance.random() / 2)


async def until_all_is_sent(chat: Chat) -> None:
    """Wait until nothing is on its way; what was not sent is sent again."""
    again, waiting = chat.button("Send again"), chat.button("Take back")
    for _ in range(200):
        if await again.count() > 0:
            await again.first.click()
        elif await waiting.or_(chat.stop_button).count() == 0:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(await chat.root.inner_text())


async def until_it_shows(chat: Chat, stored: list[str]) -> None:
    """Wait until the messages are those, or their end: those far above are not drawn."""
    shown: list[str] = []
    for _ in range(100):
        shown = [text.strip() for text in await chat.messages.all_inner_texts()]
        if shown and shown == stored[-len(shown) :]:
            return
        await asyncio.sleep(0.1)
    assert shown == stored


async def test_somebody_impatient(visit: Visit, own_house: House, user: str) -> None:
    first = await visit(at=own_house)
    await first.ask("hello")
    second = await visit(at=own_house, context=first.page.context, thread=first.thread)
    tabs = [first, second]
    somebody = Somebody(tabs, random.Random(SEED))
    for deed in range(DEEDS):
        if deed == DEEDS // 2:
            own_house.kill()
            own_house.start()
        await somebody.do_something()
    for chat in [*tabs, *tabs]:  # the second may have said something to the first
        await until_all_is_sent(chat)
    items: list[dict[str, Any]] = await first.page.evaluate(LIST, [user, first.thread])
    stored = [item["content"][0]["text"] for item in items if item["type"] == "user_message"]
    assert sorted(stored) == sorted(["hello", *somebody.said])
    for chat in tabs:
        await until_it_shows(chat, stored)
        await expect(chat.composer).to_be_editable()
        await expect(chat.root.locator("[aria-busy=true]")).to_have_count(0)
    assert "and it goes on" in await (await first.ask("and it goes on")).inner_text()
