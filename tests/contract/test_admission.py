"""A run's place in its thread, for every store: it goes on at once, waits in line, or is refused and leaves nothing."""

import asyncio
from dataclasses import replace

import pytest

from fastapi_chatkit.errors import (
    AttachmentNotFound,
    IdempotencyMismatch,
    ItemState,
    QueueFull,
    RunActive,
    RunNotFound,
    ThreadLocked,
    ThreadNotFound,
)
from fastapi_chatkit.rows import ItemRow, PageQuery
from fastapi_chatkit.store.base import (
    Admission,
    Admitted,
    RequestKey,
    Retry,
    RunRow,
    Store,
    StructuredAnswer,
    ThreadChanges,
    ToolOutput,
    WidgetAction,
)
from tests.contract.reading import all_ids, everything, statuses, stops
from tests.contract.rows import ALICE, BOB, TIME, admit, assistant, attachment, end, fill, item, new_message, run, user

LONG_AGO = "2020-01-01T00:00:00.000000Z"
LOCKED = ThreadChanges({"status": '{"type":"locked"}'})
WAITING = (0, 1, 8)


def question() -> ItemRow:
    return item("structured_input", "si_1", status="pending", inputs=[{"id": "q", "type": "freeform", "question": "?"}])


def call() -> ItemRow:
    return item("client_tool_call", "tc_1", status="pending", call_id="call_1", name="tool", arguments={})


ADMISSIONS: list[Admission] = [
    new_message("msg_new"),
    new_message("msg_new", "thr_1", "atc_1"),
    Retry("thr_1", "msg_1"),
    ToolOutput("thr_1", {"a": 1}),
    StructuredAnswer("thr_1", "si_1", "answered", {"q": {"values": ["x"], "skipped": False}}),
    WidgetAction("thr_1", "wid_1"),
    WidgetAction("thr_1", None),
]
any_admission = pytest.mark.parametrize("admission", ADMISSIONS, ids=lambda given: type(given).__name__)


async def ready(store: Store) -> None:
    """A thread in which every one of the admissions can be done."""
    widget = item("widget", "wid_1", widget={"type": "Card", "children": []})
    await store.put_attachment(ALICE, attachment("atc_1"))
    await fill(store, user("msg_1"), assistant("msg_2"), widget, question(), call())


async def make_busy(store: Store) -> None:
    """``run_1`` goes on in it."""
    await admit(store, WidgetAction("thr_1", None), run())


# --- a place --------------------------------------------------------------------------------------------------------


@any_admission
@pytest.mark.parametrize("max_waiting", WAITING)
async def test_in_a_free_thread_a_run_goes_on_at_once(store: Store, admission: Admission, max_waiting: int) -> None:
    await ready(store)
    admitted = await admit(store, admission, run(max_waiting=max_waiting, stop_others="superseded"))
    assert not admitted.waits
    assert admitted.thread == await store.get_thread(ALICE, "thr_1")
    assert await statuses(store, "run_1") == ["running"]
    assert (await store.current_run(ALICE, "thr_1")).id == "run_1"
    assert await stops(store, "") == {}


@any_admission
async def test_in_a_busy_thread_a_run_that_may_not_wait_is_refused(store: Store, admission: Admission) -> None:
    await ready(store)
    await make_busy(store)
    before = await everything(store)
    with pytest.raises(RunActive):
        await store.admit(ALICE, admission, run("run_2", max_waiting=0, stop_others="superseded"))
    assert await everything(store) == before
    assert await statuses(store, "run_1", "run_2") == ["running", None]


@any_admission
@pytest.mark.parametrize("max_waiting", [1, 8])
async def test_in_a_busy_thread_so_many_wait_and_the_next_is_refused(
    store: Store, admission: Admission, max_waiting: int
) -> None:
    await ready(store)
    await make_busy(store)
    waiting = [f"run_w{number}" for number in range(max_waiting)]
    for run_id in waiting:
        assert (await admit(store, WidgetAction("thr_1", None), run(run_id, max_waiting=max_waiting))).waits
    before = await everything(store)
    with pytest.raises(QueueFull):
        await store.admit(ALICE, admission, run("run_last", max_waiting=max_waiting, stop_others="superseded"))
    assert await everything(store) == before
    assert await statuses(store, "run_1", *waiting, "run_last") == ["running", *["queued"] * max_waiting, None]
    assert (await admit(store, admission, run("run_last", max_waiting=max_waiting + 1))).waits


async def test_who_may_wait_among_fewer_is_refused_where_more_wait(store: Store) -> None:
    await fill(store)
    await make_busy(store)
    for number in range(3):
        await admit(store, new_message(f"msg_{number}"), run(f"run_w{number}"))
    for max_waiting, error in ((0, RunActive), (1, QueueFull), (3, QueueFull)):
        with pytest.raises(error):
            await store.admit(ALICE, new_message("msg_3"), run("run_w3", max_waiting=max_waiting))
    assert (await admit(store, new_message("msg_3"), run("run_w3", max_waiting=4))).waits


async def test_a_thread_is_free_for_the_next_when_its_run_has_ended_and_none_waits(store: Store) -> None:
    await fill(store)
    await make_busy(store)
    await admit(store, new_message("msg_2"), run("run_2"))
    await store.end_run(ALICE, end("run_1"))
    with pytest.raises(RunActive):  # nobody goes on, but one comes first
        await store.admit(ALICE, new_message("msg_3"), run("run_3", max_waiting=0))
    assert (await admit(store, new_message("msg_3"), run("run_3"))).waits
    for run_id in ("run_2", "run_3"):
        await store.withdraw_run(ALICE, end(run_id))
    assert not (await admit(store, new_message("msg_4"), run("run_4", max_waiting=0))).waits


async def test_threads_and_owners_do_not_wait_for_each_other(store: Store) -> None:
    for owner in (ALICE, BOB):
        for thread_id in ("thr_1", "thr_2"):
            await fill(store, thread_id=thread_id, owner=owner)
            start = run(f"run_{thread_id}", max_waiting=0)
            assert not (await admit(store, new_message("msg_1", thread_id), start, owner)).waits


@pytest.mark.parametrize("max_waiting", WAITING)
@pytest.mark.parametrize("admission", ADMISSIONS[:3], ids=lambda given: type(given).__name__)
async def test_a_locked_thread_takes_no_message_and_no_retry_busy_or_not(
    store: Store, admission: Admission, max_waiting: int
) -> None:
    await ready(store)
    await store.change_thread(ALICE, "thr_1", LOCKED)
    before = await everything(store)
    with pytest.raises(ThreadLocked):
        await store.admit(ALICE, admission, run(max_waiting=max_waiting))
    assert await everything(store) == before
    await make_busy(store)
    before = await everything(store)
    with pytest.raises(ThreadLocked if max_waiting else RunActive):
        await store.admit(ALICE, admission, run("run_2", max_waiting=max_waiting, stop_others="superseded"))
    assert await everything(store) == before


@pytest.mark.parametrize("max_waiting", WAITING)
async def test_an_unknown_thread_admits_nothing_however_many_may_wait(store: Store, max_waiting: int) -> None:
    await fill(store, thread_id="thr_bob", owner=BOB)
    for thread_id in ("thr_x", "thr_bob"):
        for attachments in ((), ("atc_x",)):
            start = run(max_waiting=max_waiting, key=RequestKey("key", "digest", LONG_AGO))
            with pytest.raises((ThreadNotFound, AttachmentNotFound)):
                await store.admit(ALICE, new_message("msg_1", thread_id, *attachments), start)
    assert await store.active_runs(9) == []


async def test_all_others_of_the_thread_are_asked_to_stop(store: Store) -> None:
    await fill(store)
    await fill(store, thread_id="thr_2")
    await fill(store, owner=BOB)
    await admit(store, new_message("msg_1"), run("run_1", replica="one"))
    await admit(store, new_message("msg_2"), run("run_2", replica="two"))
    await admit(store, new_message("msg_3"), run("run_3", replica="two"))
    await admit(store, new_message("msg_1", "thr_2"), run("run_other", replica="one"))
    await admit(store, new_message("msg_1"), run("run_1", replica="one"), BOB)
    await store.request_stop(ALICE, "run_3", "cancelled")
    await admit(store, new_message("msg_4"), run("run_4", replica="one", stop_others="superseded"))
    assert await stops(store, "one") == {"run_1": "superseded"}
    assert await stops(store, "two") == {"run_2": "superseded", "run_3": "cancelled"}
    await store.end_run(ALICE, end("run_1"))
    assert await stops(store, "one") == {}


# --- what is done before its turn -----------------------------------------------------------------------------------


async def test_a_message_that_waits_is_there_at_once_and_a_retry_deletes_nothing_yet(store: Store) -> None:
    await ready(store)
    await make_busy(store)
    before = await all_ids(store)
    assert (await admit(store, new_message("msg_new", "thr_1", "atc_1"), run("run_2"))).waits
    retried = await admit(store, Retry("thr_1", "msg_1"), run("run_3"))
    assert (retried.waits, retried.item) == (True, user("msg_1"))
    assert await all_ids(store) == [*before, "msg_new"]
    assert '"thread_id":"thr_1"' in await store.get_attachment(ALICE, "atc_1")


@pytest.mark.parametrize("admission", ADMISSIONS[3:5], ids=lambda given: type(given).__name__)
async def test_an_output_and_an_answer_are_taken_at_once_and_once(store: Store, admission: Admission) -> None:
    await ready(store)
    await make_busy(store)
    admitted = await admit(store, admission, run("run_2"))
    assert admitted.waits
    assert admitted.item is not None
    assert await store.get_item(ALICE, "thr_1", admitted.item.id) == admitted.item
    before = await everything(store)
    with pytest.raises(ItemState):
        await store.admit(ALICE, admission, run("run_3"))
    assert await everything(store) == before


# --- keys -----------------------------------------------------------------------------------------------------------

KEY = RequestKey("key", "digest", LONG_AGO)


@any_admission
async def test_the_same_request_again_answers_its_run_and_changes_nothing(store: Store, admission: Admission) -> None:
    await ready(store)
    await admit(store, admission, run(key=KEY))
    for _ in range(2):
        before = await everything(store)
        for max_waiting in WAITING:
            start = run("run_again", max_waiting=max_waiting, stop_others="superseded", key=KEY)
            assert await store.admit(ALICE, admission, start) == await store.get_run(ALICE, "run_1")
        with pytest.raises(IdempotencyMismatch):
            await store.admit(ALICE, admission, run("run_again", key=replace(KEY, digest="other")))
        assert await everything(store) == before
        assert await statuses(store, "run_again") == [None]
        if (await store.get_run(ALICE, "run_1")).ended_at is None:
            await store.end_run(ALICE, end("run_1"))


async def test_the_same_request_for_a_new_thread_begins_one(store: Store) -> None:
    await admit(store, new_message("msg_1", "thr_1", new=True), run(key=KEY))
    for attachments in ((), ("atc_x",)):
        again = new_message("msg_2", "thr_2", *attachments, new=True)
        assert await store.admit(ALICE, again, run("run_2", key=KEY)) == await store.get_run(ALICE, "run_1")
        with pytest.raises(IdempotencyMismatch):
            await store.admit(ALICE, again, run("run_2", key=replace(KEY, digest="other")))
    assert [row.id for row in (await store.list_threads(ALICE, PageQuery())).data] == ["thr_1"]


async def test_the_same_key_of_another_user_is_another(store: Store) -> None:
    for owner in (ALICE, BOB):
        assert not (await admit(store, new_message("msg_1", new=True), run(key=KEY), owner)).waits
    assert await statuses(store, "run_1", owner=BOB) == ["running"]


async def test_requests_without_a_key_are_never_the_same(store: Store) -> None:
    await fill(store)
    for number in range(3):
        await admit(store, new_message(f"msg_{number}"), run(f"run_{number}"))
    assert len(await all_ids(store)) == 3


@pytest.mark.parametrize("attachments", [(), ("atc_1",)])
@pytest.mark.parametrize("ended", [True, False])
async def test_an_old_request_is_forgotten(store: Store, ended: bool, attachments: tuple[str, ...]) -> None:
    await fill(store)
    await store.put_attachment(ALICE, attachment("atc_1"))
    await admit(store, new_message("msg_1"), replace(run(key=KEY), created_at=TIME))
    assert isinstance(
        await store.admit(ALICE, new_message("msg_2"), run("run_2", key=replace(KEY, since=TIME))), RunRow
    )
    if ended:
        await store.end_run(ALICE, end("run_1"))
    later = replace(KEY, since="2026-01-31T12:00:00.000001Z", digest="other")
    admitted = await admit(store, new_message("msg_2", "thr_1", *attachments), run("run_2", key=later))
    assert admitted.waits is not ended
    repeated = await store.admit(ALICE, new_message("msg_3"), run("run_3", key=later))
    assert repeated == await store.get_run(ALICE, "run_2")
    assert (await store.get_run(ALICE, "run_1")).created_at == TIME


async def test_a_request_that_was_refused_has_not_used_its_key(store: Store) -> None:
    await fill(store)
    await make_busy(store)
    for start, error in (
        (run("run_2", key=KEY, max_waiting=0), RunActive),
        (run("run_2", key=replace(KEY, digest="other"), max_waiting=0), RunActive),
    ):
        with pytest.raises(error):
            await store.admit(ALICE, new_message("msg_2"), start)
    with pytest.raises(AttachmentNotFound):
        await store.admit(ALICE, new_message("msg_2", "thr_2", "atc_x", new=True), run("run_2", key=KEY))
    assert (await admit(store, new_message("msg_2"), run("run_2", key=KEY))).waits


async def test_a_key_goes_with_its_thread(store: Store) -> None:
    await admit(store, new_message("msg_1", new=True), run(key=KEY))
    await store.remove_thread(ALICE, "thr_1")
    await admit(store, new_message("msg_1", new=True), run(key=replace(KEY, digest="other")))
    assert await all_ids(store) == ["msg_1"]


# --- many at once ---------------------------------------------------------------------------------------------------

MANY = 20


async def at_once(store: Store, admissions: list[Admission], max_waiting: int, key: RequestKey | None) -> list[object]:
    """What many callers are answered, each with a run of its own."""
    calls = [
        store.admit(ALICE, admission, run(f"run_n{number}", max_waiting=max_waiting, key=key))
        for number, admission in enumerate(admissions)
    ]
    return list(await asyncio.gather(*calls, return_exceptions=True))


def many(admission: Admission) -> list[Admission]:
    """The same request again and again; each time its message has another id."""
    if admission == ADMISSIONS[0] or admission == ADMISSIONS[1]:
        attachments = ("atc_1",) if admission == ADMISSIONS[1] else ()
        return [new_message(f"msg_n{number}", "thr_1", *attachments) for number in range(MANY)]
    return [admission] * MANY


@any_admission
@pytest.mark.parametrize("max_waiting", [0, 8])
async def test_of_many_of_one_request_at_once_one_is_admitted(
    store: Store, admission: Admission, max_waiting: int
) -> None:
    await ready(store)
    messages = len(await all_ids(store))
    answers = await at_once(store, many(admission), max_waiting, KEY)
    [admitted] = [answer for answer in answers if isinstance(answer, Admitted)]
    [begun] = await store.active_runs(9)
    assert [answer for answer in answers if answer is not admitted] == [begun.run] * (MANY - 1)
    stored = await all_ids(store)
    assert len([name for name in stored if name.startswith("msg_n")]) == (admission in ADMISSIONS[:2])
    assert isinstance(admission, Retry) or len(stored) == messages + (admission in ADMISSIONS[:2])


@pytest.mark.parametrize("attachments", [(), ("atc_1",)])
async def test_of_many_of_one_request_for_a_new_thread_one_begins_it(
    store: Store, attachments: tuple[str, ...]
) -> None:
    await store.put_attachment(ALICE, attachment("atc_1"))
    admissions: list[Admission] = [new_message("msg_1", f"thr_{n}", *attachments, new=True) for n in range(MANY)]
    answers = await at_once(store, admissions, 8, KEY)
    [admitted] = [answer for answer in answers if isinstance(answer, Admitted)]
    assert [row.id for row in (await store.list_threads(ALICE, PageQuery())).data] == [admitted.thread.id]
    [begun] = await store.active_runs(9)
    assert [answer for answer in answers if answer is not admitted] == [begun.run] * (MANY - 1)


@pytest.mark.parametrize("max_waiting", WAITING)
@pytest.mark.parametrize("attachments", [(), ("atc_1",)])
async def test_of_many_at_once_one_goes_on_some_wait_and_all_come_to_an_end(
    store: Store, max_waiting: int, attachments: tuple[str, ...]
) -> None:
    await store.put_attachment(ALICE, attachment("atc_1"))
    await fill(store)
    admissions: list[Admission] = [new_message(f"msg_{n}", "thr_1", *attachments) for n in range(MANY)]
    answers = await at_once(store, admissions, max_waiting, None)
    admitted = [answer for answer in answers if isinstance(answer, Admitted)]
    refused = [answer for answer in answers if isinstance(answer, QueueFull if max_waiting else RunActive)]
    assert len(admitted) == 1 + max_waiting
    assert len(admitted) + len(refused) == MANY
    assert [answer.waits for answer in admitted].count(False) == 1
    assert len(await all_ids(store)) == len(admitted)
    line = [owned.run for owned in await store.active_runs(99)]
    assert sorted(begun.status for begun in line) == [*["queued"] * max_waiting, "running"]
    waiting = {begun.id: admissions[int(begun.id[5:])] for begun in line}
    for _ in range(len(line)):
        current = await store.current_run(ALICE, "thr_1")
        started = await store.start_run(ALICE, waiting.pop(current.id), current.id)
        assert started is not None
        for other, admission in waiting.items():
            assert await store.start_run(ALICE, admission, other) is None
        await store.end_run(ALICE, end(current.id))
    assert await store.active_runs(9) == []


async def test_a_line_whose_runs_come_and_go_at_once_gives_each_its_turn(store: Store) -> None:
    """Each waits as an engine's run does; what is stored is as if all had come one after the other."""
    await fill(store)

    async def one(number: int) -> None:
        admission, run_id = new_message(f"q{number:02}"), f"run_{number:02}"
        admitted: Admitted | None = await admit(store, admission, run(run_id, max_waiting=MANY))
        while admitted is None or admitted.waits:
            await asyncio.sleep(0.002)
            admitted = await store.start_run(ALICE, admission, run_id)
        await store.put_item(ALICE, "thr_1", assistant(f"a{number:02}"), run_id)
        await store.end_run(ALICE, end(run_id, assistant(f"b{number:02}")))

    await asyncio.gather(*map(one, range(MANY)))
    stored = await all_ids(store)
    turns = [stored[place : place + 3] for place in range(0, len(stored), 3)]
    assert len(turns) == MANY
    for asked, *answered in turns:
        assert answered == [f"a{asked[1:]}", f"b{asked[1:]}"]
    for number in range(MANY):
        assert await statuses(store, f"run_{number:02}") == ["completed"]
    with pytest.raises(RunNotFound):
        await store.get_run(ALICE, "run_x")


@pytest.mark.parametrize("deleted", [False, True])
async def test_an_answer_that_waited_starts_with_its_questions_unless_they_are_gone(
    store: Store, deleted: bool
) -> None:
    await ready(store)
    await make_busy(store)
    answer = StructuredAnswer("thr_1", "si_1", "answered", {"q": {"values": ["x"], "skipped": False}})
    admitted = await admit(store, answer, run("run_2"))
    assert admitted.waits
    if deleted:
        await store.remove_item(ALICE, "thr_1", "si_1")
    await store.end_run(ALICE, end("run_1"))
    started = await store.start_run(ALICE, answer, "run_2")
    assert started is not None
    assert started.item == (None if deleted else admitted.item)
    assert await statuses(store, "run_1", "run_2") == ["completed", "running"]
