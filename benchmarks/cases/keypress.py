"""From Enter in the composer to the first painted words of the answer, over what the server takes for them."""

import asyncio
import random
import uuid
from collections.abc import Sequence
from statistics import median

from benchmarks import contenders
from benchmarks.answers import WrongAnswer, streamed_text, thread_id
from benchmarks.browser.chromium import chromium
from benchmarks.browser.tab import Tab, open_tab
from benchmarks.cases.base import Say, Sole
from benchmarks.client import Connection, Reply, connect, post
from benchmarks.figures import OURS, Figure, Sample, Target
from benchmarks.harness import Harness
from benchmarks.workload import say as begin_with
from benchmarks.workload import say_in
from fastapi_chatkit.hosts import login

_WARM_UP = 5
_PAUSE_SECONDS = 0.15
_DELTA = b'"delta":'


class Keypress(Sole):
    """Presses and requests take turns: each press is followed by the same request from a client that only takes its
    time, in a thread of its own that is as long.
    """

    name = "keypress"

    def __init__(self, *, times: int) -> None:
        self._times = times

    def figures(self) -> Sequence[Figure]:
        detail = f"{self._times} messages in a thread, over the server's own time"
        return [
            Figure(self.name, "Enter to the first painted words, p50", detail, "ms", Target(100.0), "server {:.1f}"),
            Figure("keypress_p95", "the same, p95", detail, "ms"),
        ]

    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        async with (
            harness.running(contenders.in_browser()) as server,
            chromium(harness.cores) as browser,
            open_tab(browser) as tab,
        ):
            await tab.visit(server)
            await tab.send("a thread begins")
            await tab.until_done()
            connection = await connect(server.port)
            thread = await _new_thread(connection)
            pressed: list[float] = []
            served: list[float] = []
            async with tab.profiled(harness.profiles, self.name):
                for number in range(_WARM_UP + self._times):
                    pressed.append(await _press(tab, f"m{number} is what is said now"))
                    served.append(await _ask(connection, thread, f"m{number} is what is said now"))
            connection.close()
        server_ms = median(served[_WARM_UP:])
        over = sorted(press - server_ms for press in pressed[_WARM_UP:])
        return {
            self.name: Sample(median(over), server_ms),
            "keypress_p95": Sample(over[len(over) * 95 // 100]),
        }


async def _press(tab: Tab, message: str) -> float:
    """Milliseconds from Enter to the first word of the answer, which is that of the message."""
    word, _, _ = message.partition(" ")
    await tab.composer.fill(message)
    await asyncio.sleep(_PAUSE_SECONDS + random.random() / 60)  # so that a press may come anywhere in a frame
    waiting = asyncio.ensure_future(tab.said("assistant-message", word))
    await tab.ask("null")  # by now the page waits for the word
    await tab.page.keyboard.press("Enter")
    shown = await waiting
    await tab.until_done()
    return shown.painted - await tab.ask("watch.pressed")


async def _new_thread(connection: Connection) -> str:
    message = "a thread begins"
    return thread_id(await connection.ask(post(begin_with(message), login())), OURS)


async def _ask(connection: Connection, thread: str, message: str) -> float:
    """Milliseconds from the same request to its first delta."""
    more = {"Accept": "text/event-stream", "X-ChatKit-Resume": "1", "Idempotency-Key": str(uuid.uuid4())}
    reply = await connection.ask(post(say_in(thread, message), login(), more=more))
    if streamed_text(reply.body) != f"{message} ":
        raise WrongAnswer(f"{message!r} was answered with {reply.body[-2000:]!r}")
    return (_first_delta(reply) - reply.sent) * 1e3


def _first_delta(reply: Reply) -> float:
    return next(at for piece, at in zip(reply.raw, reply.times, strict=True) if _DELTA in piece)
