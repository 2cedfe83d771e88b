"""Users, each in conversation, each with habits: what they do is drawn from a seed, when it happens is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from uuid import UUID

from tests.chaos.clients import BareClient, Client, ProjectsClient
from tests.chaos.history import Cancel, History, Message, Reading
from tests.chaos.script import Part, Script, random_script

LONG = Part("text", 400, 0.04)

MAX_THREADS = 4
"""How many threads a user keeps in mind: old ones grow, and new ones begin."""


class User:
    """One user, with one client. ``live`` goes on until it is told to stop, and then finishes what it reads."""

    def __init__(self, url: str, name: str, seed: str, history: History) -> None:
        self.name = name
        self._random = Random(f"{seed}/{name}")
        network = Random(f"{seed}/{name}/network")
        is_projects = self._random.random() < 0.35
        client = ProjectsClient(url, name, network) if is_projects else BareClient(url, name, network, history.said)
        self._client: Client = client
        self._history = history
        self._threads: list[str] = []
        self._said = 0

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
            await self._random.choices(calls, weights)[0]()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._random.uniform(0.05, 1.5))

    async def close(self) -> None:
        """Hang up."""
        await self._client.close()

    # --- habits -------------------------------------------------------------------------------------------------------

    async def read(self) -> None:
        """Say something and read the answer; if it was interrupted, or failed, sometimes have it answered again."""
        message, saying = self._say()
        await saying
        reading = message.reading
        if reading is None or reading.outcome is None or reading.outcome[0] not in ("interrupted", "failed"):
            return
        mine = [item["id"] for item in reading.screen.items if item["type"] == "user_message"]
        if mine and self._random.random() < 0.6:
            retry = Message(self.name, message.script, message.thread_id, self._key(), retry_of=mine[0])
            _, saying = self._say(retry)
            await saying

    async def leave_and_come_back(self) -> None:
        """Say something, go away in the middle, and come back after the last event; now and then, never."""
        message, saying = self._say()
        if await self._interrupted(message, saying) and message.reading is not None:
            if self._random.random() < 0.15:
                message.reading.left = True
                return
            await asyncio.sleep(self._random.uniform(0, 6))
            await self._client.follow(message.reading)

    async def reload(self) -> None:
        """Say something, load the page anew in the middle: it knows the thread, and nothing else."""
        message, saying = self._say(new_thread=True)
        if await self._interrupted(message, saying) and message.reading is not None:
            message.reading.left = True
            assert message.thread_id is not None
            reading = self._reading(Reading(self.name, f"{self._client.how}, reloaded", "", message.thread_id))
            await self._client.follow(reading)
            if reading.run_id not in ("", message.run_id):
                reading.wrong.append(f"was given {reading.run_id} instead of {message.run_id}")

    async def read_twice(self) -> None:
        """Say something; a second tab reads it too, from its start."""
        message, saying = self._say()
        if await self._in_the_middle(message):
            assert message.run_id is not None
            assert message.thread_id is not None
            second = Reading(self.name, f"{self._client.how}, second", message.run_id, message.thread_id)
            await self._client.follow(self._reading(second))
        await saying

    async def stop(self) -> None:
        """Say something and stop the answer, which would be a long one."""
        script = self._script()
        message, saying = self._say(script=Script(script.nonce, (*script.parts, LONG)))
        if await self._in_the_middle(message):
            assert message.run_id is not None
            cancel = Cancel(self.name, message.run_id)
            self._history.cancels.append(cancel)
            if await self._client.call("runs.cancel", {"thread_id": message.thread_id, "run_id": message.run_id}):
                cancel.answered = time.time()
        await saying

    async def say_three_things(self) -> None:
        """Say something from two tabs at once, and from a third a while later: each waits for what came before."""
        thread_id = await self._some_thread()
        if thread_id is None:
            return
        _, first = self._say(thread_id=thread_id)
        await asyncio.sleep(self._random.choice((0, 0, 0.02, 0.3)))
        _, second = self._say(thread_id=thread_id)
        await asyncio.sleep(self._random.uniform(0, 6))
        _, third = self._say(thread_id=thread_id)
        await asyncio.gather(first, second, third)

    async def delete(self) -> None:
        """Say something, and delete the thread in the middle, or when all is said."""
        message, saying = self._say()
        if self._random.random() < 0.4:
            await saying
        if await self._in_the_middle(message):
            assert message.thread_id is not None
            self._forget(message.thread_id)
            self._history.deleted[message.thread_id] = time.time()
            await self._client.call("threads.delete", {"thread_id": message.thread_id})
        await saying

    # --- parts --------------------------------------------------------------------------------------------------------

    def _say(
        self,
        message: Message | None = None,
        *,
        script: Script | None = None,
        thread_id: str | None = None,
        new_thread: bool = False,
    ) -> tuple[Message, asyncio.Task[None]]:
        if message is None:
            known = self._threads if self._random.random() < 0.5 and not new_thread else []
            thread_id = thread_id or (self._random.choice(known) if known else None)
            message = Message(self.name, script or self._script(), thread_id, self._key())
        known = message.thread_id
        message.heard = lambda heard: self._heard(heard, known)
        self._history.messages.append(message)
        return message, asyncio.create_task(self._client.say(message))

    def _heard(self, message: Message, thread_id: str | None) -> None:
        """It was acknowledged, or refused."""
        if message.reading is None:
            self._refused(message, thread_id)
            return
        self._reading(message.reading)
        if thread_id is None:
            self._remember(message.reading.thread_id)

    def _refused(self, message: Message, thread_id: str | None) -> None:
        """That a proxy had no server is no answer; nor that a thread is not there which was deleted."""
        status = str(message.refused).split()[0]
        gone = status == "404" and thread_id in self._history.deleted
        if status not in ("0", "429", "502", "503", "504") and not gone:
            self._history.wrong.append(f"{self.name} said {message.script.nonce} and was told {message.refused}")

    async def _in_the_middle(self, message: Message) -> bool:
        """Wait for the answer to begin, and for a while; whether there is one."""
        await message.begun.wait()
        await asyncio.sleep(self._random.choice((0.0, 0.1, self._random.uniform(0.2, 2.5))))
        return message.reading is not None

    async def _interrupted(self, message: Message, saying: asyncio.Task[None]) -> bool:
        """Hang up in the middle; whether there is an answer."""
        begun = await self._in_the_middle(message)
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        return begun

    async def _some_thread(self) -> str | None:
        if not self._threads:
            _, saying = self._say(new_thread=True)
            await saying
        return self._random.choice(self._threads) if self._threads else None

    def _script(self) -> Script:
        self._said += 1
        return random_script(f"{self.name}-{self._said}", self._random)

    def _key(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _reading(self, reading: Reading) -> Reading:
        self._history.readings.append(reading)
        return reading

    def _remember(self, thread_id: str) -> None:
        self._threads.append(thread_id)
        del self._threads[:-MAX_THREADS]

    def _forget(self, thread_id: str) -> None:
        if thread_id in self._threads:
            self._threads.remove(thread_id)
