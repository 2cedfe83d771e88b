"""The tasks of a page's main thread, as the browser traces them: by the clock, and by the CPU that they had."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser

_CATEGORY = "toplevel"
_TASK = "ThreadControllerImpl::RunTask"
_MAIN = "CrRendererMain"


@dataclass(slots=True)
class Tasks:
    """Milliseconds of each task, once tracing has ended."""

    clock: list[float] = field(default_factory=list[float])
    cpu: list[float] = field(default_factory=list[float])


@asynccontextmanager
async def traced(browser: Browser) -> AsyncIterator[Tasks]:
    """All tasks meanwhile. Others may have the core in the middle of one, which its CPU does not tell."""
    tasks = Tasks()
    await browser.start_tracing(categories=[_CATEGORY])
    yield tasks
    trace = await browser.stop_tracing()
    read(await asyncio.to_thread(json.loads, trace), tasks)


def read(trace: dict[str, Any], into: Tasks) -> None:
    """Take the tasks of main threads from a trace, whose times are microseconds."""
    events = trace["traceEvents"]
    main = {_thread(event) for event in events if event["name"] == "thread_name" and event["args"]["name"] == _MAIN}
    for event in events:
        if event["name"] == _TASK and "dur" in event and _thread(event) in main:
            into.clock.append(event["dur"] / 1e3)
            into.cpu.append(event.get("tdur", 0) / 1e3)


def _thread(event: dict[str, Any]) -> tuple[int, int]:
    return event["pid"], event["tid"]
