"""Reading an event log to its end, or to its gap."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi_chatkit.eventlog.base import LogGap, Reader
from fastapi_chatkit.events import LoggedEvent

WITHIN_SECONDS = 20.0


async def read_all(reader: Reader) -> list[LoggedEvent]:
    """Every event to the run's end."""
    async with asyncio.timeout(WITHIN_SECONDS):
        return [event async for batch in reader for event in batch]


async def read_until_gap(reader: Reader) -> tuple[list[LoggedEvent], bool]:
    """Every event to the run's end, or to a gap; and whether it was a gap."""
    events: list[LoggedEvent] = []
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            async for batch in reader:
                events += batch
    except LogGap:
        return events, True
    return events, False


async def until(true: Callable[[], Any]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while not true():
            await asyncio.sleep(0.005)
