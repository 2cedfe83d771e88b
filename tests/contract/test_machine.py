"""Any sequence of calls to a store, several at once among them, against a model of the contract.

``CHATKIT_TEST_MACHINES=2000`` draws that many sequences, others each time; as it takes longer than one test may, with
``-o faulthandler_timeout=0``.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fastapi_chatkit.errors import ItemNotFound
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import Order, PageQuery
from fastapi_chatkit.store.base import Retry, RunStart, Store, WidgetAction
from tests.contract.machine_aim import aimed
from tests.contract.machine_calls import (
    ATTACHMENTS,
    ITEMS,
    MOMENTS,
    OWNERS,
    RUNS,
    THREADS,
    Call,
    Calls,
    agrees,
    kinds,
    row,
)
from tests.contract.machine_state import (
    ALL,
    Backend,
    PostgresBackend,
    SQLiteBackend,
    clear,
    differing,
    expected,
    stored,
)
from tests.contract.model import ALIVE, Model
from tests.contract.rows import assistant, attachment, fill, thread, user
from tests.support.postgres import Postgres, run_apart
from tests.support.stores import migrated_database

T = TypeVar("T")
Writer = list[tuple[Call, Any]]
"""What one caller calls, one after the other, with what it was answered."""

GIVEN = os.environ.get("CHATKIT_TEST_MACHINES")
SETTINGS = settings(
    stateful_step_count=30,
    derandomize=GIVEN is None,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink) if GIVEN else (Phase.generate,),
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)

# Most calls meet in one thread.
CALLS = Calls((*OWNERS[:1] * 2, *OWNERS), (*THREADS[:1] * 2, *THREADS))
BUSY = "thr_busy"

orders = st.sampled_from(("asc", "desc"))
slots = st.integers(0, 2)


PLACES = [Calls((owner,), (name,)) for owner in OWNERS for name in THREADS[:2]]


def dialogues() -> st.SearchStrategy[list[Call]]:
    """Questions in one thread, and answers to them."""
    calls = [st.one_of(place.ask(), place.put_out(), place.answer()) for place in PLACES]
    return st.one_of([st.lists(call, min_size=1, max_size=6) for call in calls])


def lines() -> st.SearchStrategy[list[Call]]:
    """Runs that come, have their turn, write and go, in one thread."""
    calls = [
        place.add_message()
        | place.retry()
        | place.start_run()
        | place.start_run()
        | place.end_run()
        | place.withdraw_run()
        | place.put_item()
        | place.current_run()
        for place in PLACES
    ]
    return st.one_of([st.lists(call, min_size=1, max_size=6) for call in calls])


def writers() -> st.SearchStrategy[list[list[Call]]]:
    """What up to three callers call at once: of one thread, or of any."""
    calls = [st.one_of(place.put_item(), place.changes(), place.admissions()) for place in (*PLACES, CALLS)]
    return st.one_of([st.lists(st.lists(call, min_size=1, max_size=2), min_size=2, max_size=3) for call in calls])


def meetings() -> st.SearchStrategy[tuple[list[Call], list[Call]]]:
    """What makes an item and an attachment be there, and two or three calls about one of them."""
    place = Calls(OWNERS[:1], THREADS[:1], ITEMS[:1], ATTACHMENTS[:1])
    gone = place.remove_item()
    about = {
        "user_message": st.one_of(gone, place.retry(), place.put_feedback(), place.put_item(), place.add_message()),
        "widget": st.one_of(place.put_attachment(), place.remove_attachment(), place.add_message()),
        "structured_input pending": st.one_of(place.answer(), place.answer(), gone, place.put_item()),
        "client_tool_call pending": st.one_of(place.put_out(), place.put_out(), gone, place.put_item()),
    }
    return st.one_of(
        [st.tuples(st.just(_there(kind)), st.lists(call, min_size=2, max_size=3)) for kind, call in about.items()]
    )


def _there(kind: str) -> list[Call]:
    owner, thread_id, item_id = OWNERS[0], THREADS[0], ITEMS[0]
    return [
        Call("put_thread", owner, (thread(thread_id, MOMENTS[0]),)),
        Call("remove_item", owner, (thread_id, item_id)),
        Call("put_item", owner, (thread_id, row(kind, item_id, thread_id))),
        Call("put_attachment", owner, (attachment(ATTACHMENTS[0]),)),
    ]


@dataclass
class Walk:
    """Pages that somebody reads one after the other, of items or (``thread_id`` is ``None``) of threads.

    Rows are told apart by the model's serials: an item that is deleted and put again is another one, and so is one that
    has moved. ``at`` is the cursor's.
    """

    owner: Owner
    thread_id: str | None
    order: Order
    hidden: bool
    after: str | None = None
    at: int | None = None
    seen: list[int] = field(default_factory=list[int])
    throughout: set[int] = field(default_factory=set[int])

    def call(self, limit: int) -> Call:
        page = PageQuery(limit, self.order, self.after)
        if self.thread_id is None:
            return Call("list_threads", self.owner, (page,))
        return Call("list_items", self.owner, (self.thread_id, page), {"hidden": self.hidden})

    def there(self, model: Model) -> dict[str, int]:
        """The serials of the rows that there are now."""
        threads = model.account(self.owner).threads
        if self.thread_id is None:
            return {name: found.serial for name, found in threads.items()}
        entries = threads[self.thread_id].entries if self.thread_id in threads else []
        return {entry.row.id: entry.serial for entry in entries if self.hidden or entry.shown}


def outcomes(model: Model, callers: list[Writer]) -> Iterator[Model]:
    """The model after each order of the calls in which it answers to every one what was answered."""
    if not any(callers):
        yield model
    for number, caller in enumerate(callers):
        for call, answer in caller[:1]:
            after = model.copy()
            if agrees(answer, call.expected_of(after)):
                yield from outcomes(after, [*callers[:number], caller[1:], *callers[number + 1 :]])


class StoreMachine(RuleBasedStateMachine):
    """A store and the model, which are called alike."""

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._resources = AsyncExitStack()
        self._model = Model()
        self._walks: dict[int, Walk] = {}
        self._store: Store = backend.store()
        self._run(self._open(backend))

    async def _open(self, backend: Backend) -> None:
        await self._store.open()
        self._resources.push_async_callback(self._store.close)
        self._query = await self._resources.enter_async_context(backend.beside())
        await clear(self._query)
        await self._store.renew_lease(ALIVE, 3600.0)

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(coroutine)

    def teardown(self) -> None:
        with self._runner:
            self._run(self._resources.aclose())

    # --- what is always so ----------------------------------------------------------------------------------------

    @invariant()
    def all_that_is_stored_is_what_the_model_says(self) -> None:
        differences = differing(self._run(stored(self._store, self._query)), expected(self._model))
        assert not differences, f"stored, and expected: {differences}"

    @invariant()
    def what_is_there_throughout_a_walk_is_known(self) -> None:
        for walk in self._walks.values():
            walk.throughout &= set(walk.there(self._model).values())

    # --- one call after the other ---------------------------------------------------------------------------------

    @initialize(drawn=st.lists(kinds, min_size=2, max_size=6))
    def begin(self, drawn: list[str]) -> None:
        for number, owner in enumerate(OWNERS):
            self._call(Call("put_thread", owner, (thread(THREADS[0], MOMENTS[0]),)))
            for item_id, kind in zip(ITEMS, drawn[number:] + drawn[:number], strict=False):
                self._call(Call("put_item", owner, (THREADS[0], row(kind, item_id, THREADS[0]))))
            self._call(Call("put_attachment", owner, (attachment(ATTACHMENTS[0]),)))
            self._call(Call("admit", owner, (WidgetAction(THREADS[0], None), RunStart(RUNS[0], MOMENTS[0]))))

    def _call(self, call: Call) -> Any:
        call = aimed(call, self._model)
        answer = self._run(call.of(self._store))
        wanted = call.expected_of(self._model)
        assert agrees(answer, wanted), f"{call}: {answer!r} instead of {wanted!r}"
        return answer

    def _call_each(self, calls: list[Call]) -> None:
        for call in calls:
            self._call(call)

    @rule(call=CALLS.put_thread())
    def put_thread(self, call: Call) -> None:
        self._call(call)

    @rule(call=CALLS.change_thread())
    def change_thread(self, call: Call) -> None:
        self._call(call)

    @rule(call=CALLS.remove_thread())
    def remove_thread(self, call: Call) -> None:
        self._call(call)

    @rule(calls=st.lists(CALLS.put_item(), min_size=1, max_size=3))
    def put_items(self, calls: list[Call]) -> None:
        self._call_each(calls)

    @rule(call=CALLS.remove_item())
    def remove_item(self, call: Call) -> None:
        self._call(call)

    @rule(call=CALLS.put_feedback())
    def put_feedback(self, call: Call) -> None:
        self._call(call)

    @rule(calls=st.lists(CALLS.put_attachment() | CALLS.remove_attachment(), min_size=1, max_size=3))
    def change_attachments(self, calls: list[Call]) -> None:
        self._call_each(calls)

    @rule(call=CALLS.reads())
    def read(self, call: Call) -> None:
        self._call(call)

    @rule(owner=st.sampled_from(OWNERS), order=orders, limit=st.integers(1, 3))
    def read_each_page(self, owner: Owner, order: Order, limit: int) -> None:
        """After each id that is a cursor for somebody, somewhere, now or some time; and each item."""
        for after in (None, *THREADS, "unknown"):
            self._call(Call("list_threads", owner, (PageQuery(limit, order, after),)))
        for thread_id in THREADS:
            for after in (None, *ITEMS, "unknown"):
                page = PageQuery(limit, order, after)
                self._call(Call("list_items", owner, (thread_id, page), {"hidden": True}))
                self._call(Call("list_items", owner, (thread_id, page)))
                self._call(Call("get_thread_with_items", owner, (thread_id, page)))

        for item_id in ITEMS:
            self._call(Call("get_item", owner, (THREADS[0], item_id)))
            self._call(Call("item_run", owner, (THREADS[0], item_id)))

    @rule(calls=st.lists(CALLS.changes() | CALLS.admissions() | CALLS.reads(), min_size=2, max_size=4))
    def call_one_after_the_other(self, calls: list[Call]) -> None:
        self._call_each(calls)

    @rule(call=CALLS.add_message())
    def admit_a_message(self, call: Call) -> None:
        self._call(call)

    @rule(call=CALLS.begin_thread())
    def admit_a_thread(self, call: Call) -> None:
        self._call(call)

    @rule(calls=dialogues())
    def admit_outputs_and_answers(self, calls: list[Call]) -> None:
        self._call_each(calls)

    @rule(call=CALLS.retry())
    def admit_a_retry(self, call: Call) -> None:
        self._call(call)

    @rule(call=CALLS.act())
    def admit_an_action(self, call: Call) -> None:
        self._call(call)

    @rule(calls=st.lists(CALLS.end_run(), min_size=1, max_size=3))
    def end_runs(self, calls: list[Call]) -> None:
        self._call_each(calls)

    @rule(calls=lines())
    def stand_in_line(self, calls: list[Call]) -> None:
        self._call_each(calls)

    @rule(calls=st.lists(CALLS.checkpoint_run() | CALLS.run_so_far() | CALLS.recover_run(), min_size=1, max_size=3))
    def checkpoint_and_recover(self, calls: list[Call]) -> None:
        self._call_each(calls)

    # --- pages, while anything may happen between them ------------------------------------------------------------

    @rule(slot=slots, owner=st.sampled_from(OWNERS), order=orders, hidden=st.booleans(), of_threads=st.booleans())
    def begin_to_walk(self, slot: int, owner: Owner, order: Order, hidden: bool, of_threads: bool) -> None:
        walk = Walk(owner, None if of_threads else THREADS[0], order, hidden)
        walk.throughout = set(walk.there(self._model).values())
        self._walks[slot] = walk
        self.walk_on(slot, 1)

    @rule(slot=slots, limit=st.integers(1, 3))
    def walk_on(self, slot: int, limit: int) -> None:
        walk = self._walks.pop(slot, None)
        if walk is None:
            return
        page = self._call(walk.call(limit))
        there = walk.there(self._model)
        if isinstance(page, Exception) or (walk.after is not None and there[walk.after] != walk.at):
            return  # the cursor is not where it was
        new = [there[found.id] for found in page.data]
        assert not set(new) & set(walk.seen), "twice"
        walk.seen += new
        walk.after, walk.at = page.after, there.get(page.after)
        if page.has_more:
            self._walks[slot] = walk
        else:
            assert walk.throughout <= set(walk.seen), "skipped"

    # --- several at once ------------------------------------------------------------------------------------------

    @rule(callers=writers())
    def call_at_once(self, callers: list[list[Call]]) -> None:
        self._call_at_once([[aimed(call, self._model) for call in calls] for calls in callers])

    @rule(meeting=meetings(), pauses=st.lists(st.integers(0, 20), min_size=3, max_size=3))
    def meet_at_one_item(self, meeting: tuple[list[Call], list[Call]], pauses: list[int]) -> None:
        """Calls about one item or attachment, that come one after the other by less than each of them takes."""
        before, calls = meeting
        self._call_each(before)
        self._call_at_once([[call] for call in calls], [pause / 10_000 for pause in pauses])

    def _call_at_once(self, callers: list[list[Call]], pauses: Sequence[float] = (0, 0, 0)) -> None:
        answered = self._run(self._answers(callers, pauses))
        state = self._run(stored(self._store, self._query))
        fitting = [model for model in outcomes(self._model, answered) if expected(model) == state]
        assert fitting, f"no order of the calls does this: {answered!r}"
        self._model = fitting[0]

    async def _answers(self, callers: list[list[Call]], pauses: Sequence[float]) -> list[Writer]:
        async def one(calls: list[Call], pause: float) -> Writer:
            await asyncio.sleep(pause)
            return [(call, await call.of(self._store)) for call in calls]

        return await asyncio.gather(*map(one, callers, pauses))

    @rule(owner=st.sampled_from(OWNERS), order=orders, retried=st.booleans())
    def append_at_once(self, owner: Owner, order: Order, retried: bool) -> None:
        self._run(self._append_at_once(owner, order, retried))

    async def _append_at_once(self, owner: Owner, order: Order, retried: bool) -> None:
        """Appends beside a reader, and perhaps a retry, in a thread that is nothing to the model."""
        first = ["question", "old_1", "old_2"]
        rows = [user("question", thread_id=BUSY), *(assistant(name, thread_id=BUSY) for name in first[1:])]
        await fill(self._store, *rows, thread_id=BUSY, owner=owner)
        appended = [[f"{writer}_{number}" for number in range(5)] for writer in "abc"]
        reading = self._read_pages(owner, order)
        writing = (self._append(owner, names) for names in appended)
        read, _ = await asyncio.gather(reading, asyncio.gather(*writing, self._retry(owner, retried)))
        kept = [found.id for found in (await self._store.list_items(owner, BUSY, ALL)).data]
        await self._store.remove_thread(owner, BUSY)
        check_appended(first, appended, kept, retried)
        check_read(first, kept if order == "asc" else kept[::-1], read, retried)

    async def _append(self, owner: Owner, names: list[str]) -> None:
        for name in names:
            await self._store.put_item(owner, BUSY, assistant(name, thread_id=BUSY))

    async def _retry(self, owner: Owner, retried: bool) -> None:
        if retried:
            await asyncio.sleep(0.001)
            await self._store.admit(owner, Retry(BUSY, "question"), RunStart("run_busy", MOMENTS[0]))

    async def _read_pages(self, owner: Owner, order: Order) -> list[str]:
        read: list[str] = []
        page = await self._store.list_items(owner, BUSY, PageQuery(2, order))
        read += [found.id for found in page.data]
        while page.has_more:
            try:
                page = await self._store.list_items(owner, BUSY, PageQuery(2, order, page.after))
            except ItemNotFound:  # a retry has deleted it
                return read
            read += [found.id for found in page.data]
        return read


def check_appended(first: list[str], appended: list[list[str]], kept: list[str], retried: bool) -> None:
    """All is there in each writer's order; but a retry has deleted all that was there when it came."""
    assert kept[: len(first)] == first or retried
    assert kept[0] == "question"
    assert len(kept) == len(set(kept))
    assert not retried or not set(first[1:]) & set(kept)
    for names in appended:
        own = [name for name in kept if name in names]
        assert own == (names[len(names) - len(own) :] if retried else names)


def check_read(first: list[str], kept: list[str], read: list[str], retried: bool) -> None:
    """A reader got nothing twice, in the order that it asked for, and all that was there throughout."""
    assert len(read) == len(set(read))
    both = [name for name in read if name in kept]
    assert both == [name for name in kept if name in read]
    assert retried or set(first) <= set(read)


def drive(backend: Backend, machines: int) -> None:
    """Run machines on a database."""

    class Machine(StoreMachine):
        def __init__(self) -> None:
            super().__init__(backend)

    run_state_machine_as_test(Machine, settings=settings(SETTINGS, max_examples=int(GIVEN or machines)))


def test_a_file_keeps_what_the_model_keeps(tmp_path: Path) -> None:
    drive(SQLiteBackend(tmp_path / "store.db"), 200)


def test_postgresql_keeps_what_the_model_keeps(postgres: Postgres) -> None:
    url = run_apart(migrated_database(postgres))
    try:
        drive(PostgresBackend(url), 100)
    finally:
        run_apart(postgres.drop_database(url))
