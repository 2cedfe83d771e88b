"""Runs whose process has died, for every store: who is dead, what is kept, and that the living keep theirs."""

import asyncio
import json
from typing import Any

import pytest

from fastapi_chatkit.identity import Owner
from fastapi_chatkit.store.base import Checkpoint, OwnedRun, Retry, RunLost, Store, WidgetAction
from tests.contract.reading import all_ids, everything, statuses
from tests.contract.rows import ALICE, BOB, admit, assistant, end, fill, hidden, new_message, run, user

ACTION = WidgetAction("thr_1", None)
LONG = 60.0
SHORT = 0.3


async def begin(store: Store, replica: str = "one", run_id: str = "run_1", owner: Owner = ALICE) -> None:
    """A process's run goes on in a thread."""
    await fill(store, user("msg_1"), owner=owner)
    await admit(store, ACTION, run(run_id, replica=replica), owner)


async def orphans(store: Store) -> list[str]:
    return sorted(owned.run.id for owned in await store.orphaned_runs())


async def orphan(store: Store, run_id: str = "run_1") -> OwnedRun:
    """A run, as it is found when its process is dead."""
    [found] = [owned for owned in await store.orphaned_runs() if owned.run.id == run_id]
    return found


async def until_dead(store: Store, *run_ids: str) -> None:
    """Until their process's lease has ended, and by the database's clock alone."""
    async with asyncio.timeout(30):
        while await orphans(store) != sorted(run_ids):
            await asyncio.sleep(0.02)


def crashed(run_id: str = "run_1", **how: Any) -> Any:
    return end(run_id, status="interrupted", stop_reason="crashed", **how)


def kept(*rows: Any) -> str:
    return json.dumps([json.loads(row.data) for row in rows])


# --- who is dead ----------------------------------------------------------------------------------------------------


async def test_a_process_is_dead_without_a_lease_and_when_it_has_ended(store: Store) -> None:
    await begin(store)
    assert await orphans(store) == ["run_1"]
    await store.renew_lease("two", LONG)  # another's
    assert await orphans(store) == ["run_1"]
    await store.renew_lease("one", LONG)
    assert await orphans(store) == []
    assert await store.renew_lease("one", SHORT)
    await until_dead(store, "run_1")
    assert not await store.renew_lease("one", LONG)
    assert await orphans(store) == []


async def test_processes_that_are_alive_say_which_log_they_write(store: Store) -> None:
    assert await store.replicas() == []
    await store.renew_lease("one", LONG)
    await store.renew_lease("two", LONG, log_id="redis 1")
    await store.renew_lease("dead", -1, log_id="redis 1")
    assert await store.replicas() == [("one", None), ("two", "redis 1")]
    await store.renew_lease("one", LONG, log_id="")
    await store.release_lease("two")
    assert await store.replicas() == [("one", "")]


async def test_a_process_is_dead_when_it_has_given_its_lease_back(store: Store) -> None:
    await begin(store)
    for name in ("one", "two"):
        await store.renew_lease(name, LONG)
    await store.release_lease("two")
    assert await orphans(store) == []
    for _ in range(2):
        await store.release_lease("one")
        assert await orphans(store) == ["run_1"]


async def test_no_process_is_asked_what_time_it_is(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await begin(store)
    await store.renew_lease("one", LONG)
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert await orphans(store) == []
    monkeypatch.setattr("time.time", lambda: 0.0)
    await store.renew_lease("one", -1)
    assert await orphans(store) == ["run_1"]


async def test_orphans_are_the_runs_of_dead_processes_whoever_they_belong_to_and_whether_they_go_on_or_wait(
    store: Store,
) -> None:
    await store.renew_lease("alive", LONG)
    await begin(store, "dead")
    await begin(store, "dead", "run_2", BOB)
    await admit(store, new_message("msg_3"), run("run_3", replica="alive"))
    await admit(store, new_message("msg_4"), run("run_4", replica="dead"))
    await admit(store, new_message("msg_1", "thr_2", new=True), run("run_5", replica="alive"))
    await admit(store, new_message("msg_1", "thr_3", new=True), run("run_6", replica="dead"))
    await store.end_run(ALICE, end("run_6", thread_id="thr_3"))
    assert await orphans(store) == ["run_1", "run_2", "run_4"]
    assert (await orphan(store, "run_2")) == OwnedRun(BOB, await store.get_run(BOB, "run_2"))
    assert await store.recover_run(await orphan(store, "run_2"), crashed("run_2"))
    assert await orphans(store) == ["run_1", "run_4"]


async def test_orphans_of_several_dead_processes_are_found_and_others_processes_runs_are_not(store: Store) -> None:
    await store.renew_lease("b", LONG)
    for number, replica in enumerate("abcb"):
        await admit(store, new_message("msg_1", f"thr_{number}", new=True), run(f"run_{number}", replica=replica))
    assert await orphans(store) == ["run_0", "run_2"]
    await store.renew_lease("a", LONG)
    assert await orphans(store) == ["run_2"]


async def test_many_orphans_come_to_an_end_some_at_a_time(store: Store) -> None:
    names = [f"thr_{number}" for number in range(120)]
    await asyncio.gather(
        *(store.admit(ALICE, new_message("msg_1", key, new=True), run(f"run_{key}", replica="dead")) for key in names)
    )
    rounds = 0
    while found := await store.orphaned_runs():
        rounds += 1
        for owned in found:
            assert await store.recover_run(owned, crashed(owned.run.id, thread_id=owned.run.thread_id))
    assert rounds > 1
    assert await statuses(store, *(f"run_{key}" for key in names)) == ["interrupted"] * 120


# --- what is kept ---------------------------------------------------------------------------------------------------


async def test_an_orphan_ends_in_a_new_attempt_with_the_text_of_its_last_checkpoint(store: Store) -> None:
    await begin(store)
    await store.put_item(ALICE, "thr_1", assistant("task"), "run_1")
    for text in ("par", "partial"):
        await store.checkpoint_runs([Checkpoint(ALICE, "run_1", kept(assistant("answer", text), hidden("hid_1")), 1)])
    over = crashed()
    assert await store.recover_run(await orphan(store), over)
    row = await store.get_run(ALICE, "run_1")
    assert (row.status, row.stop_reason, row.ended_at, row.attempt) == ("interrupted", "crashed", over.ended_at, 2)
    assert await all_ids(store) == ["msg_1", "task", "answer", "hid_1"]
    assert await store.get_item(ALICE, "thr_1", "answer") == assistant("answer", "partial")
    assert await store.item_run(ALICE, "thr_1", "answer") == (True, "run_1")
    assert (await store.run_so_far(ALICE, "thr_1", "run_1")).items == [
        assistant("task"),
        assistant("answer", "partial"),
    ]
    assert await orphans(store) == []
    assert not (await admit(store, new_message("msg_2"), run("run_2", max_waiting=0))).waits


async def test_what_is_stored_already_is_newer_than_its_checkpoint(store: Store) -> None:
    await begin(store)
    await store.checkpoint_runs([Checkpoint(ALICE, "run_1", kept(assistant("one", "ol"), assistant("two", "gr")), 1)])
    await store.put_item(ALICE, "thr_1", assistant("one", "new"), "run_1")
    await store.put_item(ALICE, "thr_1", assistant("next"), "run_1")
    assert await store.recover_run(await orphan(store), crashed())
    assert await all_ids(store) == ["msg_1", "one", "next", "two"]
    assert await store.get_item(ALICE, "thr_1", "one") == assistant("one", "new")


@pytest.mark.parametrize("checkpoint", [None, "[]"])
async def test_a_run_that_had_begun_nothing_leaves_nothing(store: Store, checkpoint: str | None) -> None:
    await begin(store)
    if checkpoint is not None:
        await store.checkpoint_runs([Checkpoint(ALICE, "run_1", checkpoint, 1)])
    assert await store.recover_run(await orphan(store), crashed())
    assert await all_ids(store) == ["msg_1"]
    assert await statuses(store, "run_1") == ["interrupted"]


async def test_a_message_that_waited_stays_and_those_behind_it_move_up(store: Store) -> None:
    await store.renew_lease("alive", LONG)
    await begin(store, "alive")
    await admit(store, new_message("msg_2"), run("run_2", replica="dead"))
    await admit(store, Retry("thr_1", "msg_1"), run("run_3", replica="dead"))
    await admit(store, new_message("msg_4"), run("run_4", replica="alive"))
    for run_id in ("run_2", "run_3"):
        assert await store.recover_run(await orphan(store, run_id), crashed(run_id))
    assert await all_ids(store) == ["msg_1", "msg_2", "msg_4"]
    await store.put_item(ALICE, "thr_1", assistant("answer"), "run_1")  # which goes on
    assert await store.start_run(ALICE, new_message("msg_4"), "run_4") is None
    await store.end_run(ALICE, end("run_1"))
    assert await store.start_run(ALICE, new_message("msg_4"), "run_4")
    with pytest.raises(RunLost):
        await store.start_run(ALICE, new_message("msg_2"), "run_2")
    assert [(await store.get_run(ALICE, f"run_{n}")).attempt for n in (2, 3, 4)] == [2, 2, 1]


async def test_the_next_in_line_goes_on_when_the_active_run_was_recovered(store: Store) -> None:
    await store.renew_lease("alive", LONG)
    await begin(store, "dead")
    await admit(store, new_message("msg_2"), run("run_2", replica="alive"))
    await store.checkpoint_runs([Checkpoint(ALICE, "run_1", kept(assistant("answer", "partial")), 1)])
    assert await store.start_run(ALICE, new_message("msg_2"), "run_2") is None
    assert await store.recover_run(await orphan(store), crashed())
    assert await store.start_run(ALICE, new_message("msg_2"), "run_2")
    assert await all_ids(store) == ["msg_1", "answer", "msg_2"]
    await store.end_run(ALICE, end("run_2"))


# --- who is not dead after all --------------------------------------------------------------------------------------


async def test_a_process_that_is_alive_again_keeps_its_run(store: Store) -> None:
    await begin(store)
    await store.renew_lease("one", SHORT)
    await until_dead(store, "run_1")
    await store.checkpoint_runs([Checkpoint(ALICE, "run_1", kept(assistant("answer", "gr")), 1)])
    found = await orphan(store)
    await store.renew_lease("one", LONG)
    before = await everything(store)
    assert not await store.recover_run(found, crashed())
    assert await everything(store) == before
    await store.end_run(ALICE, end("run_1", assistant("answer", "grown")))
    assert await statuses(store, "run_1") == ["completed"]


async def test_what_has_ended_meanwhile_is_not_recovered(store: Store) -> None:
    await begin(store)
    await admit(store, new_message("msg_2"), run("run_2", replica="one"))
    await store.checkpoint_runs([Checkpoint(ALICE, "run_1", kept(assistant("answer", "gr")), 1)])
    active, waiting = await orphan(store, "run_1"), await orphan(store, "run_2")
    await store.end_run(ALICE, end("run_1"))
    await store.withdraw_run(ALICE, end("run_2", status="cancelled"))
    before = await everything(store)
    assert not await store.recover_run(active, crashed("run_1"))
    assert not await store.recover_run(waiting, crashed("run_2"))
    assert await everything(store) == before
    assert await statuses(store, "run_1", "run_2") == ["completed", "cancelled"]


async def test_what_has_gone_with_its_thread_is_not_recovered(store: Store) -> None:
    await begin(store)
    found = await orphan(store)
    await store.remove_thread(ALICE, "thr_1")
    assert not await store.recover_run(found, crashed())
    await fill(store)
    assert not await store.recover_run(found, crashed())
    assert await all_ids(store) == []
    assert await statuses(store, "run_1") == [None]


async def test_a_run_is_recovered_once_however_many_try(store: Store) -> None:
    await begin(store)
    await store.checkpoint_runs([Checkpoint(ALICE, "run_1", kept(assistant("answer")), 1)])
    found = await orphan(store)
    tries = [crashed(ended_at=f"2026-01-31T12:00:{number:02}.000000Z") for number in range(10)]
    recovered = await asyncio.gather(*(store.recover_run(found, over) for over in tries))
    assert recovered.count(True) == 1
    row = await store.get_run(ALICE, "run_1")
    assert (row.attempt, row.ended_at) == (2, tries[recovered.index(True)].ended_at)
    assert await all_ids(store) == ["msg_1", "answer"]
    # Whose answer was lost asks again, and is told what it has done.
    assert await store.recover_run(found, tries[recovered.index(True)])
    assert await store.get_run(ALICE, "run_1") == row


async def test_an_end_and_a_recovery_at_once_are_one_of_the_two(store: Store) -> None:
    for number in range(20):
        thread_id, run_id = f"thr_{number}", f"run_{number}"
        await admit(store, new_message("msg_1", thread_id, new=True), run(run_id, replica="slow"))
        await store.checkpoint_runs([Checkpoint(ALICE, run_id, kept(assistant("answer", "gr", thread_id)), 1)])
        found = await orphan(store, run_id)
        finished = end(run_id, assistant("answer", "grown", thread_id), thread_id=thread_id)
        calls = [store.end_run(ALICE, finished), store.recover_run(found, crashed(run_id, thread_id=thread_id))]
        ended, recovered = await asyncio.gather(*calls[:: 1 if number % 2 else -1], return_exceptions=True)
        if not number % 2:
            ended, recovered = recovered, ended
        text = (await store.get_item(ALICE, thread_id, "answer")).data
        if recovered is True:
            assert isinstance(ended, RunLost)
            assert '"gr"' in text
        else:
            assert (ended, recovered) == (None, False)
            assert '"grown"' in text
        assert await statuses(store, run_id) == ["interrupted" if recovered is True else "completed"]
