"""One trial: a world, its users, and what is done to it; afterwards the evidence."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.chaos import audit
from tests.chaos.driver import drive
from tests.chaos.evidence import Evidence
from tests.chaos.history import History
from tests.chaos.logs import lines_of
from tests.chaos.plan import KINDS, Planned, plan
from tests.chaos.rest import come_to_rest
from tests.chaos.stage import Stage
from tests.chaos.streams import read_streams
from tests.chaos.users import User
from tests.chaos.world import World, world

PROGRESS_SECONDS = 15.0


async def trial(
    folder: Path,
    seed: str,
    seconds: float,
    users: int,
    kinds: Sequence[str] = KINDS,
    say: Callable[[str], None] = print,
) -> Evidence:
    """Let ``users`` talk for so many seconds while things of ``kinds`` are done, then let all of it come to rest."""
    async with world(folder) as servers:
        began = time.time()
        history = History(say=lambda line: say(f"{time.time() - began:7.1f}  {line}"))
        crowd = [User(servers.endpoint, f"user{number:02}", seed, history) for number in range(users)]
        try:
            return await _trial(servers, history, crowd, plan(seed, seconds, kinds), seconds, began)
        finally:
            await asyncio.gather(*(user.close() for user in crowd))


async def _trial(
    servers: World, history: History, crowd: list[User], planned: list[Planned], seconds: float, began: float
) -> Evidence:
    stop = asyncio.Event()
    living = [asyncio.create_task(user.live(stop)) for user in crowd]
    telling = asyncio.create_task(_tell(history))
    try:
        driving = asyncio.create_task(drive(Stage(servers, history), planned))
        await asyncio.sleep(seconds)
        stop.set()
        await driving
        quiet = time.time()
        history.say("all is quiet")
        await come_to_rest(servers, history, living)
    finally:
        telling.cancel()
        for task in living:
            task.cancel()
        await asyncio.gather(*living, return_exceptions=True)
    lives = {life.who: life for replica in servers.replicas for life in replica.lives}
    lines = [line for life in lives.values() for line in lines_of(life.who, life.log)]
    audited = await audit.read(servers.database_url)
    streams = await asyncio.to_thread(read_streams, servers.redis.url)
    return Evidence(history, audited, lives, streams, lines, began, quiet)


async def _tell(history: History) -> None:
    while True:
        await asyncio.sleep(PROGRESS_SECONDS)
        acknowledged = sum(message.acknowledged is not None for message in history.messages)
        reading = sum(one.outcome is None and not one.left for one in history.readings)
        wrong = len(history.wrong) + sum(len(one.wrong) for one in history.readings)
        history.say(
            f"{acknowledged} messages, {len(history.readings)} readers, {reading} of them reading, {wrong} wrong"
        )
