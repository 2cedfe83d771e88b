"""A limit on silence."""

from __future__ import annotations

import asyncio

import pytest

from fastapi_chatkit.agents.openai_agents.stall import Stalled, Watch

pytestmark = pytest.mark.anyio


async def test_silence_raises() -> None:
    with pytest.raises(Stalled, match=r"no event for 0\.05 s"), Watch(0.05):
        await asyncio.sleep(5)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_signs_of_life_put_it_off() -> None:
    loop = asyncio.get_running_loop()
    with Watch(0.1) as watch:
        for _ in range(5):
            await asyncio.sleep(0.04)
            watch.seen = loop.time()


async def test_a_pause_does_not_count() -> None:
    with Watch(0.05) as watch:
        with watch.paused():
            await asyncio.sleep(0.15)
        await asyncio.sleep(0.01)


async def test_nothing_is_left_behind() -> None:
    with Watch(0.02):
        pass
    await asyncio.sleep(0.05)


async def test_a_cancelled_task_stays_cancelled() -> None:
    async def wait() -> None:
        with Watch(0.05):
            await asyncio.sleep(5)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
