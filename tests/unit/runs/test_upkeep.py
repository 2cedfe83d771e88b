"""What a process does beside its runs: whom it takes for dead, and what becomes of what could not be done."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from fastapi_chatkit.runs import upkeep
from fastapi_chatkit.runs.upkeep import Upkeep
from fastapi_chatkit.store.base import Checkpoint, RunEnd
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.contract.rows import ALICE, admit, new_message, run


class Runs:
    """Runs of nobody."""

    active = 0

    def checkpoints(self) -> Iterator[Checkpoint]:
        return iter(())

    def hear(self, stops: dict[str, str]) -> None:
        pass


@pytest.fixture
async def store() -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(":memory:")
    await store.open()
    yield store
    await store.close()


async def test_an_orphan_that_cannot_be_ended_does_not_keep_the_others(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("run_1", "run_2", "run_3"):
        await admit(store, new_message("msg_1", f"thr_{name}", new=True), run(name, replica="dead"))
    recover_run = store.recover_run

    async def recover(orphan: Any, end: RunEnd) -> bool:
        if orphan.run.id == "run_1":
            raise ValueError("of ours")
        return await recover_run(orphan, end)

    monkeypatch.setattr(store, "recover_run", recover)
    monkeypatch.setattr(upkeep, "RENEW_SECONDS", 0.01)
    monkeypatch.setattr(upkeep, "RECOVER_SECONDS", 0.01)
    beside = Upkeep(store, Runs(), "alive")
    await beside.ready()
    async with asyncio.timeout(5):
        while len(await store.orphaned_runs()) > 1:
            await asyncio.sleep(0.01)
    await beside.close()
    assert [(await store.get_run(ALICE, name)).status for name in ("run_1", "run_2", "run_3")] == [
        "running",
        "interrupted",
        "interrupted",
    ]
    assert "run run_1 could not be ended" in caplog.text
