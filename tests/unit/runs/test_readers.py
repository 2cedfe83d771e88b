"""Readers of one run that come, go and come back whenever they like: what each of them has seen in the end.

An agent's script, its readers and a stop are generated; time is virtual, so that a schedule repeats to the turn of the
event loop. What readers know is put together by a reducer of the test's own.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from chatkit import types as sdk
from chatkit.errors import CustomStreamError
from chatkit.widgets import Card, Text
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.eventlog.base import Reader
from fastapi_chatkit.events import AgentEvent, LoggedEvent, MessageBegin, MessageEnd, Offset, TextDelta
from fastapi_chatkit.ids import new_id
from fastapi_chatkit.operations import CancelRun
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.runs.access import RunAccess
from fastapi_chatkit.runs.live import LiveRun
from fastapi_chatkit.store.base import Store
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.running import ALICE, Bench
from tests.support.virtual_time import virtual_time

FOREVER = 1000.0
NO_HEARTBEAT = 2000.0
"""Longer than all pauses of a schedule: a reader that is not woken by what happens would be seen to wait for it."""
MOMENT = datetime(2026, 1, 31, 12)

Json = dict[str, Any]

# --- the agent --------------------------------------------------------------------------------------------------------

Kind = Literal["short", "message", "workflow", "widget"]
Step = tuple[Any, ...]
"""What the agent does next, by name; items are named by number among those that are there."""

HALVES = ["\ud83d", "\ude00"]
ODD = st.characters(exclude_categories=()) | st.sampled_from(["a", " ", "\n", "\0", "\u2028", *HALVES])
TEXT = st.text(ODD, max_size=8) | st.sampled_from([*HALVES, ""])
PLAIN = st.text(max_size=8)
PIECES = st.sampled_from([HALVES, [HALVES[0], "", HALVES[1]]]) | st.lists(TEXT, min_size=1, max_size=4).map(
    lambda texts: [*texts, "."] if "\ud800" <= "".join(texts)[-1:] <= "\udbff" else texts
)
"""Deltas of one part in a row: what comes between the halves of a pair that are two deltas tears it apart."""
PAUSE = st.sampled_from([0.0, 0.0, 0.0, 0.001, 0.02, 0.05, 0.5, 1.5])
WHICH = st.integers(0, 3)
GROW = st.tuples(st.just("grow"), WHICH, PIECES, PLAIN, st.sampled_from([0.0, 0.001, 0.015, 0.03]))
STEP: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("begin"), st.sampled_from(["short", "short", "message", "workflow", "widget"])),
    GROW,
    GROW,
    GROW,
    st.tuples(st.just("finish"), WHICH),
    st.tuples(st.just("replace"), WHICH, TEXT),
    st.tuples(st.just("remove"), WHICH),
    st.tuples(st.just("pause"), PAUSE),
    st.tuples(st.just("pause"), PAUSE),
    st.tuples(st.just("say"), TEXT),
    st.tuples(st.just("title"), PLAIN),
    st.tuples(st.just("hide"), TEXT),
)
ENDINGS = ["return", "last", "tool", "error", "custom"]


@dataclass
class Growing:
    """An item of the agent's: ``words`` are the message's text, the tasks' titles or the widget's value."""

    id: str
    kind: Kind
    words: list[str] = field(default_factory=list)
    done: bool = False

    def model(self, turn: Turn) -> Any:
        """The item as it is now."""
        base: Json = {"id": self.id, "thread_id": turn.thread.id, "created_at": MOMENT}
        if self.kind == "workflow":
            tasks: list[Any] = [task(title) for title in self.words]
            return sdk.WorkflowItem(**base, workflow=sdk.Workflow(type="custom", tasks=tasks))
        if self.kind == "widget":
            return sdk.WidgetItem(**base, widget=card("".join(self.words)))
        content = [sdk.AssistantMessageContent(text="".join(self.words))] if self.words else []
        return sdk.AssistantMessageItem(**base, content=content)

    def grown(self, texts: list[str], plain: str) -> list[AgentEvent]:
        """More of it."""
        if self.kind == "short":
            return [TextDelta(self.id, 0, text) for text in texts]
        updates: list[Any]
        if self.kind == "message":
            self.words += texts
            updates = [sdk.AssistantMessageContentPartTextDelta(content_index=0, delta=text) for text in texts]
        elif self.kind == "workflow":
            updates = [sdk.WorkflowTaskAdded(task_index=len(self.words), task=task(texts[0]))]
            self.words.append(texts[0])
        else:
            updates = [sdk.WidgetStreamingTextValueDelta(component_id="text", delta=plain, done=len(plain) > 6)]
            self.words.append(plain)
        return [sdk.ThreadItemUpdatedEvent(item_id=self.id, update=update) for update in updates]


def task(title: str) -> sdk.CustomTask:
    return sdk.CustomTask(title=title, status_indicator="complete")


def card(value: str) -> Card:
    return Card(id="card", children=[Text(id="text", value=value, streaming=True)])


class Actor:
    """An agent that follows a script. A ``stubborn`` one takes no notice of being cancelled."""

    def __init__(self, steps: list[Step], ending: str, *, stubborn: bool) -> None:
        self._steps = steps
        self._ending = ending
        self._stubborn = stubborn
        self._items: list[Growing] = []

    async def reply(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        for name, *values in self._steps:
            if name == "pause":
                await self._pause(*values)
            elif name == "title":
                turn.thread.title = values[0]
            for occurrence in self._events(turn, name, *values):
                yield occurrence
                if name == "grow":
                    await self._pause(values[-1])
        for occurrence in self._last_events(turn):
            yield occurrence

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            if not self._stubborn:
                raise

    def _events(self, turn: Turn, name: str, *values: Any) -> list[AgentEvent]:  # noqa: C901 - one case per step
        match name, *values:
            case "begin", kind:
                item = Growing(new_id("message"), kind)
                self._items.append(item)
                if kind == "short":
                    return [MessageBegin(item.id)]
                return [sdk.ThreadItemAddedEvent(item=item.model(turn))]
            case "grow", which, texts, plain, _:
                begun: list[AgentEvent] = []
                if (item := self._pick(which, _grows)) is None:
                    begun, item = self._events(turn, "begin", "short"), self._items[-1]
                return [*begun, *item.grown(texts, plain)]
            case "finish", which if item := self._pick(which, lambda item: not item.done):
                item.done = True
                if item.kind == "short":
                    return [MessageEnd(item.id)]
                return [sdk.ThreadItemDoneEvent(item=item.model(turn))]
            case "replace", which, text if item := self._pick(which, lambda item: item.done):
                item.words = [text]
                return [sdk.ThreadItemReplacedEvent(item=item.model(turn))]
            case "remove", which if item := self._pick(which, lambda item: True):
                self._items.remove(item)
                return [sdk.ThreadItemRemovedEvent(item_id=item.id)]
            case "say", text:
                return [turn.progress(text)]
            case "hide", text:
                base: Json = {"id": turn.new_id(), "thread_id": turn.thread.id, "created_at": MOMENT}
                return [sdk.ThreadItemDoneEvent(item=sdk.HiddenContextItem(**base, content=f"hidden-canary {text}"))]
            case _:
                return []

    def _pick(self, which: int, wanted: Callable[[Growing], bool]) -> Growing | None:
        found = [item for item in self._items if wanted(item)]
        return found[which % len(found)] if found else None

    def _last_events(self, turn: Turn) -> list[AgentEvent]:
        if self._ending == "error":
            raise ValueError("a secret of the server")
        if self._ending == "custom":
            raise CustomStreamError("The weather service is closed.", allow_retry=False)
        short = self._pick(0, lambda item: item.kind == "short" and not item.done)
        if self._ending == "last" and short is not None:
            return [MessageEnd(short.id, last=True)]
        if self._ending == "tool":
            base: Json = {"id": turn.new_id(), "thread_id": turn.thread.id, "created_at": MOMENT}
            call = sdk.ClientToolCallItem(**base, call_id="call_1", name="get_time", arguments={"zone": "UTC"})
            return [sdk.ThreadItemDoneEvent(item=call)]
        return []


def _grows(item: Growing) -> bool:
    """A message that is done stays as it is; other items go on."""
    return not (item.done and item.kind in ("short", "message"))


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
    steps=st.builds(lambda steps, last: [*steps, *last], st.lists(STEP, min_size=12, max_size=60), st.lists(GROW)),
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
