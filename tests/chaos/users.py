"""Users, each in conversation, each with habits: what they do is drawn from a seed, when it happens is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.chaos.history import Cancel, Reading
from tests.chaos.script import Part, Script
from tests.chaos.speaker import Speaker

LONG = Part("text", 400, 0.04)


class User(Speaker):
    """``live`` goes on until it is told to stop, and then finishes what it reads."""

    async def live(self, stop: asyncio.Event) -> None:
        """Do one thing after the other."""
        habits: list[tuple[Callable[[], Awaitable[None]], int]] = [
            (self.read, 30),
            (self.leave_and_come_back, 20),
            (self.reload, 8),
            (self.read_twice, 15),
            (self.stop, 12),
            (self.say_three_things, 10),
            (self.delete, 4),
        ]
        calls, weights = zip(*habits, strict=True)
        while not stop.is_set():
            await self.random.choices(calls, weights)[0]()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.random.uniform(0.05, 1.5))

    async def read(self) -> None:
        """Say something and read the answer; if it was interrupted, or failed, sometimes have it answered again."""
        message, saying = self.say()
        await saying
        reading = message.reading
        if reading is None or reading.outcome is None or reading.outcome[0] not in ("interrupted", "failed"):
            return
        mine = [item["id"] for item in reading.screen.items if item["type"] == "user_message"]
        if mine and self.random.random() < 0.6:
            _, saying = self.ask_again(message, mine[0])
            await saying

    async def leave_and_come_back(self) -> None:
        """Say something, go away in the middle, and come back after the last event; now and then, never."""
        message, saying = self.say()
        if await self.hang_up_in_the_middle(message, saying) and message.reading is not None:
            if self.random.random() < 0.15:
                message.reading.left = True
                return
            await asyncio.sleep(self.random.uniform(0, 6))
            await self.client.follow(message.reading)

    async def reload(self) -> None:
        """Say something, load the page anew in the middle: it knows the thread, and nothing else."""
        message, saying = self.say(new_thread=True)
        if await self.hang_up_in_the_middle(message, saying) and message.reading is not None:
            message.reading.left = True
            assert message.thread_id is not None
            reading = self.reads(Reading(self.name, f"{self.client.how}, reloaded", "", message.thread_id))
            await self.client.follow(reading)
            if reading.run_id not in ("", message.run_id):
                reading.wrong.append(f"was given {reading.run_id} instead of {message.run_id}")

    async def read_twice(self) -> None:
        """Say something; a second tab reads it too, from its start."""
        message, saying = self.say()
        if await self.in_the_middle(message):
            assert message.run_id is not None
            assert message.thread_id is not None
            second = Reading(self.name, f"{self.client.how}, second", message.run_id, message.thread_id)
            await self.client.follow(self.reads(second))
        await saying

    async def stop(self) -> None:
        """Say something and stop the answer, which would be a long one."""
        script = self.new_script()
        message, saying = self.say(script=Script(script.nonce, (*script.parts, LONG)))
        if await self.in_the_middle(message):
            assert message.run_id is not None
            cancel = Cancel(self.name, message.run_id)
            self.history.cancels.append(cancel)
            if await self.client.call("runs.cancel", {"thread_id": message.thread_id, "run_id": message.run_id}):
                cancel.answered = time.time()
        await saying

    async def say_three_things(self) -> None:
        """Say something from two tabs at once, and from a third a while later: each waits for what came before."""
        thread_id = await self.some_thread()
        if thread_id is None:
            return
        _, first = self.say(thread_id=thread_id)
        await asyncio.sleep(self.random.choice((0, 0, 0.02, 0.3)))
        _, second = self.say(thread_id=thread_id)
        await asyncio.sleep(self.random.uniform(0, 6))
        _, third = self.say(thread_id=thread_id)
        await asyncio.gather(first, second, third)

    async def delete(self) -> None:
        """Say something, and delete the thread in the middle, or when all is said."""
        message, saying = self.say()
        if self.random.random() < 0.4:
            await saying
        if await self.in_the_middle(message):
            assert message.thread_id is not None
            self.forget(message.thread_id)
            self.history.deleted[message.thread_id] = time.time()
            await self.client.call("threads.delete", {"thread_id": message.thread_id})
        await saying
