"""Ctrl-C while something is under way."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from fastapi_chatkit.cli.terminal.keyboard import Interrupted, _Between, interruptible


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is before


async def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(0.01)


async def test_a_press_cancels_and_is_said_once_all_is_cleaned_up() -> None:
    cleaned: list[bool] = []

    async def work() -> None:
        try:
            await press()
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    with pytest.raises(Interrupted):
        await interruptible(work())
    assert cleaned


async def test_the_first_press_asks_and_the_next_cancels() -> None:
    asked: list[str] = []

    def ask() -> bool:
        asked.append("please")
        return True

    async def polite() -> str:
        await press()
        return f"{len(asked)} asked"

    assert await interruptible(polite(), ask) == "1 asked"

    async def stubborn() -> None:
        await press()
        await press()
        await asyncio.Event().wait()

    with pytest.raises(Interrupted):
        await interruptible(stubborn(), ask)
    assert asked == ["please"] * 2


async def test_a_press_that_nothing_could_be_done_about_is_the_next_works() -> None:
    async def over() -> str:
        await press()
        return "over"

    async def after() -> None:
        raise AssertionError("it was to be cancelled before it began")

    async def both() -> str:
        first = await interruptible(over(), lambda: False)
        with pytest.raises(Interrupted):
            await interruptible(after(), lambda: True)
        return first

    before = signal.signal(signal.SIGINT, _Between())
    try:
        assert await both() == "over"
    finally:
        signal.signal(signal.SIGINT, before)
