"""Two clients that come back by themselves: the suite's own, on bare HTTP, and the project's. Both must hold."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Protocol

from fastapi_chatkit.client import Answer, AsyncChatKitClient, ClientError, NotFound, Patience, Refused
from tests.chaos import wire
from tests.chaos.history import Message, Reading, Said
from tests.chaos.wire import Lost, Stream, Wire
from tests.support.server import message as input_of

IMPATIENT = 0.15
"""How much of what is said is said twice."""

PATIENCE = Patience(attempts=1000, seconds=300, max_delay=2, silence=wire.SILENCE)


class Client(Protocol):
    """What a user does with an endpoint. Each call goes on until it is done; whoever cancels one hangs up."""

    how: str

    async def say(self, message: Message) -> None:
        """Send until it is acknowledged or refused, then read to the run's end."""
        ...

    async def follow(self, reading: Reading) -> None:
        """Go on reading after what was read last, to the run's end."""
        ...

    async def call(self, operation: str, params: dict[str, Any]) -> bool:
        """Do what does not stream, and can be done twice; whether it was there to be done."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


def operation_of(message: Message) -> tuple[str, dict[str, Any]]:
    """The operation that sends it, and its parameters."""
    if message.retry_of is not None:
        return "threads.retry_after_item", {"thread_id": message.thread_id, "item_id": message.retry_of}
    content = input_of(str(message.script))
    if message.thread_id is None:
        return "threads.create", {"input": content}
    return "threads.add_user_message", {"thread_id": message.thread_id, "input": content}


def _begin(message: Message, how: str, run_id: str, thread_id: str) -> Reading:
    message.reading = Reading(message.user, how, run_id, thread_id, connections=1)
    message.accept(run_id, thread_id)
    return message.reading


class BareClient:
    """Repeats what may not have arrived under the same key; comes back by GET or by POST.

    Now and then it hangs up before it can have been answered, and says it again: a user who clicks twice.
    """

    how = "bare"

    def __init__(self, url: str, user: str, random: Random, said: Said) -> None:
        self._wire = Wire(url, user)
        self._random = random
        self._said = said

    async def close(self) -> None:
        await self._wire.close()

    async def say(self, message: Message) -> None:
        operation, params = operation_of(message)
        patience = self._random.uniform(0.0005, 0.015) if self._random.random() < IMPATIENT else None
        while not message.begun.is_set():
            message.attempts += 1
            try:
                async with self._wire.stream(operation, params, message.key, patience) as stream:
                    await self._take(_begin(message, self.how, stream.run_id, stream.thread_id), stream)
            except Lost:
                await self._pause(0.0 if patience else 0.05)
            except wire.Refused as error:
                if not error.passes:
                    message.refuse(str(error))
                await self._pause()
            patience = None
        if message.reading is not None:
            await self.follow(message.reading)

    async def follow(self, reading: Reading) -> None:
        while reading.outcome is None:
            _connect(reading)
            try:
                async with self._attach(reading) as stream:
                    await self._take(reading, stream)
            except Lost:
                pass
            except wire.Refused as error:
                if error.status == 404:
                    reading.lose(str(error))
                elif not error.passes:
                    reading.wrong.append(f"refused at {reading.offset}: {error}")
                    reading.outcome = ("refused", str(error))
            if reading.outcome is None:
                await self._pause()

    @asynccontextmanager
    async def _attach(self, reading: Reading) -> AsyncIterator[Stream]:
        if reading.run_id and self._random.random() < 0.5:
            async with self._wire.follow(reading.run_id, reading.offset) as stream:
                if not stream.run_id:
                    reading.wrong.append(f"told at {reading.offset} that there is nothing more")
                yield stream
        else:
            params = {"thread_id": reading.thread_id, "run_id": reading.run_id, "after": reading.offset}
            given = {name: value for name, value in params.items() if value}
            async with self._wire.stream("runs.attach", given) as stream:
                reading.run_id = reading.run_id or stream.run_id
                yield stream

    async def _take(self, reading: Reading, stream: Stream) -> None:
        async for event_id, data in stream.events:
            event = json.loads(data)
            told = reading.take(event_id, event)
            if told and not self._said.same(reading.run_id or stream.run_id, event_id, data):
                reading.wrong.append(f"{event['type']} at {event_id} is not what others were sent")

    async def call(self, operation: str, params: dict[str, Any]) -> bool:
        while True:
            try:
                await self._wire.call(operation, params)
            except Lost:
                pass
            except wire.Refused as error:
                if not error.passes:
                    return False
            else:
                return True
            await self._pause()

    async def _pause(self, shortest: float = 0.05) -> None:
        await asyncio.sleep(self._random.uniform(shortest, 16 * shortest))


class ProjectsClient:
    """``AsyncChatKitClient``, which repeats and comes back by its own rules."""

    how = "project"

    def __init__(self, url: str, user: str, random: Random) -> None:
        self._client = AsyncChatKitClient(url, user=user, token="chaos", patience=PATIENCE)
        self._random = random

    async def close(self) -> None:
        await self._client.aclose()

    async def say(self, message: Message) -> None:
        answer = self._client.stream(*operation_of(message))
        answer.on_reconnect = lambda _: _count(message)
        message.attempts = 1
        try:
            async with answer:
                await self._take(_begin(message, self.how, answer.run_id, answer.thread_id), answer)
        except ClientError as error:
            self._over(message.reading, message, error)

    async def follow(self, reading: Reading) -> None:
        """Where it gives up because the very first request did not get through, the user tries again."""
        while reading.outcome is None:
            run_id = reading.run_id or None
            answer = self._client.runs.attach(reading.thread_id, run_id, after=reading.offset or None)
            answer.on_reconnect = lambda _: _connect(reading)
            _connect(reading)
            try:
                async with answer:
                    reading.run_id = answer.run_id
                    await self._take(reading, answer)
            except ClientError as error:
                self._over(reading, None, error)
                await asyncio.sleep(self._random.uniform(0.05, 0.8))

    @staticmethod
    async def _take(reading: Reading, answer: Answer) -> None:
        async for event in answer.json():
            reading.take(answer.last_event_id, event)

    @staticmethod
    def _over(reading: Reading | None, message: Message | None, error: ClientError) -> None:
        if reading is None:
            assert message is not None
            message.refuse(f"{error.status} {error.code}" if isinstance(error, Refused) else f"0 {error}")
        elif isinstance(error, NotFound):
            reading.lose(str(error.code))
        elif isinstance(error, Refused) and error.status not in (429, 502, 503, 504):
            reading.wrong.append(f"refused at {reading.offset}: {error.status} {error.code}")
            reading.outcome = ("refused", error.code)

    async def call(self, operation: str, params: dict[str, Any]) -> bool:
        while True:
            try:
                await self._client.call(operation, params)
            except NotFound:
                return False
            except ClientError:
                await asyncio.sleep(self._random.uniform(0.05, 0.8))
            else:
                return True


def _count(message: Message) -> None:
    if message.reading is None:
        message.attempts += 1
    else:
        _connect(message.reading)


def _connect(reading: Reading) -> None:
    reading.connections += 1
    reading.trail.append("another connection")
