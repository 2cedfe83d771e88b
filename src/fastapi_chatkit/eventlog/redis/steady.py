"""A task that goes on, whatever goes wrong in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from redis.exceptions import RedisError

from ..base import LogUnavailable
from .ending import end
from .health import Health

RETRY_SECONDS = 1.0
"""How long to wait after Redis could not be used, unless there is something new to do."""

REPAIR_SECONDS = 1.0, 60.0
"""How long to wait after an error of our own; twice as long after each further one, up to the second."""

logger = logging.getLogger(__name__)


class Steady:
    """Does ``work`` until it returns, and again where it raises: after ``lost``, and a while.

    This is an edge: an error of Redis is its health's, any other one is ours, and is logged with its traceback.
    """

    def __init__(
        self, work: Callable[[], Awaitable[None]], lost: Callable[[], Awaitable[None]], health: Health, part: str
    ) -> None:
        self._work = work
        self._lost = lost
        self._health = health
        self._part = part
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it does, or is about to do again."""
        return self._task is not None and not self._task.done()

    def check(self) -> None:
        """:raises LogUnavailable: it does not."""
        if not self.is_running:
            raise LogUnavailable(f"nothing is {self._part} in Redis: this process has not begun to, or has ended it")

    def start(self) -> None:
        """Begin, unless it has; at once where it waits for Redis."""
        self._news.set()
        if not self.is_running:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def wait(self, seconds: float) -> None:
        """Wait for so long until it has done its work."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=seconds)

    async def close(self) -> None:
        """End it."""
        await end([self._task] if self._task else [])
        await self._lost()

    async def _run(self) -> None:
        repair_seconds, longest = REPAIR_SECONDS
        while (error := await self._try(self._work)) is not None:
            await self._try(self._lost)
            if isinstance(error, RedisError):
                await self._pause()
            else:
                await asyncio.sleep(repair_seconds)
                repair_seconds = min(2 * repair_seconds, longest)

    async def _try(self, what: Callable[[], Awaitable[None]]) -> Exception | None:
        """Do it; what went wrong."""
        try:
            await what()
        except RedisError as error:
            self._health.failed(self._part, error)
            return error
        except Exception as error:
            logger.exception("an error of our own while %s in Redis; it goes on", self._part)
            self._health.failed(self._part, error)
            return error
        return None

    async def _pause(self) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(RETRY_SECONDS):
                await self._news.wait()
        except TimeoutError:
            pass
