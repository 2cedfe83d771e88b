"""TaskFlow's page as people use it."""

from __future__ import annotations

from playwright.async_api import Locator, Page

from tests.browser.chat import Chat


class TaskFlow(Chat):
    """The board, and the chat beside it."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.board = page.get_by_role("region", name="Board")
        self.hint = page.get_by_role("complementary", name="Hint")
        self.project = page.get_by_role("combobox", name="Project")
        self.user = page.get_by_role("combobox", name="You are")
        self.status = page.locator("#said")
        self.adding = self.board.get_by_role("textbox", name="Title of a new task")

    def column(self, name: str) -> Locator:
        """A column of the board."""
        return self.board.get_by_role("region", name=name)

    def card(self, title: str, column: str | None = None) -> Locator:
        """A task on the board, or in one of its columns."""
        place = self.column(column) if column else self.board
        return place.get_by_role("listitem").filter(has=self.page.get_by_role("button", name=title, exact=True))

    def tab(self, name: str) -> Locator:
        """On a narrow screen, what switches between board and chat."""
        return self.page.get_by_role("tab", name=name)

    async def open(self, title: str) -> Locator:
        """Open a task; its dialog."""
        await self.card(title).get_by_role("button", name=title, exact=True).click()
        return self.page.get_by_role("dialog", name=title)
