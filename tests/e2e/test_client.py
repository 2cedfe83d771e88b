"""The client against real servers, over connections that break: each event once, the text as it is stored."""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from chatkit import types as sdk
from chatkit.actions import Action

from fastapi_chatkit.client import (
    Answer,
    AsyncChatKitClient,
    Broken,
    NotFound,
    Patience,
    Reconnecting,
    Refused,
    RunSnapshot,
    Unauthorized,
)
from tests.support.cutting import cutting
from tests.support.forking import Forks
from tests.support.server import HEADERS, Server

APP = '''
import asyncio

from chatkit.widgets import Button, Card, Text
from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn

app = FastAPI()
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn):
    """`count N` says N words, one every few milliseconds; `slow N` one every 50 ms; `card` shows a widget."""
    command, _, rest = turn.text.partition(" ")
    if command == "card":
        yield Card(children=[Text(value="0", id="n"), Button(label="More")])
        return
    for index in range(int(rest or 3)):
        await asyncio.sleep(0.05 if command == "slow" else 0.002)
        yield f"wörd{index} "


@chat.action
async def more(turn: Turn):
    yield f"{turn.action.type}: {turn.action.payload}"


@chat.sync_action
async def more_at_once(turn: Turn):
    return turn.sender
'''

BARE = """
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.types import AssistantMessageContent, AssistantMessageItem, ThreadItemDoneEvent
from datetime import datetime
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse

from tests.support.memory_store import MemoryStore

app = FastAPI()
store = MemoryStore()


class Bare(ChatKitServer):
    async def respond(self, thread, message, context):
        text = AssistantMessageContent(text=f"You said: {message.content[0].text}")
        item = AssistantMessageItem(
            id=store.generate_item_id("message", thread, context), thread_id=thread.id,
            created_at=datetime.now(), content=[text],
        )
        yield ThreadItemDoneEvent(item=item)


server = Bare(store)


@app.post("/chatkit")
async def endpoint(request: Request):
    result = await server.process(await request.body(), {})
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(content=result.json, media_type="application/json")
"""

CUTS = 12


@pytest.fixture(scope="module")
def server(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with forks.serve_app(tmp_path_factory.mktemp("client"), APP, CHATKIT_COALESCE_MS="0") as server:
        yield server


def client_of(url: str, user: str = "alice", **options: Any) -> AsyncChatKitClient:
    return AsyncChatKitClient(url, user=user, token="token-of-alice", **options)


def stored_text(server: Server, thread_id: str) -> str:
    return server.op("items.list", thread_id=thread_id, order="asc")["data"][-1]["content"][0]["text"]


def replay(server: Server, thread_id: str) -> list[dict[str, Any]]:
    """All events of the thread's newest run, over a connection that holds."""
    response = server.post({"type": "runs.attach", "params": {"thread_id": thread_id}}, HEADERS)
    return [json.loads(data) for data in re.findall(rb"^data: (.+)$", response.content, re.MULTILINE)]


@pytest.mark.parametrize("seed", range(CUTS))
async def test_each_event_comes_once_over_a_network_that_fails(server: Server, seed: int) -> None:
    chance = random.Random(seed)
    cuts = [chance.randrange(3000), *(int(chance.expovariate(1 / 3000)) for _ in range(60))]
    patience = Patience(attempts=60, first_delay=0.001, max_delay=0.01)
    async with cutting(server, cuts) as network, client_of(network.url, patience=patience) as client:
        async with client.send("count 120") as answer:
            events = [event async for event in answer.json()]
        assert network.cut >= 1
    assert answer.outcome == ("completed", None)
    assert events == replay(server, answer.thread_id)
    assert await answer.final_text() == stored_text(server, answer.thread_id)


@pytest.mark.parametrize("cut", [0, 1, 100, 300])
async def test_a_message_whose_response_never_came_is_stored_and_answered_once(server: Server, cut: int) -> None:
    user = f"unlucky{cut}"
    patience = Patience(first_delay=0.001, max_delay=0.01)
    async with (
        cutting(server, [cut, 0, 0, cut]) as network,
        client_of(network.url, user, patience=patience) as client,
    ):
        async with client.send("count 20") as answer:
            events = [event async for event in answer.json()]
        assert network.cut == 4
        (thread,) = (await client.threads.list()).data
        items = (await client.items.list(thread.id, order="asc")).data
    assert [item.type for item in items] == ["user_message", "assistant_message"]
    assert [event["type"] for event in events].count("run.started") == 1
    assert await answer.final_text() == "".join(f"wörd{index} " for index in range(20))


async def test_the_connection_may_break_once_the_run_has_ended(server: Server) -> None:
    async with client_of(server.endpoint) as client, client.send("count 3") as answer:
        await answer.final_text()
    length = len(server.post({"type": "runs.attach", "params": {"thread_id": answer.thread_id}}).content)
    patience = Patience(first_delay=0)
    for cut in (length // 2, length, length + 100):
        async with cutting(server, [cut]) as network, client_of(network.url, patience=patience) as client:
            async with client.runs.attach(answer.thread_id, answer.run_id) as again:
                assert await again.final_text() == "wörd0 wörd1 wörd2 "
            assert again.outcome == ("completed", None)


async def test_a_server_that_was_killed_is_outlasted_and_says_what_became_of_the_run(
    forks: Forks, tmp_path: Path
) -> None:
    news: list[Reconnecting] = []
    with forks.serve_app(tmp_path, APP) as first:
        patience = Patience(first_delay=0.05)
        async with (
            cutting(first) as network,
            client_of(network.url, patience=patience) as client,
            client.send("slow 1000") as answer,
        ):
            answer.on_reconnect = news.append
            events = aiter(answer)
            for _ in range(8):
                await anext(events)
            first.kill()
            with forks.serve_app(tmp_path, APP) as second:
                network.server = second
                rest = [event async for event in events]
    assert news
    assert any(isinstance(event, RunSnapshot) for event in rest)
    (error,) = [event for event in rest if isinstance(event, sdk.ErrorEvent)]
    assert error.allow_retry
    assert answer.outcome is not None
    assert answer.outcome.status == "interrupted"


async def test_leaving_stops_nothing_and_stop_does(server: Server) -> None:
    async with client_of(server.endpoint) as client:
        async with client.send("slow 100") as answer:
            async for text in answer.text():
                assert text
                break
        assert (await client.runs.get(answer.thread_id)).active
        async with client.runs.attach(answer.thread_id) as again:
            said = [text async for text in _until(again, 3)]
            await again.stop()
            said += [text async for text in again.text()]
        assert again.outcome == ("cancelled", "cancelled")
        run = await client.runs.get(answer.thread_id, answer.run_id)
        assert (run.id, run.status, run.stop_reason, run.active) == (answer.run_id, "cancelled", "cancelled", False)
        assert run.ended_at is not None
        assert run.ended_at > run.created_at
    assert "".join(said) == stored_text(server, answer.thread_id)
    assert said[0] == "wörd0 "


async def _until(answer: Answer, count: int) -> AsyncIterator[str]:
    texts = answer.text()
    for _ in range(count):
        yield await anext(texts)


async def test_the_operations_answer_with_the_sdks_models(server: Server) -> None:
    async with client_of(server.endpoint, "typist", locale="de") as client:
        async with client.send("count 2") as answer:
            kinds = [type(event) async for event in answer]
        assert kinds[1:4] == [sdk.ThreadCreatedEvent, sdk.ThreadItemDoneEvent, sdk.StreamOptionsEvent]
        thread_id = answer.thread_id
        thread = await client.threads.update(thread_id, title="Words")
        assert (thread.id, thread.title) == (thread_id, "Words")
        page = await client.threads.list(limit=1)
        assert [type(one) for one in page.data] == [sdk.Thread]
        items = await client.items.list(thread_id, order="asc")
        question, reply = items.data
        assert isinstance(question, sdk.UserMessageItem)
        assert isinstance(reply, sdk.AssistantMessageItem)
        assert [one.id for one in (await client.threads.get(thread_id)).items.data] == [question.id, reply.id]
        assert (await client.items.list(thread_id, limit=1, after=reply.id)).data == [question]
        await client.items.feedback(thread_id, [reply.id], "positive")
        async with client.retry(thread_id, question.id) as answer:
            assert await answer.final_text() == "wörd0 wörd1 "
        content: list[sdk.UserMessageContent] = [sdk.UserMessageTextContent(text="card")]
        message = sdk.UserMessageInput(content=content, attachments=[], inference_options=sdk.InferenceOptions())
        async with client.send(message, thread_id=thread_id) as answer:
            (card,) = [
                e.item async for e in answer if isinstance(e, sdk.ThreadItemDoneEvent) and e.item.type == "widget"
            ]
        action = Action[str, Any](type="more", payload={"by": 1})
        async with client.custom_action(thread_id, action, item_id=card.id) as answer:
            assert await answer.final_text() == "more: {'by': 1}"
        assert (await client.runs.cancel(thread_id)).status == "completed"
        assert (await client.sync_action(thread_id, action, item_id=card.id)).updated_item == card
        await client.threads.delete(thread_id)
        with pytest.raises(NotFound) as missing:
            await client.threads.get(thread_id)
    assert (missing.value.status, missing.value.code) == (404, "thread_not_found")


async def test_a_refusal_says_what_is_wrong(server: Server) -> None:
    async with client_of(server.endpoint) as client:
        with pytest.raises(Refused) as wrong:
            await client.threads.list(limit=-1)
        assert (wrong.value.status, wrong.value.code) == (422, "invalid_request")
        assert [error.path for error in wrong.value.errors] == ["params.limit"]
        with pytest.raises(NotFound, match="thread_not_found"):
            async with client.send("hello", thread_id="thr_0"):
                pass
    async with client_of(server.endpoint, user="x" * 300) as nobody:
        with pytest.raises(Unauthorized, match="missing_user"):
            await nobody.threads.list()


async def test_to_attach_after_the_last_event_of_an_answer_tells_how_it_ended(server: Server) -> None:
    async with client_of(server.endpoint) as client:
        async with client.send("count 3") as answer:
            await answer.final_text()
        run = client.runs.attach(answer.thread_id, answer.run_id, after=answer.last_event_id)
        run.on_reconnect = lambda _: pytest.fail("there is nothing to come back for")
        async with run as again:
            assert [event async for event in again.json()] == []
        assert again.outcome == answer.outcome


async def test_many_answers_come_through_one_client_at_once(server: Server) -> None:
    async def ask(client: AsyncChatKitClient) -> str:
        async with client.send("count 20") as answer:
            return await answer.final_text()

    cuts = [random.Random(7).randrange(3000) for _ in range(40)]
    patience = Patience(attempts=60, first_delay=0.001, max_delay=0.01)
    async with cutting(server, cuts) as network, client_of(network.url, patience=patience) as client:
        texts = await asyncio.gather(*(ask(client) for _ in range(20)))
    assert set(texts) == {"".join(f"wörd{index} " for index in range(20))}


@pytest.fixture(scope="module")
def bare(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An endpoint that is the official SDK and nothing else."""
    with forks.serve_app(tmp_path_factory.mktemp("bare"), BARE) as server:
        yield server


async def test_the_official_sdks_own_server_will_do(bare: Server) -> None:
    async with client_of(bare.endpoint) as client:
        async with client.send("hello") as answer:
            assert await answer.final_text() == "You said: hello"
        assert (answer.run_id, answer.outcome) == ("", ("completed", None))
        assert [one.id for one in (await client.threads.list()).data] == [answer.thread_id]
        async with client.send("again", thread_id=answer.thread_id) as answer:
            assert await answer.final_text() == "You said: again"
        assert len((await client.items.list(answer.thread_id)).data) == 4


async def test_the_official_sdks_server_gets_no_message_twice(bare: Server) -> None:
    async with client_of(bare.endpoint) as client:
        before = len((await client.threads.list(limit=100)).data)
        async with cutting(bare, [1, None]) as network, client_of(network.url) as unlucky:
            with pytest.raises(Broken):
                async with unlucky.send("only once"):
                    pass
        assert len((await client.threads.list(limit=100)).data) == before + 1
