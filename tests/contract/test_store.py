"""The contract of the port to durable threads, for every store."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from fastapi_chatkit.errors import (
    AttachmentNotFound,
    ItemNotFound,
    ItemState,
    NotFound,
    RunNotFound,
    ThreadLocked,
    ThreadNotFound,
)
from fastapi_chatkit.events import now
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import Order, Page, PageQuery, item_row
from fastapi_chatkit.store.base import (
    Admission,
    Checkpoint,
    Retry,
    RunEnd,
    RunLost,
    Store,
    StructuredAnswer,
    ThreadChanges,
    ToolOutput,
    WidgetAction,
)
from tests.contract.reading import stops
from tests.contract.rows import (
    ALICE,
    ALICE_AT_ACME,
    BOB,
    TIME,
    admit,
    assistant,
    attachment,
    fill,
    hidden,
    item,
    new_message,
    run,
    thread,
    user,
)

ORDERS: tuple[Order, Order] = ("asc", "desc")


def ids(page: Page[Any]) -> list[str]:
    return [row.id for row in page.data]


async def all_ids(store: Store, owner: Owner, thread_id: str = "thr_1", *, with_hidden: bool = True) -> list[str]:
    return ids(await store.list_items(owner, thread_id, PageQuery(1000, "asc"), hidden=with_hidden))


async def walk(page_after: Callable[[str | None], Any]) -> list[str]:
    """The ids of all pages, one after the other."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = await page_after(after)
        found += ids(page)
        assert page.after == (found[-1] if page.has_more else None)
        if not page.has_more:
            return found
        after = page.after


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_pages_of_items_of_one_moment_hold_each_once_in_order(store: Store, order: Order, limit: int) -> None:
    expected = [f"msg_{number}" for number in (5, 3, 9, 1, 7, 0, 2)]  # neither by id nor by time
    await fill(store, *[assistant(item_id) for item_id in expected])
    found = await walk(lambda after: store.list_items(ALICE, "thr_1", PageQuery(limit, order, after)))
    assert found == (expected if order == "asc" else expected[::-1])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_pages_of_threads_of_one_moment_hold_each_once(store: Store, order: Order, limit: int) -> None:
    moments = [TIME, "2026-01-31T12:00:01.000000Z"]
    expected = [(moment, f"thr_{number}") for moment in moments for number in (2, 0, 1)]
    for moment, number in expected:
        await store.put_thread(ALICE, thread(f"{number}_{moment[18]}", moment))
    found = await walk(lambda after: store.list_threads(ALICE, PageQuery(limit, order, after)))
    ascending = ["thr_0_0", "thr_1_0", "thr_2_0", "thr_0_1", "thr_1_1", "thr_2_1"]
    assert found == (ascending if order == "asc" else ascending[::-1])


async def test_items_are_ordered_by_arrival_never_by_time(store: Store) -> None:
    rows = [assistant(f"msg_{n}", created_at=f"20{30 - n:02}-01-01T00:00:00.000000Z") for n in range(5)]
    await fill(store, *rows)
    assert await all_ids(store, ALICE) == [f"msg_{n}" for n in range(5)]


async def test_the_last_page_says_that_there_is_no_more(store: Store) -> None:
    await fill(store, assistant("msg_1"), assistant("msg_2"))
    exact = await store.list_items(ALICE, "thr_1", PageQuery(2, "asc"))
    assert (exact.has_more, exact.after) == (False, None)
    past = await store.list_items(ALICE, "thr_1", PageQuery(2, "asc", "msg_2"))
    assert past == Page([], False, None)


async def test_an_empty_thread_has_an_empty_page(store: Store) -> None:
    await fill(store)
    assert await store.list_items(ALICE, "thr_1", PageQuery()) == Page([], False, None)
    assert await store.list_threads(BOB, PageQuery()) == Page([], False, None)


@pytest.mark.parametrize("order", ORDERS)
async def test_an_unknown_cursor_is_an_error_not_an_empty_page(store: Store, order: Order) -> None:
    await fill(store, assistant("msg_1"))
    await fill(store, assistant("msg_other", thread_id="thr_2"), thread_id="thr_2")
    await fill(store, assistant("msg_bob"), thread_id="thr_bob", owner=BOB)
    for after in ("msg_unknown", "msg_other", "msg_bob"):
        with pytest.raises(ItemNotFound):
            await store.list_items(ALICE, "thr_1", PageQuery(20, order, after))
    for after in ("thr_unknown", "thr_bob"):
        with pytest.raises(ThreadNotFound):
            await store.list_threads(ALICE, PageQuery(20, order, after))


async def test_hidden_items_leave_pages_full(store: Store) -> None:
    rows = [assistant("msg_first"), *(hidden(f"hid_{n}") for n in range(30)), assistant("msg_last")]
    await fill(store, *rows)
    for order in ORDERS:
        expected = ["msg_first", "msg_last"] if order == "asc" else ["msg_last", "msg_first"]
        page = await store.list_items(ALICE, "thr_1", PageQuery(2, order))
        assert (ids(page), page.has_more) == (expected, False)
        one = await store.list_items(ALICE, "thr_1", PageQuery(1, order))
        assert (ids(one), one.has_more, one.after) == (expected[:1], True, expected[0])
        assert ids(await store.list_items(ALICE, "thr_1", PageQuery(1, order, one.after))) == expected[1:]
    _, shown = await store.get_thread_with_items(ALICE, "thr_1", PageQuery(20, "asc"))
    assert ids(shown) == ["msg_first", "msg_last"]
    assert len(await all_ids(store, ALICE)) == 32
    assert (await store.get_item(ALICE, "thr_1", "hid_3")).hidden


async def test_a_hidden_item_is_a_cursor_only_where_hidden_items_are_read(store: Store) -> None:
    await fill(store, assistant("msg_1"), hidden("hid_1"), assistant("msg_2"))
    assert ids(await store.list_items(ALICE, "thr_1", PageQuery(9, "asc", "hid_1"), hidden=True)) == ["msg_2"]
    assert ids(await store.list_items(ALICE, "thr_1", PageQuery(9, "desc", "hid_1"), hidden=True)) == ["msg_1"]
    for order in ORDERS:
        with pytest.raises(ItemNotFound):  # a client cannot tell that it is there
            await store.list_items(ALICE, "thr_1", PageQuery(9, order, "hid_1"))


async def test_an_item_that_becomes_hidden_is_hidden(store: Store) -> None:
    await fill(store, assistant("msg_1"))
    await store.put_item(ALICE, "thr_1", hidden("msg_1"))
    assert await all_ids(store, ALICE, with_hidden=False) == []
    await store.put_item(ALICE, "thr_1", assistant("msg_1"))
    assert await all_ids(store, ALICE, with_hidden=False) == ["msg_1"]


# --- items ------------------------------------------------------------------------------------------------------------


async def test_an_upsert_keeps_the_position(store: Store) -> None:
    await fill(store, assistant("msg_1"), assistant("msg_2"), assistant("msg_3"))
    changed = assistant("msg_1", "changed")
    await store.put_item(ALICE, "thr_1", changed)
    assert await all_ids(store, ALICE) == ["msg_1", "msg_2", "msg_3"]
    assert await store.get_item(ALICE, "thr_1", "msg_1") == changed


async def test_the_run_that_wrote_an_item_first_stays_its_run(store: Store) -> None:
    await fill(store)
    for run_id in ("run_1", "run_2"):
        await store.admit(ALICE, WidgetAction("thr_1", None), run(run_id))
        await store.put_item(ALICE, "thr_1", assistant("msg_1"), run_id)
        await store.end_run(ALICE, RunEnd(run_id, "thr_1", "completed", None, now()))
    await store.put_item(ALICE, "thr_1", assistant("msg_2"))
    assert await store.item_run(ALICE, "thr_1", "msg_1") == (True, "run_1")
    assert await store.item_run(ALICE, "thr_1", "msg_2") == (True, None)
    assert await store.item_run(ALICE, "thr_1", "msg_3") == (False, None)


async def test_deleting_an_item_twice_is_no_error(store: Store) -> None:
    await fill(store, assistant("msg_1"), assistant("msg_2"))
    for _ in range(2):
        await store.remove_item(ALICE, "thr_1", "msg_1")
    await store.remove_item(ALICE, "thr_unknown", "msg_1")
    assert await all_ids(store, ALICE) == ["msg_2"]


async def test_an_item_added_after_a_deletion_comes_last(store: Store) -> None:
    await fill(store, assistant("msg_1"), assistant("msg_2"))
    await store.remove_item(ALICE, "thr_1", "msg_2")
    await store.put_item(ALICE, "thr_1", assistant("msg_3"))
    await store.put_item(ALICE, "thr_1", assistant("msg_2"))
    assert await all_ids(store, ALICE) == ["msg_1", "msg_3", "msg_2"]


async def test_unknown_fields_survive_byte_by_byte(store: Store) -> None:
    data = {
        **json.loads(assistant("msg_1").data),
        "future": {"b": [1, 2.5, None, True], "a": 'ü 😀   \\ " \u0001'},
        "id": "msg_1",
    }
    row = item_row(data)
    await fill(store, row)
    assert (await store.get_item(ALICE, "thr_1", "msg_1")).data == row.data
    assert (await store.list_items(ALICE, "thr_1", PageQuery())).data == [row]


async def test_an_item_of_an_unknown_type_survives(store: Store) -> None:
    await fill(store, item("from_the_future", "new_1", colour="red"))
    assert json.loads((await store.get_item(ALICE, "thr_1", "new_1")).data)["colour"] == "red"


async def test_what_is_not_there_is_named(store: Store) -> None:
    await fill(store)
    with pytest.raises(ItemNotFound):
        await store.get_item(ALICE, "thr_1", "msg_x")
    for call in (
        store.get_thread(ALICE, "thr_x"),
        store.get_thread_with_items(ALICE, "thr_x", PageQuery()),
        store.list_items(ALICE, "thr_x", PageQuery()),
        store.get_item(ALICE, "thr_x", "msg_x"),
        store.put_item(ALICE, "thr_x", assistant("msg_1", thread_id="thr_x")),
        store.change_thread(ALICE, "thr_x", ThreadChanges({"title": "x"})),
        store.remove_thread(ALICE, "thr_x"),
        store.put_feedback(ALICE, "thr_x", ("msg_x",), "positive"),
    ):
        with pytest.raises(ThreadNotFound):
            await call
    with pytest.raises(RunNotFound):
        await store.get_run(ALICE, "run_x")
    with pytest.raises(AttachmentNotFound):
        await store.get_attachment(ALICE, "atc_x")


# --- threads ----------------------------------------------------------------------------------------------------------


async def test_a_thread_survives_with_all_its_columns(store: Store) -> None:
    row = thread(
        title="A title with ü and \n",
        status='{"type":"locked","reason":"why"}',
        allowed_image_domains='["example.com"]',
        metadata='{"a":{"b":[1]}}',
    )
    await store.put_thread(ALICE, row)
    assert await store.get_thread(ALICE, "thr_1") == row
    await store.put_thread(ALICE, thread())
    assert await store.get_thread(ALICE, "thr_1") == thread()


async def test_a_change_sets_its_columns_and_no_others(store: Store) -> None:
    await store.put_thread(ALICE, thread(title="old", metadata='{"a":1}'))
    changed = await store.change_thread(ALICE, "thr_1", ThreadChanges({"title": "new"}))
    assert changed == thread(title="new", metadata='{"a":1}') == await store.get_thread(ALICE, "thr_1")
    assert (await store.change_thread(ALICE, "thr_1", ThreadChanges({"title": None}))).title is None
    assert await store.change_thread(ALICE, "thr_1", ThreadChanges({})) == thread(metadata='{"a":1}')


async def test_a_title_for_a_thread_without_one_is_set_once_and_other_columns_are_set_anyway(store: Store) -> None:
    await fill(store)
    await store.admit(ALICE, new_message("msg_1"), run("run_1"))
    for title, run_id in (("first", None), ("second", None), ("third", "run_1")):
        metadata = f'{{"by":"{title}"}}'
        changes = ThreadChanges({"title": title, "metadata": metadata}, untitled=True)
        changed = await store.change_thread(ALICE, "thr_1", changes, run_id)
        assert (changed.title, changed.metadata) == ("first", metadata)


async def test_replacing_a_thread_keeps_its_items_and_their_order(store: Store) -> None:
    await fill(store, assistant("msg_1"))
    await store.put_thread(ALICE, thread(title="again"))
    await store.put_item(ALICE, "thr_1", assistant("msg_2"))
    assert await all_ids(store, ALICE) == ["msg_1", "msg_2"]


async def test_a_changed_thread_keeps_its_place_in_the_list(store: Store) -> None:
    for number in range(3):
        await store.put_thread(ALICE, thread(f"thr_{number}", f"2026-01-31T12:00:0{number}.000000Z"))
    await store.change_thread(ALICE, "thr_0", ThreadChanges({"title": "new"}))
    await store.put_item(ALICE, "thr_0", assistant("msg_1", thread_id="thr_0"))
    assert ids(await store.list_threads(ALICE, PageQuery(9, "desc"))) == ["thr_2", "thr_1", "thr_0"]


async def test_deleting_a_thread_takes_all_that_belongs_to_it(store: Store) -> None:
    for owner in (ALICE, BOB):
        await store.put_attachment(owner, attachment("atc_1"))
        await store.put_attachment(owner, attachment("atc_free"))
        await store.admit(owner, new_message("msg_1", "thr_1", "atc_1", new=True), run())
        await store.put_feedback(owner, "thr_1", ("msg_1",), "positive")
    await store.remove_thread(ALICE, "thr_1")
    with pytest.raises(ThreadNotFound):
        await store.remove_thread(ALICE, "thr_1")
    for call in (
        store.get_thread(ALICE, "thr_1"),
        store.get_item(ALICE, "thr_1", "msg_1"),
        store.get_run(ALICE, "run_1"),
        store.get_attachment(ALICE, "atc_1"),
    ):
        with pytest.raises(NotFound):
            await call
    assert json.loads(await store.get_attachment(ALICE, "atc_free"))["id"] == "atc_free"
    # Nothing of the same ids of another user's went along, and the ids are free again.
    assert await all_ids(store, BOB) == ["msg_1"]
    assert (await store.get_run(BOB, "run_1")).thread_id == "thr_1"
    await store.admit(ALICE, new_message("msg_1", new=True), run())
    assert await all_ids(store, ALICE) == ["msg_1"]
    await store.put_feedback(ALICE, "thr_1", ("msg_1",), "negative")


# --- owners -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stranger", [BOB, ALICE_AT_ACME, Owner("", "alic"), Owner("", "ALICE"), Owner("alice", "")])
async def test_anothers_data_is_as_if_it_were_not_there(store: Store, stranger: Owner) -> None:
    await store.put_attachment(ALICE, attachment("atc_1"))
    await store.admit(ALICE, new_message("msg_1", "thr_1", "atc_1", new=True), run())
    before = await store.get_thread_with_items(ALICE, "thr_1", PageQuery())
    assert await store.list_threads(stranger, PageQuery()) == Page([], False, None)
    assert await store.item_run(stranger, "thr_1", "msg_1") == (False, None)
    for call in (
        store.get_thread(stranger, "thr_1"),
        store.get_item(stranger, "thr_1", "msg_1"),
        store.list_items(stranger, "thr_1", PageQuery()),
        store.put_item(stranger, "thr_1", assistant("msg_1", "theirs")),
        store.change_thread(stranger, "thr_1", ThreadChanges({"title": "theirs"})),
        store.remove_thread(stranger, "thr_1"),
        store.get_attachment(stranger, "atc_1"),
        store.get_run(stranger, "run_1"),
        store.put_feedback(stranger, "thr_1", ("msg_1",), "negative"),
        store.admit(stranger, new_message("msg_2"), run("run_2")),
        store.admit(stranger, Retry("thr_1", "msg_1"), run("run_2")),
        store.admit(stranger, WidgetAction("thr_1", None), run("run_2")),
        store.admit(stranger, new_message("msg_2", "thr_2", "atc_1", new=True), run("run_2")),
        store.start_run(stranger, WidgetAction("thr_1", None), "run_1"),
        store.current_run(stranger, "thr_1"),
        store.end_run(stranger, RunEnd("run_1", "thr_1", "failed", "theirs", now())),
        store.put_item(stranger, "thr_1", assistant("msg_1", "theirs"), "run_1"),
        store.change_thread(stranger, "thr_1", ThreadChanges({"title": "theirs"}), "run_1"),
    ):
        with pytest.raises(NotFound):
            await call
    assert not await store.withdraw_run(stranger, RunEnd("run_1", "thr_1", "failed", "theirs", now()))
    await store.request_stop(stranger, "run_1", "theirs")
    await store.checkpoint_runs([Checkpoint(stranger, "run_1", "[]", 1)])
    assert (await store.run_so_far(stranger, "thr_1", "run_1")).items == []
    assert await stops(store, "") == {}
    for run_id in (None, "run_1"):
        await store.remove_item(stranger, "thr_1", "msg_1", run_id)
    await store.remove_attachment(stranger, "atc_1")
    assert (await store.get_run(ALICE, "run_1")).status == "running"
    assert await store.get_thread_with_items(ALICE, "thr_1", PageQuery()) == before
    assert json.loads(await store.get_attachment(ALICE, "atc_1"))["id"] == "atc_1"


async def test_two_owners_may_use_the_same_ids(store: Store) -> None:
    for owner in (ALICE, BOB, ALICE_AT_ACME):
        name = "/".join(owner)
        await store.put_attachment(owner, attachment("atc_1", name=name))
        await store.admit(owner, new_message("msg_1", "thr_1", "atc_1", new=True), run())
        await store.put_item(owner, "thr_1", assistant("msg_2", name))
        await store.change_thread(owner, "thr_1", ThreadChanges({"title": name}))
    for owner in (ALICE, BOB, ALICE_AT_ACME):
        name = "/".join(owner)
        assert (await store.get_thread(owner, "thr_1")).title == name
        assert json.loads((await store.get_item(owner, "thr_1", "msg_2")).data)["content"][0]["text"] == name
        assert json.loads(await store.get_attachment(owner, "atc_1"))["name"] == name
        assert await all_ids(store, owner) == ["msg_1", "msg_2"]


@pytest.mark.parametrize("name", ["o'brien\"; DROP TABLE threads; --", "ü😀", " ", "a/b\\c%_", "x" * 1000])
async def test_any_text_is_a_name(store: Store, name: str) -> None:
    owner = Owner(name, name)
    await fill(store, assistant(name, name, thread_id=name), thread_id=name, owner=owner)
    assert await all_ids(store, owner, name) == [name]
    assert await store.list_threads(ALICE, PageQuery()) == Page([], False, None)


# --- admission --------------------------------------------------------------------------------------------------------


async def test_a_message_begins_a_thread_and_its_run(store: Store) -> None:
    admitted = await admit(store, new_message("msg_1", new=True), run())
    assert admitted.thread == await store.get_thread(ALICE, "thr_1")
    assert admitted.item == await store.get_item(ALICE, "thr_1", "msg_1")
    stored = await store.get_run(ALICE, "run_1")
    assert (stored.thread_id, stored.status, stored.attempt, stored.ended_at) == ("thr_1", "running", 1, None)


async def test_a_messages_attachments_are_bound_and_written_into_it(store: Store) -> None:
    await store.put_attachment(ALICE, attachment("atc_1", metadata={"private": 1}))
    admitted = await admit(store, new_message("msg_1", "thr_1", "atc_1", new=True), run())
    assert admitted.item is not None
    stored = json.loads(admitted.item.data)["attachments"]
    assert [(a["id"], a["thread_id"], a["metadata"]) for a in stored] == [("atc_1", "thr_1", {"private": 1})]
    assert "private" not in admitted.item.public
    assert json.loads(await store.get_attachment(ALICE, "atc_1"))["thread_id"] == "thr_1"


async def test_an_unknown_attachment_leaves_nothing_behind(store: Store) -> None:
    await store.put_attachment(ALICE, attachment("atc_1"))
    with pytest.raises(AttachmentNotFound):
        await store.admit(ALICE, new_message("msg_1", "thr_1", "atc_1", "atc_x", new=True), run())
    assert await store.list_threads(ALICE, PageQuery()) == Page([], False, None)
    assert "thread_id" not in json.loads(await store.get_attachment(ALICE, "atc_1"))
    with pytest.raises(RunNotFound):
        await store.get_run(ALICE, "run_1")
    await fill(store, user("msg_0"))
    with pytest.raises(AttachmentNotFound):
        await store.admit(ALICE, new_message("msg_1", "thr_1", "atc_x"), run())
    assert await all_ids(store, ALICE) == ["msg_0"]


@pytest.mark.parametrize("status", ['{"type":"locked"}', '{"type":"closed","reason":"done"}'])
async def test_a_locked_thread_takes_no_message_and_no_retry(store: Store, status: str) -> None:
    await fill(store, user("msg_0"), assistant("msg_1"))
    await store.change_thread(ALICE, "thr_1", ThreadChanges({"status": status}))
    for admission in (new_message("msg_2"), Retry("thr_1", "msg_0")):
        with pytest.raises(ThreadLocked):
            await store.admit(ALICE, admission, run())
    assert await all_ids(store, ALICE) == ["msg_0", "msg_1"]


async def test_a_retry_deletes_what_came_after_and_nothing_else(store: Store) -> None:
    rows = [user("msg_1"), assistant("msg_2"), user("msg_3"), hidden("hid_4"), assistant("msg_5")]
    await fill(store, *rows)
    await fill(store, assistant("msg_9", thread_id="thr_2"), thread_id="thr_2")
    await store.put_feedback(ALICE, "thr_1", ("msg_2", "msg_5"), "positive")
    admitted = await admit(store, Retry("thr_1", "msg_3"), run())
    assert admitted.item == rows[2]
    assert await all_ids(store, ALICE) == ["msg_1", "msg_2", "msg_3"]
    assert await all_ids(store, ALICE, "thr_2") == ["msg_9"]
    for wrong, error in (("msg_2", ItemState), ("msg_9", ItemNotFound)):
        with pytest.raises(error):
            await store.admit(ALICE, Retry("thr_1", wrong), run("run_2"))
    assert await all_ids(store, ALICE) == ["msg_1", "msg_2", "msg_3"]


def call(item_id: str, status: str = "pending") -> Any:
    return item("client_tool_call", item_id, status=status, call_id="call_1", name="tool", arguments={})


async def test_a_tool_output_completes_the_newest_call_and_drops_older_pending_ones(store: Store) -> None:
    await fill(store, user("msg_0"), call("tc_old"), call("tc_done", "completed"), user("msg_1"), call("tc_new"))
    admitted = await admit(store, ToolOutput("thr_1", {"color": ["red", None, 1.5]}), run())
    assert admitted.item is not None
    completed = json.loads(admitted.item.data)
    assert (completed["id"], completed["status"]) == ("tc_new", "completed")
    assert completed["output"] == {"color": ["red", None, 1.5]}
    assert await store.get_item(ALICE, "thr_1", "tc_new") == admitted.item
    assert await all_ids(store, ALICE) == ["msg_0", "tc_done", "msg_1", "tc_new"]
    with pytest.raises(ItemState):
        await store.admit(ALICE, ToolOutput("thr_1", "again"), run("run_2"))
    assert json.loads((await store.get_item(ALICE, "thr_1", "tc_new")).data)["output"] == completed["output"]


@pytest.mark.parametrize("rows", [[], [call("tc_1"), user("msg_1")], [call("tc_1", "completed")]])
async def test_a_tool_output_without_a_waiting_call_changes_nothing(store: Store, rows: list[Any]) -> None:
    await fill(store, *rows)
    with pytest.raises(ItemState):
        await store.admit(ALICE, ToolOutput("thr_1", "x"), run())
    assert [await store.get_item(ALICE, "thr_1", row.id) for row in rows] == rows
    with pytest.raises(RunNotFound):
        await store.get_run(ALICE, "run_1")


async def test_a_structured_input_is_answered_once(store: Store) -> None:
    questions = [
        {"id": "q1", "type": "multiple_choice", "question": "?", "options": [{"value": "a"}], "multiple": False},
        {"id": "q2", "type": "multiple_choice", "question": "?", "options": [{"value": "a"}], "multiple": True},
        {"id": "q3", "type": "freeform", "question": "?"},
        {"id": "q4", "type": "freeform", "question": "?"},
    ]
    await fill(store, item("structured_input", "si_1", status="pending", inputs=questions, future=1))
    answers = {
        "q1": {"values": ["a", "b"], "skipped": False},
        "q2": {"values": ["a", "own words"], "skipped": False},
        "q3": {"values": [], "skipped": False},
        "unknown": {"values": ["x"], "skipped": False},
    }
    admitted = await admit(store, StructuredAnswer("thr_1", "si_1", "answered", answers), run())
    assert admitted.item == await store.get_item(ALICE, "thr_1", "si_1")
    answered = json.loads((await store.get_item(ALICE, "thr_1", "si_1")).data)
    assert (answered["status"], answered["future"]) == ("answered", 1)
    assert [question["answer"] for question in answered["inputs"]] == [
        {"values": ["a"], "skipped": False},
        {"values": ["a", "own words"], "skipped": False},
        {"values": [], "skipped": True},
        {"values": [], "skipped": True},
    ]
    with pytest.raises(ItemState):
        await store.admit(ALICE, StructuredAnswer("thr_1", "si_1", "skipped", {}), run("run_2"))
    with pytest.raises(ItemNotFound):
        await store.admit(ALICE, StructuredAnswer("thr_1", "si_x", "skipped", {}), run("run_2"))


async def test_an_actions_sender_must_be_a_widget(store: Store) -> None:
    widget = item("widget", "wid_1", widget={"type": "Card", "children": []})
    await fill(store, widget, user("msg_1"))
    assert (await admit(store, WidgetAction("thr_1", "wid_1"), run())).item == widget
    assert (await admit(store, WidgetAction("thr_1", None), run("run_2"))).item is None
    for wrong, error in (("msg_1", ItemState), ("wid_x", ItemNotFound)):
        with pytest.raises(error):
            await store.admit(ALICE, WidgetAction("thr_1", wrong), run("run_3"))


@pytest.mark.parametrize(
    "admission",
    [
        new_message("msg_9", "thr_x"),
        Retry("thr_x", "msg_1"),
        ToolOutput("thr_x", 1),
        StructuredAnswer("thr_x", "si", "skipped", {}),
        WidgetAction("thr_x", None),
    ],
    ids=lambda admission: type(admission).__name__,
)
async def test_an_unknown_thread_admits_nothing(store: Store, admission: Admission) -> None:
    with pytest.raises(ThreadNotFound):
        await store.admit(ALICE, admission, run())
    with pytest.raises(RunNotFound):
        await store.get_run(ALICE, "run_1")


# --- the end of a run -------------------------------------------------------------------------------------------------


async def test_a_run_ends_once_with_its_last_items(store: Store) -> None:
    await store.admit(ALICE, new_message("msg_1", new=True), run())
    kept = (assistant("msg_2", "partial"), hidden("hid_1"))
    await store.end_run(ALICE, RunEnd("run_1", "thr_1", "cancelled", "cancelled", TIME, kept))
    ended = await store.get_run(ALICE, "run_1")
    assert (ended.status, ended.stop_reason, ended.ended_at) == ("cancelled", "cancelled", TIME)
    assert await all_ids(store, ALICE) == ["msg_1", "msg_2", "hid_1"]
    assert await store.item_run(ALICE, "thr_1", "msg_2") == (True, "run_1")
    with pytest.raises(RunLost):
        await store.end_run(ALICE, RunEnd("run_1", "thr_1", "completed", None, now(), (assistant("msg_3"),)))
    assert await store.get_run(ALICE, "run_1") == ended
    assert await all_ids(store, ALICE) == ["msg_1", "msg_2", "hid_1"]


async def test_the_end_of_a_run_in_a_deleted_thread_stores_nothing(store: Store) -> None:
    await store.admit(ALICE, new_message("msg_1", new=True), run())
    await store.remove_thread(ALICE, "thr_1")
    end = RunEnd("run_1", "thr_1", "completed", None, now(), (assistant("msg_2"),))
    with pytest.raises(ThreadNotFound):
        await store.end_run(ALICE, end)
    assert await store.list_threads(ALICE, PageQuery()) == Page([], False, None)


async def test_feedback_on_all_items_or_none(store: Store) -> None:
    await fill(store, assistant("msg_1"), assistant("msg_2"))
    with pytest.raises(ItemNotFound):
        await store.put_feedback(ALICE, "thr_1", ("msg_1", "msg_x"), "positive")
    for kind in ("positive", "negative", "positive"):
        await store.put_feedback(ALICE, "thr_1", ("msg_1", "msg_2", "msg_1"), kind)
    await store.put_feedback(ALICE, "thr_1", (), "positive")


async def test_attachments_are_upserted_and_deleted(store: Store) -> None:
    await store.put_attachment(ALICE, attachment("atc_1", future={"x": 1}))
    await store.put_attachment(ALICE, attachment("atc_1", name="b.txt", future={"x": 2}))
    assert json.loads(await store.get_attachment(ALICE, "atc_1")) == attachment("atc_1", name="b.txt", future={"x": 2})
    for _ in range(2):
        await store.remove_attachment(ALICE, "atc_1")
    with pytest.raises(AttachmentNotFound):
        await store.get_attachment(ALICE, "atc_1")


# --- many at once -----------------------------------------------------------------------------------------------------


async def test_writers_at_once_lose_nothing_and_keep_the_order_of_each(store: Store) -> None:
    await fill(store)
    await fill(store, thread_id="thr_2")

    async def write(name: str, thread_id: str) -> None:
        for number in range(25):
            await store.put_item(ALICE, thread_id, assistant(f"{name}_{number:02}", thread_id=thread_id))

    await asyncio.gather(*(write(f"w{n}", f"thr_{1 + n % 2}") for n in range(8)))
    for thread_id, writers in (("thr_1", (0, 2, 4, 6)), ("thr_2", (1, 3, 5, 7))):
        found = await all_ids(store, ALICE, thread_id)
        assert len(found) == len(set(found)) == 100
        for writer in writers:
            own = [name for name in found if name.startswith(f"w{writer}_")]
            assert own == sorted(own)


async def test_one_that_fails_among_many_fails_alone(store: Store) -> None:
    await fill(store)
    calls = [
        store.put_item(ALICE, "thr_1" if number % 5 else "thr_x", assistant(f"msg_{number:02}")) for number in range(50)
    ]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(result, ThreadNotFound) for result in results] == [number % 5 == 0 for number in range(50)]
    assert len(await all_ids(store, ALICE)) == 40


async def test_of_two_creations_of_one_thread_one_wins(store: Store) -> None:
    results = await asyncio.gather(
        *(store.admit(ALICE, new_message(f"msg_{n}", new=True), run(f"run_{n}")) for n in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, BaseException) for result in results) == 4
    assert len(await all_ids(store, ALICE)) == 1


async def test_a_caller_that_goes_away_does_not_take_its_write_back(store: Store) -> None:
    await fill(store)
    task = asyncio.create_task(store.put_item(ALICE, "thr_1", assistant("msg_1")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.put_item(ALICE, "thr_1", assistant("msg_2"))
    assert await all_ids(store, ALICE) == ["msg_1", "msg_2"]


async def test_a_retry_against_writers_leaves_a_prefix(store: Store) -> None:
    await fill(store, user("msg_00"), *(assistant(f"msg_{n:02}") for n in range(1, 10)))
    writes = [store.put_item(ALICE, "thr_1", assistant(f"msg_{n}")) for n in range(10, 30)]
    await asyncio.gather(*writes[:10], store.admit(ALICE, Retry("thr_1", "msg_00"), run()), *writes[10:])
    found = await all_ids(store, ALICE)
    assert found[0] == "msg_00"
    assert not set(found) & {f"msg_{n:02}" for n in range(1, 10)}
    assert len(found) == len(set(found))


async def test_the_end_of_a_run_whose_items_have_no_thread_is_not_stored(store: Store) -> None:
    await store.admit(ALICE, new_message("msg_1", new=True), run())
    with pytest.raises(ThreadNotFound):
        await store.end_run(ALICE, RunEnd("run_1", "thr_gone", "failed", "why", now(), (assistant("msg_2"),)))
    assert (await store.get_run(ALICE, "run_1")).ended_at is None


async def test_a_message_is_retried_or_removed_never_half(store: Store) -> None:
    for number in range(30):
        thread_id = f"thr_{number}"
        await fill(store, user("msg_1", thread_id=thread_id), assistant("msg_2"), thread_id=thread_id)
        retried, _ = await asyncio.gather(
            store.admit(ALICE, Retry(thread_id, "msg_1"), run(f"run_{number}")),
            store.remove_item(ALICE, thread_id, "msg_1"),
            return_exceptions=True,
        )
        assert not isinstance(retried, Exception) or isinstance(retried, ItemNotFound)


async def test_feedback_on_an_item_that_is_removed_meanwhile_names_the_item(store: Store) -> None:
    await fill(store)
    for number in range(30):
        await store.put_item(ALICE, "thr_1", assistant(f"msg_{number}"))
        given, _ = await asyncio.gather(
            store.put_feedback(ALICE, "thr_1", (f"msg_{number}",), "positive"),
            store.remove_item(ALICE, "thr_1", f"msg_{number}"),
            return_exceptions=True,
        )
        assert given is None or isinstance(given, ItemNotFound)


async def test_a_record_of_no_thread_is_refused(store: Store) -> None:
    with pytest.raises(ThreadNotFound):
        await store.put_attachment(ALICE, attachment("atc_1", thread_id="thr_x"))
    with pytest.raises(AttachmentNotFound):
        await store.get_attachment(ALICE, "atc_1")


async def test_an_empty_cursor_names_nothing(store: Store) -> None:
    await fill(store)
    with pytest.raises(ThreadNotFound):
        await store.list_threads(ALICE, PageQuery(after=""))
    with pytest.raises(ItemNotFound):
        await store.list_items(ALICE, "thr_1", PageQuery(after=""))


# --- life -------------------------------------------------------------------------------------------------------------


async def test_opening_and_closing_are_idempotent(store: Store) -> None:
    await store.initialize_schema()
    await store.ping()
    await fill(store, assistant("msg_1"))
    await store.initialize_schema()
    assert await all_ids(store, ALICE) == ["msg_1"]
    for _ in range(2):
        await store.close()
