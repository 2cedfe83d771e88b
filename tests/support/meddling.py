"""A network that does not do what it should: a TCP proxy that holds answers back, or breaks off before them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

Mode = Literal["pass", "hold", "break", "refuse"]


class Meddling:
    """Passes bytes on between clients and ``upstream``, whose requests always arrive.

    ``hold`` keeps the answers that begin from now on for itself, ``break`` ends the connection instead of answering,
    ``refuse`` ends every connection at once. ``swallowed`` counts the answers that were kept.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.mode: Mode = "pass"
        self.swallowed = 0
        self.url = ""

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its beginning to its end."""
        ends = [writer]
        try:
            if self.mode != "refuse":
                upstream = urlsplit(self.upstream)
                answers, requests = await asyncio.open_connection(upstream.hostname, upstream.port)
                ends.append(requests)
                await self._pass_both(self._requests(reader, requests), self._answers(answers, writer))
        except OSError:
            pass  # one side has gone, and so does the other
        finally:
            for end in ends:
                end.transport.abort()

    async def _pass_both(self, *directions: Coroutine[Any, Any, None]) -> None:
        """Until one of them has ended."""
        tasks = [asyncio.create_task(direction) for direction in directions]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _requests(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while (chunk := await source.read(65_536)) and self.mode != "refuse":
            target.write(chunk)
            await target.drain()

    async def _answers(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65_536):
            if self.mode != "pass":
                self.swallowed += 1
                if self.mode == "break":
                    return
                continue
            target.write(chunk)
            await target.drain()


@contextmanager
def meddling(upstream: str) -> Iterator[Meddling]:
    """The proxy in front of ``upstream``, in a thread of its own, on a loopback port: its ``url``."""
    proxy = Meddling(upstream)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listener = asyncio.run_coroutine_threadsafe(asyncio.start_server(proxy.connected, "127.0.0.1", 0), loop).result(10)
    proxy.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(_end(listener), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(listener: asyncio.Server) -> None:
    listener.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # a transport closes its socket a moment after it is told to
