"""Does what is planned, each at its time, and watches the replicas meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from tests.chaos.faults import FAULTS
from tests.chaos.plan import Planned
from tests.chaos.stage import Stage

LOOK_SECONDS = 0.25


async def drive(stage: Stage, planned: Sequence[Planned]) -> None:
    """Do all of it, and undo it: then every server runs, and every replica is ready."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(_watch(stage))
        doing = [group.create_task(_at_its_time(stage, one, began)) for one in planned]
        if doing:
            await asyncio.wait(doing)
        watching.cancel()


async def _at_its_time(stage: Stage, planned: Planned, began: float) -> None:
    await asyncio.sleep(max(0.0, began + planned.at - time.monotonic()))
    await FAULTS[planned.kind](stage, planned)


async def _watch(stage: Stage) -> None:
    """Notice a replica that is not there though nobody has ended it."""
    seen: set[str] = set()
    while True:
        for replica in stage.world.replicas:
            life = replica.life
            if replica.state in ("up", "stopped") and not replica.look() and life.who not in seen:
                seen.add(life.who)
                stage.history.wrong.append(f"{life.who} ended by itself with {life.code}")
        await asyncio.sleep(LOOK_SECONDS)
