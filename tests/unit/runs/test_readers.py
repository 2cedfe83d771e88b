"""Readers of one run that come, go and come back whenever they like: what each of them has seen in the end.

An agent's script, its readers and a stop are generated; time is virtual, so that a schedule repeats to the turn of the
event loop. What readers know is put together by a reducer of the test's own.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from fastapi_chatkit.eventlog.base import Reader
from fastapi_chatkit.events import LoggedEvent, Offset
from fastapi_chatkit.operations import CancelRun
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.runs.access import RunAccess
from fastapi_chatkit.runs.live import LiveRun
from fastapi_chatkit.store.base import Store
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.running import ALICE, Bench
from tests.support.scripts import ENDINGS, PAUSE, SCRIPT, Actor, Json, Step
from tests.support.virtual_time import virtual_time

FOREVER = 1000.0
NO_HEARTBEAT = 2000.0
"""Longer than all pauses of a schedule: a reader that is not woken by what happens would be seen to wait for it."""

# --- what a reader knows ----------------------------------------------------------------------------------------------


class Screen:
    """What a client shows after some events of one run."""

    def __init__(self, events: list[LoggedEvent]) -> None:
        self.items: dict[str, Json] = {}
        self.done: list[str] = []
        self.title: str | None = None
        for logged in events:
            self._apply(json.loads(logged.data))

    def _apply(self, data: Json) -> None:
        match data["type"]:
            case "thread.created" | "thread.updated":
                self.title = data["thread"].get("title")
            case "thread.item.added":
                assert data["item"]["id"] not in self.items
                self.items[data["item"]["id"]] = data["item"]
            case "thread.item.done" | "thread.item.replaced":
                item_id = data["item"]["id"]
                if data["item"]["type"] == "assistant_message" and item_id in self.items and item_id not in self.done:
                    # Text is assembled from its deltas: what the server says of it in the end must be the same.
                    assert text_of(self.items[item_id]) == text_of(data["item"])
                self.items[item_id] = data["item"]
                if item_id not in self.done:
                    self.done.append(item_id)
            case "thread.item.removed":
                del self.items[data["item_id"]]
                self.done = [item_id for item_id in self.done if item_id != data["item_id"]]
            case "thread.item.updated":
                self._grow(self.items[data["item_id"]], data["update"])
            case _:
                pass

    def _grow(self, item: Json, update: Json) -> None:
        match update["type"].rpartition(".")[2]:
            case "added" if item["type"] == "assistant_message":
                item["content"].insert(update["content_index"], update["content"])
            case "text_delta":
                if not item["content"]:
                    item["content"].append({"annotations": [], "text": "", "type": "output_text"})
                item["content"][update["content_index"]]["text"] += update["delta"]
            case "done":
                assert item["content"][update["content_index"]] == update["content"]
            case "added":
                item["workflow"]["tasks"].insert(update["task_index"], update["task"])
            case "value_delta":
                text = item["widget"]["children"][0]
                text["value"] += update["delta"]
                text["streaming"] = text["streaming"] and not update["done"]
            case other:
                raise AssertionError(f"the script has no {other}")


def text_of(item: Json) -> str:
    return "".join(part["text"] for part in item["content"])


# --- the readers ------------------------------------------------------------------------------------------------------

Way = Literal["attach", "newest", "follow", "read"]


@dataclass(frozen=True)
class Stint:
    """One connection: opened after ``away`` seconds (``FOREVER``: after the run) and ``turns`` turns of the loop, cut
    after ``seconds`` or with the ``events``-th event, whichever comes first; ``slow`` is a pause after every batch.
    """

    way: Way = "attach"
    away: float = 0.0
    turns: int = 0
    seconds: float = FOREVER
    events: int = 1_000_000
    slow: float = 0.0


STINT = st.builds(
    Stint,
    way=st.sampled_from(["attach", "newest", "follow", "read"]),
    away=PAUSE,
    turns=st.integers(0, 4),
    seconds=PAUSE | st.just(FOREVER),
    events=st.integers(0, 6) | st.just(1_000_000),
    slow=st.sampled_from([0.0, 0.0, 0.001, 0.03, 0.6]),
)
LAST_STINT = st.builds(Stint, away=PAUSE | st.just(FOREVER), slow=st.sampled_from([0.0, 0.001, 2.0]))
PLAN = st.builds(lambda stints, last: [*stints, last], st.lists(STINT, max_size=6), LAST_STINT)


@dataclass(frozen=True)
class Schedule:
    """A whole history: the agent's script, the readers, and when the run is cancelled or the engine closed, if ever.

    That is after so many events, seconds and turns of the loop.
    """

    steps: list[Step]
    ending: str
    stubborn: bool
    first: list[Stint]
    first_can_resume: bool
    others: list[list[Stint]]
    stop: tuple[Literal["cancel", "close"], int, float, int] | None
    back_to: float
    heartbeat: float


SCHEDULE = st.builds(
    Schedule,
    steps=SCRIPT,
    ending=st.sampled_from(ENDINGS),
    stubborn=st.booleans(),
    first=PLAN,
    first_can_resume=st.sampled_from([True, True, True, False]),
    others=st.lists(PLAN, min_size=1, max_size=4),
    stop=st.none()
    | st.tuples(st.sampled_from(["cancel", "cancel", "close"]), st.integers(1, 40), PAUSE, st.integers(0, 6)),
    back_to=st.floats(0, 1),
    heartbeat=st.sampled_from([0.3, NO_HEARTBEAT]),
)


class History:
    """One run with its readers, on an engine of its own."""

    def __init__(self, store: Store, schedule: Schedule) -> None:
        heartbeat = schedule.heartbeat
        self._bench = Bench(store, coalesce_seconds=0.02, heartbeat_seconds=heartbeat)
        engine, log = self._bench.engine, self._bench.log
        self._access = RunAccess(store=store, log=log, engine=engine, heartbeat_seconds=heartbeat)
        self._schedule = schedule

    async def play(self) -> str | None:
        """Let it happen, then look at what everybody has seen. Why the run ended as it did."""
        schedule, clock = self._schedule, asyncio.get_running_loop().time
        begun = clock()
        actor = Actor(schedule.steps, schedule.ending, stubborn=schedule.stubborn)
        run = await self._bench.start(actor.reply)
        async with asyncio.TaskGroup() as group:
            plans = [schedule.first, *schedule.others]
            readers = [group.create_task(self._follow(run, plan, first=plan is plans[0])) for plan in plans]
            if schedule.stop is not None:
                group.create_task(self._stop(run, *schedule.stop))
        whole = await self._rest(run, None)
        check_log(run, whole)
        assert clock() - begun < NO_HEARTBEAT, "a reader slept through an event"
        for reader in readers:
            assert reader.result() == whole, "every event once, in order, the same"
        middle = int(schedule.back_to * (len(whole) - 1))
        assert await self._rest(run, whole[middle].offset) == whole[middle + 1 :]
        await self._check_store(run, whole)
        await self._bench.engine.close()
        return run.stop_reason

    async def _follow(self, run: LiveRun, plan: list[Stint], *, first: bool) -> list[LoggedEvent]:
        seen: list[LoggedEvent] = []
        for number, stint in enumerate(plan):
            if not (first and number == 0):  # the first response begins with the run
                if stint.away == FOREVER:
                    await self._happened(run, 1_000_000)
                await later(0 if stint.away == FOREVER else stint.away, stint.turns)
            reader, leave = await self._come(run, stint.way if number or not first else "read", seen)
            cut = asyncio.get_running_loop().call_later(stint.seconds, reader.close)
            ended = await self._take(reader, stint, seen)
            cut.cancel()
            reader.close()
            leave(not ended)
        return seen

    async def _take(self, reader: Reader, stint: Stint, seen: list[LoggedEvent]) -> bool:
        """Read until the stint is over; whether the stream ended by itself."""
        left = stint.events
        async for batch in reader:
            seen += batch[:left]
            left -= len(batch)
            if left <= 0:
                return False
            if stint.slow:
                await asyncio.sleep(stint.slow)
        return bool(seen) and seen[-1].type == "run.ended"

    async def _come(self, run: LiveRun, way: Way, seen: list[LoggedEvent]) -> tuple[Reader, Callable[[bool], None]]:
        engine, after = self._bench.engine, seen[-1].offset if seen else None
        if way == "read":
            run.resumable = run.resumable or self._schedule.first_can_resume
            reader = engine.read(run, after)
            return reader, lambda dropped: engine.detach(run, dropped=dropped)
        if way == "follow" and (found := engine.follow(run.id, after)) is not None:
            return found
        row = await self._access.find(ALICE.owner, run.thread_id, None if way == "newest" else run.id)
        return await self._access.attach(ALICE.owner, row, after)

    async def _happened(self, run: LiveRun, events: int) -> None:
        """Wait until there are so many events, or for the end."""
        reader = self._bench.log.read(run.id, None, self._schedule.heartbeat)
        async for batch in reader:
            events -= len(batch)
            if events <= 0:
                break
        reader.close()

    async def _stop(self, run: LiveRun, how: str, events: int, seconds: float, turns: int) -> None:
        await self._happened(run, events)
        await later(seconds, turns)
        if how == "close":
            await self._bench.engine.close()
            return
        await self._access.answer(CancelRun(thread_id=run.thread_id, run_id=run.id), ALICE)

    async def _rest(self, run: LiveRun, after: Offset | None) -> list[LoggedEvent]:
        row = await self._access.find(ALICE.owner, run.thread_id, None)
        reader, leave = await self._access.attach(ALICE.owner, row, after)
        events = [logged async for batch in reader for logged in batch]
        leave(False)
        return events

    async def _check_store(self, run: LiveRun, whole: list[LoggedEvent]) -> None:
        """What a reader has put together is what is stored."""
        store, screen = self._bench.store, Screen(whole)
        page = await store.list_items(ALICE.owner, run.thread_id, PageQuery(1000, "asc"))
        stored = [json.loads(row.public) for row in page.data]
        assert screen.items == {item["id"]: item for item in stored}
        assert screen.done == [item["id"] for item in stored if item["id"] in screen.done]
        assert screen.title == (await store.get_thread(ALICE.owner, run.thread_id)).title
        row = await store.get_run(ALICE.owner, run.id)
        end = json.loads(whole[-1].data)
        assert (end["status"], end["stop_reason"]) == (row.status, row.stop_reason) == (run.status, run.stop_reason)


async def later(seconds: float, turns: int) -> None:
    """Come after some time, to the turn of the loop."""
    await asyncio.sleep(seconds)
    for _ in range(turns):
        await asyncio.sleep(0)


def check_log(run: LiveRun, whole: list[LoggedEvent]) -> None:
    """Gap-free offsets, one beginning, one end, nothing hidden."""
    assert [str(logged.offset) for logged in whole] == [f"1-{number}" for number in range(1, len(whole) + 1)]
    assert [logged.type for logged in whole].count("run.started") == 1
    assert [logged.type for logged in whole].count("run.ended") == 1
    assert (whole[0].type, whole[-1].type) == ("run.started", "run.ended")
    assert json.loads(whole[0].data)["run_id"] == json.loads(whole[-1].data)["run_id"] == run.id
    assert not any(b"hidden-canary" in logged.data or b"secret of" in logged.data for logged in whole)


def test_every_reader_sees_every_event_once_whenever_it_comes_and_goes() -> None:
    reasons: set[str | None] = set()
    with virtual_time() as loop:
        store = SQLiteStore(":memory:")
        loop.run_until_complete(store.initialize_schema())

        @settings(max_examples=200, deadline=None, derandomize=True, database=None)
        @given(SCHEDULE)
        def check(schedule: Schedule) -> None:
            reasons.add(loop.run_until_complete(History(store, schedule).play()))

        check()
        loop.run_until_complete(store.close())
    assert reasons == {None, "cancelled", "disconnected", "shutdown", "error", "internal"}
