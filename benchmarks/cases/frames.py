"""An answer of a hundred tokens a second: whether the page keeps its frames, and what drawing it takes."""

import asyncio
import json
import time
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median

from benchmarks import contenders
from benchmarks.answers import WrongAnswer
from benchmarks.browser.chromium import chromium, used
from benchmarks.browser.tab import Tab, open_tab
from benchmarks.browser.talk import ARTICLE, RATE, tokens
from benchmarks.cases.base import Say, Sole
from benchmarks.client import connect, post
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Harness, Server
from benchmarks.workload import operation
from fastapi_chatkit.hosts import login

_PER_SECOND = 60
_LONG_MS = 20.0
"""A frame that was left out: the next one is two frames later, which is 33 ms."""
_AROUND_SECONDS = 2
"""How much longer the answer goes on than it is looked at."""


class Frames(Sole):
    """Each token is an event of its own. A page that draws nothing still has its frames, so that their number is held
    together with the time that they take.
    """

    name = "frames"

    def __init__(self, *, seconds: int) -> None:
        self._seconds = seconds
        self._tokens = tokens(RATE * (seconds + _AROUND_SECONDS))

    def figures(self) -> Sequence[Figure]:
        detail = f"{RATE} tokens/s for {self._seconds} s: text, code, a table"
        most = 1000 / _PER_SECOND
        return [
            Figure(self.name, "between two frames, mean", detail, "ms", Target(round(most * 1.01, 2)), "{:.1f}/s"),
            Figure("frames_p50", "between two frames, p50", detail, "ms", Target(round(most * 1.01, 2))),
            Figure("frames_p95", "between two frames, p95", detail, "ms", Target(_LONG_MS), "{:.2f} % longer than 20"),
            Figure("frames_main", "main thread, of a core", detail, "%", Target(30.0), "tasks by the clock {:.0f}"),
            Figure("frames_raster", "compositor and raster in software, of a core", detail, "%", None, "rest {:.0f}"),
        ]

    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        async with (
            harness.running(contenders.in_browser(merged=False)) as server,
            chromium(harness.cores) as browser,
            open_tab(browser) as tab,
        ):
            await tab.visit(server)
            await tab.send(f"{ARTICLE} {len(self._tokens)}")
            await tab.said("assistant-message", "Chapter 1")
            async with tab.profiled(harness.profiles, self.name):
                before, tasks, began = await used(browser), await tab.metrics(), time.perf_counter()
                await tab.ask("watch.beginFrames()")
                await asyncio.sleep(self._seconds)
                frames: list[float] = await tab.ask("watch.endFrames()")
                took, after, tasks_after = time.perf_counter() - began, await used(browser), await tab.metrics()
            await tab.until_done()
            await _check(server, tab, "".join(self._tokens))
        cpu = after - before
        between = sorted(later - earlier for earlier, later in pairwise(frames))
        left_out = sum(gap > _LONG_MS for gap in between) / len(between)
        on_main = tasks_after["TaskDuration"] - tasks["TaskDuration"]
        return {
            self.name: Sample(fmean(between), 1000 / fmean(between)),
            "frames_p50": Sample(median(between)),
            "frames_p95": Sample(between[len(between) * 95 // 100], left_out * 100),
            "frames_main": Sample(cpu.main / took * 100, on_main / took * 100),
            "frames_raster": Sample(cpu.raster / took * 100, cpu.rest / took * 100),
        }


async def _check(server: Server, tab: Tab, text: str) -> None:
    """The answer is stored whole, and the page shows all of its tables and all of its code."""
    connection = await connect(server.port)
    body = operation("items.list", thread_id=tab.thread, limit=1, order="desc")
    reply = await connection.ask(post(body, login()))
    connection.close()
    stored = json.loads(reply.body)["data"][0]["content"][0]["text"]
    if stored != text:
        raise WrongAnswer(f"an answer of {len(text)} characters has been stored as {len(stored)}")
    count = "part => watch.last('assistant-message').querySelectorAll(`[part~=${part}]`).length"
    shown = [await tab.ask(count, part) for part in ("code", "table")]
    if shown != [-(-text.count("```") // 2), text.count("| --- |")]:
        raise WrongAnswer(f"the page shows {shown} blocks of code and tables")
