"""A page with the component, as one uses it, and what it says of itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, Locator, Page, ViewportSize, expect

from benchmarks.harness import Server

_WATCH = Path(__file__).with_name("watch.js").read_text()
_SIZE: ViewportSize = {"width": 1280, "height": 800}
_PATIENCE_MS = 60_000
_SAMPLE_MICROSECONDS = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """When something was in the document, and when it was painted: milliseconds of the page's clock."""

    drawn: float
    painted: float


@dataclass(frozen=True, slots=True)
class Held:
    """What a page holds after garbage was collected: MiB of JavaScript's heap, all nodes that exist, and the elements
    of the component that are shown.
    """

    heap: float
    nodes: int
    elements: int


class Tab:
    """A page. Make it with `open_tab`."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self.page = page
        self._session = session

    @property
    def composer(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_role("textbox", name="Message", exact=True)

    async def visit(self, server: Server, thread: str = "") -> None:
        """Open the page of `serve`, with a thread if need be."""
        await self.page.goto(f"http://127.0.0.1:{server.port}/" + (f"?thread={thread}" if thread else ""))

    async def send(self, message: str) -> None:
        """Write a message and press Enter."""
        await self.composer.fill(message)
        await self.composer.press("Enter")

    async def until_done(self) -> None:
        """Wait until no answer is being written."""
        await expect(self.page.get_by_role("button", name="Stop")).to_have_count(0, timeout=_PATIENCE_MS)

    @property
    def thread(self) -> str:
        """The thread that is open, as the page's address has it."""
        return self.page.url.partition("?thread=")[2]

    async def ask(self, script: str, given: Any = None) -> Any:
        """What a script of the page answers."""
        return await self.page.evaluate(script, given)

    async def said(self, part: str, text: str) -> Shown:
        """Wait until the last of these parts says this."""
        return Shown(**await self.ask("([part, text]) => watch.said(part, text)", [part, text]))

    async def held(self) -> Held:
        """What it holds when all garbage is gone."""
        for _ in range(2):  # what the first one has finalized, the second one collects
            await self._session.send("HeapProfiler.collectGarbage")
        metrics = await self.metrics()
        return Held(metrics["JSHeapUsedSize"] / 2**20, int(metrics["Nodes"]), await self.ask("watch.elements()"))

    async def metrics(self) -> dict[str, float]:
        """What the browser counts of a page, `TaskDuration` (the seconds of all tasks of its main thread) among it."""
        answer = await self._session.send("Performance.getMetrics")
        return {metric["name"]: metric["value"] for metric in answer["metrics"]}

    @asynccontextmanager
    async def profiled(self, folder: Path | None, name: str) -> AsyncIterator[None]:
        """Profile what the page does meanwhile, into a file for a browser's own tools, if there is a folder for it."""
        if folder is None:
            yield
            return
        await self._session.send("Profiler.enable")
        await self._session.send("Profiler.setSamplingInterval", {"interval": _SAMPLE_MICROSECONDS})
        await self._session.send("Profiler.start")
        yield
        answer = await self._session.send("Profiler.stop")
        await asyncio.to_thread(_keep, answer["profile"], folder, name)


def _keep(profile: Any, folder: Path, name: str) -> None:
    """In a file of its own, beside those of earlier rounds."""
    number = len(list(folder.glob(f"{name}-*.cpuprofile"))) + 1
    (folder / f"{name}-{number}.cpuprofile").write_text(json.dumps(profile))


@asynccontextmanager
async def open_tab(browser: Browser) -> AsyncIterator[Tab]:
    """An empty page of somebody who was never here; it moves as it does for most people."""
    context = await browser.new_context(viewport=_SIZE, reduced_motion="no-preference")
    context.set_default_timeout(_PATIENCE_MS)
    await context.add_init_script(_WATCH)
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Performance.enable")
    yield Tab(page, session)
    await context.close()
