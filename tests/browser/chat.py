"""The component as people use it: by roles and names, never by how it is made."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Locator, Page, Route, expect

YOURS = "Your message"
ANSWER = "Answer"


class Chat:
    """The component on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator("openai-chatkit")
        self.composer = self.root.get_by_role("textbox", name="Message", exact=True)
        self.send_button = self.root.get_by_role("button", name="Send message")
        self.stop_button = self.root.get_by_role("button", name="Stop")
        self.log = self.root.get_by_role("log")
        self.messages = self.log.get_by_role("article", name=YOURS)
        self.answers = self.log.get_by_role("article", name=ANSWER)
        self.alert = self.root.get_by_role("alert")

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """A button, wherever it is."""
        return self.root.get_by_role("button", name=name)

    async def until_ready(self) -> None:
        """Wait until somebody can use it."""
        await expect(self.root.locator(":scope")).to_be_visible()
        await self.page.wait_for_function(
            "window.told === undefined || window.told.some(({ name }) => name === 'ready')"
        )

    async def say(self, text: str) -> None:
        """Write a message and send it."""
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def ask(self, text: str) -> Locator:
        """Send a message, wait for the end of the answer; the answer."""
        before = await self.messages.count()
        await self.say(text)
        await expect(self.messages).to_have_count(before + 1)
        await self.until_done()
        return self.answers.last

    async def until_done(self, within: float = 10_000) -> None:
        """Wait until no answer is being written; ``within`` so many milliseconds."""
        await expect(self.stop_button).to_have_count(0, timeout=within)

    async def until_it_says(self, text: str | re.Pattern[str], within: float = 10_000) -> None:
        """Wait for words in the newest answer."""
        await expect(self.answers.last).to_contain_text(text, timeout=within)

    async def words(self) -> list[str]:
        """The numbered words (``word0 word1 …``) of the newest answer."""
        return re.findall(r"word\d+", await self.answers.last.inner_text())

    @property
    def thread(self) -> str:
        """The thread that is open, as the page's address has it."""
        found = re.search(r"[?&]thread=([\w-]+)", self.page.url)
        assert found, self.page.url
        return found[1]

    async def told(self, name: str) -> list[Any]:
        """The details of the component's events of this name."""
        return await self.page.evaluate(
            "name => window.told.filter(one => one.name === name).map(one => one.detail)", name
        )

    async def call(self, method: str, *arguments: Any) -> Any:
        """A method of the component's."""
        script = "([method, given]) => document.querySelector('openai-chatkit')[method](...given)"
        return await self.page.evaluate(script, [method, list(arguments)])

    async def pwned(self) -> Any:
        """What a script that should never have run has left behind."""
        return await self.page.evaluate("window.pwned ?? null")


def counted(number: int) -> list[str]:
    """The words that ``slow N`` says."""
    return [f"word{index}" for index in range(number)]


async def lost_on_the_way_back(page: Page, endpoint: str) -> list[str]:
    """The next answer to a message is lost, though the server has heard it; names of the operations that send one."""
    sent: list[str] = []

    async def answer(route: Route) -> None:
        operation = (route.request.post_data_json or {}).get("type", "")
        if operation not in ("threads.create", "threads.add_user_message"):
            await route.continue_()
            return
        sent.append(operation)
        if len(sent) > 1:
            await route.continue_()
            return
        await route.fetch()
        await route.abort("connectionreset")

    await page.route(endpoint, answer)
    return sent
