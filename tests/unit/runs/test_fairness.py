"""A run's share of the event loop, and that whoever measures it changes nothing."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from fastapi_chatkit.events import AgentEvent, MessageBegin
from fastapi_chatkit.runs.fairness import TimeSlice

SECONDS = 0.01


def event(name: str) -> AgentEvent:
    return MessageBegin(name)


def hold(seconds: float) -> None:
    """Keep the loop, as a computation does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


async def verdicts(stream: AsyncIterator[AgentEvent]) -> list[bool]:
    """Whether the slice was over after each event."""
    time_slice = TimeSlice(stream, SECONDS)
    found: list[bool] = []
    async for _ in time_slice:
        found.append(time_slice.is_over())
        if found[-1]:
            await asyncio.sleep(0)
            time_slice.begin()
    return found


async def test_a_stream_that_never_waits_has_its_slice() -> None:
    async def stream() -> AsyncIterator[AgentEvent]:
        yield event("at once")
        hold(2 * SECONDS)
        yield event("later")
        yield event("right after")
        hold(2 * SECONDS)
        yield event("later again")

    assert await verdicts(stream()) == [False, True, False, True]


@pytest.mark.parametrize("wait", [2 * SECONDS, 0])
async def test_a_stream_that_waits_gives_way_by_itself(wait: float) -> None:
    async def stream() -> AsyncIterator[AgentEvent]:
        for _ in range(3):
            hold(2 * SECONDS)
            await asyncio.sleep(wait)
            yield event("waited")
        hold(2 * SECONDS)
        yield event("did not")

    assert await verdicts(stream()) == [False, False, False, True]


async def test_awaiting_what_does_not_wait_is_no_giving_way() -> None:
    async def nothing() -> None:
        hold(2 * SECONDS)

    async def stream() -> AsyncIterator[AgentEvent]:
        await nothing()
        yield event("computed")

    assert await verdicts(stream()) == [True]


class Plain:
    """A stream that is no generator."""

    def __init__(self) -> None:
        self.left = 3

    def __aiter__(self) -> AsyncIterator[AgentEvent]:
        return self

    async def __anext__(self) -> AgentEvent:
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        await asyncio.sleep(2 * SECONDS)
        return event("plain")


async def test_a_stream_of_another_kind_lets_others_run_all_the_more() -> None:
    assert await verdicts(Plain()) == [True, True, True]


async def test_what_the_stream_raises_comes_through() -> None:
    async def stream() -> AsyncIterator[AgentEvent]:
        await asyncio.sleep(0)
        yield event("one")
        await asyncio.sleep(0)
        raise StopIteration("odd, and no end of anything")

    with pytest.raises(RuntimeError, match="StopIteration"):
        await verdicts(stream())


async def test_a_cancellation_reaches_the_stream_which_may_go_on() -> None:
    seen: list[str] = []

    async def stream() -> AsyncIterator[AgentEvent]:
        for name in ("one", "two"):
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                seen.append(f"cancelled before {name}")
            yield event(name)
        await asyncio.Event().wait()

    async def consume(time_slice: TimeSlice) -> None:
        async for found in time_slice:
            assert isinstance(found, MessageBegin)
            seen.append(found.item_id)

    task = asyncio.create_task(consume(TimeSlice(stream(), SECONDS)))
    for _ in range(3):
        await asyncio.sleep(0.01)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cancelled before one", "one", "cancelled before two", "two"]
