"""A browser that all tests share, and servers that it talks to; each test has a user and a storage of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.browser.chat import Chat
from tests.browser.house import APP, PLAIN, TASKFLOW, House, Place
from tests.browser.taskflow import TaskFlow
from tests.browser.watch import Watch
from tests.support.forking import Forks
from tests.support.missing import missing

PATIENCE_MS = 10_000

_users = count(1)


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    forks = Forks("tests.browser.hostile", "tests.support.memory_store", "examples.taskflow.app")
    yield forks
    forks.close()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's chromium."""
    binary = shutil.which("chromium")
    if binary is None:
        missing("chromium", "a browser")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def house(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application of these tests, which is not to be killed."""
    with House(forks, tmp_path_factory.mktemp("house"), APP) as house:
        yield house


@pytest.fixture
def own_house(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same for one test, which may kill it."""
    with House(forks, tmp_path_factory.mktemp("own"), APP) as house:
        yield house


@pytest.fixture(scope="session")
def taskflow(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """What ``make serve`` runs."""
    with House(forks, tmp_path_factory.mktemp("taskflow"), TASKFLOW) as house:
        yield house


@pytest.fixture(scope="session")
def plain(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The plain server."""
    with House(forks, tmp_path_factory.mktemp("plain"), PLAIN) as house:
        yield house


@pytest.fixture
def user() -> str:
    """Somebody whom no other test knows."""
    return f"user-{next(_users)}"


Contexts = Callable[..., Awaitable[BrowserContext]]


@asynccontextmanager
async def opening(browser: Browser, watch: Watch) -> AsyncGenerator[Contexts]:
    """Opens contexts, under one watch, and closes them."""
    async with AsyncExitStack() as stack:

        async def open_context(**options: Any) -> BrowserContext:
            context = await browser.new_context(**{"reduced_motion": "reduce", **options})
            context.set_default_timeout(PATIENCE_MS)
            stack.push_async_callback(context.close)
            await watch.begin(context)
            return context

        yield open_context


@pytest.fixture
def watch() -> Watch:
    """What the pages of this test have done; looked at when it is over."""
    return Watch(set())


@pytest.fixture
async def contexts(browser: Browser, watch: Watch) -> AsyncIterator[Contexts]:
    """Opens contexts: browsers of different people, or of one who has just come."""
    async with opening(browser, watch) as open_context:
        yield open_context
        watch.check()


Visit = Callable[..., Awaitable[Chat]]


@pytest.fixture
def visit(contexts: Contexts, house: House, watch: Watch, user: str) -> Visit:
    """Opens a page with the component alone.

    ``context`` is one that is there; ``options`` are the component's; ``ready``: wait until one can write; the rest is
    for a new context.
    """

    async def open_page(
        url: str = "",
        *,
        at: Place = house,
        endpoint: str = "/chatkit",
        thread: str | None = None,
        context: BrowserContext | None = None,
        options: dict[str, Any] | None = None,
        ready: bool = True,
        **new: Any,
    ) -> Chat:
        watch.origins.add(at.url)
        context = context or await contexts(**new)
        await context.add_init_script(f"window.chatOptions = {json.dumps({'user': user, **(options or {})})}")
        tab: Page = await context.new_page()
        query = f"?endpoint={endpoint}" + (f"&thread={thread}" if thread else "")
        await tab.goto(url or f"{at.url}/page{query}")
        chat = Chat(tab)
        if ready:
            await chat.until_ready()
        return chat

    return open_page


Open = Callable[..., Awaitable[TaskFlow]]


@pytest.fixture
def open_taskflow(contexts: Contexts, taskflow: House, watch: Watch, user: str) -> Open:
    """Opens the page as this test's user, in a new context or in one that is there."""

    async def open_page(context: BrowserContext | None = None, *, hint: bool = False, **new: Any) -> TaskFlow:
        watch.origins.add(taskflow.url)
        if context is None:
            context = await contexts(**new)
            known = {"taskflow user": user, **({} if hint else {"taskflow hint seen": "yes"})}
            begin = f"""
              if (location.protocol === "http:" && !localStorage.getItem("taskflow user"))
                for (const [name, value] of Object.entries({json.dumps(known)})) localStorage.setItem(name, value);
            """
            await context.add_init_script(begin)
        page: Page = await context.new_page()
        await page.goto(taskflow.url)
        return TaskFlow(page)

    return open_page
