"""Readers in another process than the run's: whatever the log between them loses, and whenever, each of them has in the
end what is stored, and within an attempt sees no event twice and none missing but where a snapshot says so.

The log that fails, the agent's script and the readers' comings and goings are generated; time is virtual.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from fastapi_chatkit.eventlog.base import LogGap
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.events import LoggedEvent, Offset
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.runs.access import RunAccess
from fastapi_chatkit.runs.live import LiveRun
from fastapi_chatkit.runs.updates import apply_update
from fastapi_chatkit.store.base import Store
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.running import ALICE, Bench
from tests.support.scripts import ENDINGS, PAUSE, SCRIPT, Actor, Json, Step
from tests.support.virtual_time import virtual_time

HEARTBEAT = 15.0


# --- a log that fails -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trouble:
    """What becomes of the log between two processes ``at`` a time, for ``seconds``: it is ``lost`` (cannot be read), or
    ``mute`` (can be read, and brings nothing); afterwards it may have ``forgotten`` what it had.
    """

    at: float
    seconds: float
    how: str
    forgets: bool


class DistantLog(MemoryEventLog):
    """Another process's view of a log."""

    def __init__(self, log: MemoryEventLog) -> None:
        super().__init__()
        self._log = log
        self.state = "well"
        self.first: dict[str, int] = {}
        self.readers: set[DistantReader] = set()
        self.gaps = 0

    @property
    def is_shared(self) -> bool:
        return True

    def is_here(self, run_id: str) -> bool:
        return False

    async def last(self, run_id: str) -> Offset | None:
        await asyncio.sleep(0.001)
        return None if self.state == "lost" else await self._log.last(run_id)

    def read(self, run_id: str, after: Offset | None, heartbeat: float) -> Any:
        return DistantReader(self, self._log, run_id, after, heartbeat)

    async def suffer(self, run_id: str, trouble: Trouble) -> None:
        await asyncio.sleep(trouble.at)
        self.state = trouble.how
        for reader in list(self.readers):
            reader.wake()
        await asyncio.sleep(trouble.seconds)
        self.state = "well"
        last = await self._log.last(run_id)
        if trouble.forgets and last is not None:
            self.first[run_id] = last.seq + 1


class DistantReader:
    """Reads as a remote reader does: in order, and a gap is said."""

    def __init__(
        self, distant: DistantLog, log: MemoryEventLog, run_id: str, after: Offset | None, heartbeat: float
    ) -> None:
        self._distant, self._log, self._run_id, self._heartbeat = distant, log, run_id, heartbeat
        self._next = (after.seq if after else 0) + 1
        self._closed = False
        self._awake = asyncio.Event()

    def wake(self) -> None:
        self._awake.set()

    def close(self) -> None:
        self._closed = True
        self._awake.set()

    async def __aiter__(self) -> AsyncIterator[Sequence[LoggedEvent]]:
        self._distant.readers.add(self)
        quiet = asyncio.get_running_loop().time()
        try:
            while not self._closed:
                if self._distant.state == "lost":
                    self._distant.gaps += 1
                    raise LogGap
                log = self._log.find(self._run_id)
                batch = log.batch(self._next - 1)[:7] if log and self._distant.state == "well" else []
                if batch and self._next < self._distant.first.get(self._run_id, 0):
                    self._distant.gaps += 1
                    raise LogGap
                if batch:
                    self._next = batch[-1].offset.seq + 1
                    quiet = asyncio.get_running_loop().time()
                    yield batch
                    if batch[-1].type == "run.ended":
                        return
                elif asyncio.get_running_loop().time() - quiet >= self._heartbeat:
                    quiet = asyncio.get_running_loop().time()
                    yield ()
                else:
                    self._awake.clear()
                    try:
                        async with asyncio.timeout(0.005):
                            await self._awake.wait()
                    except TimeoutError:
                        pass
        finally:
            self._distant.readers.discard(self)


# --- what a reader knows ----------------------------------------------------------------------------------------------


class Screen:
    """What a client shows that takes snapshots."""

    def __init__(self, events: Sequence[LoggedEvent]) -> None:
        self.items: dict[str, Json] = {}
        self.snapshots = 0
        for logged in events:
            self._apply(json.loads(logged.data))

    def _apply(self, data: Json) -> None:
        match data["type"]:
            case "run.snapshot":
                self.snapshots += 1
                self.items = {item["id"]: item for item in data["items"]}
            case "thread.item.added" | "thread.item.done" | "thread.item.replaced":
                self.items[data["item"]["id"]] = data["item"]
            case "thread.item.removed":
                self.items.pop(data["item_id"], None)
            case "thread.item.updated" if data["item_id"] in self.items:
                apply_update(self.items[data["item_id"]], data["update"])
            case _:
                pass


def check_order(events: Sequence[LoggedEvent]) -> None:
    """One end, and offsets that follow on each other, or on a snapshot's; an end that the database tells of, too."""
    assert [event.type for event in events].count("run.ended") == 1
    assert events[-1].type == "run.ended"
    before, after_snapshot = Offset(1, 0), False
    for event in events:
        if event.type == "run.snapshot":
            assert event.offset >= before
            after_snapshot = True
        elif not (after_snapshot and event.type in ("error", "run.ended")):
            assert event.offset == Offset(before.attempt, before.seq + 1), (before, event)
            after_snapshot = False
        before = max(before, event.offset)


# --- histories --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Schedule:
    """``readers`` come after a while; each is cut after each of its stints, and comes back with its last id."""

    steps: list[Step]
    ending: str
    troubles: list[Trouble]
    readers: list[tuple[float, list[float]]]


TROUBLE = st.builds(
    Trouble,
    at=st.floats(0, 6),
    seconds=st.sampled_from([0.0, 0.1, 0.9, 3.0, 8.0]),
    how=st.sampled_from(["lost", "mute"]),
    forgets=st.booleans(),
)
SCHEDULE = st.builds(
    Schedule,
    steps=SCRIPT,
    ending=st.sampled_from(ENDINGS),
    troubles=st.lists(TROUBLE, max_size=3),
    readers=st.lists(st.tuples(PAUSE, st.lists(st.floats(0, 3), max_size=3)), min_size=1, max_size=3),
)


LOST_AFTER_THE_LAST_WORD = Schedule(
    steps=[("begin", "short"), ("grow", 0, ["all that is said"], "", 0.0), ("pause", 1.5), ("pause", 1.5)],
    ending="return",
    troubles=[Trouble(at=1.0, seconds=8.0, how="lost", forgets=True)],
    readers=[(0.0, [])],
)
"""The database has no more text than the reader, before the end and after it: a snapshot says so all the same."""


class History:
    """A run of one process, followed in another."""

    def __init__(self, store: Store) -> None:
        self._bench = Bench(store, coalesce_seconds=0.02)
        self.distant = DistantLog(self._bench.log)
        self._elsewhere = Bench(store)
        self._access = RunAccess(
            store=store, log=self.distant, engine=self._elsewhere.engine, heartbeat_seconds=HEARTBEAT
        )

    async def play(self, schedule: Schedule) -> int:
        """Let it happen; how many snapshots there were."""
        run = await self._bench.start(Actor(schedule.steps, schedule.ending, stubborn=False).reply, resumable=True)
        async with asyncio.TaskGroup() as group:
            for trouble in schedule.troubles:
                group.create_task(self.distant.suffer(run.id, trouble))
            readers = [group.create_task(self._follow(run, *plan)) for plan in schedule.readers]
        page = await self._bench.store.list_items(ALICE.owner, run.thread_id, PageQuery(1000, "asc"))
        stored = {item["id"]: item for item in (json.loads(row.public) for row in page.data)}
        for reader in readers:
            check_order(reader.result())
            assert Screen(reader.result()).items == stored
        await self._bench.engine.close()
        await self._elsewhere.engine.close()
        return sum(Screen(reader.result()).snapshots for reader in readers)

    async def _follow(self, run: LiveRun, away: float, stints: list[float]) -> list[LoggedEvent]:
        seen: list[LoggedEvent] = []
        await asyncio.sleep(away)
        for seconds in [*stints, 1000.0]:
            row = await self._access.find(ALICE.owner, run.thread_id, run.id)
            reader, leave = await self._access.attach(ALICE.owner, row, seen[-1].offset if seen else None)
            cut = asyncio.get_running_loop().call_later(seconds, reader.close)
            async for batch in reader:
                seen += batch
            cut.cancel()
            leave(True)
            if seen and seen[-1].type == "run.ended":
                break
        return seen


PHASES = [Phase.explicit, Phase.generate]
"""A schedule does not become simpler in the time that there is."""


def test_whatever_the_log_loses_a_reader_ends_with_what_is_stored() -> None:
    snapshots: list[int] = []
    with virtual_time() as loop:
        store = SQLiteStore(":memory:")
        loop.run_until_complete(store.initialize_schema())

        @settings(
            max_examples=200, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
        )
        @example(LOST_AFTER_THE_LAST_WORD)
        @given(SCHEDULE)
        def check(schedule: Schedule) -> None:
            snapshots.append(loop.run_until_complete(History(store).play(schedule)))

        check()
        loop.run_until_complete(store.close())
    assert 0 in snapshots, "without trouble there is no snapshot"
    assert max(snapshots) > 2
