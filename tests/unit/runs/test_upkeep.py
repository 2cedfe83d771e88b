"""What a process does beside its runs: whom it takes for dead, and what becomes of what could not be done."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.errors import Overloaded
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.events import AgentEvent, MessageBegin, TextDelta
from fastapi_chatkit.runs import lease, upkeep
from fastapi_chatkit.runs.registry import Registry
from fastapi_chatkit.runs.upkeep import Upkeep
from fastapi_chatkit.store.base import Checkpoint, RunEnd
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.contract.rows import ALICE, admit, new_message, run
from tests.support import running
from tests.support.running import bench


@pytest.fixture
async def store() -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(":memory:")
    await store.open()
    yield store
    await store.close()


async def test_when_the_databases_clock_leaps_nobody_is_taken_for_dead(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A laptop that slept wakes up with leases of long ago, also its own, on a clock of its process that stood."""
    for name in ("own", "other"):
        await admit(store, new_message("msg_1", f"thr_{name}", new=True), run(f"run_{name}", replica=name))
    recoveries = asyncio.Semaphore(0)
    orphaned_runs = store.orphaned_runs

    async def look() -> Any:
        recoveries.release()
        return await orphaned_runs()

    monkeypatch.setattr(store, "orphaned_runs", look)
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.02)
    monkeypatch.setattr(upkeep, "RECOVER_SECONDS", 0.01)
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.3)
    await store.renew_lease("other", 60)
    beside = Upkeep(store, MemoryEventLog(), Registry(), "own")
    await beside.ready()
    async with asyncio.timeout(5):
        await recoveries.acquire()
        for name in ("own", "other"):
            await store.renew_lease(name, -3600)  # an hour has passed
        await asyncio.sleep(0.1)
        await store.renew_lease("other", 60)  # as soon as it is awake, too
        while not recoveries.locked():
            await recoveries.acquire()
        await recoveries.acquire()  # in time, others are looked at again
    await beside.close()
    assert [(await store.get_run(ALICE, f"run_{name}")).status for name in ("own", "other")] == ["running"] * 2


async def test_a_checkpoint_that_cannot_be_kept_does_not_keep_a_thread(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("run_1", "run_2", "run_3"):
        await admit(store, new_message("msg_1", f"thr_{name}", new=True), run(name, replica="dead"))
    recover_run = store.recover_run

    async def recover(orphan: Any, end: RunEnd, *, keep: bool = True) -> bool:
        if orphan.run.id == "run_1" and keep:
            raise ValueError("of ours")
        return await recover_run(orphan, end, keep=keep)

    monkeypatch.setattr(store, "recover_run", recover)
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.01)
    monkeypatch.setattr(upkeep, "RECOVER_SECONDS", 0.01)
    beside = Upkeep(store, MemoryEventLog(), Registry(), "alive")
    await beside.ready()
    async with asyncio.timeout(5):
        while await store.orphaned_runs():
            await asyncio.sleep(0.01)
    await beside.close()
    assert [(await store.get_run(ALICE, name)).status for name in ("run_1", "run_2", "run_3")] == ["interrupted"] * 3
    assert "the checkpoint of run run_1 cannot be kept" in caplog.text


async def test_a_checkpoint_that_could_not_be_stored_is_made_again_though_the_agent_says_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def reply(turn: Turn) -> AsyncIterator[AgentEvent]:
        yield MessageBegin("msg_1")
        yield TextDelta("msg_1", 0, "kept")
        await asyncio.Event().wait()

    monkeypatch.setattr(upkeep, "CHECKPOINT_SECONDS", 0.01)
    async with bench() as runs:
        checkpoint_runs, refused = runs.store.checkpoint_runs, asyncio.Event()

        async def checkpoint(checkpoints: Sequence[Checkpoint]) -> None:
            if not refused.is_set():
                refused.set()
                raise Overloaded
            await checkpoint_runs(checkpoints)

        monkeypatch.setattr(runs.store, "checkpoint_runs", checkpoint)
        begun = await runs.start(reply)
        async with asyncio.timeout(5):
            await refused.wait()
            while not [
                row
                for row in (await runs.store.run_so_far(running.ALICE.owner, begun.thread_id, begun.id)).items
                if "kept" in row.data
            ]:
                await asyncio.sleep(0.01)


async def test_all_runs_have_their_turn_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def reply(turn: Turn) -> AsyncIterator[AgentEvent]:
        item_id = turn.new_id()
        yield MessageBegin(item_id)
        while True:
            yield TextDelta(item_id, 0, "more ")
            await asyncio.sleep(0.005)

    monkeypatch.setattr(upkeep, "CHECKPOINT_SECONDS", 0.2)
    monkeypatch.setattr(upkeep, "TOGETHER", 2)
    async with bench() as runs:
        begun = [await runs.start(reply) for _ in range(11)]
        asked = list[list[str]]()
        checkpoint_runs = runs.store.checkpoint_runs

        async def checkpoint(checkpoints: Sequence[Checkpoint]) -> None:
            asked.append([checkpoint.run_id for checkpoint in checkpoints])
            await checkpoint_runs(checkpoints)

        monkeypatch.setattr(runs.store, "checkpoint_runs", checkpoint)
        async with asyncio.timeout(5):
            while sum(map(len, asked)) < 3 * len(begun):
                await asyncio.sleep(0.01)
    times = Counter(run_id for some in asked for run_id in some)
    assert max(map(len, asked)) == 2
    assert set(times) == {run.id for run in begun}
    assert max(times.values()) - min(times.values()) <= 1
