"""What is done to replicas, and how it is undone."""

from __future__ import annotations

import asyncio
import time
from random import Random

from tests.chaos.bare_client import BareClient
from tests.chaos.history import Fault, Message
from tests.chaos.plan import Planned
from tests.chaos.replica import Replica
from tests.chaos.script import Part, Script
from tests.chaos.stage import Stage

LEAVE_SECONDS = 40.0
"""How long a replica may take to end after SIGTERM: it lets answers finish, and waits for its database."""


async def kill(stage: Stage, planned: Planned) -> None:
    """SIGKILL, and a new process after a while."""
    async with stage.replica(planned) as one:
        if one is not None:
            _kill(*one)
            await asyncio.sleep(planned.seconds)
            await _start(one[0])


async def kill_two(stage: Stage, planned: Planned) -> None:
    """Two at the same moment, where a third is left, and both back at the same moment."""
    async with stage.replica(planned) as one, stage.replica(planned) as other:
        both = [each for each in (one, other) if each is not None]
        for each in both:
            _kill(*each)
        await asyncio.sleep(planned.seconds)
        await asyncio.gather(*(_start(replica) for replica, _ in both))


def _kill(replica: Replica, fault: Fault) -> None:
    fault.began = time.time()
    replica.kill()


async def _start(replica: Replica) -> None:
    replica.start()
    await replica.ready()


async def freeze(stage: Stage, planned: Planned) -> None:
    """SIGSTOP for longer than a lease lasts, then SIGCONT: it goes on as if nothing had been."""
    async with stage.replica(planned) as one:
        if one is not None:
            one[0].freeze()
            await asyncio.sleep(planned.seconds)
            one[0].thaw()
            await one[0].ready()


async def term(stage: Stage, planned: Planned) -> None:
    """SIGTERM, and a new process when it has left."""
    async with stage.replica(planned) as one:
        if one is None:
            return
        replica = one[0]
        if not await replica.leave(LEAVE_SECONDS):
            stage.history.wrong.append(f"{replica.life.who} did not leave within {LEAVE_SECONDS:g} s of SIGTERM")
        elif replica.life.code != 0:
            stage.history.wrong.append(f"{replica.life.who} left with {replica.life.code} after SIGTERM")
        await asyncio.sleep(planned.seconds)
        await _start(replica)


async def block(stage: Stage, planned: Planned) -> None:
    """A tool that holds the event loop for longer than a lease lasts. Its run, and all others there, must go on."""
    async with stage.replica(planned) as one:
        if one is None:
            return
        words = Part("text", 20, 0.01)
        script = Script(f"block-{planned.at:g}", (words, Part("block", pause=planned.seconds), words))
        message = Message("blocker", script, None, key=str(planned.at))
        message.heard = lambda heard: stage.history.readings.extend([heard.reading] if heard.reading else [])
        stage.history.messages.append(message)
        client = BareClient(f"{one[0].url}/chatkit", "blocker", Random(planned.at), stage.history.said)
        await client.say(message)
        await client.close()


async def cut_redis(stage: Stage, planned: Planned) -> None:
    """A replica cannot reach Redis, and all others can."""
    await _cut(stage, planned, "redis")


async def cut_postgres(stage: Stage, planned: Planned) -> None:
    """A replica cannot reach PostgreSQL, and all others can."""
    await _cut(stage, planned, "postgres")


async def _cut(stage: Stage, planned: Planned, server: str) -> None:
    async with stage.replica(planned) as one:
        if one is None:
            return
        replica, fault = one
        link = replica.links[server]
        fault.note = ("reset", "silent", "silent, then reset")[planned.way % 3]
        if fault.note == "reset":
            link.cut()
        else:
            link.silence()
        await asyncio.sleep(planned.seconds)
        link.heal(reset=fault.note == "silent, then reset")
        await replica.ready()
