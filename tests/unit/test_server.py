"""The drop-in for the SDK's server class: what its own tests (tests/sdk) do not show."""

import asyncio
import gc
import json
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from chatkit import types as sdk
from chatkit.actions import Action
from chatkit.server import ChatKitServer as SDKChatKitServer
from chatkit.server import NonStreamingResult, StreamingResult
from chatkit.store import AttachmentStore, NotFoundError, Store
from chatkit.widgets import Card, Text
from fastapi import FastAPI
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from fastapi_chatkit import ChatKit, RequestContext
from fastapi_chatkit.errors import ChatKitError
from fastapi_chatkit.identity import current_context
from fastapi_chatkit.server import ChatKitServer
from fastapi_chatkit.settings import Settings
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.memory_store import MemoryStore

PENDING = "half an "


class Caller:
    """A context as any application has its own."""

    def __init__(self, user_id: str = "alice") -> None:
        self.user_id = user_id


class Nameless:
    """A context that says nothing of a user."""


class Remembering(MemoryStore):
    """A store that notes the context of every call."""

    def __init__(self) -> None:
        super().__init__()
        self.contexts: list[Any] = []

    def __getattribute__(self, name: str) -> Any:
        if name.startswith(("load_", "save_", "add_", "delete_", "generate_")):
            method = super().__getattribute__(name)

            def noting(*arguments: Any) -> Any:
                self.contexts.append(arguments[-1])
                return method(*arguments)

            return noting
        return super().__getattribute__(name)


class Files(AttachmentStore[Any]):
    def __init__(self, contexts: list[Any]) -> None:
        self.contexts = contexts

    async def create_attachment(self, input: sdk.AttachmentCreateParams, context: Any) -> sdk.Attachment:
        self.contexts.append(context)
        return sdk.FileAttachment(id="atc_1", name=input.name, mime_type=input.mime_type)

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        self.contexts.append(context)


def assistant(thread: sdk.ThreadMetadata, text: str, item_id: str) -> sdk.AssistantMessageItem:
    content = [sdk.AssistantMessageContent(text=text)] if text else []
    return sdk.AssistantMessageItem(id=item_id, thread_id=thread.id, created_at=datetime.now(), content=content)


def widget(thread: sdk.ThreadMetadata) -> sdk.WidgetItem:
    card = Card(children=[Text(value="a card")])
    return sdk.WidgetItem(id="widget_1", thread_id=thread.id, created_at=datetime.now(), widget=card)


class Server(ChatKitServer[Any]):
    """Every hook, each noting its context. What it answers is up to the message's text."""

    def __init__(self, store: Store[Any], attachment_store: AttachmentStore[Any] | None = None) -> None:
        super().__init__(store, attachment_store)
        self.contexts: list[tuple[str, Any]] = []

    async def respond(
        self, thread: sdk.ThreadMetadata, input_user_message: sdk.UserMessageItem | None, context: Any
    ) -> AsyncIterator[sdk.ThreadStreamEvent]:
        self.contexts.append(("respond", context))
        text = getattr(input_user_message.content[0], "text", "") if input_user_message else ""
        if text == "widget":
            yield sdk.ThreadItemDoneEvent(item=widget(thread))
            return
        item = assistant(thread, "", f"msg_{text}_{len(self.contexts)}")
        yield sdk.ThreadItemAddedEvent(item=item)
        delta = sdk.AssistantMessageContentPartTextDelta(content_index=0, delta=PENDING)
        yield sdk.ThreadItemUpdatedEvent(item_id=item.id, update=delta)
        if text == "forever":
            await asyncio.Event().wait()
        if text == "cancel":
            raise asyncio.CancelledError
        yield sdk.ThreadItemDoneEvent(item=assistant(thread, PENDING + "answer", item.id))

    async def action(
        self, thread: sdk.ThreadMetadata, action: Action[str, Any], sender: sdk.WidgetItem | None, context: Any
    ) -> AsyncIterator[sdk.ThreadStreamEvent]:
        self.contexts.append(("action", context))
        yield sdk.ProgressUpdateEvent(text="acting")

    async def sync_action(
        self, thread: sdk.ThreadMetadata, action: Action[str, Any], sender: sdk.WidgetItem | None, context: Any
    ) -> sdk.SyncCustomActionResponse:
        self.contexts.append(("sync_action", context))
        return sdk.SyncCustomActionResponse(updated_item=sender)

    async def add_feedback(self, thread_id: str, item_ids: list[str], feedback: sdk.FeedbackKind, context: Any) -> None:
        self.contexts.append(("add_feedback", context))

    async def transcribe(self, audio_input: sdk.AudioInput, context: Any) -> sdk.TranscriptionResult:
        self.contexts.append(("transcribe", context))
        return sdk.TranscriptionResult(text="heard")

    def get_stream_options(self, thread: sdk.ThreadMetadata, context: Any) -> sdk.StreamOptions:
        self.contexts.append(("get_stream_options", context))
        return sdk.StreamOptions(allow_cancel=False)


class Handling(Server):
    """Decides itself what a stop leaves."""

    async def handle_stream_cancelled(
        self, thread: sdk.ThreadMetadata, pending_items: list[sdk.ThreadItem], context: Any
    ) -> None:
        self.contexts.append(("handle_stream_cancelled", context))
        kept = assistant(thread, f"kept {len(pending_items)}", "msg_kept")
        await self.store.add_thread_item(thread.id, kept, context)


class Bare(ChatKitServer[Any]):
    """As little as there must be."""

    async def respond(
        self, thread: sdk.ThreadMetadata, input_user_message: sdk.UserMessageItem | None, context: Any
    ) -> AsyncIterator[sdk.ThreadStreamEvent]:
        yield sdk.ThreadItemDoneEvent(item=assistant(thread, "bare", "msg_bare"))


def request(name: str, /, **params: Any) -> bytes:
    return json.dumps({"type": name, "params": params}).encode()


def create(text: str = "hello") -> bytes:
    return request("threads.create", input=message(text))


def message(text: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {"content": content, "attachments": [], "inference_options": {}}


def parsed(frame: bytes) -> dict[str, Any]:
    assert frame.startswith(b"data: ")
    assert frame.endswith(b"\n\n")
    return json.loads(frame.removeprefix(b"data: "))


async def streaming(server: ChatKitServer[Any], body: bytes, context: Any) -> StreamingResult:
    result = await server.process(body, context)
    assert isinstance(result, StreamingResult)
    return result


async def events(server: ChatKitServer[Any], body: bytes, context: Any) -> list[dict[str, Any]]:
    return [parsed(frame) async for frame in await streaming(server, body, context)]


async def answer(server: ChatKitServer[Any], body: bytes, context: Any) -> dict[str, Any]:
    result = await server.process(body, context)
    assert isinstance(result, NonStreamingResult)
    return json.loads(result.json)


async def until_text(result: StreamingResult) -> str:
    """Read until the answer has begun; its thread."""
    thread_id = ""
    async for frame in result.json_events:
        event = parsed(frame)
        thread_id = event["thread"]["id"] if event["type"] == "thread.created" else thread_id
        if PENDING in frame.decode():
            break
    return thread_id


async def stored(server: ChatKitServer[Any], thread_id: str, context: Any) -> list[tuple[str, str]]:
    """Every item's type and text, hidden ones included."""
    page = await server.store.load_thread_items(thread_id, None, 100, "asc", context)
    return [
        (item.type, "".join(part.text for part in getattr(item, "content", ()) if hasattr(part, "text")))
        for item in page.data
    ]


KEPT = [("user_message", "forever"), ("assistant_message", PENDING), ("sdk_hidden_context", "")]


@pytest.fixture(params=["ours", "theirs"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    server = Server(SQLiteStore(":memory:") if request.param == "ours" else MemoryStore())
    yield server
    await server.aclose()


# --- contexts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Caller, Nameless, lambda: {"user_id": "alice"}, dict, lambda: None])
async def test_hooks_and_a_foreign_store_get_the_very_object_that_the_caller_gave(make: Callable[[], Any]) -> None:
    context, store = make(), Remembering()
    files = Files([])
    server = Handling(store, files)
    thread_id = (await events(server, create("widget"), context))[0]["thread"]["id"]
    act: dict[str, Any] = {"thread_id": thread_id, "item_id": "widget_1", "action": {"type": "press"}}
    await events(server, request("threads.custom_action", **act), context)
    await answer(server, request("threads.sync_custom_action", **act), context)
    await answer(
        server, request("items.feedback", thread_id=thread_id, item_ids=["widget_1"], kind="positive"), context
    )
    await answer(server, request("input.transcribe", audio_base64="QQ==", mime_type="audio/webm"), context)
    await answer(server, request("attachments.create", name="a", size=1, mime_type="text/plain"), context)
    await answer(server, request("attachments.delete", attachment_id="atc_1"), context)
    stream = await streaming(server, create("forever"), context)
    await until_text(stream)
    await stream.json_events.aclose()
    for name in ("threads.get_by_id", "items.list", "threads.delete"):
        await answer(server, request(name, thread_id=thread_id), context)
    await answer(server, request("threads.list"), context)
    hooks = {name for name, _ in server.contexts}
    assert hooks == {
        "respond", "action", "sync_action", "add_feedback", "transcribe", "get_stream_options",
        "handle_stream_cancelled",
    }  # fmt: skip
    assert all(given is context for _, given in server.contexts)
    assert len(files.contexts) == 2
    assert all(given is context for given in files.contexts)
    assert len(store.contexts) > 20
    assert all(given is context for given in store.contexts)
    assert current_context.get() is None


async def test_a_context_of_this_project_is_passed_on_as_it_is(server: Server) -> None:
    context = RequestContext(user_id="alice", request_id="req_1", locale="de")
    await events(server, create(), context)
    assert all(given is context for _, given in server.contexts)


@pytest.mark.parametrize("context", [None, {}, Nameless(), Caller(""), {"user_id": 5}])
async def test_a_store_of_ours_needs_a_user(context: Any) -> None:
    server = Server(SQLiteStore(":memory:"))
    with pytest.raises(TypeError, match="user_id"):
        await server.process(create(), context)
    assert (await answer(server, request("threads.list"), Caller()))["data"] == []
    await server.aclose()


async def test_users_of_a_store_of_ours_do_not_see_each_other() -> None:
    server = Server(SQLiteStore(":memory:"))
    thread_id = (await events(server, create(), Caller("alice")))[0]["thread"]["id"]
    assert (await answer(server, request("threads.list"), {"user_id": "bob"}))["data"] == []
    with pytest.raises(NotFoundError):
        await server.process(request("items.list", thread_id=thread_id), {"user_id": "bob"})
    assert len((await answer(server, request("threads.list"), {"user_id": "alice"}))["data"]) == 1
    await server.aclose()


# --- requests and replies -----------------------------------------------------------------------------------------


async def test_requests_are_text_or_bytes_and_replies_are_frames_of_one_event(server: Server) -> None:
    for body in (create(), create().decode(), bytearray(create())):
        result = await server.process(body, Caller())
        assert isinstance(result, StreamingResult)
        frames = [frame async for frame in result]
        assert [parsed(frame)["type"] for frame in frames] == [
            "thread.created",
            "thread.item.done",
            "stream_options",
            "thread.item.added",
            "thread.item.updated",
            "thread.item.done",
        ]
        assert parsed(frames[2])["stream_options"] == {"allow_cancel": False}


async def test_the_message_is_stored_before_the_stream_is_read(server: Server) -> None:
    result = await streaming(server, create(), Caller())
    assert len((await answer(server, request("threads.list"), Caller()))["data"]) == 1
    assert [parsed(frame) async for frame in result][-1]["type"] == "thread.item.done"


class Numbering(SQLiteStore):
    """Makes ids of its own."""

    def generate_thread_id(self, context: Any) -> str:
        return f"thread-of-{context.user_id}"

    def generate_item_id(self, item_type: str, thread: sdk.ThreadMetadata, context: Any) -> str:
        return f"{item_type} {thread.title} {context.user_id}"


async def test_the_stores_own_ids_are_used_and_see_the_thread() -> None:
    server = Server(Numbering(":memory:"))
    made = await events(server, create(), Caller())
    assert (made[0]["thread"]["id"], made[1]["item"]["id"]) == ("thread-of-alice", "message None alice")
    await answer(server, request("threads.update", thread_id="thread-of-alice", title="Titled"), Caller())
    add = request("threads.add_user_message", thread_id="thread-of-alice", input=message("again"))
    assert (await events(server, add, Caller()))[0]["item"]["id"] == "message Titled alice"
    unknown = request("threads.add_user_message", thread_id="nowhere", input=message("again"))
    with pytest.raises(NotFoundError):
        await server.process(unknown, Caller())
    await server.aclose()


async def test_ids_are_long_where_the_store_has_the_sdks_generators(server: Server) -> None:
    made = await events(server, create(), Caller())
    assert len(made[0]["thread"]["id"]) == len("thr_") + 32
    assert len(made[1]["item"]["id"]) == len("msg_") + 32


# --- errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code", "kind"),
    [
        (b"{", "invalid_json", ValueError),
        ("\ud800", "invalid_json", ValueError),
        (b"[]", "invalid_request", ValueError),
        (request("threads.explode"), "invalid_request", ValueError),
        (request("threads.create", input={"content": 5}), "invalid_request", ValueError),
        (request("items.list", thread_id="thr_x"), "thread_not_found", NotFoundError),
        (request("threads.delete", thread_id="thr_x"), "thread_not_found", NotFoundError),
        (
            request("threads.add_user_message", thread_id="thr_x", input=message("x")),
            "thread_not_found",
            NotFoundError,
        ),
        (
            request("threads.create", input={**message("x"), "attachments": ["atc_x"]}),
            "attachment_not_found",
            NotFoundError,
        ),
        (request("attachments.create", name="a", size=1, mime_type="a/b"), "invalid_request", RuntimeError),
        (
            request("input.transcribe", audio_base64="QQ==", mime_type="audio/webm"),
            "invalid_request",
            NotImplementedError,
        ),
        (
            request("threads.custom_action", thread_id="thr_x", action={"type": "a"}),
            "invalid_request",
            NotImplementedError,
        ),
    ],
)
async def test_errors_are_ours_and_the_sdks_and_change_nothing(
    body: bytes | str, code: str, kind: type[Exception]
) -> None:
    server = Bare(SQLiteStore(":memory:"))
    with pytest.raises(kind) as raised:
        await server.process(body, Caller())
    error = raised.value
    assert isinstance(error, ChatKitError)
    assert error.code == code
    assert "thr_x" not in error.detail
    assert (await answer(server, request("threads.list"), Caller()))["data"] == []
    await server.aclose()


async def test_wrong_states_are_value_errors(server: Server) -> None:
    made = await events(server, create("widget"), Caller())
    thread_id = made[0]["thread"]["id"]
    for body in (
        request("threads.add_client_tool_output", thread_id=thread_id, result=1),
        request("threads.add_structured_input", thread_id=thread_id, item_id="widget_1", input={"answers": {}}),
        request("threads.retry_after_item", thread_id=thread_id, item_id="widget_1"),
    ):
        with pytest.raises(ValueError, match=r"\w") as raised:
            await server.process(body, Caller())
        assert isinstance(raised.value, ChatKitError)
        assert raised.value.code == "item_state"


async def test_an_error_of_a_hook_without_a_stream_is_the_callers(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise LookupError("its own")

    monkeypatch.setattr(server, "add_feedback", fail)
    made = await events(server, create("widget"), Caller())
    feedback = {"thread_id": made[0]["thread"]["id"], "item_ids": ["widget_1"], "kind": "positive"}
    with pytest.raises(LookupError, match="its own"):
        await server.process(request("items.feedback", **feedback), Caller())


async def test_a_store_that_cannot_be_opened_is_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = Server(SQLiteStore(tmp_path / "missing" / "chatkit.db"))
    with pytest.raises(ChatKitError) as raised:
        await server.process(create(), Caller())
    assert raised.value.code == "not_initialized"
    assert "could not be opened" in caplog.text
    (tmp_path / "missing").mkdir()
    assert await events(server, create(), Caller())
    await server.aclose()


# --- stopping -----------------------------------------------------------------------------------------------------


async def test_closing_the_stream_keeps_the_text_and_a_note(server: Server) -> None:
    result = await streaming(server, create("forever"), Caller())
    thread_id = await until_text(result)
    await result.json_events.aclose()
    assert await stored(server, thread_id, Caller()) == KEPT


async def test_closing_the_iterator_of_the_result_is_closing_the_stream(server: Server) -> None:
    result = await streaming(server, create("forever"), Caller())
    iterator = aiter(result)
    assert isinstance(iterator, AsyncGenerator)
    thread_id = parsed(await anext(iterator))["thread"]["id"]
    while PENDING not in (await anext(iterator)).decode():
        pass
    await iterator.aclose()
    assert await stored(server, thread_id, Caller()) == KEPT


async def test_cancelling_the_reader_keeps_the_text_and_a_note(server: Server) -> None:
    result = await streaming(server, create("forever"), Caller())
    thread_id = await until_text(result)
    reader = asyncio.create_task(anext(aiter(result)))
    await asyncio.sleep(0.01)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await stored(server, thread_id, Caller()) == KEPT


@pytest.mark.parametrize("started", [False, True])
async def test_a_stream_that_is_dropped_is_closed(server: Server, started: bool) -> None:
    result = await streaming(server, create("forever"), Caller())
    thread_id = (await answer(server, request("threads.list"), Caller()))["data"][0]["id"]
    if started:
        await until_text(result)
    del result
    gc.collect()
    async with asyncio.timeout(5):
        while (await stored(server, thread_id, Caller()))[-1][0] != "sdk_hidden_context":
            await asyncio.sleep(0.01)


async def test_behind_starlette_a_dropped_connection_keeps_the_text(server: Server) -> None:
    """The SDK's own loses it there: the task group that cancels its stream cancels what it does about it, too."""
    result = await streaming(server, create("forever"), Caller())
    received = asyncio.Event()
    sent: list[bytes] = []

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))
        if PENDING.encode() in sent[-1]:
            received.set()

    async def receive() -> Any:
        await received.wait()
        return {"type": "http.disconnect"}

    await StreamingResponse(result)({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)
    thread_id = parsed(sent[1])["thread"]["id"]
    async with asyncio.timeout(5):
        while await stored(server, thread_id, Caller()) != KEPT:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("text", ["forever", "cancel"])
@pytest.mark.parametrize("foreign", [False, True])
async def test_an_overridden_handler_decides_what_is_kept(text: str, foreign: bool) -> None:
    context = Caller()
    server = Handling(MemoryStore() if foreign else SQLiteStore(":memory:"))
    result = await streaming(server, create(text), context)
    thread_id = await until_text(result)
    if text == "forever":
        await result.json_events.aclose()
    else:
        with pytest.raises(asyncio.CancelledError):
            [frame async for frame in result]
    assert ("handle_stream_cancelled", context) in server.contexts
    assert await stored(server, thread_id, context) == [("user_message", text), ("assistant_message", "kept 1")]
    await server.aclose()


async def test_an_answer_that_is_cancelled_from_inside_keeps_its_text(server: Server) -> None:
    result = await streaming(server, create("cancel"), Caller())
    thread_id = await until_text(result)
    with pytest.raises(asyncio.CancelledError):
        [frame async for frame in result]
    kept = await stored(server, thread_id, Caller())
    assert kept == [("user_message", "cancel"), *KEPT[1:]]
    again = request("threads.add_user_message", thread_id=thread_id, input=message("hello"))
    assert (await events(server, again, Caller()))[-1]["type"] == "thread.item.done"


async def test_deleting_a_thread_stops_its_answer_and_ends_the_stream(server: Server) -> None:
    context = Caller()
    result = await streaming(server, create("forever"), context)
    thread_id = await until_text(result)
    assert await answer(server, request("threads.delete", thread_id=thread_id), context) == {}
    async with asyncio.timeout(5):
        assert [parsed(frame)["type"] async for frame in result] == ["thread.item.done"]


class PerContext(MemoryStore):
    """Knows whose a thread is by the context's identity alone."""

    def __init__(self) -> None:
        super().__init__()
        self.owners: dict[str, Any] = {}

    async def save_thread(self, thread: sdk.ThreadMetadata, context: Any) -> None:
        self.owners.setdefault(thread.id, context)
        await super().save_thread(thread, context)

    async def load_thread(self, thread_id: str, context: Any) -> sdk.ThreadMetadata:
        if self.owners.get(thread_id) is not context:
            raise NotFoundError(thread_id)
        return await super().load_thread(thread_id, context)


async def test_a_stranger_without_a_user_id_cannot_stop_an_answer_by_deleting_its_thread() -> None:
    server, mine = Server(PerContext()), Nameless()
    result = await streaming(server, create("forever"), mine)
    thread_id = await until_text(result)
    with pytest.raises(NotFoundError):
        await server.process(request("threads.delete", thread_id=thread_id), Nameless())
    reading = asyncio.create_task(anext(aiter(result)))
    await asyncio.sleep(0.05)
    assert not reading.done()
    assert await answer(server, request("threads.delete", thread_id=thread_id), mine) == {}
    assert parsed(await asyncio.wait_for(reading, 5))["type"] == "thread.item.done"
    assert [frame async for frame in result] == []
    await server.aclose()


# --- life ---------------------------------------------------------------------------------------------------------


async def test_aclose_ends_answers_keeps_their_text_and_closes_the_store_that_was_opened_here(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "chatkit.db")
    server = Server(store)
    result = await streaming(server, create("forever"), Caller())
    thread_id = await until_text(result)
    await server.aclose()
    await server.aclose()
    assert not store.is_open
    assert "error" in [parsed(frame)["type"] async for frame in result]
    assert await answer(server, request("items.list", thread_id=thread_id), Caller())
    assert await stored(server, thread_id, Caller()) == KEPT[:2]
    await server.aclose()


async def test_a_store_that_was_open_before_stays_open() -> None:
    store = SQLiteStore(":memory:")
    await store.open()
    server = Server(store)
    await events(server, create(), Caller())
    await server.aclose()
    assert store.is_open
    await store.close()


async def test_requests_that_come_together_open_the_store_once() -> None:
    server = Server(SQLiteStore(":memory:"))  # opened twice, it would be two databases
    await asyncio.gather(*(events(server, create(), Caller()) for _ in range(5)))
    assert len((await answer(server, request("threads.list"), Caller()))["data"]) == 5
    await server.aclose()


async def test_a_store_that_is_exchanged_is_the_one_that_is_used(server: Server) -> None:
    made = await events(server, create(), Caller())
    before, server.store = server.store, MemoryStore()
    assert (await answer(server, request("threads.list"), Caller()))["data"] == []
    server.store = before
    listed = await answer(server, request("threads.list"), Caller())
    assert [thread["id"] for thread in listed["data"]] == [made[0]["thread"]["id"]]


def test_one_event_loop_after_another(tmp_path: Path) -> None:
    server = Server(SQLiteStore(tmp_path / "chatkit.db"))

    async def once() -> int:
        await events(server, create(), Caller())
        count = len((await answer(server, request("threads.list"), Caller()))["data"])
        await server.aclose()
        return count

    assert [asyncio.run(once()) for _ in range(3)] == [1, 2, 3]


def test_two_event_loops_at_the_same_time() -> None:
    server = Server(MemoryStore())
    meeting = threading.Barrier(2, timeout=10)
    failures: list[BaseException] = []

    async def converse() -> None:
        result = await streaming(server, create("forever"), Caller())
        thread_id = await until_text(result)
        await asyncio.to_thread(meeting.wait)
        await result.json_events.aclose()
        assert await stored(server, thread_id, Caller()) == KEPT
        await server.aclose()

    def run() -> None:
        try:
            asyncio.run(converse())
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_loop_that_ends_without_aclose_ends_its_answers(tmp_path: Path) -> None:
    server = Server(SQLiteStore(tmp_path / "chatkit.db"))
    kept: list[str] = []

    async def leave() -> None:
        result = await streaming(server, create("forever"), Caller())
        kept.append(await until_text(result))

    async def look() -> list[tuple[str, str]]:
        return await stored(server, kept[0], Caller())

    asyncio.run(leave())
    assert asyncio.run(look())[1] == ("assistant_message", PENDING)
    asyncio.run(server.store.close())  # pyright: ignore[reportAttributeAccessIssue] - ours has it


# --- in ChatKit(app, server=...) ----------------------------------------------------------------------------------


def test_it_is_a_server_of_the_sdk_that_overrides_no_hook() -> None:
    assert issubclass(ChatKitServer, SDKChatKitServer)
    hooks = ("respond", "action", "sync_action", "add_feedback", "transcribe", "get_stream_options")
    for name in (*hooks, "handle_stream_cancelled"):
        assert getattr(ChatKitServer, name) is getattr(SDKChatKitServer, name)


@pytest.mark.parametrize("kind", [Bare, Server])
def test_it_answers_behind_the_endpoint(kind: type[ChatKitServer[Any]]) -> None:
    app = FastAPI()
    server = kind(SQLiteStore(":memory:"))
    ChatKit(app, settings=Settings(), server=server)
    headers = {"X-User-ID": "alice", "Authorization": "Bearer t", "Content-Type": "application/json"}
    with TestClient(app, client=("127.0.0.1", 1), base_url="http://127.0.0.1") as client:
        answered = client.post("/chatkit", content=create(), headers=headers)
        thread = json.loads(answered.text.split("data: ")[1])["thread"]
        assert '"type":"assistant_message"' in answered.text
        act = request("threads.custom_action", thread_id=thread["id"], action={"type": "press"})
        acted = client.post("/chatkit", content=act, headers=headers)
        assert acted.status_code == (422 if kind is Bare else 200)
    if isinstance(server, Server):
        assert {type(context) for _, context in server.contexts} == {RequestContext}


class NamingStore(SQLiteStore):
    """Names its threads itself."""

    def generate_thread_id(self, context: Any) -> str:
        return f"thread-of-{context.user_id}"


def test_ids_are_those_that_the_store_generates_behind_the_endpoint_too() -> None:
    app = FastAPI()
    ChatKit(app, settings=Settings(), server=Server(NamingStore(":memory:")))
    headers = {"X-User-ID": "alice", "Authorization": "Bearer t", "Content-Type": "application/json"}
    with TestClient(app, client=("127.0.0.1", 1), base_url="http://127.0.0.1") as client:
        answered = client.post("/chatkit", content=create(), headers=headers)
    assert answered.headers["x-chatkit-thread-id"] == "thread-of-alice"
