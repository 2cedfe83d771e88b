"""A run from its turn to its end, for every store: what it may do when, and that it can do no more afterwards."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from fastapi_chatkit.errors import ItemNotFound, RunNotFound, ThreadLocked, ThreadNotFound
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.store.base import (
    Admission,
    Admitted,
    Checkpoint,
    OwnedRun,
    RequestKey,
    Retry,
    RunLost,
    RunRow,
    Store,
    ThreadChanges,
    WidgetAction,
)
from fastapi_chatkit.store.postgres import PostgresStore
from fastapi_chatkit.store.postgres import store as postgres_store
from tests.contract.reading import all_ids, everything, statuses, stops
from tests.contract.rows import (
    ALICE,
    BOB,
    TIME,
    admit,
    assistant,
    end,
    fill,
    hidden,
    item,
    new_message,
    run,
    thread,
    user,
)

ACTION = WidgetAction("thr_1", None)
LOCKED = ThreadChanges({"status": '{"type":"locked"}'})


async def busy(store: Store, *waiting: Admission, thread_id: str = "thr_1") -> None:
    """``run_1`` goes on in a thread, and others wait from ``run_2`` on."""
    await fill(store, user("msg_1", thread_id=thread_id), assistant("old"), thread_id=thread_id)
    await admit(store, WidgetAction(thread_id, None), run())
    for number, admission in enumerate(waiting, 2):
        assert (await admit(store, admission, run(f"run_{number}"))).waits


def kept(*rows: Any) -> str:
    """What is checkpointed of a run."""
    return json.dumps([json.loads(row.data) for row in rows])


# --- its turn -------------------------------------------------------------------------------------------------------


async def test_runs_start_in_their_order_and_only_when_the_one_before_has_ended(store: Store) -> None:
    messages = {f"run_{number}": new_message(f"msg_{number}") for number in (2, 3, 4)}
    await busy(store, *messages.values())
    line = ["run_1", *messages]
    while line:
        first, *others = line
        assert (await store.current_run(ALICE, "thr_1")).id == first
        for other in others:
            assert await store.start_run(ALICE, messages[other], other) is None
        assert await statuses(store, *line) == ["running", *["queued"] * len(others)]
        await store.end_run(ALICE, end(first))
        for late in others[1:]:
            assert await store.start_run(ALICE, messages[late], late) is None
        if others:
            started = await store.start_run(ALICE, messages[others[0]], others[0])
            assert started is not None
            assert started.thread == await store.get_thread(ALICE, "thr_1")
            assert started.item == await store.get_item(ALICE, "thr_1", f"msg_{others[0][4:]}")
            assert not started.waits
        line = others


async def test_a_message_moves_to_the_threads_end_when_its_run_starts(store: Store) -> None:
    await busy(store, new_message("msg_2"), new_message("msg_3"))
    await store.put_item(ALICE, "thr_1", assistant("answer_1"), "run_1")
    await store.end_run(ALICE, end("run_1", assistant("last_1")))
    assert await all_ids(store) == ["msg_1", "old", "msg_2", "msg_3", "answer_1", "last_1"]
    await store.start_run(ALICE, new_message("msg_2"), "run_2")
    assert await all_ids(store) == ["msg_1", "old", "msg_3", "answer_1", "last_1", "msg_2"]
    await store.end_run(ALICE, end("run_2", assistant("answer_2")))
    await store.start_run(ALICE, new_message("msg_3"), "run_3")
    expected = ["msg_1", "old", "answer_1", "last_1", "msg_2", "answer_2", "msg_3"]
    assert await all_ids(store) == expected
    await store.put_item(ALICE, "thr_1", assistant("answer_3"), "run_3")
    assert await all_ids(store) == [*expected, "answer_3"]
    assert [row.id for row in (await store.run_so_far(ALICE, "thr_1", "run_2")).items] == ["msg_2", "answer_2"]


async def test_a_retry_that_waited_deletes_what_was_answered_and_keeps_what_waits(store: Store) -> None:
    await busy(store, Retry("thr_1", "msg_1"), new_message("msg_3"), new_message("msg_4"), new_message("msg_5"))
    for row in (assistant("answer_1"), hidden("hid_1")):
        await store.put_item(ALICE, "thr_1", row, "run_1")
    await store.withdraw_run(ALICE, end("run_4"))
    await store.put_item(ALICE, "thr_1", item("widget", "of_nobody"))
    assert await store.start_run(ALICE, Retry("thr_1", "msg_1"), "run_2") is None
    assert len(await all_ids(store)) == 8
    await store.end_run(ALICE, end("run_1"))
    started = await store.start_run(ALICE, Retry("thr_1", "msg_1"), "run_2")
    assert started is not None
    assert started.item == user("msg_1")
    assert await all_ids(store) == ["msg_1", "msg_3", "msg_4", "msg_5"]  # 4 was never answered, and may be retried
    await store.end_run(ALICE, end("run_2", assistant("again")))
    assert await store.start_run(ALICE, new_message("msg_3"), "run_3")
    assert await all_ids(store) == ["msg_1", "msg_4", "msg_5", "again", "msg_3"]


async def test_messages_of_the_same_ids_elsewhere_keep_nothing(store: Store) -> None:
    """What waits in another thread, or of another user's, is no reason to keep an item."""
    await busy(store, Retry("thr_1", "msg_1"))
    await store.put_item(ALICE, "thr_1", assistant("answer"), "run_1")
    for owner, thread_id in ((ALICE, "thr_2"), (BOB, "thr_1")):
        await fill(store, thread_id=thread_id, owner=owner)
        await admit(store, WidgetAction(thread_id, None), run("run_x"), owner)
        waiting = "run_9" if owner == ALICE else "run_1"
        await admit(store, new_message("answer", thread_id), run(waiting), owner)
    await store.end_run(ALICE, end("run_1"))
    assert await store.start_run(ALICE, Retry("thr_1", "msg_1"), "run_2")
    assert await all_ids(store) == ["msg_1"]
    assert await all_ids(store, ALICE, "thr_2") == ["answer"]
    assert await all_ids(store, BOB) == ["answer"]


@pytest.mark.parametrize("admission", [new_message("msg_2"), Retry("thr_1", "msg_1"), WidgetAction("thr_1", "wid_1")])
async def test_starting_again_does_nothing_again(store: Store, admission: Admission) -> None:
    """Where the first attempt has come through and nobody was told."""
    await fill(store, item("widget", "wid_1", widget={"type": "Card", "children": []}))
    await busy(store, admission, new_message("msg_3"))
    await store.end_run(ALICE, end("run_1"))
    first = await store.start_run(ALICE, admission, "run_2")
    await store.put_item(ALICE, "thr_1", assistant("answer"), "run_2")
    before = await all_ids(store)
    assert await store.start_run(ALICE, admission, "run_2") == first
    assert await all_ids(store) == before
    assert await store.start_run(ALICE, new_message("msg_3"), "run_3") is None


@pytest.mark.parametrize("admission", [new_message("msg_2"), Retry("thr_1", "msg_1")])
async def test_in_a_thread_that_was_locked_meanwhile_a_run_cannot_start(store: Store, admission: Admission) -> None:
    await busy(store, admission, ACTION)
    await store.end_run(ALICE, end("run_1"))
    await store.change_thread(ALICE, "thr_1", LOCKED)
    before = await everything(store)
    with pytest.raises(ThreadLocked):
        await store.start_run(ALICE, admission, "run_2")
    assert await everything(store) == before
    assert await statuses(store, "run_2") == ["queued"]
    assert await store.withdraw_run(ALICE, end("run_2", status="failed"))
    assert await store.start_run(ALICE, ACTION, "run_3")


@pytest.mark.parametrize("admission", [new_message("msg_2"), Retry("thr_1", "msg_1"), WidgetAction("thr_1", "wid_1")])
async def test_what_it_is_about_was_deleted_meanwhile(store: Store, admission: Admission) -> None:
    await fill(store, item("widget", "wid_1", widget={"type": "Card", "children": []}))
    await busy(store, admission)
    await store.end_run(ALICE, end("run_1", assistant("answer")))
    for item_id in ("msg_2", "msg_1", "wid_1"):
        await store.remove_item(ALICE, "thr_1", item_id)
    before = await everything(store)
    with pytest.raises(ItemNotFound):
        await store.start_run(ALICE, admission, "run_2")
    assert await everything(store) == before
    assert await store.withdraw_run(ALICE, end("run_2", status="failed"))


async def test_the_thread_was_deleted_meanwhile(store: Store) -> None:
    await busy(store, new_message("msg_2"))
    await store.remove_thread(ALICE, "thr_1")
    for run_id in ("run_1", "run_2"):
        with pytest.raises(ThreadNotFound):
            await store.start_run(ALICE, new_message("msg_2"), run_id)
        with pytest.raises(ThreadNotFound):
            await store.end_run(ALICE, end(run_id, assistant("late")))
        assert not await store.withdraw_run(ALICE, end(run_id, assistant("late")))
    assert await statuses(store, "run_1", "run_2") == [None, None]
    await fill(store)
    for write in WRITES:
        with pytest.raises(RunLost):
            await write(store, "run_1")
    assert not (await admit(store, new_message("msg_1"), run())).waits


async def test_a_run_that_does_not_wait_any_more_is_lost(store: Store) -> None:
    await busy(store, new_message("msg_2"), new_message("msg_3"))
    await store.withdraw_run(ALICE, end("run_2", status="cancelled"))
    await store.end_run(ALICE, end("run_1"))
    for lost in ("run_1", "run_2", "run_unknown"):
        with pytest.raises(RunLost):
            await store.start_run(ALICE, new_message("msg_2"), lost)
    assert await store.start_run(ALICE, new_message("msg_3"), "run_3")


# --- what waits is withdrawn ----------------------------------------------------------------------------------------


async def test_a_run_that_waits_is_withdrawn_with_what_is_to_be_kept(store: Store) -> None:
    await busy(store, new_message("msg_2"), new_message("msg_3"))
    withdrawn = end("run_2", hidden("note"), status="cancelled", stop_reason="cancelled")
    assert await store.withdraw_run(ALICE, withdrawn)
    row = await store.get_run(ALICE, "run_2")
    assert (row.status, row.stop_reason, row.ended_at, row.attempt) == ("cancelled", "cancelled", withdrawn.ended_at, 1)
    assert await all_ids(store) == ["msg_1", "old", "msg_2", "msg_3", "note"]
    assert await store.item_run(ALICE, "thr_1", "note") == (True, "run_2")
    assert not await store.withdraw_run(ALICE, end("run_2", assistant("late"), status="failed"))
    assert await store.get_run(ALICE, "run_2") == row
    await store.put_item(ALICE, "thr_1", assistant("answer"), "run_1")  # which goes on
    await store.end_run(ALICE, end("run_1"))
    assert await store.start_run(ALICE, new_message("msg_3"), "run_3")


async def test_a_withdrawal_whose_answer_was_lost_is_answered_again(store: Store) -> None:
    await busy(store, new_message("msg_2"))
    withdrawn = end("run_2", hidden("note"), status="cancelled")
    for _ in range(2):
        assert await store.withdraw_run(ALICE, withdrawn)
    assert await all_ids(store) == ["msg_1", "old", "msg_2", "note"]


async def test_what_does_not_wait_is_not_withdrawn(store: Store) -> None:
    await busy(store, new_message("msg_2"))
    before = await everything(store)
    for run_id in ("run_1", "run_unknown"):
        assert not await store.withdraw_run(ALICE, end(run_id, assistant("late")))
    assert await everything(store) == before
    await store.end_run(ALICE, end("run_1"))
    await store.start_run(ALICE, new_message("msg_2"), "run_2")
    assert not await store.withdraw_run(ALICE, end("run_2", assistant("late")))
    assert await statuses(store, "run_2") == ["running"]


async def test_a_start_and_a_withdrawal_at_once_are_one_of_the_two(store: Store) -> None:
    for number in range(30):
        thread_id, waiting = f"thr_{number}", f"run_w{number}"
        await admit(store, new_message("msg_1", thread_id, new=True), run(f"run_{number}"))
        await admit(store, new_message("msg_2", thread_id), run(waiting))
        await store.end_run(ALICE, end(f"run_{number}", thread_id=thread_id))
        started, withdrawn = await asyncio.gather(
            store.start_run(ALICE, new_message("msg_2", thread_id), waiting),
            store.withdraw_run(ALICE, end(waiting, thread_id=thread_id, status="cancelled")),
            return_exceptions=True,
        )
        assert isinstance(started, RunLost if withdrawn else Admitted)
        assert await statuses(store, waiting) == ["cancelled" if withdrawn else "running"]


async def test_a_run_is_withdrawn_and_recovered_in_its_own_thread_alone(store: Store) -> None:
    await fill(store, thread_id="thr_2")
    await busy(store, new_message("msg_2"))
    before = await everything(store)
    for run_id in ("run_1", "run_2"):
        assert not await store.withdraw_run(ALICE, end(run_id, assistant("late"), thread_id="thr_2"))
        [orphan] = [owned for owned in await store.orphaned_runs() if owned.run.id == run_id]
        assert not await store.recover_run(orphan, end(run_id, thread_id="thr_2"))
    assert await everything(store) == before


# --- the end --------------------------------------------------------------------------------------------------------


async def test_an_end_whose_answer_was_lost_is_no_error_and_stores_nothing_again(store: Store) -> None:
    await busy(store)
    for rows in ((), (assistant("one"),), (assistant("two"), assistant("three"))):
        last = end("run_1", *rows)
        await store.end_run(ALICE, last)
        ended = await store.get_run(ALICE, "run_1")
        before = await everything(store)
        for row in rows:
            await store.remove_item(ALICE, "thr_1", row.id)
        await store.end_run(ALICE, last)
        assert await store.get_run(ALICE, "run_1") == ended
        assert len(await all_ids(store)) == len(before[1][0]) - len(rows)
        await store.remove_thread(ALICE, "thr_1")
        await busy(store)


@pytest.mark.parametrize("rows", [(), (assistant("late"),), (assistant("late"), assistant("later"))])
async def test_another_end_is_refused(store: Store, rows: tuple[Any, ...]) -> None:
    await busy(store, new_message("msg_2"))
    await store.end_run(ALICE, end("run_1", status="cancelled"))
    before = await everything(store)
    ended = await store.get_run(ALICE, "run_1")
    for other in (end("run_1", *rows), end("run_1", *rows, status="failed", ended_at=ended.ended_at)):
        with pytest.raises(RunLost):
            await store.end_run(ALICE, other)
    with pytest.raises(RunLost):  # it waits: only the active run ends like this
        await store.end_run(ALICE, end("run_2", *rows))
    with pytest.raises(RunLost):
        await store.end_run(ALICE, end("run_unknown", *rows))
    assert await everything(store) == before
    assert await store.get_run(ALICE, "run_1") == ended
    assert await statuses(store, "run_2") == ["queued"]


# --- the fence ------------------------------------------------------------------------------------------------------

Write = Callable[[Store, str], Awaitable[object]]


async def add(store: Store, run_id: str) -> None:
    await store.put_item(ALICE, "thr_1", assistant("late"), run_id)


async def replace_old(store: Store, run_id: str) -> None:
    await store.put_item(ALICE, "thr_1", assistant("old", "late"), run_id)


async def remove_old(store: Store, run_id: str) -> None:
    await store.remove_item(ALICE, "thr_1", "old", run_id)


async def change(store: Store, run_id: str) -> None:
    await store.change_thread(ALICE, "thr_1", ThreadChanges({"title": "late"}), run_id)


async def finish(store: Store, run_id: str) -> None:
    await store.end_run(ALICE, end(run_id))


async def finish_with_items(store: Store, run_id: str) -> None:
    await store.end_run(ALICE, end(run_id, assistant("old", "late"), assistant("late")))


WRITES: tuple[Write, ...] = (add, replace_old, remove_old, change, finish, finish_with_items)
any_write = pytest.mark.parametrize("write", WRITES)


@any_write
async def test_what_the_active_run_writes_is_stored(store: Store, write: Write) -> None:
    await busy(store, new_message("msg_2"))
    before = await everything(store)
    await write(store, "run_1")
    assert await everything(store) != before


@any_write
async def test_what_a_run_writes_that_is_not_active_is_refused(store: Store, write: Write) -> None:
    await busy(store, new_message("msg_2"))
    before = await everything(store)
    for run_id in ("run_2", "run_unknown"):  # one that waits, and none
        with pytest.raises(RunLost):
            await write(store, run_id)
    assert await everything(store) == before
    await store.end_run(ALICE, end("run_1", status="cancelled"))
    for _ in range(2):  # once nobody goes on, and once another does
        before = await everything(store)
        with pytest.raises(RunLost):
            await write(store, "run_1")
        assert await everything(store) == before
        await store.start_run(ALICE, new_message("msg_2"), "run_2")
    await write(store, "run_2")


@any_write
async def test_what_a_run_writes_that_was_taken_for_dead_is_refused(store: Store, write: Write) -> None:
    await busy(store, new_message("msg_2"))
    [orphan] = [owned for owned in await store.orphaned_runs() if owned.run.id == "run_1"]
    assert await store.recover_run(orphan, end("run_1", status="interrupted", stop_reason="crashed"))
    for _ in range(2):
        before = await everything(store)
        with pytest.raises(RunLost):
            await write(store, "run_1")
        await store.checkpoint_runs([Checkpoint(ALICE, "run_1", kept(assistant("late")), 1)])
        assert (await store.run_so_far(ALICE, "thr_1", "run_1")).items == []
        assert await everything(store) == before
        await store.start_run(ALICE, new_message("msg_2"), "run_2")


@any_write
async def test_a_run_is_active_in_its_own_thread_alone(store: Store, write: Write) -> None:
    await fill(store, assistant("old"))
    await busy(store, thread_id="thr_2")
    await admit(store, ACTION, run("run_other"))
    before = await everything(store)
    with pytest.raises(RunLost):
        await write(store, "run_1")
    assert await everything(store) == before


async def test_a_thread_that_is_saved_anew_keeps_its_run(store: Store) -> None:
    await busy(store, new_message("msg_2"))
    await store.put_thread(ALICE, thread(title="again"))
    await store.put_item(ALICE, "thr_1", assistant("answer"), "run_1")
    await store.end_run(ALICE, end("run_1"))


# --- what is kept of it while it goes on ----------------------------------------------------------------------------


async def test_the_items_of_a_run_are_those_that_it_stored_and_then_those_that_grow(store: Store) -> None:
    await busy(store, new_message("msg_2"))
    assert (await store.run_so_far(ALICE, "thr_1", "run_1")).items == []
    await store.checkpoint_runs([Checkpoint(ALICE, "run_1", kept(assistant("answer", "gr")), 1)])
    await store.put_item(ALICE, "thr_1", assistant("task"), "run_1")
    await store.put_item(ALICE, "thr_1", hidden("hid_1"), "run_1")
    assert (await store.run_so_far(ALICE, "thr_1", "run_1")).items == [assistant("task"), assistant("answer", "gr")]
    growing = kept(assistant("task", "old"), hidden("hid_2"), assistant("answer", "growing"))
    await store.checkpoint_runs([Checkpoint(ALICE, "run_1", growing, 1)])
    expected = [assistant("task", "old"), assistant("answer", "growing")]
    assert await store.run_so_far(ALICE, "thr_1", "run_1") == (expected, 1)
    assert [row.id for row in (await store.run_so_far(ALICE, "thr_1", "run_2")).items] == ["msg_2"]
    assert "answer" not in await all_ids(store)
    await store.end_run(ALICE, end("run_1", assistant("answer", "grown")))
    assert (await store.run_so_far(ALICE, "thr_1", "run_1")).items == [assistant("task"), assistant("answer", "grown")]


async def test_checkpoints_of_many_runs_are_replaced_together(store: Store) -> None:
    many = [f"thr_{number}" for number in range(120)]
    for thread_id in many:
        await admit(store, new_message("msg_1", thread_id, new=True), run(f"run_{thread_id}"))
    await store.end_run(ALICE, end("run_thr_7", thread_id="thr_7"))
    for text in ("one", "two"):
        await store.checkpoint_runs(
            [Checkpoint(ALICE, f"run_{key}", kept(assistant("answer", text, key)), 1) for key in [*many, "unknown"]]
        )
        for thread_id in many:
            found = ((await store.run_so_far(ALICE, thread_id, f"run_{thread_id}")).items)[1:]
            assert found == ([] if thread_id == "thr_7" else [assistant("answer", text, thread_id)])
    await store.checkpoint_runs([])


# --- what is asked about it -----------------------------------------------------------------------------------------


async def test_a_request_to_stop_is_heard_by_the_runs_process_until_it_has_ended(store: Store) -> None:
    await fill(store)
    await admit(store, ACTION, run("run_1", replica="one"))
    await admit(store, ACTION, run("run_2", replica="one"))
    await admit(store, ACTION, run("run_3", replica="two"))
    assert await stops(store, "one") == {}
    assert await store.request_stop(ALICE, "run_1", "cancelled") == "one"
    assert await store.request_stop(ALICE, "run_1", "thread_deleted") == "one"  # the first reason stays
    assert await store.request_stop(ALICE, "run_2", "thread_deleted") == "one"
    assert await store.request_stop(ALICE, "run_unknown", "cancelled") is None
    assert await store.request_stop(BOB, "run_3", "cancelled") is None
    assert await stops(store, "one") == {"run_1": "cancelled", "run_2": "thread_deleted"}
    assert await stops(store, "two") == {}
    await store.end_run(ALICE, end("run_1"))
    assert await store.request_stop(ALICE, "run_1", "cancelled") is None
    assert await stops(store, "one") == {"run_2": "thread_deleted"}
    await store.withdraw_run(ALICE, end("run_2"))
    assert await stops(store, "one") == {}
    assert await statuses(store, "run_3") == ["queued"]


async def test_the_current_run_is_the_one_that_goes_on_or_waits_first_or_came_last(store: Store) -> None:
    async def current() -> str:
        return (await store.current_run(ALICE, "thr_1")).id

    with pytest.raises(ThreadNotFound):
        await current()
    await fill(store)
    with pytest.raises(RunNotFound):
        await current()
    await fill(store, owner=BOB)
    await admit(store, ACTION, run("run_bob"), BOB)
    await busy(store, new_message("msg_2"), new_message("msg_3"))
    assert await current() == "run_1"
    await store.end_run(ALICE, end("run_1"))
    assert await current() == "run_2"
    assert (await store.current_run(ALICE, "thr_1")).status == "queued"
    await store.start_run(ALICE, new_message("msg_2"), "run_2")
    assert await current() == "run_2"
    await store.withdraw_run(ALICE, end("run_3"))
    await store.end_run(ALICE, end("run_2"))
    assert await current() == "run_3"  # the last that was asked for, though it never went on
    await admit(store, ACTION, run("a_run"))
    await store.end_run(ALICE, end("a_run"))
    assert await current() == "a_run"


async def test_the_runs_that_go_on_are_everybodys_the_oldest_first(store: Store) -> None:
    moments = {"run_c": "2026-01-31T12:00:00.000000Z", "run_a": TIME[:-2] + "1Z", "run_b": TIME[:-2] + "2Z"}
    for owner in (ALICE, BOB):
        await fill(store, owner=owner)
    for run_id, owner in (("run_b", ALICE), ("run_c", BOB), ("run_a", ALICE)):
        await admit(store, ACTION, replace(run(run_id), created_at=moments[run_id]), owner)
    expected = [(BOB, "run_c", "running"), (ALICE, "run_a", "queued"), (ALICE, "run_b", "running")]
    for limit in (1, 2, 3, 99):
        found = await store.active_runs(limit)
        assert [(owned.owner, owned.run.id, owned.run.status) for owned in found] == expected[:limit]
    assert await store.active_runs(1) == [OwnedRun(BOB, await store.get_run(BOB, "run_c"))]
    await store.end_run(BOB, end("run_c"))
    await store.withdraw_run(ALICE, end("run_a"))
    assert [owned.run.id for owned in await store.active_runs(9)] == ["run_b"]


# --- messages that waited in vain -------------------------------------------------------------------------------------


async def waited_in_vain(store: Store) -> None:
    """`one` is answered; `two` and `three` waited meanwhile, and `two` was taken back."""
    await admit(store, new_message("one", new=True), run("run_1"))
    await admit(store, new_message("two"), run("run_2"))
    await admit(store, new_message("three"), run("run_3"))
    await store.withdraw_run(ALICE, end("run_2", status="cancelled"))
    await store.put_item(ALICE, "thr_1", assistant("answer_1"), "run_1")
    await store.end_run(ALICE, end("run_1"))


async def test_an_agent_does_not_see_what_waits(store: Store) -> None:
    await waited_in_vain(store)
    page = await store.list_items(ALICE, "thr_1", PageQuery(100, "asc"), hidden=True, waiting=False)
    assert [row.id for row in page.data] == ["one", "two", "answer_1"]
    models = await store.models.load_thread_items("thr_1", None, 100, "asc", {"user_id": "alice"})
    assert [item.id for item in models.data] == ["one", "two", "answer_1"]
    await store.start_run(ALICE, new_message("three"), "run_3")
    page = await store.list_items(ALICE, "thr_1", PageQuery(100, "desc"), hidden=True, waiting=False)
    assert [row.id for row in page.data] == ["three", "answer_1", "two", "one"]


async def test_a_retry_of_a_message_that_was_never_answered_deletes_nothing_and_comes_last(store: Store) -> None:
    await waited_in_vain(store)
    await store.start_run(ALICE, new_message("three"), "run_3")
    await store.end_run(ALICE, end("run_3"))
    await admit(store, Retry("thr_1", "two"), run("run_4"))
    assert await all_ids(store) == ["one", "answer_1", "three", "two"]
    await store.put_item(ALICE, "thr_1", assistant("answer_4"), "run_4")
    await store.end_run(ALICE, end("run_4"))
    await admit(store, Retry("thr_1", "two"), run("run_5"))  # now it has an answer, which goes
    assert await all_ids(store) == ["one", "answer_1", "three", "two"]


async def test_a_retry_keeps_the_messages_that_were_never_answered(store: Store) -> None:
    await waited_in_vain(store)
    await store.withdraw_run(ALICE, end("run_3", status="cancelled"))
    await admit(store, Retry("thr_1", "one"), run("run_4"))
    assert await all_ids(store) == ["one", "two", "three"]


# --- taken back -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stored", [True, False])
async def test_an_admission_in_doubt_is_taken_back_with_its_message_and_its_key(
    fast_store: Store, stored: bool
) -> None:
    store = fast_store
    await store.put_thread(ALICE, thread("thr_1"))
    await store.put_item(ALICE, "thr_1", assistant("before"))
    key = RequestKey("key", "digest", "2000")
    if stored:
        await admit(store, new_message("msg_1"), replace(run("run_1"), key=key))
    await store.abandon_run(ALICE, end("run_1", status="failed"), new_thread=False)
    assert await all_ids(store) == ["before"]
    assert (await store.get_run(ALICE, "run_1")).status == "failed"
    await admit(store, new_message("msg_2"), replace(run("run_2"), key=key))
    assert await all_ids(store) == ["before", "msg_2"]


@pytest.mark.parametrize("stored", [True, False])
async def test_an_admission_in_doubt_that_was_to_begin_a_thread_leaves_none(fast_store: Store, stored: bool) -> None:
    if stored:
        await admit(fast_store, new_message("msg_1", new=True), run("run_1"))
    await fast_store.abandon_run(ALICE, end("run_1", status="failed"), new_thread=True)
    assert (await fast_store.list_threads(ALICE, PageQuery())).data == []
    with pytest.raises(RunNotFound):
        await fast_store.get_run(ALICE, "run_1")


@pytest.mark.parametrize("new", [True, False], ids=["new thread", "thread"])
async def test_what_was_confirmed_to_whoever_asked_again_is_not_taken_back(fast_store: Store, new: bool) -> None:
    store = fast_store
    if not new:
        await store.put_thread(ALICE, thread("thr_1"))
    first = replace(run("run_1"), key=RequestKey("key", "digest", "2000"))
    await admit(store, new_message("msg_1", new=new), first)
    assert await store.confirm_run(ALICE, "run_1")
    for _ in range(2):
        await store.abandon_run(ALICE, end("run_1", status="failed"), new_thread=new)
        assert await all_ids(store) == ["msg_1"]
    assert (await store.get_run(ALICE, "run_1")).status == "failed"
    again = await store.admit(ALICE, new_message("msg_2", new=new), replace(run("run_2"), key=first.key))
    assert isinstance(again, RunRow)
    assert again.id == "run_1"
    await admit(store, new_message("msg_3"), run("run_3"))  # the thread is free
    assert await all_ids(store) == ["msg_1", "msg_3"]


@pytest.mark.parametrize("new", [True, False], ids=["new thread", "thread"])
async def test_what_was_taken_back_is_not_confirmed(fast_store: Store, new: bool) -> None:
    if not new:
        await fast_store.put_thread(ALICE, thread("thr_1"))
    key = RequestKey("key", "digest", "2000")
    await admit(fast_store, new_message("msg_1", new=new), replace(run("run_1"), key=key))
    await fast_store.abandon_run(ALICE, end("run_1", status="failed"), new_thread=new)
    assert not await fast_store.confirm_run(ALICE, "run_1")
    assert not await fast_store.confirm_run(ALICE, "run_never")


async def test_a_thread_in_which_somebody_has_gone_on_is_not_taken_back(fast_store: Store) -> None:
    """It was seen in the list meanwhile, and the next message was acknowledged there."""
    store = fast_store
    await admit(store, new_message("msg_1", new=True), run("run_1"))
    assert (await admit(store, new_message("msg_2"), run("run_2"))).waits
    await store.abandon_run(ALICE, end("run_1", status="failed"), new_thread=True)
    assert await all_ids(store) == ["msg_2"]
    assert (await store.get_run(ALICE, "run_1")).status == "failed"
    assert await store.start_run(ALICE, new_message("msg_2"), "run_2")


async def test_a_run_that_was_recovered_while_in_doubt_is_taken_back_with_its_key(fast_store: Store) -> None:
    """Its process was taken for dead; whoever asked was told to ask again all the same."""
    store = fast_store
    await store.put_thread(ALICE, thread("thr_1"))
    key = RequestKey("key", "digest", "2000")
    await admit(store, new_message("msg_1"), replace(run("run_1"), key=key))
    await store.end_run(ALICE, end("run_1", status="interrupted"))
    await store.abandon_run(ALICE, end("run_1", status="failed"), new_thread=False)
    assert await all_ids(store) == []
    await admit(store, new_message("msg_2"), replace(run("run_2"), key=key))
    assert await all_ids(store) == ["msg_2"]


@pytest.fixture
async def fast_store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """One that need not wait for what may go on in a server."""
    if isinstance(store, PostgresStore):
        monkeypatch.setattr(store, "_timeout", 0.2)
        monkeypatch.setattr(postgres_store, "PATIENCE_SECONDS", 0.2)
    return store
