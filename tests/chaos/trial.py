"""One trial: a world, its users, and what is done to it; afterwards the evidence."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.chaos import audit
from tests.chaos.driver import Driver
from tests.chaos.evidence import Evidence
from tests.chaos.history import History
from tests.chaos.logs import lines_of
from tests.chaos.plan import KINDS, Planned, plan
from tests.chaos.users import User
from tests.chaos.world import World, world
from tests.support.postgres import fetch

QUIET_SECONDS = 60.0
"""How long readers and runs may take to come to their ends when nothing is done any more."""

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
        driving = asyncio.create_task(Driver(servers, history).run(planned))
        await asyncio.sleep(seconds)
        stop.set()
        await driving
        quiet = time.time()
        await _come_to_rest(servers, history, living)
    finally:
        telling.cancel()
        for task in living:
            task.cancel()
        await asyncio.gather(*living, return_exceptions=True)
    lives = {life.who: life for replica in servers.replicas for life in replica.lives}
    lines = [line for life in lives.values() for line in lines_of(life.who, life.log)]
    return Evidence(history, await audit.read(servers.database_url), lives, {}, lines, began, quiet)


async def _come_to_rest(servers: World, history: History, living: list[asyncio.Task[None]]) -> None:
    history.say("all is quiet: readers and runs come to their ends")
    done, _ = await asyncio.wait(living, timeout=QUIET_SECONDS)
    for task in done:
        task.result()
    deadline = time.monotonic() + QUIET_SECONDS
    active = "SELECT count(*) FROM chatkit.runs WHERE ended_at IS NULL"
    while (await fetch(servers.database_url, active))[0][0] and time.monotonic() < deadline:
        await asyncio.sleep(0.5)


async def _tell(history: History) -> None:
    while True:
        await asyncio.sleep(PROGRESS_SECONDS)
        acknowledged = sum(message.acknowledged is not None for message in history.messages)
        reading = sum(one.outcome is None and not one.left for one in history.readings)
        wrong = len(history.wrong) + sum(len(one.wrong) for one in history.readings)
        history.say(
            f"{acknowledged} messages, {len(history.readings)} readers, {reading} of them reading, {wrong} wrong"
        )
