"""What goes to Redis: everything that a process has to write, in rounds of one pipeline each.

Nothing is queued here but who has something to write: what it is, its owner says when the round comes. So what came in
between goes in one, and what Redis cannot take now waits where it is anyway.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

from redis.exceptions import RedisError, ResponseError

from .base import Connections
from .health import Health
from .letters import Letter, is_of_one_key
from .line import Command

ROUND_SECONDS = 0.002
"""How far apart rounds begin at least: tokens that come meanwhile share an entry. The first one never waits."""

ROUND_BYTES = 1024 * 1024
"""How much a round sends, about; then the next one goes on where it stopped."""

BACKOFF_SECONDS = (0.05, 2.0)
"""How long to wait after a round that failed; twice as long after each further one, up to the second."""

PARTIAL_SECONDS = 0.1
"""How long at most where something was answered: the rest of a cluster has not failed."""

PING = Command(None, ("PING",))

logger = logging.getLogger(__name__)


class Outbox:
    """Sends letters, those of who waited longest first."""

    def __init__(self, connections: Connections, health: Health, part: str, keep_bytes: int) -> None:
        self._connections = connections
        self._health = health
        self._part = part
        self._keep_bytes = keep_bytes
        self._letters: deque[Letter] = deque()
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._failures = 0
        self._epoch = 0

    def post(self, letter: Letter) -> None:
        """Send a letter that is not here yet, in the next round."""
        self._letters.append(letter)
        self._news.set()

    def close(self) -> None:
        """Let :meth:`run` end when there is nothing left."""
        self._closing.set()
        self._news.set()

    async def run(self) -> None:
        """Send whatever is posted, until it is closed."""
        loop = asyncio.get_running_loop()
        while True:
            if not self._letters:
                if self._closing.is_set():
                    return
                if not self._failures:
                    self._news.clear()
                    await self._news.wait()
                    continue
            began = loop.time()
            replies = await self._round()
            wrong = [reply for reply in replies if isinstance(reply, RedisError) and not is_of_one_key(reply)]
            if wrong:
                in_part = any(not isinstance(reply, RedisError) for reply in replies)
                await self._wait(self._back_off(wrong[0], in_part=in_part))
                self._shed()
            else:
                self._failures = 0
                self._health.works(self._part)
                await asyncio.sleep(began + ROUND_SECONDS - loop.time())

    async def _wait(self, seconds: float) -> None:
        """For so long; where nothing is left to write, until it is closed at most."""
        if self._letters:
            await asyncio.sleep(seconds)
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._closing.wait()

    async def _round(self) -> list[Any]:
        """Send what there is, up to a round's worth; the replies."""
        letters, commands = self._written()
        try:
            replies = await self._connections.send(commands or [PING])
        except Exception:  # nobody knows what has arrived
            self._letters.extendleft(letter for letter, _ in reversed(letters))
            self._epoch += 1
            raise
        rest = iter(replies)
        for letter, count in letters:
            answers = list(islice(rest, count))
            with _edge(letter):
                if letter.answered(answers):
                    self._letters.append(letter)
        return replies

    def _written(self) -> tuple[list[tuple[Letter, int]], list[Command]]:
        """A round's worth: who writes how many commands, and the commands."""
        letters, commands, room = list[tuple[Letter, int]](), list[Command](), ROUND_BYTES
        while self._letters and room > 0:
            letter = self._letters.popleft()
            with _edge(letter):
                written, size = letter.write(self._epoch)
                letters.append((letter, len(written)))
                commands += written
                room -= size
        return letters, commands

    def _back_off(self, wrong: RedisError, *, in_part: bool) -> float:
        """How long to wait, for that something is wrong."""
        self._health.failed(self._part, wrong)
        if not in_part and not isinstance(wrong, ResponseError):
            self._epoch += 1
        shortest, longest = BACKOFF_SECONDS
        self._failures = min(self._failures + 1, 10)
        return min(PARTIAL_SECONDS if in_part else longest, shortest * 2 ** (self._failures - 1))

    def _shed(self) -> None:
        """Give up what is kept only to be written, the newest last, where it is more than may be kept."""
        room = self._keep_bytes
        for letter in reversed(self._letters.copy()):
            room -= letter.excess()
            if room < 0 and letter.excess():
                self._letters.remove(letter)
                letter.give_up()


@contextmanager
def _edge(letter: Letter) -> Generator[None]:
    """An error of our own costs this letter, and no other."""
    try:
        yield
    except Exception:
        logger.exception("what could not be made for Redis is given up")
        letter.give_up()
