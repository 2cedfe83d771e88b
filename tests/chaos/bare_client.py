"""The suite's own client, which comes back by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from tests.chaos.client import operation_of
from tests.chaos.history import Message, Reading, Said
from tests.chaos.wire import Lost, Refused, Stream, Wire

IMPATIENT = 0.15
"""How much of what is said is said twice."""


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
                    await self._take(message.begin(self.how, stream.run_id, stream.thread_id), stream)
            except Lost:
                await self._pause(0.0 if patience else 0.05)
            except Refused as error:
                if not error.passes:
                    message.refuse(str(error))
                await self._pause()
            patience = None
        if message.reading is not None:
            await self.follow(message.reading)

    async def follow(self, reading: Reading) -> None:
        while reading.outcome is None:
            reading.connect()
            try:
                async with self._attach(reading) as stream:
                    await self._take(reading, stream)
            except Lost:
                pass
            except Refused as error:
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
            except Refused as error:
                if not error.passes:
                    return False
            else:
                return True
            await self._pause()

    async def _pause(self, shortest: float = 0.05) -> None:
        await asyncio.sleep(self._random.uniform(shortest, 16 * shortest))
