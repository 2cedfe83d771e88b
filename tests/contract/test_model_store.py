"""The SDK's ``Store`` over every store: what servers and agents written against the SDK rely on."""

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chatkit import types as sdk
from chatkit.store import NotFoundError
from chatkit.store import Store as ModelStore
from chatkit.widgets import Button, Card, Text
from pydantic import AnyUrl

from fastapi_chatkit.identity import Owner, RequestContext
from fastapi_chatkit.rows import item_row
from fastapi_chatkit.store.relational import RelationalStore

ALICE = RequestContext(user_id="alice", request_id="test")
BOB = RequestContext(user_id="bob", request_id="test")


@dataclass
class AnyContext:
    user_id: str


@pytest.fixture
def models(store: RelationalStore) -> ModelStore[Any]:
    return store.models


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kathmandu"])
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The process's local time is another one."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def thread(thread_id: str = "thr_1", **fields: Any) -> sdk.ThreadMetadata:
    return sdk.ThreadMetadata(**{"id": thread_id, "created_at": datetime(2026, 1, 31, 12), **fields})


def message(item_id: str, text: str = "text", moment: datetime | None = None) -> sdk.AssistantMessageItem:
    return sdk.AssistantMessageItem(
        id=item_id,
        thread_id="thr_1",
        created_at=moment or datetime(2026, 1, 31, 12),
        content=[sdk.AssistantMessageContent(text=text)],
    )


MOMENT = datetime(2026, 7, 4, 3, 2, 1, 123456)
COMMON: dict[str, Any] = {"thread_id": "thr_1", "created_at": MOMENT}
ITEMS: list[Any] = [
    sdk.UserMessageItem(
        id="i0",
        content=[
            sdk.UserMessageTextContent(text="hello "),
            sdk.UserMessageTagContent(id="t", text="Ada", data={"n": 1}, group="people", interactive=True),
        ],
        attachments=[sdk.FileAttachment(id="a", name="a.txt", mime_type="text/plain", metadata={"private": 1})],
        quoted_text="quoted",
        inference_options=sdk.InferenceOptions(tool_choice=sdk.ToolChoice(id="x"), model="m"),
        **COMMON,
    ),
    sdk.AssistantMessageItem(
        id="i1",
        content=[
            sdk.AssistantMessageContent(
                text="see",
                annotations=[sdk.Annotation(source=sdk.URLSource(url="https://example.com", title="T"), index=3)],
            )
        ],
        **COMMON,
    ),
    sdk.ClientToolCallItem(
        id="i2", call_id="c", name="n", arguments={"a": [1]}, status="completed", output=1, **COMMON
    ),
    sdk.HiddenContextItem(id="i3", content={"any": ["thing", None]}, **COMMON),
    sdk.SDKHiddenContextItem(id="i4", content="note", **COMMON),
    sdk.TaskItem(id="i5", task=sdk.CustomTask(title="t", content="c", icon="search"), **COMMON),
    sdk.WorkflowItem(
        id="i6",
        workflow=sdk.Workflow(
            type="custom", tasks=[sdk.CustomTask(title="t")], summary=sdk.DurationSummary(duration=3), expanded=True
        ),
        **COMMON,
    ),
    sdk.EndOfTurnItem(id="i7", **COMMON),
    sdk.GeneratedImageItem(id="i8", image=sdk.GeneratedImage(id="g", url="https://example.com/i.png"), **COMMON),
]


# --- times ------------------------------------------------------------------------------------------------------------


async def test_naive_local_times_are_equal_after_a_round_trip(models: ModelStore[Any], zone: str) -> None:
    summer, winter = datetime(2026, 7, 4, 23, 59, 59, 999999), datetime(2026, 1, 31, 0, 0, 0)
    await models.save_thread(thread(created_at=summer), ALICE)
    await models.add_thread_item("thr_1", message("msg_1", moment=winter), ALICE)
    assert (await models.load_thread("thr_1", ALICE)).created_at == summer
    assert (await models.load_item("thr_1", "msg_1", ALICE)).created_at == winter
    page = await models.load_thread_items("thr_1", None, 9, "asc", ALICE)
    assert page.data[0].created_at == winter
    assert page.data[0].created_at.tzinfo is None


async def test_aware_times_are_the_same_moment(models: ModelStore[Any], zone: str) -> None:
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    await models.save_thread(thread(created_at=moment), ALICE)
    assert (await models.load_thread("thr_1", ALICE)).created_at.astimezone(UTC) == moment


async def test_the_sdk_can_compute_with_loaded_times(models: ModelStore[Any], zone: str) -> None:
    await models.save_thread(thread(), ALICE)
    await models.add_thread_item("thr_1", message("msg_1", moment=datetime.now()), ALICE)
    loaded = await models.load_item("thr_1", "msg_1", ALICE)
    assert timedelta(0) <= datetime.now() - loaded.created_at < timedelta(minutes=1)


async def test_the_wire_is_utc(store: RelationalStore, zone: str) -> None:
    moment = datetime(2026, 7, 4, 12)
    await store.save_thread(thread(created_at=moment), ALICE)
    row = await store.get_thread(Owner("", "alice"), "thr_1")
    expected = {"UTC": "12:00:00", "America/New_York": "16:00:00", "Asia/Kathmandu": "06:15:00"}[zone]
    assert row.created_at == f"2026-07-04T{expected}.000000Z"


# --- models -----------------------------------------------------------------------------------------------------------


async def test_every_kind_of_item_is_equal_after_a_round_trip(models: ModelStore[Any]) -> None:
    await models.save_thread(thread(), ALICE)
    for item in ITEMS:
        await models.add_thread_item("thr_1", item, ALICE)
    page = await models.load_thread_items("thr_1", None, 100, "asc", ALICE)
    assert page.data == ITEMS
    assert isinstance(page.data[0], sdk.UserMessageItem)
    assert page.data[0].attachments[0].metadata == {"private": 1}
    for item in ITEMS:
        assert await models.load_item("thr_1", item.id, ALICE) == item


async def test_a_widget_is_the_same_on_the_wire_after_a_round_trip(models: ModelStore[Any]) -> None:
    card = Card(children=[Text(id="t", value="v", streaming=False), Button(label="b")], size="sm")
    item = sdk.WidgetItem(id="w", widget=card, copy_text="copy", **COMMON)
    await models.save_thread(thread(), ALICE)
    await models.add_thread_item("thr_1", item, ALICE)
    loaded = await models.load_item("thr_1", "w", ALICE)
    assert loaded.model_dump(mode="json", exclude_none=True) == item.model_dump(mode="json", exclude_none=True)


async def test_a_thread_is_equal_after_a_round_trip(models: ModelStore[Any]) -> None:
    full = thread(
        title="A title",
        status=sdk.LockedStatus(reason="why"),
        allowed_image_domains=["example.com"],
        metadata={"nested": {"list": [1, None, "x"]}},
    )
    await models.save_thread(full, ALICE)
    assert await models.load_thread("thr_1", ALICE) == full
    full.title = None
    full.allowed_image_domains = None
    await models.save_thread(full, ALICE)
    assert await models.load_thread("thr_1", ALICE) == full


async def test_an_item_that_the_sdk_cannot_parse_is_left_out_and_stays(store: RelationalStore) -> None:
    await store.save_thread(thread(), ALICE)
    future = item_row({"id": "f", "thread_id": "thr_1", "created_at": "2026-01-31T12:00:00.000000Z", "type": "future"})
    await store.put_item(Owner("", "alice"), "thr_1", future)
    await store.add_thread_item("thr_1", message("msg_1"), ALICE)
    page = await store.load_thread_items("thr_1", None, 10, "asc", ALICE)
    assert [item.id for item in page.data] == ["msg_1"]
    assert await store.get_item(Owner("", "alice"), "thr_1", "f") == future


@pytest.mark.parametrize("kind", ["file", "image"])
async def test_attachments(models: ModelStore[Any], kind: str) -> None:
    descriptor = sdk.AttachmentUploadDescriptor(
        url=AnyUrl("https://example.com/up"), method="PUT", headers={"X-Key": "value"}
    )
    fields: dict[str, Any] = {"id": "a", "name": "n", "mime_type": "image/png", "metadata": {"path": "/x"}}
    attachment = (
        sdk.FileAttachment(upload_descriptor=descriptor, **fields)
        if kind == "file"
        else sdk.ImageAttachment(preview_url=AnyUrl("https://example.com/p"), **fields)
    )
    await models.save_attachment(attachment, ALICE)
    assert await models.load_attachment("a", ALICE) == attachment
    attachment.name = "other"
    await models.save_attachment(attachment, ALICE)
    assert (await models.load_attachment("a", ALICE)).name == "other"
    with pytest.raises(NotFoundError):
        await models.load_attachment("a", BOB)
    await models.delete_attachment("a", BOB)
    await models.load_attachment("a", ALICE)
    for _ in range(2):
        await models.delete_attachment("a", ALICE)
    with pytest.raises(NotFoundError):
        await models.load_attachment("a", ALICE)


# --- the SDK's expectations -------------------------------------------------------------------------------------------


async def test_unknown_ids_raise_the_sdks_error(models: ModelStore[Any]) -> None:
    await models.save_thread(thread(), ALICE)
    for context in (ALICE, BOB):
        for call in (
            models.load_thread("thr_x", context),
            models.load_item("thr_x", "msg_x", context),
            models.load_item("thr_1", "msg_x", context),
            models.load_threads(9, "thr_x", "asc", context),
            models.load_attachment("atc_x", context),
            models.add_thread_item("thr_x", message("msg_1"), context),
            models.save_item("thr_x", message("msg_1"), context),
        ):
            with pytest.raises(NotFoundError):
                await call
        assert (await models.load_thread_items("thr_x", None, 9, "asc", context)).data == []
    with pytest.raises(NotFoundError):
        await models.load_thread_items("thr_1", "msg_x", 9, "asc", ALICE)
    with pytest.raises(NotFoundError):
        await models.load_thread("thr_1", BOB)
    assert await models.load_thread_items("thr_1", None, 9, "asc", BOB) == sdk.Page()


async def test_deletions_are_idempotent(models: ModelStore[Any]) -> None:
    await models.save_thread(thread(), ALICE)
    await models.add_thread_item("thr_1", message("msg_1"), ALICE)
    for _ in range(2):
        await models.delete_thread_item("thr_1", "msg_1", ALICE)
        await models.delete_thread_item("thr_x", "msg_1", ALICE)
    await models.delete_thread("thr_1", BOB)
    assert (await models.load_thread("thr_1", ALICE)).id == "thr_1"
    for _ in range(2):
        await models.delete_thread("thr_1", ALICE)


async def test_adding_and_saving_are_both_upserts(models: ModelStore[Any]) -> None:
    await models.save_thread(thread(), ALICE)
    for item_id in ("msg_1", "msg_2"):
        await models.add_thread_item("thr_1", message(item_id), ALICE)
    await models.add_thread_item("thr_1", message("msg_1", "added again"), ALICE)
    await models.save_item("thr_1", message("msg_2", "saved"), ALICE)
    await models.save_item("thr_1", message("msg_3", "new"), ALICE)
    page = await models.load_thread_items("thr_1", None, 9, "asc", ALICE)
    found = [(item.id, item.content[0].text) for item in page.data if item.type == "assistant_message"]
    assert found == [("msg_1", "added again"), ("msg_2", "saved"), ("msg_3", "new")]


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_as_the_sdk_reads_them(models: ModelStore[Any], order: str) -> None:
    await models.save_thread(thread(), ALICE)
    for number in range(5):
        await models.add_thread_item("thr_1", message(f"msg_{number}"), ALICE)
    found: list[str] = []
    after: str | None = None
    while True:
        page = await models.load_thread_items("thr_1", after, 2, order, ALICE)
        found += [item.id for item in page.data]
        if not page.has_more:
            break
        after = page.after
    expected = [f"msg_{number}" for number in range(5)]
    assert found == (expected if order == "asc" else expected[::-1])


async def test_hidden_items_are_in_the_sdks_pages(models: ModelStore[Any]) -> None:
    await models.save_thread(thread(), ALICE)
    await models.add_thread_item("thr_1", ITEMS[3], ALICE)
    assert (await models.load_thread_items("thr_1", None, 9, "asc", ALICE)).data == [ITEMS[3]]


@pytest.mark.parametrize(
    "context", [AnyContext("alice"), {"user_id": "alice"}, {"user_id": "alice", "organization_id": None}]
)
async def test_any_context_with_a_user_will_do(models: ModelStore[Any], context: Any) -> None:
    await models.save_thread(thread(), context)
    assert (await models.load_thread("thr_1", ALICE)).id == "thr_1"
    assert [found.id for found in (await models.load_threads(9, None, "desc", context)).data] == ["thr_1"]


@pytest.mark.parametrize("context", [None, {}, {"user_id": ""}, {"user_id": 5}, object()])
async def test_a_context_without_a_user_is_refused(models: ModelStore[Any], context: Any) -> None:
    with pytest.raises(TypeError, match="user_id"):
        await models.save_thread(thread(), context)
    with pytest.raises(TypeError, match="user_id"):
        await models.load_threads(9, None, "desc", context)


async def test_organizations_are_kept_apart(models: ModelStore[Any]) -> None:
    await models.save_thread(thread(title="acme"), {"user_id": "alice", "organization_id": "acme"})
    await models.save_thread(thread(title="none"), ALICE)
    assert (await models.load_thread("thr_1", ALICE)).title == "none"


async def test_generated_ids_never_repeat(models: ModelStore[Any]) -> None:
    kinds: list[Any] = ["message", "tool_call", "task", "workflow", "attachment", "sdk_hidden_context"]
    made = [models.generate_item_id(kind, thread(), ALICE) for kind in kinds for _ in range(200)]
    made += [models.generate_thread_id(ALICE) for _ in range(200)]
    assert len(set(made)) == len(made)
    assert made[0].startswith("msg_")
    assert made[-1].startswith("thr_")


async def test_a_stores_models_can_be_used_from_many_tasks(models: ModelStore[Any]) -> None:
    async def work(number: int) -> None:
        own = thread(f"thr_{number}")
        await models.save_thread(own, ALICE)
        await models.add_thread_item(own.id, message("msg_1"), ALICE)
        assert len((await models.load_thread_items(own.id, None, 9, "asc", ALICE)).data) == 1

    await asyncio.gather(*(work(number) for number in range(20)))
