"""A server of the SDK that an agent of this project answers for."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import pytest
from chatkit import types as sdk
from chatkit.server import NonStreamingResult, StreamingResult
from chatkit.store import Store
from fastapi import FastAPI
from starlette.testclient import TestClient

from fastapi_chatkit import Agent, ChatKit, RequestContext, Turn
from fastapi_chatkit.agents.text_message import TextMessage
from fastapi_chatkit.events import AgentEvent
from fastapi_chatkit.operations import CustomAction, StreamingOperation
from fastapi_chatkit.server import AgentServer
from fastapi_chatkit.settings import Settings
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.memory_store import MemoryStore
from tests.support.server import HEADERS, message, parse_native, text_of

ALICE = RequestContext(user_id="alice", request_id="req_1")
STORES: dict[str, Callable[[], Store[Any]]] = {"ours": lambda: SQLiteStore(":memory:"), "the SDK's": MemoryStore}


class Echo(Agent):
    """Says what it was told, takes actions, and notes each turn."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.feedbacks: list[tuple[str, str]] = []
        self.closed = 0

    def check(self, operation: StreamingOperation) -> None:
        if not isinstance(operation, CustomAction):
            super().check(operation)

    async def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        self.turns.append(turn)
        text = TextMessage()
        yield text.begin()
        yield text.delta("You said: ")
        yield text.delta(turn.text)
        yield text.end()
        yield turn.progress("done")

    async def act(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        self.turns.append(turn)
        yield turn.progress("acted")

    async def feedback(self, thread_id: str, item_ids: list[str], kind: str, context: RequestContext) -> None:
        self.feedbacks.append((kind, context.user_id))

    async def close(self) -> None:
        self.closed += 1


@pytest.fixture
def agent() -> Echo:
    return Echo()


@pytest.fixture(params=list(STORES))
def server(request: pytest.FixtureRequest, agent: Echo) -> AgentServer[Any]:
    return AgentServer(STORES[request.param](), agent)


def native(name: str, **params: Any) -> bytes:
    return json.dumps({"type": name, "params": params}).encode()


async def events(server: AgentServer[Any], name: str, context: Any = ALICE, **params: Any) -> list[dict[str, Any]]:
    result = await server.process(native(name, **params), context)
    assert isinstance(result, StreamingResult)
    return parse_native(b"".join([frame async for frame in result]))


async def test_process_asks_the_agent_with_a_turn(server: AgentServer[Any], agent: Echo) -> None:
    answered = await events(server, "threads.create", input=message("hi"))
    assert text_of(answered) == "You said: hi"
    thread_id = answered[0]["thread"]["id"]
    again = {"thread_id": thread_id, "item_id": answered[1]["item"]["id"]}
    assert text_of(await events(server, "threads.retry_after_item", **again)) == "You said: hi"
    await events(server, "threads.custom_action", thread_id=thread_id, action={"type": "press", "payload": {"n": 1}})
    assert [turn.kind for turn in agent.turns] == ["message", "retry", "action"]
    assert agent.turns[0].context is ALICE
    action = agent.turns[2].action
    assert action is not None
    assert (action.type, action.payload) == ("press", {"n": 1})
    rated = await server.process(
        native("items.feedback", thread_id=thread_id, item_ids=[again["item_id"]], kind="positive"), ALICE
    )
    assert isinstance(rated, NonStreamingResult)
    assert agent.feedbacks == [("positive", "alice")]
    await server.aclose()


async def test_any_context_will_do_and_the_store_gets_that_very_object(server: AgentServer[Any], agent: Echo) -> None:
    given = {"user_id": "alice"}
    answered = await events(server, "threads.create", given, input=message("hi"))
    context = agent.turns[0].context
    assert (context.user_id, context.access_token) == ("alice", None)
    page = await agent.turns[0].store.load_thread_items(answered[0]["thread"]["id"], None, 10, "asc", context)
    assert [item.type for item in page.data] == ["user_message", "assistant_message"]
    await server.aclose()


async def test_aclose_closes_the_agent_once_however_many_stores_were_served(agent: Echo) -> None:
    server = AgentServer[Any](MemoryStore(), agent)
    await events(server, "threads.create", input=message("hi"))
    server.store = MemoryStore()
    await events(server, "threads.create", input=message("hi"))
    await server.aclose()
    assert agent.closed == 1


async def test_the_hook_answers_in_the_sdks_events_and_stores_nothing(server: AgentServer[Any], agent: Echo) -> None:
    thread = sdk.ThreadMetadata(id="thr_1", created_at=datetime.now())
    asked = sdk.UserMessageItem(
        id="msg_1",
        thread_id="thr_1",
        created_at=thread.created_at,
        content=[sdk.UserMessageTextContent(text="hi")],
        attachments=[],
        inference_options=sdk.InferenceOptions(),
    )
    if isinstance(server.store, SQLiteStore):
        await server.store.open()
    said = [event async for event in server.respond(thread, asked, {"user_id": "alice"})]
    kinds = [getattr(event, "update", event).type for event in said]
    part = "assistant_message.content_part"
    expected = ["thread.item.added", f"{part}.added", f"{part}.text_delta", f"{part}.text_delta", f"{part}.done"]
    assert kinds == [*expected, "thread.item.done", "progress_update"]
    added, done = said[0], said[5]
    assert isinstance(added, sdk.ThreadItemAddedEvent)
    assert isinstance(done, sdk.ThreadItemDoneEvent)
    assert isinstance(added.item, sdk.AssistantMessageItem)
    assert isinstance(done.item, sdk.AssistantMessageItem)
    assert (added.item.content, [part.text for part in done.item.content]) == ([], ["You said: hi"])
    assert added.item.id == done.item.id
    turn = agent.turns[0]
    assert (turn.kind, turn.text, turn.context.user_id) == ("message", "hi", "alice")
    page = await server.store.load_threads(10, None, "asc", {"user_id": "alice"})
    assert page.data == []
    if isinstance(server.store, SQLiteStore):
        await server.store.close()


def test_behind_the_endpoint_the_agent_is_asked_and_closed_with_the_application(
    server: AgentServer[Any], agent: Echo
) -> None:
    app = FastAPI()
    chat = ChatKit(app, settings=Settings(), server=server)
    assert chat.answers == "Echo"
    with TestClient(app) as client:
        body = native("threads.create", input=message("hi"))
        answered = client.post("/chatkit", content=body, headers=HEADERS)
        assert text_of(parse_native(answered.content)) == "You said: hi"
        token = agent.turns[0].context.access_token
        assert token is not None
        assert token.get_secret_value() == "token-of-alice"
        thread_id = answered.headers["x-chatkit-thread-id"]
        acted = native("threads.custom_action", thread_id=thread_id, action={"type": "press"})
        assert client.post("/chatkit", content=acted, headers=HEADERS).status_code == 200
        assert agent.closed == 0
    assert agent.turns[0].run_id.startswith("run_")
    assert [turn.kind for turn in agent.turns] == ["message", "action"]
    assert agent.closed == 1
