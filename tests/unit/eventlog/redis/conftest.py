"""Event logs as two processes have them, on one Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

import pytest

from fastapi_chatkit.eventlog.base import LogUnavailable
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


async def says(log: RedisEventLog, words: str) -> None:
    """Wait until a log says that something is wrong."""
    async with asyncio.timeout(20):
        said = ""
        while words not in said:
            try:
                await log.check()
            except LogUnavailable as error:
                said = str(error)
            await asyncio.sleep(0.02)


async def is_useful(log: RedisEventLog) -> None:
    """Wait until nothing is wrong with a log."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await log.check()
            except LogUnavailable:
                await asyncio.sleep(0.02)
