"""Debian's Chromium, without a window and without a GPU; and the CPU that its processes use, by what they do."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psutil
from playwright.async_api import Browser, async_playwright

from benchmarks.figures import OURS
from benchmarks.harness import DidNotStart
from benchmarks.machine import Cores, pin

BINARY = "chromium"
ARGUMENTS = ("--no-sandbox",)
"""As the tests in a browser have it: nothing is switched off that a browser does, nor on."""


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds of CPU. Without a GPU what a page looks like is made by software: in the renderer's other threads, and by
    SwiftShader in the GPU's process, which a GPU does elsewhere.
    """

    main: float
    """The renderer's main thread: scripts, styles, layout, and what is to be painted."""
    raster: float
    """The other threads of the renderer, the compositor's among them, and the GPU's process."""
    rest: float
    """The browser's own process, and its network."""

    def __sub__(self, before: "Used") -> "Used":
        return Used(self.main - before.main, self.raster - before.raster, self.rest - before.rest)


@asynccontextmanager
async def chromium(cores: Cores) -> AsyncIterator[Browser]:
    """A browser with nothing open, on all cores: it has threads that work side by side, as everybody's has.

    :raises DidNotStart: there is none here.
    """
    binary = shutil.which(BINARY)
    if binary is None:
        raise DidNotStart(OURS, f"{BINARY} is not installed, so that nothing can be measured in a browser")
    pin(0, cores.server | cores.load)
    playwright = await async_playwright().start()
    try:
        browser = await playwright.chromium.launch(executable_path=binary, args=list(ARGUMENTS))
        pin(0, cores.load)
        yield browser
        await browser.close()
    finally:
        pin(0, cores.load)
        await playwright.stop()


async def used(browser: Browser) -> Used:
    """What the browser's processes have used so far. It has one page; renderers that it keeps in reserve do nothing."""
    session = await browser.new_browser_cdp_session()
    known = await session.send("SystemInfo.getProcessInfo")
    await session.detach()
    main = raster = rest = 0.0
    for process in known["processInfo"]:
        pid = int(process["id"])
        threads: list[Any] = []
        with suppress(psutil.NoSuchProcess):  # it has ended since it was listed
            threads = psutil.Process(pid).threads()
        for thread in threads:
            seconds = thread.user_time + thread.system_time
            if process["type"] == "renderer" and thread.id == pid:
                main += seconds
            elif process["type"] in ("renderer", "GPU"):
                raster += seconds
            else:
                rest += seconds
    return Used(main, raster, rest)
