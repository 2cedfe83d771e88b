"""The quiet time after all that was done: readers and runs come to their ends, and the service is as it was before."""

from __future__ import annotations

import asyncio
import time
from random import Random

from tests.chaos.bare_client import BareClient
from tests.chaos.history import History, Message, Reading
from tests.chaos.replica import Replica
from tests.chaos.script import Part, Script
from tests.chaos.world import World
from tests.support.postgres import fetch

QUIET_SECONDS = 60.0
"""How long readers and runs may take to come to their ends when nothing is done any more."""

WELL_SECONDS = 20.0
"""How long replicas may take to say that nothing is wrong any more."""

ATTEMPTS = 3

ACTIVE = "SELECT count(*) FROM chatkit.runs WHERE ended_at IS NULL"


async def come_to_rest(world: World, history: History, living: list[asyncio.Task[None]]) -> None:
    """Wait for the users' last readings, for runs that nobody reads, and see that each replica works as ever."""
    done, _ = await asyncio.wait(living, timeout=QUIET_SECONDS)
    for task in done:
        task.result()
    deadline = time.monotonic() + QUIET_SECONDS
    while (await fetch(world.database_url, ACTIVE))[0][0] and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    await asyncio.gather(*(_is_well(replica, history) for replica in world.replicas))
    for at, replica in enumerate(world.replicas):
        await _is_followed(replica, world.replicas[at - 1], history)


async def _is_well(replica: Replica, history: History) -> None:
    """It says that its database and its Redis are there."""
    deadline = time.monotonic() + WELL_SECONDS
    while (said := await replica.says())["status"] != "ok":
        if time.monotonic() > deadline:
            history.wrong.append(f"{replica.life.who} says {said} when all is well again")
            return
        await asyncio.sleep(0.5)


async def _is_followed(replica: Replica, other: Replica, history: History) -> None:
    """What goes on in one is read in another word by word, as before anything was done. The first time may find a
    connection that was lost while nobody used it.
    """
    for attempt in range(ATTEMPTS):
        reading = await _follow(replica, other, attempt, history)
        if reading is not None and not reading.snapshots:
            return
    history.wrong.append(f"{other.life.who} reads {replica.life.who}'s runs by snapshots when all is well again")


async def _follow(replica: Replica, other: Replica, attempt: int, history: History) -> Reading | None:
    script = Script(f"well-{replica.name}-{attempt}", (Part("text", 40, 0.02),))
    message = Message("well", script, None, key=script.nonce)
    history.messages.append(message)
    clients = [BareClient(f"{one.url}/chatkit", "well", Random(0), history.said) for one in (replica, other)]
    saying = asyncio.create_task(clients[0].say(message))
    await message.begun.wait()
    reading = None
    if message.run_id is not None and message.thread_id is not None:
        reading = Reading("well", f"in {other.name}", message.run_id, message.thread_id)
        history.readings.append(reading)
        await clients[1].follow(reading)
    await saying
    for client in clients:
        await client.close()
    return reading
