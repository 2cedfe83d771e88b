"""Two messages at once in one thread: one run at a time, and each of the others waits, is refused, or takes over."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.errors import Overloaded, QueueFull, RunActive
from fastapi_chatkit.events import AgentEvent, MessageBegin, MessageEnd, TextDelta, now
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.runs import patience
from fastapi_chatkit.runs.engine import MAX_WAITING
from fastapi_chatkit.runs.live import LiveRun
from fastapi_chatkit.runs.opening import WAITING
from fastapi_chatkit.store.base import RequestKey, RunEnd
from tests.support.running import ALICE, Bench, as_json, bench, operation, read

Events = AsyncIterator[AgentEvent]


class Gate:
    """An agent that says `began TEXT `, waits until it is let through, and says `ended TEXT`."""

    def __init__(self) -> None:
        self.histories: dict[str, list[str]] = {}
        self._gates: dict[str, asyncio.Event] = {}
        self._began: dict[str, asyncio.Event] = {}

    def open(self, text: str) -> None:
        self._gates.setdefault(text, asyncio.Event()).set()

    async def began(self, text: str) -> None:
        async with asyncio.timeout(5):
            await self._began.setdefault(text, asyncio.Event()).wait()

    async def __call__(self, turn: Turn) -> Events:
        self.histories[turn.text] = [said(item) for item in await turn.history()]
        item_id = turn.new_id()
        yield MessageBegin(item_id)
        yield TextDelta(item_id, 0, f"began {turn.text} ")
        self._began.setdefault(turn.text, asyncio.Event()).set()
        await self._gates.setdefault(turn.text, asyncio.Event()).wait()
        yield TextDelta(item_id, 0, f"ended {turn.text}")
        yield MessageEnd(item_id)


def said(item: Any) -> str:
    content = item.content if not isinstance(item, dict) else item["content"]
    if isinstance(content, str):
        return content
    return "".join(part["text"] if isinstance(part, dict) else part.text for part in content)


async def items(runs: Bench, thread_id: str) -> list[str]:
    page = await runs.store.list_items(ALICE.owner, thread_id, PageQuery(100, "asc"), hidden=True)
    return [said(json.loads(row.data)) for row in page.data]


async def ended(*runs: LiveRun) -> None:
    async with asyncio.timeout(5):
        while not all(run.has_ended for run in runs):
            await asyncio.sleep(0.005)


@pytest.fixture
def gate() -> Gate:
    return Gate()


async def test_the_second_waits_for_the_first_and_says_so(runs: Bench, gate: Gate) -> None:
    first = await runs.start(gate, text="one")
    second = await runs.start(gate, first.thread_id, "two")
    assert (first.status, second.status) == ("running", "queued")
    assert (await runs.status(second))[0] == "queued"
    events: list[dict[str, Any]] = []
    reader = runs.engine.read(second)
    async for batch in reader:
        events += map(as_json, batch)
        break
    assert [event["type"] for event in events] == [
        "run.started",
        "thread.item.done",
        "stream_options",
        "progress_update",
    ]
    assert events[-1]["text"] == WAITING
    await gate.began("one")
    assert await items(runs, first.thread_id) == ["one", "two"]  # stored, whatever becomes of its answer
    gate.open("one")
    await gate.began("two")
    assert (await runs.status(second))[0] == "running"
    gate.open("two")
    await ended(first, second)
    reader.close()
    assert await items(runs, first.thread_id) == ["one", "began one ended one", "two", "began two ended two"]
    assert gate.histories["two"] == ["one", "began one ended one", "two"]
    for run in (first, second):
        assert (await runs.status(run)) == ("completed", None)
        assert [as_json(event)["type"] for event in await read(runs.engine, run)].count("run.ended") == 1


async def test_those_in_line_are_answered_in_their_order(runs: Bench, gate: Gate) -> None:
    texts = [f"text{number}" for number in range(1 + MAX_WAITING)]
    first = await runs.start(gate, text=texts[0])
    others = [await runs.start(gate, first.thread_id, text) for text in texts[1:]]
    with pytest.raises(QueueFull):
        await runs.start(gate, first.thread_id, "one too many")
    for text in reversed(texts):
        gate.open(text)
    await ended(first, *others)
    answers = [part for text in texts for part in (text, f"began {text} ended {text}")]
    assert await items(runs, first.thread_id) == answers


async def test_another_thread_does_not_wait(runs: Bench, gate: Gate) -> None:
    await runs.start(gate, text="one")
    other = await runs.start(gate, text="two")
    await gate.began("two")
    assert other.status == "running"


async def test_a_failed_or_cancelled_answer_lets_the_next_one_begin(runs: Bench, gate: Gate) -> None:
    async def boom(turn: Turn) -> Events:
        await gate._gates.setdefault("boom", asyncio.Event()).wait()
        raise RuntimeError("secret")
        yield turn.progress("never")

    failing = await runs.start(boom, text="fail")
    cancelled = await runs.start(gate, failing.thread_id, "cancelled")
    last = await runs.start(gate, failing.thread_id, "last")
    gate.open("boom")
    await ended(failing)
    await gate.began("cancelled")
    runs.engine.cancel(cancelled.id)
    await gate.began("last")
    gate.open("last")
    await ended(last)
    assert [(await runs.status(run))[0] for run in (failing, cancelled, last)] == ["failed", "cancelled", "completed"]


async def test_one_that_waits_can_be_cancelled_and_the_model_is_told(runs: Bench, gate: Gate) -> None:
    first = await runs.start(gate, text="one")
    second = await runs.start(gate, first.thread_id, "two")
    third = await runs.start(gate, first.thread_id, "three")
    runs.engine.cancel(second.id)
    await ended(second)
    assert await runs.status(second) == ("cancelled", "cancelled")
    gate.open("one")
    gate.open("three")
    await ended(first, third)
    told = "The user took a message back before it was answered. Do not answer it. It began: two"
    assert told in gate.histories["three"]
    assert "two" not in gate.histories
    assert gate.histories["three"][-1] == "three"


async def test_one_that_is_cancelled_while_the_database_is_away_does_not_hold_up_the_next(
    runs: Bench, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "WAIT_SECONDS", (0.01, 0.01))
    withdraw_run, away = runs.store.withdraw_run, True

    async def withdraw(*values: Any) -> bool:
        if away:
            raise Overloaded
        return await withdraw_run(*values)

    monkeypatch.setattr(runs.store, "withdraw_run", withdraw)
    first = await runs.start(gate, text="one")
    second = await runs.start(gate, first.thread_id, "two")
    runs.engine.stop(second, "cancelled")
    await ended(second)
    assert (await runs.status(second))[0] == "queued"
    away = False
    third = await runs.start(gate, first.thread_id, "three")
    gate.open("one")
    gate.open("three")
    await ended(first, third)
    assert third.status == "completed"
    assert await runs.status(second) == ("failed", "overloaded")


async def test_one_that_waits_is_taken_back_when_its_only_reader_leaves(runs: Bench, gate: Gate) -> None:
    first = await runs.start(gate, text="one")
    second = await runs.start(gate, first.thread_id, "two")
    runs.engine.read(second)
    runs.engine.detach(second, dropped=True)
    await ended(second)
    assert await runs.status(second) == ("cancelled", "disconnected")
    assert first.status == "running"


async def test_a_locked_thread_ends_what_waits_for_it(runs: Bench, gate: Gate) -> None:
    first = await runs.start(gate, text="one")
    second = await runs.start(gate, first.thread_id, "two")
    row = await runs.store.get_thread(ALICE.owner, first.thread_id)
    await runs.store.put_thread(ALICE.owner, row._replace(status='{"type":"locked"}'))
    gate.open("one")
    await ended(second)
    assert await runs.status(second) == ("failed", "thread_locked")
    events = [as_json(event) for event in await read(runs.engine, second)]
    assert events[-2]["type"] == "error"
    assert events[-2]["message"] == "The thread is locked"


async def test_deleting_the_thread_ends_those_that_wait(runs: Bench, gate: Gate) -> None:
    first = await runs.start(gate, text="one")
    second = await runs.start(gate, first.thread_id, "two")
    await runs.engine.stop_thread(ALICE, first.thread_id, "thread_deleted")
    await ended(first, second)
    assert [(await runs.status(run)) for run in (first, second)] == [("cancelled", "thread_deleted")] * 2


async def test_shutdown_interrupts_those_that_wait_too(runs: Bench, gate: Gate) -> None:
    first = await runs.start(gate, text="one")
    second = await runs.start(gate, first.thread_id, "two")
    await runs.engine.close()
    assert [(await runs.status(run)) for run in (first, second)] == [("interrupted", "shutdown")] * 2
    assert [as_json(e)["type"] for e in await read(runs.engine, second)][-2:] == ["error", "run.ended"]


async def test_reject_refuses_the_second(gate: Gate) -> None:
    async with bench(on_busy="reject") as runs:
        first = await runs.start(gate, text="one")
        with pytest.raises(RunActive):
            await runs.start(gate, first.thread_id, "two")
        assert await items(runs, first.thread_id) == ["one"]
        gate.open("one")
        await ended(first)
        assert (await runs.start(gate, first.thread_id, "two")).status == "running"


async def test_interrupt_stops_the_first_and_keeps_its_text(gate: Gate) -> None:
    async with bench(on_busy="interrupt") as runs:
        first = await runs.start(gate, text="one")
        await gate.began("one")
        second = await runs.start(gate, first.thread_id, "two")
        await gate.began("two")
        third = await runs.start(gate, first.thread_id, "three")
        gate.open("three")
        await ended(first, second, third)
        assert [await runs.status(run) for run in (first, second)] == [("cancelled", "superseded")] * 2
        assert await runs.status(third) == ("completed", None)
        note = "The user sent another message before this answer was complete."
        assert gate.histories["three"] == ["one", "began one ", note, "two", "began two ", note, "three"]


async def test_one_that_never_began_is_superseded_without_a_word(gate: Gate) -> None:
    async with bench(on_busy="interrupt") as runs:
        first = await runs.start(gate, text="one")
        await gate.began("one")
        others = await asyncio.gather(*(runs.start(gate, first.thread_id, text) for text in ("two", "three")))
        gate.open("three")
        await ended(first, *others)
        assert await runs.status(others[0]) == ("cancelled", "superseded")
        assert "two" not in gate.histories
        assert gate.histories["three"][-1] == "three"


@pytest.mark.parametrize("on_busy", ["enqueue", "reject", "interrupt"])
async def test_two_tabs_that_send_at_once(on_busy: Any) -> None:
    """Of 100 pairs, none is lost: each is answered, refused or superseded, and one run at a time has ended the other's
    wait.
    """

    async def reply(turn: Turn) -> Events:
        active.add(turn.run_id)
        try:
            assert len(active) == 1
            item_id = turn.new_id()
            yield MessageBegin(item_id)
            yield TextDelta(item_id, 0, f"to {turn.text}")
            await asyncio.sleep(0)
            yield MessageEnd(item_id)
        finally:
            active.discard(turn.run_id)

    async def send(thread_id: str, text: str) -> LiveRun | None:
        try:
            return await runs.start(reply, thread_id, text)
        except RunActive:
            return None

    active: set[str] = set()
    async with bench(on_busy=on_busy) as runs:
        for number in range(100):
            begun = await runs.start(reply, text="begin")
            await ended(begun)
            pair = await asyncio.gather(*(send(begun.thread_id, f"{tab}{number}") for tab in "ab"))
            taken = [run for run in pair if run is not None]
            await ended(*taken)
            assert len(taken) == (1 if on_busy == "reject" else 2)
            statuses = sorted([(await runs.status(run))[0] for run in taken])
            if on_busy == "interrupt":
                assert statuses in (["cancelled", "completed"], ["completed", "completed"])
            else:
                assert set(statuses) == {"completed"}
            texts = await items(runs, begun.thread_id)
            for tab, run in zip("ab", pair, strict=True):
                assert (f"{tab}{number}" in texts) == (run is not None)


async def test_the_same_key_is_the_same_run(runs: Bench, gate: Gate) -> None:
    key = RequestKey("key", "digest", "2000")
    runs.agent.reply = gate
    started = await asyncio.gather(*(runs.engine.start(operation("one"), ALICE, key) for _ in range(5)))
    fresh = [run for run in started if isinstance(run, LiveRun)]
    assert len(fresh) == 1
    assert {run.id for run in started} == {fresh[0].id}
    assert await runs.thread_ids() == [fresh[0].thread_id]
    assert await items(runs, fresh[0].thread_id) == ["one"]


async def test_an_answer_that_takes_too_long_fails_with_its_text(gate: Gate) -> None:
    async with bench(run_timeout_seconds=0.05) as runs:
        run = await runs.start(gate, text="one")
        await ended(run)
        assert await runs.status(run) == ("failed", "timeout")
        assert await items(runs, run.thread_id) == ["one", "began one "]
        error = as_json((await read(runs.engine, run))[-2])
        assert (error["type"], error["code"], error["allow_retry"]) == ("error", "custom", True)


async def test_a_run_that_was_ended_elsewhere_writes_nothing_more(runs: Bench, gate: Gate) -> None:
    run = await runs.start(gate, text="one")
    await gate.began("one")
    orphans = await taken_for_dead(runs, run)
    assert orphans == [run.id]
    gate.open("one")
    await ended(run)
    assert (run.status, run.stop_reason) == ("interrupted", "crashed")
    assert (await runs.status(run)) == ("interrupted", "crashed")
    assert await items(runs, run.thread_id) == ["one", "began one "]
    snapshot = next(event for event in await read(runs.engine, run) if event.type == "run.snapshot")
    assert as_json(snapshot)["last_event_id"] == str(snapshot.offset)
    following = await runs.start(gate, run.thread_id, "two")
    assert following.status == "running"


async def test_a_run_that_was_ended_elsewhere_hears_of_it_with_its_next_checkpoint(runs: Bench) -> None:
    run = await runs.start(talking)
    reader = runs.engine.read(run)
    assert await taken_for_dead(runs, run) == [run.id]
    await ended(run)
    assert (run.status, run.stop_reason) == ("interrupted", "crashed")
    reader.close()


async def test_a_run_whose_thread_was_deleted_elsewhere_hears_of_it_with_its_next_checkpoint(runs: Bench) -> None:
    run = await runs.start(talking)
    await runs.store.remove_thread(ALICE.owner, run.thread_id)
    await ended(run)
    assert (run.status, run.stop_reason) == ("cancelled", "thread_deleted")


async def talking(turn: Turn) -> Events:
    """Says something every 20 ms, and stores nothing."""
    item_id = turn.new_id()
    yield MessageBegin(item_id)
    for number in range(1000):
        yield TextDelta(item_id, 0, f"word{number} ")
        await asyncio.sleep(0.02)


async def taken_for_dead(runs: Bench, run: LiveRun) -> list[str]:
    """What another process would do once this one's lease has ended."""
    await runs.store.checkpoint_runs(runs.engine.registry.checkpoints(20))
    await runs.store.release_lease(runs.engine.replica)
    orphans = await runs.store.orphaned_runs()
    for orphan in orphans:
        assert await runs.store.recover_run(
            orphan, RunEnd(orphan.run.id, orphan.run.thread_id, "interrupted", "crashed", now())
        )
    return [orphan.run.id for orphan in orphans]
