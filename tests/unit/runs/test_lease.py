"""A process's lease: renewed whatever the event loop does, given up in time, and not before."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from fastapi_chatkit.errors import Draining, Overloaded
from fastapi_chatkit.runs import keepers
from fastapi_chatkit.runs import lease as module
from fastapi_chatkit.runs.lease import Lease
from fastapi_chatkit.store.relational import RelationalStore
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.stores import open_postgres


class Seen:
    """What a lease has called, and how often."""

    def __init__(self) -> None:
        self.ended: list[bool] = []
        """Whether the lease was still held, each time."""
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1

    def lease(self, store: RelationalStore) -> Lease:
        made = Lease(store, "own", log_id=lambda: None, ended=lambda: self.ended.append(made.is_held), woken=self.wake)
        return made


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """With a lease of 0.6 s that is renewed every 0.1 s and given up 0.2 s before its end."""
    for name, seconds in {
        "LEASE_SECONDS": 0.6,
        "RENEW_SECONDS": 0.1,
        "MARGIN_SECONDS": 0.2,
    }.items():
        monkeypatch.setattr(module, name, seconds)
    monkeypatch.setattr(keepers, "RETRY_SECONDS", 0.02)
    return Seen()


@pytest.fixture(params=["file", "memory", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RelationalStore]:
    """Two whose lease is renewed in a thread, and a database in memory, whose is renewed on the loop."""
    if request.param == "postgres":
        async with open_postgres(request.getfixturevalue("postgres")) as store:
            yield store
        return
    made = SQLiteStore(tmp_path / "chat.db" if request.param == "file" else ":memory:")
    await made.open()
    yield made
    await made.close()


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not done():
            await asyncio.sleep(0.01)


async def alive(store: RelationalStore) -> list[str]:
    return [replica.id for replica in await store.replicas()]


async def test_it_is_held_until_it_is_given_back(store: RelationalStore, seen: Seen) -> None:
    lease = seen.lease(store)
    assert not lease.is_held
    await lease.renew()
    assert lease.is_held
    await asyncio.sleep(1.5)
    assert lease.is_held
    assert await alive(store) == ["own"]
    threads = threading.active_count()
    await lease.close()
    await lease.close()
    assert not lease.is_held
    assert await alive(store) == []
    with pytest.raises(Draining):
        await lease.renew()
    with pytest.raises(Draining):
        lease.start()
    assert threading.active_count() <= threads
    assert (seen.ended, seen.woken) == ([], 0)


async def test_others_are_not_judged_before_they_could_say_that_they_live(store: RelationalStore, seen: Seen) -> None:
    lease = seen.lease(store)
    await lease.renew()
    assert not lease.may_judge
    await until(lambda: lease.may_judge)
    await store.renew_lease("own", -1)  # the database's clock has leapt
    await until(lambda: not lease.may_judge)
    await lease.close()


async def test_an_agent_that_holds_the_loop_does_not_cost_it(tmp_path: Path, seen: Seen) -> None:
    store = SQLiteStore(tmp_path / "chat.db")
    await store.open()
    lease = seen.lease(store)
    await lease.renew()
    time.sleep(1.5)  # noqa: ASYNC251 - what an agent should not do, and some do
    assert lease.is_held
    assert await alive(store) == ["own"]
    await asyncio.sleep(0.1)
    assert (seen.ended, seen.woken) == ([], 0)
    await lease.close()
    await store.close()


async def test_it_is_given_up_before_its_end_while_it_cannot_be_renewed(
    store: RelationalStore, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = seen.lease(store)
    await lease.renew()
    renew_lease = RelationalStore.renew_lease

    async def gone(self: RelationalStore, *args: object, **options: object) -> bool:
        raise Overloaded

    monkeypatch.setattr(RelationalStore, "renew_lease", gone)
    with pytest.raises(Overloaded):
        await lease.renew()
    await until(lambda: bool(seen.ended))
    assert seen.ended[0], "before its end"
    await until(lambda: not lease.is_held)
    monkeypatch.setattr(RelationalStore, "renew_lease", renew_lease)
    await until(lambda: lease.is_held)
    assert not lease.may_judge, "nobody else had a database either"
    assert len(seen.ended) == 1, "once, however long it lasts"
    await asyncio.sleep(1.0)
    assert len(seen.ended) == 1
    await lease.close()


async def test_a_process_that_was_stopped_beyond_it_asks_which_runs_are_its_own(seen: Seen) -> None:
    """Without a thread, holding the loop is what stopping the process is."""
    store = SQLiteStore(":memory:")
    await store.open()
    lease = seen.lease(store)
    await lease.renew()
    time.sleep(1.0)  # noqa: ASYNC251 - as if by SIGSTOP
    await until(lambda: seen.woken == 1)
    await until(lambda: lease.is_held)
    assert seen.ended == []
    await lease.close()
    await store.close()


async def test_a_renewal_that_meets_the_end_says_so(
    store: RelationalStore, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has cancelled whoever waits for it."""
    lease = seen.lease(store)
    await lease.renew()

    async def hang(self: RelationalStore, *args: object, **options: object) -> bool:
        await asyncio.sleep(60)
        return True

    monkeypatch.setattr(RelationalStore, "renew_lease", hang)
    renewals = [asyncio.create_task(lease.renew()) for _ in range(2)]
    renewals[1].cancel()
    await asyncio.sleep(0.1)
    closing = asyncio.create_task(lease.close())
    if isinstance(store, SQLiteStore) and store.apart() is None:
        renewals[0].cancel()  # on the loop it is its caller's own
    outcomes = await asyncio.gather(*renewals, return_exceptions=True)
    assert isinstance(outcomes[0], Draining | Overloaded | asyncio.CancelledError)
    assert isinstance(outcomes[1], asyncio.CancelledError)
    assert store.apart() is None or isinstance(outcomes[0], Draining | Overloaded)
    await closing


def test_it_is_renewed_no_more_when_its_event_loop_has_gone(tmp_path: Path, seen: Seen) -> None:
    """Somebody forgot to close it: its runs are over, and others are to end them."""

    async def begin() -> None:
        store = SQLiteStore(tmp_path / "chat.db")
        await store.open()
        await seen.lease(store).renew()
        await store.close()

    async def dead() -> bool:
        store = SQLiteStore(tmp_path / "chat.db")
        await store.open()
        found = await alive(store)
        await store.close()
        return not found

    asyncio.run(begin())
    deadline = time.monotonic() + 10
    while not asyncio.run(dead()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "chatkit-lease" not in [thread.name for thread in threading.enumerate()]
