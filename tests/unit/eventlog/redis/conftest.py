"""Event logs as two processes have them, on one Redis."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

import pytest

from fastapi_chatkit.eventlog.redis.log import RedisEventLog

OpenLog: TypeAlias = Callable[[str], Awaitable[RedisEventLog]]


@pytest.fixture
async def open_log() -> AsyncIterator[OpenLog]:
    """Opens logs on a URL, each as a process of its own would; they are closed after the test."""
    logs: list[RedisEventLog] = []

    async def open_one(url: str) -> RedisEventLog:
        logs.append(RedisEventLog(url))
        await logs[-1].start()
        return logs[-1]

    yield open_one
    for log in logs:
        await log.close()
