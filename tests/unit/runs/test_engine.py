"""A run's life: started, read by any number of readers, stopped, ended; and what happens when a part fails."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from chatkit import types as sdk

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.errors import Draining, InDoubt, InternalError, Overloaded
from fastapi_chatkit.events import AgentEvent, MessageBegin, MessageEnd, TextDelta, now
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.ids import new_id
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.runs import driver, patience
from fastapi_chatkit.runs.live import LiveRun
from fastapi_chatkit.runs.recorder import Recorder
from fastapi_chatkit.store.base import RequestKey, RunEnd
from tests.support.running import ALICE, Bench, as_json, bench, operation, read

Events = AsyncIterator[AgentEvent]


async def endless(turn: Turn) -> Events:
    """Says a word every 10 ms."""
    item = sdk.AssistantMessageItem(
        id=new_id("message"), thread_id=turn.thread.id, created_at=datetime.now(), content=[]
    )
    yield sdk.ThreadItemAddedEvent(item=item)
    for number in range(1000):
        yield TextDelta(item.id, 0, f"word{number} ")
        await asyncio.sleep(0.01)


async def brief(turn: Turn) -> Events:
    yield sdk.ProgressUpdateEvent(text="brief")


async def after_words(runs: Bench, run: LiveRun, words: int = 3) -> None:
    """Wait until the run has said something."""
    reader = runs.log.read(run.id, None, 15)
    async for batch in reader:
        if any(f"word{words} ".encode() in event.data for event in batch):
            return


async def stored_text(runs: Bench, run: LiveRun) -> str:
    items = await runs.items(run.thread_id)
    return "".join(p["text"] for item in items if item["type"] == "assistant_message" for p in item["content"])


# --- readers ----------------------------------------------------------------------------------------------------------


async def test_every_reader_reads_the_same_whenever_it_comes(runs: Bench) -> None:
    run = await runs.start(brief)
    first = asyncio.create_task(read(runs.engine, run))
    keeping = runs.engine.read(run)
    await asyncio.sleep(0.05)
    late = await read(runs.engine, run)
    assert await first == late
    assert [str(event.offset) for event in late] == [f"1-{number}" for number in range(1, len(late) + 1)]
    assert (late[0].type, late[-1].type) == ("run.started", "run.ended")
    middle = late[2].offset
    assert [e async for batch in runs.engine.read(run, middle) for e in batch] == late[3:]
    keeping.close()


async def test_the_message_is_committed_before_the_run_is_there(runs: Bench) -> None:
    run = await runs.start(endless)
    page = await runs.store.list_items(ALICE.owner, run.thread_id, PageQuery())
    assert [row.type for row in page.data] == ["user_message"]
    assert (await runs.store.get_run(ALICE.owner, run.id)).status == "running"


async def test_a_run_that_has_ended_can_be_read_again(runs: Bench) -> None:
    run = await runs.start(brief)
    events = await read(runs.engine, run)
    assert runs.engine.find(run.id) is None
    assert await read(runs.engine, run) == events


async def test_a_run_that_ends_before_its_first_reader_comes_is_kept_for_it(runs: Bench) -> None:
    run = await runs.start(brief)
    assert run.task is not None
    await run.task
    assert (await read(runs.engine, run))[-1].type == "run.ended"


async def test_only_the_last_reader_that_is_dropped_stops_a_run(runs: Bench) -> None:
    run = await runs.start(endless)
    readers = [runs.engine.read(run) for _ in range(2)]
    await after_words(runs, run)
    runs.engine.detach(run, dropped=True)
    await asyncio.sleep(0.05)
    assert run.status == "running"
    runs.engine.detach(run, dropped=True)
    assert run.task is not None
    await run.task
    assert await runs.status(run) == ("cancelled", "disconnected")
    for reader in readers:
        reader.close()


async def test_a_resumable_reader_keeps_a_run_going_for_all(runs: Bench) -> None:
    run = await runs.start(endless, resumable=True)
    runs.engine.read(run)
    runs.engine.read(run)
    for _ in range(2):
        runs.engine.detach(run, dropped=True)
    await after_words(runs, run)
    assert run.status == "running"


async def test_on_disconnect_continue_keeps_a_run_going() -> None:
    async with bench(on_disconnect="continue") as runs:
        run = await runs.start(endless)
        runs.engine.read(run)
        runs.engine.detach(run, dropped=True)
        await after_words(runs, run)
        assert run.status == "running"


async def test_silence_is_filled_with_empty_batches() -> None:
    async def silent(turn: Turn) -> Events:
        await asyncio.sleep(0.2)
        yield sdk.ProgressUpdateEvent(text="late")

    async with bench(heartbeat_seconds=0.05) as runs:
        run = await runs.start(silent)
        batches = [list(batch) async for batch in runs.engine.read(run)]
        assert sum(not batch for batch in batches) >= 2


# --- stopping ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "status", "notes"),
    [
        ("cancelled", "cancelled", 1),
        ("disconnected", "cancelled", 1),
        ("shutdown", "interrupted", 0),
    ],
)
async def test_a_stopped_run_keeps_its_text(runs: Bench, reason: Any, status: str, notes: int) -> None:
    run = await runs.start(endless)
    reading = asyncio.create_task(read(runs.engine, run))
    await after_words(runs, run)
    runs.engine.stop(run, reason)
    runs.engine.stop(run, "cancelled")  # a second stop changes nothing
    events = [as_json(event) for event in await asyncio.wait_for(reading, 1)]
    assert await runs.status(run) == (status, reason)
    assert events[-1] == {"type": "run.ended", "run_id": run.id, "status": status, "stop_reason": reason}
    sent = "".join(event["update"]["delta"] for event in events if "delta" in event.get("update", {}))
    assert sent == await stored_text(runs, run) != ""
    items = await runs.items(run.thread_id)
    assert [item["type"] for item in items] == ["assistant_message"] + ["sdk_hidden_context"] * notes
    assert [event["item"] for event in events if event["type"] == "thread.item.done"][1:] == items[:1]
    assert "sdk_hidden_context" not in str(events)
    errors = [event for event in events if event["type"] == "error"]
    assert [error["allow_retry"] for error in errors] == ([True] if reason == "shutdown" else [])


async def test_a_run_stopped_at_once_ends_too(runs: Bench) -> None:
    run = await runs.start(endless)
    runs.engine.stop(run, "cancelled")
    events = await asyncio.wait_for(read(runs.engine, run), 1)
    assert events[-1].type == "run.ended"
    assert await runs.status(run) == ("cancelled", "cancelled")
    assert await stored_text(runs, run) in ("", "word0 ")


async def test_a_stop_after_the_end_changes_nothing(runs: Bench) -> None:
    run = await runs.start(brief)
    await read(runs.engine, run)
    runs.engine.stop(run, "cancelled")
    assert await runs.status(run) == ("completed", None)


async def test_an_agents_own_way_to_keep_a_stopped_answer(runs: Bench) -> None:
    seen: list[list[str]] = []

    def keep(pending: list[sdk.ThreadItem]) -> bool:
        seen.append([item.type for item in pending])
        return True

    runs.agent.on_stop = keep
    run = await runs.start(endless)
    await after_words(runs, run)
    runs.engine.stop(run, "disconnected")
    assert run.task is not None
    await run.task
    assert seen == [["assistant_message"]]
    assert await runs.items(run.thread_id) == []


async def test_an_agent_that_fails_at_a_stop_loses_nothing(runs: Bench, caplog: pytest.LogCaptureFixture) -> None:
    def fail(pending: list[sdk.ThreadItem]) -> bool:
        raise RuntimeError("of the agent")

    runs.agent.on_stop = fail
    run = await runs.start(endless)
    await after_words(runs, run)
    runs.engine.stop(run, "disconnected")
    assert run.task is not None
    await run.task
    assert await stored_text(runs, run) != ""
    assert "of the agent" in caplog.text


@pytest.mark.parametrize("how", ["hangs", "is cancelled"])
async def test_an_agents_own_way_that_comes_to_no_end_holds_nothing_up(
    runs: Bench, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async def stopped(turn: Turn, pending: list[sdk.ThreadItem]) -> bool:
        if how == "is cancelled":
            raise asyncio.CancelledError
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr(driver, "KEEP_SECONDS", 0.05)
    monkeypatch.setattr(runs.agent, "stopped", stopped)
    run = await runs.start(endless)
    await after_words(runs, run)
    runs.engine.stop(run, "cancelled")
    assert as_json((await read(runs.engine, run))[-1])["status"] == "cancelled"
    assert await runs.status(run) == ("cancelled", "cancelled")
    assert await stored_text(runs, run) != ""


async def test_an_agents_clean_up_runs_with_its_run(runs: Bench) -> None:
    cleaned: list[str] = []

    async def reply(turn: Turn) -> Events:
        try:
            async for event in endless(turn):
                yield event
        finally:
            await asyncio.sleep(0.01)
            cleaned.append(turn.run_id)

    run = await runs.start(reply)
    await after_words(runs, run)
    runs.engine.stop(run, "cancelled")
    assert run.task is not None
    await run.task
    assert cleaned == [run.id]


async def test_a_deleted_threads_run_ends_and_its_readers_are_told(runs: Bench) -> None:
    run = await runs.start(endless)
    reading = asyncio.create_task(read(runs.engine, run))
    await after_words(runs, run)
    await runs.engine.stop_thread(ALICE, run.thread_id, "thread_deleted")
    await runs.store.remove_thread(ALICE.owner, run.thread_id)
    events = await asyncio.wait_for(reading, 1)
    assert as_json(events[-1])["stop_reason"] == "thread_deleted"


async def test_a_thread_deleted_behind_a_runs_back_ends_it_quietly(
    runs: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    async def reply(turn: Turn) -> Events:
        yield sdk.ProgressUpdateEvent(text="x")
        await runs.store.remove_thread(ALICE.owner, turn.thread.id)
        item = sdk.AssistantMessageItem(id="msg_1", thread_id=turn.thread.id, created_at=datetime.now(), content=[])
        yield sdk.ThreadItemDoneEvent(item=item)
        await asyncio.sleep(0.1)
        yield sdk.ThreadItemDoneEvent(item=item.model_copy(update={"id": "msg_2"}))

    run = await runs.start(reply)
    events = await asyncio.wait_for(read(runs.engine, run), 2)
    assert as_json(events[-1])["stop_reason"] == "thread_deleted"
    del run, events
    gc.collect()
    await asyncio.sleep(0)
    assert "never retrieved" not in caplog.text


# --- the end of the engine --------------------------------------------------------------------------------------------


async def test_an_answer_that_could_not_be_stored_with_its_thread_gone_is_not_complete(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        item_id = turn.new_id()
        yield MessageBegin(item_id)
        yield TextDelta(item_id, 0, "lost")
        await runs.store.remove_thread(ALICE.owner, turn.thread.id)
        yield MessageEnd(item_id, last=True)

    run = await runs.start(reply)
    last = as_json((await read(runs.engine, run))[-1])
    assert (last["status"], last["stop_reason"]) == ("cancelled", "thread_deleted")


async def test_a_draining_engine_takes_no_runs_and_lets_the_others_finish(runs: Bench) -> None:
    run = await runs.start(endless)
    runs.engine.drain()
    with pytest.raises(Draining):
        await runs.engine.start(operation(), ALICE)
    assert runs.engine.active == 1
    await after_words(runs, run)
    assert run.status == "running"


async def test_closing_interrupts_and_closes_the_agent_once(runs: Bench) -> None:
    started = [await runs.start(endless) for _ in range(5)]
    await after_words(runs, started[-1])
    for _ in range(2):
        await runs.engine.close()
    assert runs.engine.active == 0
    assert [await runs.status(run) for run in started] == [("interrupted", "shutdown")] * 5
    assert runs.agent.closed == 1


# --- parts that fail --------------------------------------------------------------------------------------------------


async def test_a_message_that_is_being_stored_when_the_engine_closes_is_interrupted_too(
    runs: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit, admitting = runs.store.admit, asyncio.Event()

    async def slowly(*values: Any) -> Any:
        admitted = await admit(*values)
        admitting.set()
        await asyncio.sleep(0.05)
        return admitted

    monkeypatch.setattr(runs.store, "admit", slowly)
    starting = asyncio.create_task(runs.start(endless))
    await admitting.wait()
    await runs.engine.close()
    assert starting.done()
    run = starting.result()
    assert as_json((await read(runs.engine, run))[-1])["stop_reason"] == "shutdown"
    assert await runs.status(run) == ("interrupted", "shutdown")
    assert runs.engine.active == 0


async def test_options_that_fail_do_not_take_the_answer_away(runs: Bench) -> None:
    def fail(turn: Turn) -> sdk.StreamOptions:
        raise RuntimeError("of the agent")

    runs.agent.options = fail
    run = await runs.start(brief)
    events = [as_json(event) for event in await read(runs.engine, run)]
    assert {"type": "stream_options", "stream_options": {"allow_cancel": True}} in events
    assert await runs.status(run) == ("completed", None)


async def test_an_end_that_cannot_be_stored_is_told(
    runs: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: Any) -> None:
        raise Overloaded

    monkeypatch.setattr(runs.store, "end_run", fail)
    monkeypatch.setattr(patience, "WAIT_SECONDS", (0.01, 0.01))
    run = await runs.start(brief)
    events = [as_json(event) for event in await read(runs.engine, run)]
    assert [event["type"] for event in events[-2:]] == ["error", "run.ended"]
    assert (events[-1]["status"], events[-1]["stop_reason"]) == ("failed", "overloaded")
    assert "could not be stored" in caplog.text


async def test_a_database_that_is_busy_for_a_while_does_not_cost_the_answer(
    runs: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_run, calls = runs.store.end_run, 0

    async def busy(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise Overloaded
        await end_run(*arguments)

    monkeypatch.setattr(runs.store, "end_run", busy)
    monkeypatch.setattr(patience, "WAIT_SECONDS", (0.01,) * 5)
    run = await runs.start(brief)
    await read(runs.engine, run)
    assert await runs.status(run) == ("completed", None)
    assert calls == 3


@pytest.mark.parametrize(
    "error", [GeneratorExit(), BaseException("odd"), BaseExceptionGroup("group", [asyncio.CancelledError()])]
)
async def test_whatever_an_agent_raises_the_run_ends(runs: Bench, error: BaseException) -> None:
    async def reply(turn: Turn) -> AsyncIterator[AgentEvent]:
        yield MessageBegin("msg_1")
        yield TextDelta("msg_1", 0, "kept")
        raise error

    run = await runs.start(reply)
    assert (await asyncio.wait_for(read(runs.engine, run), 5))[-1].type == "run.ended"
    assert (await runs.status(run))[0] == "failed"
    assert await stored_text(runs, run) == "kept"


async def test_a_cancelled_request_leaves_no_message_without_an_end(
    runs: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_run = runs.store.end_run
    ended: list[tuple[str, str | None]] = []

    async def note(owner: Owner, end: RunEnd) -> None:
        await end_run(owner, end)
        ended.append((end.status, end.stop_reason))

    monkeypatch.setattr(runs.store, "end_run", note)
    starting = asyncio.create_task(runs.start(endless))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    async with asyncio.timeout(5):
        while not ended:
            await asyncio.sleep(0.01)
    assert ended == [("cancelled", "disconnected")]


async def test_an_agent_that_cancels_its_own_task_ends_visibly(runs: Bench) -> None:
    async def suicidal(turn: Turn) -> Events:
        yield turn.progress("now")
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    events = await runs.say(suicidal)
    assert [event["type"] for event in events] == ["progress_update", "error"]
    assert await runs.status() == ("failed", "internal")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError])
async def test_an_agent_that_raises_what_would_end_more_ends_its_run_alone(
    runs: Bench, kind: type[BaseException]
) -> None:
    async def leaves(turn: Turn) -> Events:
        yield turn.progress("now")
        raise kind

    events = await runs.say(leaves)
    assert [event["type"] for event in events] == ["progress_update", "error"]
    assert await runs.status() == ("failed", "internal")


async def test_a_request_in_doubt_is_refused_until_it_is_taken_back_and_then_done(
    runs: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stored, and whoever asked was told 503: repeated, it must not get a run that nobody drives."""
    runs.agent.reply = brief
    admit, abandon_run, taken_back = runs.store.admit, runs.store.abandon_run, asyncio.Event()

    async def in_doubt(*values: Any) -> Any:
        monkeypatch.setattr(runs.store, "admit", admit)
        await admit(*values)
        raise InDoubt

    async def slow(*values: Any, **options: Any) -> None:
        await taken_back.wait()
        await abandon_run(*values, **options)

    monkeypatch.setattr(runs.store, "admit", in_doubt)
    monkeypatch.setattr(runs.store, "abandon_run", slow)
    key = RequestKey("key", "digest", "2000")
    for _ in range(2):
        with pytest.raises(Overloaded):
            await runs.engine.start(operation(), ALICE, key)
    taken_back.set()
    async with asyncio.timeout(5):
        while await runs.thread_ids():
            await asyncio.sleep(0.01)
    run = await runs.engine.start(operation(), ALICE, key)
    assert isinstance(run, LiveRun)
    await read(runs.engine, run)
    assert await runs.thread_ids() == [run.thread_id]


async def test_a_request_that_was_taken_back_while_it_was_repeated_is_refused(
    runs: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another process: this one does not know that it was in doubt."""
    key = RequestKey("key", "digest", "2000")
    run = await runs.engine.start(operation(), ALICE, key)
    confirm_run = runs.store.confirm_run

    async def too_late(*values: Any) -> bool:
        end = RunEnd(run.id, run.thread_id, "failed", "overloaded", now())
        await runs.store.abandon_run(ALICE.owner, end, new_thread=True)
        return await confirm_run(*values)

    monkeypatch.setattr(runs.store, "confirm_run", too_late)
    with pytest.raises(Overloaded):
        await runs.engine.start(operation(), ALICE, key)


@pytest.mark.parametrize("given_up", ["by the run", "by the database"])
async def test_readers_are_told_what_is_stored_where_a_step_of_the_run_was_in_doubt(
    runs: Bench, monkeypatch: pytest.MonkeyPatch, given_up: str
) -> None:
    """The removal came through, and the run was not there any more when it did."""
    remove_item, removed = runs.store.remove_item, asyncio.Event()
    monkeypatch.setattr(driver, "STOP_SECONDS", 0.05)
    monkeypatch.setattr(patience, "WAIT_SECONDS", (0.01, 0.01))

    async def late(*values: Any) -> None:
        await remove_item(*values)
        removed.set()
        if given_up == "by the database":
            raise Overloaded
        await asyncio.Event().wait()

    monkeypatch.setattr(runs.store, "remove_item", late)

    async def reply(turn: Turn) -> Events:
        for item_id in ("msg_1", "msg_2"):
            yield MessageBegin(item_id)
            yield TextDelta(item_id, 0, item_id)
            yield MessageEnd(item_id)
        yield sdk.ThreadItemRemovedEvent(item_id="msg_1")

    run = await runs.start(reply)
    await removed.wait()
    if given_up == "by the run":
        runs.engine.registry.give_up()
    events = [as_json(event) for event in await read(runs.engine, run)]
    assert [event["type"] for event in events[-3:]] == ["run.snapshot", "error", "run.ended"]
    assert [item["id"] for item in events[-3]["items"]][1:] == ["msg_2"]
    assert [item["id"] for item in await runs.items(run.thread_id)] == ["msg_2"]


async def test_a_cancelled_request_of_a_client_that_can_come_back_is_answered(runs: Bench) -> None:
    starting = asyncio.create_task(runs.start(brief, resumable=True))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    async with asyncio.timeout(5):
        while not (threads := await runs.thread_ids()):
            await asyncio.sleep(0.01)
        while (run := await runs.store.current_run(ALICE.owner, threads[0])).ended_at is None:
            await asyncio.sleep(0.01)
    assert run.status == "completed"


async def test_an_end_that_the_database_does_not_take_in_time_is_stored_later(
    runs: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "WAIT_SECONDS", (0.01, 0.01))
    end_run, away = runs.store.end_run, True

    async def end(*values: Any) -> None:
        if away:
            raise Overloaded
        await end_run(*values)

    monkeypatch.setattr(runs.store, "end_run", end)

    async def reply(turn: Turn) -> Events:
        yield MessageBegin("msg_1")
        yield TextDelta("msg_1", 0, "kept")

    events = await runs.say(reply)
    assert events[-1]["type"] == "error"
    assert await runs.items() == []
    away = False
    async with asyncio.timeout(5):
        while not await runs.items():
            await asyncio.sleep(0.01)
    assert [item["content"][0]["text"] for item in await runs.items()] == ["kept"]
    assert await runs.status() == ("failed", "overloaded")


async def test_an_end_that_cannot_be_put_together_is_an_end_all_the_same(
    runs: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> list[Any]:
        raise KeyError("of ours")

    monkeypatch.setattr(Recorder, "settle", fail)
    run = await runs.start(brief)
    assert as_json((await read(runs.engine, run))[-1])["status"] == "failed"
    async with asyncio.timeout(5):
        while (await runs.status(run))[0] == "running":
            await asyncio.sleep(0.01)
    assert await runs.status(run) == ("failed", "internal")


async def test_items_that_no_database_takes_do_not_keep_their_run_from_its_end(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield MessageBegin("msg_\ud800")
        yield TextDelta("msg_\ud800", 0, "an id of half a character")

    run = await runs.start(reply)
    assert as_json((await read(runs.engine, run))[-1])["status"] == "failed"
    await runs.say(brief, run.thread_id)
    assert await runs.status(run) == ("failed", "internal")
    assert await runs.status() == ("completed", None)


async def test_an_item_waits_for_a_database_that_is_overloaded(runs: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "WAIT_SECONDS", (0.01,) * 5)
    put_item, refused = runs.store.put_item, 0

    async def busy(*values: Any) -> None:
        nonlocal refused
        refused += 1
        if refused <= 3:
            raise Overloaded
        await put_item(*values)

    async def reply(turn: Turn) -> Events:
        monkeypatch.setattr(runs.store, "put_item", busy)
        for name in ("msg_1", "msg_2"):
            content = [sdk.AssistantMessageContent(text=name)]
            item = sdk.AssistantMessageItem(
                id=name, thread_id=turn.thread.id, created_at=datetime.now(), content=content
            )
            yield sdk.ThreadItemDoneEvent(item=item)

    events = await runs.say(reply)
    assert [event["type"] for event in events] == ["thread.item.done"] * 2
    assert [item["id"] for item in await runs.items()] == ["msg_1", "msg_2"]
    assert await runs.status() == ("completed", None)


@pytest.mark.parametrize("error", [Overloaded(), InternalError(), ValueError("a secret of the server")])
async def test_an_item_that_cannot_be_stored_ends_the_run(
    runs: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """A reader never sees an item as done that is not stored."""
    monkeypatch.setattr(patience, "WAIT_SECONDS", (0.01, 0.01))
    put_item = runs.store.put_item

    async def fail(*_: Any) -> None:
        raise error

    async def reply(turn: Turn) -> Events:
        for name in ("msg_1", "msg_2", "msg_3"):
            if name == "msg_2":
                monkeypatch.setattr(runs.store, "put_item", fail)
            item = sdk.AssistantMessageItem(
                id=name,
                thread_id=turn.thread.id,
                created_at=datetime.now(),
                content=[sdk.AssistantMessageContent(text=name)],
            )
            yield sdk.ThreadItemDoneEvent(item=item)
            await asyncio.sleep(0.05)

    run = await runs.start(reply)
    events = [as_json(event) for event in await asyncio.wait_for(read(runs.engine, run), 2)]
    monkeypatch.setattr(runs.store, "put_item", put_item)
    stored = await runs.items(run.thread_id)
    assert [event["item"] for event in events if event["type"] == "thread.item.done"][1:] == stored
    assert events[-1]["status"] == "failed"
    assert "secret" not in str(events)
    del run
    gc.collect()
    await asyncio.sleep(0)
    assert "never retrieved" not in caplog.text


async def test_one_line_per_transition_with_its_ids(runs: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "fastapi_chatkit.runs.live")
    run = await runs.start(brief)
    await read(runs.engine, run)
    lines = [record for record in caplog.records if record.name == "fastapi_chatkit.runs.live"]
    assert [line.getMessage() for line in lines] == ["run running", "run completed"]
    for line in lines:
        assert (line.__dict__["run_id"], line.__dict__["thread_id"]) == (run.id, run.thread_id)
        assert (line.__dict__["user_id"], line.__dict__["request_id"]) == ("alice", "req_1")
