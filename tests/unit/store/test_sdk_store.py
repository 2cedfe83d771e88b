"""Runs over a store of somebody else's, which knows of none: the same contract, as far as one process can keep it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from chatkit.types import Page, ThreadMetadata

from fastapi_chatkit.errors import (
    AttachmentNotFound,
    IdempotencyMismatch,
    ItemNotFound,
    ItemState,
    QueueFull,
    RunActive,
    RunNotFound,
    ThreadLocked,
    ThreadNotFound,
)
from fastapi_chatkit.store import run_table
from fastapi_chatkit.store.base import (
    Admission,
    Admitted,
    RequestKey,
    Retry,
    RunLost,
    StructuredAnswer,
    ThreadChanges,
    ToolOutput,
    WidgetAction,
)
from fastapi_chatkit.store.sdk_store import SDKStore
from tests.contract.reading import all_ids, statuses
from tests.contract.rows import ALICE, BOB, TIME, admit, assistant, end, fill, hidden, item, new_message, run, user
from tests.support.memory_store import MemoryStore

ACTION = WidgetAction("thr_1", None)
LOCKED = ThreadChanges({"status": '{"type":"locked"}'})
KEY = RequestKey("key", "digest", "2020-01-01T00:00:00.000000Z")


class InOrder(MemoryStore):
    """By arrival: what these tests store is all of one moment."""

    def _page(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        ordered = rows if order == "asc" else rows[::-1]
        start = next((index + 1 for index, row in enumerate(ordered) if row.id == after), 0)
        data = ordered[start : start + limit]
        has_more = start + limit < len(ordered)
        return Page(data=data, has_more=has_more, after=data[-1].id if has_more else None)


@pytest.fixture
def store() -> SDKStore:
    return SDKStore(InOrder())


async def busy(store: SDKStore, *waiting: Admission) -> None:
    """``run_1`` goes on in a thread, and others wait from ``run_2`` on."""
    await fill(store, user("msg_1"), assistant("old"))
    assert not (await admit(store, ACTION, run())).waits
    for number, admission in enumerate(waiting, 2):
        assert (await admit(store, admission, run(f"run_{number}"))).waits


# --- admission ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("max_waiting", [0, 1, 8])
async def test_of_many_at_once_one_goes_on_some_wait_and_the_rest_is_refused(store: SDKStore, max_waiting: int) -> None:
    await fill(store)
    calls = [
        store.admit(ALICE, new_message(f"msg_{number}"), run(f"run_{number}", max_waiting=max_waiting))
        for number in range(20)
    ]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    admitted = [answer for answer in answers if isinstance(answer, Admitted)]
    assert [answer.waits for answer in admitted] == [False, *[True] * max_waiting]
    assert {type(answer) for answer in answers} - {Admitted} == {QueueFull if max_waiting else RunActive}
    assert len(await all_ids(store)) == len(admitted)
    assert await statuses(store, "run_0", "run_19") == ["running", None]
    for number in range(1 + max_waiting):
        current = await store.current_run(ALICE, "thr_1")
        assert await store.start_run(ALICE, new_message(f"msg_{number}"), current.id)
        await store.end_run(ALICE, end(current.id))
    assert not (await admit(store, ACTION, run("run_last", max_waiting=0))).waits


async def test_what_is_refused_leaves_no_run_and_has_not_used_its_key(store: SDKStore) -> None:
    await fill(store, user("msg_1"), assistant("msg_2"))
    await fill(store, user("msg_3"), thread_id="thr_locked")
    await store.change_thread(ALICE, "thr_locked", LOCKED)
    refused: list[tuple[Admission, type[Exception]]] = [
        (new_message("msg_9", "thr_x"), ThreadNotFound),
        (new_message("msg_9", "thr_locked"), ThreadLocked),
        (new_message("msg_9", "thr_1", "atc_x"), AttachmentNotFound),
        (Retry("thr_locked", "msg_3"), ThreadLocked),
        (Retry("thr_1", "msg_2"), ItemState),
        (Retry("thr_1", "msg_x"), ItemNotFound),
        (ToolOutput("thr_1", 1), ItemState),
        (WidgetAction("thr_1", "msg_1"), ItemState),
    ]
    for admission, error in refused:
        with pytest.raises(error):
            await store.admit(ALICE, admission, run(key=KEY))
        assert await statuses(store, "run_1") == [None]
    with pytest.raises(RunNotFound):
        await store.current_run(ALICE, "thr_1")
    assert not (await admit(store, new_message("msg_9"), run(key=replace(KEY, digest="other"), max_waiting=0))).waits


async def test_the_same_request_again_answers_its_run(store: SDKStore) -> None:
    for _ in range(2):
        answers = [await store.admit(ALICE, new_message("msg_1", new=True), run(key=KEY)) for _ in range(2)]
        assert await store.get_run(ALICE, "run_1") in answers
        with pytest.raises(IdempotencyMismatch):
            await store.admit(ALICE, new_message("msg_2"), run("run_2", key=replace(KEY, digest="other")))
        assert await all_ids(store) == ["msg_1"]
        await store.end_run(ALICE, end("run_1", ended_at=TIME))
    assert isinstance(await store.admit(BOB, new_message("msg_1", "thr_bob", new=True), run(key=KEY)), Admitted)


async def test_an_old_request_is_forgotten_also_where_the_next_was_refused(
    store: SDKStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_table, "KEPT", 2)
    await fill(store)
    await admit(store, new_message("msg_1"), replace(run(key=KEY), created_at=TIME))
    await store.end_run(ALICE, end("run_1"))
    later = replace(KEY, since="2026-01-31T12:00:00.000001Z", digest="other")
    with pytest.raises(ThreadNotFound):
        await store.admit(ALICE, new_message("msg_2", "thr_x"), run("run_2", key=later))
    await admit(store, new_message("msg_2"), run("run_2", key=later))
    await store.end_run(ALICE, end("run_2"))
    for number in (3, 4):  # until both have gone
        await admit(store, ACTION, run(f"run_{number}"))
        await store.end_run(ALICE, end(f"run_{number}"))
    assert await statuses(store, "run_1", "run_2", "run_3", "run_4") == [None, None, "completed", "completed"]
    assert isinstance(await store.admit(ALICE, new_message("msg_5"), run("run_5", key=KEY)), Admitted)


# --- its turn -------------------------------------------------------------------------------------------------------


async def test_runs_start_in_their_order_and_only_when_the_one_before_has_ended(store: SDKStore) -> None:
    messages = {f"run_{number}": new_message(f"msg_{number}") for number in (2, 3, 4)}
    await busy(store, *messages.values())
    line = ["run_1", *messages]
    while line:
        first, *others = line
        assert (await store.current_run(ALICE, "thr_1")).id == first
        for other in others:
            assert await store.start_run(ALICE, messages[other], other) is None
        await store.end_run(ALICE, end(first))
        for number, other in enumerate(others):
            started = await store.start_run(ALICE, messages[other], other)
            assert (started is None) == bool(number)
        line = others
    assert (await store.current_run(ALICE, "thr_1")).id == "run_4"


async def test_a_retry_that_waited_keeps_the_messages_that_still_wait(store: SDKStore) -> None:
    await busy(store, Retry("thr_1", "msg_1"), new_message("msg_3"), new_message("msg_4"), new_message("msg_5"))
    await store.put_item(ALICE, "thr_1", assistant("answer"), "run_1")
    await store.withdraw_run(ALICE, end("run_4"))
    await store.end_run(ALICE, end("run_1", hidden("hid_1")))
    for _ in range(2):  # again, after it has written, it deletes nothing
        assert await store.start_run(ALICE, Retry("thr_1", "msg_1"), "run_2")
        assert (await all_ids(store))[:3] == ["msg_1", "msg_3", "msg_5"]
        await store.put_item(ALICE, "thr_1", assistant("again"), "run_2")
    assert (await all_ids(store))[3:] == ["again"]
    await store.end_run(ALICE, end("run_2"))
    assert await store.start_run(ALICE, new_message("msg_3"), "run_3")


@pytest.mark.parametrize("deleted", [False, True])
async def test_an_answer_that_waited_has_its_questions_unless_they_are_gone(store: SDKStore, deleted: bool) -> None:
    questions = [{"id": "q", "type": "freeform", "question": "?"}]
    await fill(store, item("structured_input", "si_1", status="pending", inputs=questions))
    await admit(store, ACTION, run())
    answer = StructuredAnswer("thr_1", "si_1", "answered", {"q": {"values": ["x"], "skipped": False}})
    assert (await admit(store, answer, run("run_2"))).waits
    if deleted:
        await store.remove_item(ALICE, "thr_1", "si_1")
    await store.end_run(ALICE, end())
    started = await store.start_run(ALICE, answer, "run_2")
    assert started is not None
    assert started.item == (None if deleted else await store.get_item(ALICE, "thr_1", "si_1"))


async def test_what_can_no_longer_be_done_is_told_and_withdrawn(store: SDKStore) -> None:
    await busy(store, new_message("msg_2"), new_message("msg_3"))
    await store.end_run(ALICE, end("run_1"))
    await store.remove_item(ALICE, "thr_1", "msg_2")
    with pytest.raises(ItemNotFound):
        await store.start_run(ALICE, new_message("msg_2"), "run_2")
    assert await store.withdraw_run(ALICE, end("run_2", status="failed"))
    await store.change_thread(ALICE, "thr_1", LOCKED)
    with pytest.raises(ThreadLocked):
        await store.start_run(ALICE, new_message("msg_3"), "run_3")
    assert await statuses(store, "run_1", "run_2", "run_3") == ["completed", "failed", "queued"]


async def test_a_deleted_thread_takes_its_runs_along(store: SDKStore) -> None:
    await busy(store, new_message("msg_2"))
    await store.remove_thread(ALICE, "thr_1")
    for run_id in ("run_1", "run_2"):
        with pytest.raises(ThreadNotFound):
            await store.start_run(ALICE, new_message("msg_2"), run_id)
        with pytest.raises(ThreadNotFound):
            await store.end_run(ALICE, end(run_id, assistant("late")))
        assert not await store.withdraw_run(ALICE, end(run_id))
    assert await statuses(store, "run_1", "run_2") == [None, None]
    assert not (await admit(store, new_message("msg_1", new=True), run(max_waiting=0))).waits


async def test_only_what_waits_is_withdrawn(store: SDKStore) -> None:
    await busy(store, new_message("msg_2"))
    for run_id in ("run_1", "run_unknown"):
        assert not await store.withdraw_run(ALICE, end(run_id, assistant("late")))
    withdrawn = end("run_2", hidden("note"), status="cancelled")
    for _ in range(2):
        assert await store.withdraw_run(ALICE, withdrawn)
    assert not await store.withdraw_run(ALICE, end("run_2", assistant("late")))
    assert await all_ids(store) == ["msg_1", "old", "msg_2", "note"]
    assert await statuses(store, "run_1", "run_2") == ["running", "cancelled"]
    with pytest.raises(RunLost):
        await store.start_run(ALICE, new_message("msg_2"), "run_2")


async def test_what_is_withdrawn_while_it_is_about_to_start_stays_as_it_ended(
    store: SDKStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await busy(store, new_message("msg_2"))
    await store.end_run(ALICE, end())
    load_item = store.models.load_item

    async def meanwhile(*values: Any) -> Any:
        await store.withdraw_run(ALICE, end("run_2", status="cancelled"))
        return await load_item(*values)

    monkeypatch.setattr(store.models, "load_item", meanwhile)
    with pytest.raises(RunLost):
        await store.start_run(ALICE, new_message("msg_2"), "run_2")
    assert await statuses(store, "run_2") == ["cancelled"]


class Slow(InOrder):
    """Every answer is that of a moment ago."""

    async def load_thread(self, thread_id: str, context: Any) -> ThreadMetadata:
        thread = (await super().load_thread(thread_id, context)).model_copy(deep=True)
        await asyncio.sleep(0)
        return thread


async def test_of_two_changes_at_once_neither_undoes_the_other() -> None:
    store = SDKStore(Slow())
    await busy(store)
    changes = [{"title": "first"}, {"metadata": '{"a":1}'}, {"title": "second"}]
    await asyncio.gather(
        *(store.change_thread(ALICE, "thr_1", ThreadChanges({**one}, untitled=True)) for one in changes)
    )
    row = await store.get_thread(ALICE, "thr_1")
    assert (row.title, row.metadata) == ("first", '{"a":1}')


# --- the end and the fence ------------------------------------------------------------------------------------------

Write = Callable[[SDKStore, str], Awaitable[object]]


async def put(store: SDKStore, run_id: str) -> None:
    await store.put_item(ALICE, "thr_1", assistant("late"), run_id)


async def remove(store: SDKStore, run_id: str) -> None:
    await store.remove_item(ALICE, "thr_1", "old", run_id)


async def change(store: SDKStore, run_id: str) -> None:
    await store.change_thread(ALICE, "thr_1", ThreadChanges({"title": "late"}), run_id)


async def finish(store: SDKStore, run_id: str) -> None:
    await store.end_run(ALICE, end(run_id, assistant("late")))


@pytest.mark.parametrize("write", [put, remove, change, finish])
async def test_what_a_run_writes_that_is_not_active_is_refused(store: SDKStore, write: Write) -> None:
    await busy(store, new_message("msg_2"))
    for run_id in ("run_2", "run_unknown"):
        with pytest.raises(RunLost):
            await write(store, run_id)
    await store.end_run(ALICE, end("run_1", status="cancelled"))
    for _ in range(2):
        with pytest.raises(RunLost):
            await write(store, "run_1")
        await store.start_run(ALICE, new_message("msg_2"), "run_2")
    assert await all_ids(store) == ["msg_1", "old", "msg_2"]
    assert (await store.get_thread(ALICE, "thr_1")).title is None
    await write(store, "run_2")


async def test_an_end_is_stored_once_and_no_other_after_it(store: SDKStore) -> None:
    await busy(store)
    last = end("run_1", assistant("answer"))
    for _ in range(2):
        await store.end_run(ALICE, last)
    with pytest.raises(RunLost):
        await store.end_run(ALICE, end("run_1", assistant("late"), status="failed"))
    assert await all_ids(store) == ["msg_1", "old", "answer"]
    assert await statuses(store, "run_1") == ["completed"]


async def test_an_end_that_could_not_be_stored_is_stored_by_asking_again(
    store: SDKStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await busy(store)
    last = end("run_1", assistant("answer"))

    async def broken(*_: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(store.models, "add_thread_item", broken)
        with pytest.raises(OSError, match="disk"):
            await store.end_run(ALICE, last)
        assert await statuses(store, "run_1") == ["running"]
    await store.end_run(ALICE, replace(last, status="failed"))
    assert await all_ids(store) == ["msg_1", "old", "answer"]
    assert await statuses(store, "run_1") == ["failed"]


async def test_an_end_in_a_thread_that_was_deleted_past_it_ends_the_run(
    store: SDKStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await busy(store)

    async def broken(*_: Any) -> None:
        raise KeyError("thr_1")

    monkeypatch.setattr(store.models, "add_thread_item", broken)
    await store.models.delete_thread("thr_1", None)
    with pytest.raises(ThreadNotFound):
        await store.end_run(ALICE, end("run_1", assistant("late")))
    assert await statuses(store, "run_1") == [None]
