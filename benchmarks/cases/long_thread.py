"""A thread of ten thousand items in a browser: how soon it is there, and what it holds while one scrolls."""

import asyncio
import re
import time
from collections.abc import Sequence
from statistics import median

from playwright.async_api import Browser

from benchmarks import contenders
from benchmarks.answers import WrongAnswer
from benchmarks.browser.chromium import chromium
from benchmarks.browser.long_thread import fill, said
from benchmarks.browser.tab import Held, Shown, Tab, open_tab
from benchmarks.browser.tasks import traced
from benchmarks.cases.base import Say, Sole
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Harness, Server
from fastapi_chatkit.hosts import login

_SET_THREAD = "document.querySelector('openai-chatkit').setThreadId"
_ANSWER = "assistant-message"
_WHEEL, _THROW = 1200, 4800
"""Pixels a turn of the wheel: a quick hand's, and those of one that has seen it all."""
_GLANCE = 20
"""How many turns go by before it is looked at where one is."""
_AT_REST_SECONDS = 1.0
_PATIENCE_SECONDS = 600
_PAGE = 50
"""Items that the component loads at a time."""
_STOPS = 4
"""At so many places of the thread it is looked at what the page holds."""
_PLACE = re.compile(r"Item (\d+): ")


class LongThread(Sole):
    """Opened from a new thread's page, and with the page; then scrolled up by the wheel through all its pages, down
    again and up again.
    """

    name = "long_thread"
    once = True

    def __init__(self, *, items: int, times: int) -> None:
        self._items = items
        self._times = times

    def figures(self) -> Sequence[Figure]:
        thread, way = f"{self._items:,} items", "scrolled to the first by the wheel"
        return [
            Figure("open_thread", "setThreadId to its newest items, painted, p50", thread, "ms", Target(300.0)),
            Figure("open_page", "page with a thread, to its items, painted, p50", thread, "ms", Target(300.0)),
            Figure("long_tasks", "tasks of more than 50 ms", way, "", Target(0.0), "longest {:.0f} ms"),
            Figure("task", "longest task, CPU", way, "ms", Target(50.0)),
            Figure("heap_all", "heap when all is loaded", way, "MiB", None, "at first {:.1f}"),
            Figure("heap_scrolled", "heap that scrolling adds then", "down and up again", "MiB", Target(1.0)),
            Figure("heap_loaded", "heap of an item that is loaded, by its JSON", way, "x", Target(2.0), "{:.2f} KiB"),
            Figure("elements", "elements shown, most", way, "", None, "at first {:.0f}"),
        ]

    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        database = harness.directory / f"long-{time.monotonic_ns()}.db"
        thread, json_bytes = await fill(database, login(), self._items)
        async with (
            harness.running(contenders.in_browser(database)) as server,
            chromium(harness.cores) as browser,
            open_tab(browser) as tab,
        ):
            opened = await self._opened(server, tab, thread)
            async with tab.profiled(harness.profiles, self.name):
                return opened | await self._scrolled(browser, tab, json_bytes / 2**20, say)

    async def _opened(self, server: Server, tab: Tab, thread: str) -> dict[str, Sample]:
        """The thread is open afterwards."""
        pages: list[float] = []
        for _ in range(self._times + 1):  # what comes first fills the browser's cache
            await tab.visit(server, thread)
            pages.append((await self._newest(tab)).painted)
        threads: list[float] = []
        for _ in range(self._times):
            await tab.ask(f"{_SET_THREAD}(null)")
            await asyncio.sleep(_AT_REST_SECONDS / 5)
            began = await tab.ask(f"id => {{ const at = performance.now(); {_SET_THREAD}(id); return at; }}", thread)
            threads.append((await self._newest(tab)).painted - began)
        return {"open_thread": Sample(median(threads)), "open_page": Sample(median(pages[1:]))}

    async def _newest(self, tab: Tab) -> Shown:
        return await tab.said(_ANSWER, said(self._items - 1))

    async def _scrolled(self, browser: Browser, tab: Tab, json_size: float, say: Say) -> dict[str, Sample]:
        """The first way up loads all there is; the way down and the second one up come by it again."""
        await tab.page.mouse.move(600, 400)
        at_first = await _at_rest(tab)
        await tab.ask("watch.takeLongTasks()")
        seen, long, cpu = [at_first], list[float](), list[float]()
        for stop in range(_STOPS - 1, -1, -1):
            async with traced(browser) as tasks:
                await _wheel(tab, -_WHEEL, self._items * stop // _STOPS)
            cpu += tasks.cpu
            long += await tab.ask("watch.takeLongTasks()")
            seen.append(await _at_rest(tab))
            await tab.ask("watch.takeLongTasks()")  # the collection of garbage is not the page's
            say(f"{self.name}: at item {self._items * stop // _STOPS}: {seen[-1]}, {len(long)} long tasks")
        await _wheel(tab, _THROW, self._items - _PAGE)
        await _wheel(tab, -_THROW, 0)
        again = await _at_rest(tab)
        say(f"{self.name}: down and up again: {again}")
        loaded = seen[-1].heap - seen[1].heap  # without what a page fills once, while it is new
        rest = 1 - 1 / _STOPS
        return {
            "long_tasks": Sample(len(long), max(long, default=0.0)),
            "task": Sample(max(cpu)),
            "heap_all": Sample(seen[-1].heap, at_first.heap),
            "heap_scrolled": Sample(again.heap - seen[-1].heap),
            "heap_loaded": Sample(loaded / json_size / rest, loaded / self._items / rest * 1024),
            "elements": Sample(max(held.elements for held in seen), at_first.elements),
        }


async def _wheel(tab: Tab, pixels: int, goal: int) -> None:
    """Turn the wheel, so many pixels a time, until what is drawn begins with the item at this place or one beyond."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        for _ in range(_GLANCE):
            await tab.page.mouse.wheel(0, pixels)
        found = _PLACE.search(await tab.ask("watch.first('item').textContent"))
        if found and (int(found[1]) >= goal if pixels > 0 else int(found[1]) <= goal):
            return
    raise WrongAnswer(f"item {goal} does not come into view")


async def _at_rest(tab: Tab) -> Held:
    """What the page holds when it has nothing more to do."""
    await asyncio.sleep(_AT_REST_SECONDS)
    return await tab.held()
