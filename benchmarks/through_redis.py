"""What the three ways through Redis have in common: so many producers, as many readers, and a clock around both.

A way is asked for a number of tokens by HTTP, so that it is a process of its own like every measured one; the clock is
in that process.
"""

import json
import os
import time
from collections.abc import Awaitable, Callable, Sequence

from benchmarks.limit.asgi import App, Receive, Send, answer, application
from benchmarks.workload import words

STREAMS = 64

URL = os.environ.get("BENCHMARK_REDIS_URL", "redis://127.0.0.1:6379/0")

Way = Callable[[Sequence[str]], Awaitable[Sequence[str]]]
"""Says each of the words in each of the streams; the text that each stream's reader has got."""


def through_redis(way: Way) -> App:
    """An application that answers ``{"count"}`` with ``{"wall", "cpu"}``, seconds for so many tokens in each stream."""

    async def work(request: dict[str, int], receive: Receive, send: Send) -> None:
        said = words(request["count"])
        cpu, began = time.process_time(), time.monotonic()
        read = await way(said)
        took = {"wall": time.monotonic() - began, "cpu": time.process_time() - cpu}
        right = list(read) == ["".join(said)] * STREAMS
        await answer(send, json.dumps(took).encode(), 200 if right else 500)

    return application(work)
