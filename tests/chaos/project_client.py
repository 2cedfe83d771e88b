"""The project's client, as a user of it would use it."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from fastapi_chatkit.client import Answer, AsyncChatKitClient, ClientError, NotFound, Patience, Refused
from tests.chaos.client import operation_of
from tests.chaos.history import Message, Reading
from tests.chaos.wire import SILENCE

PATIENCE = Patience(attempts=1000, seconds=300, max_delay=2, silence=SILENCE)


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
        answer.on_reconnect = lambda _: message.try_again()
        message.attempts = 1
        try:
            async with answer:
                await self._take(message.begin(self.how, answer.run_id, answer.thread_id), answer)
        except ClientError as error:
            self._over(message.reading, message, error)

    async def follow(self, reading: Reading) -> None:
        """Where it gives up because the very first request did not get through, the user tries again."""
        while reading.outcome is None:
            run_id = reading.run_id or None
            answer = self._client.runs.attach(reading.thread_id, run_id, after=reading.offset or None)
            answer.on_reconnect = lambda _: reading.connect()
            reading.connect()
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
