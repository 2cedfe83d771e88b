"""``ChatKit(app)`` inside applications of all kinds, and the functions that users hand to it."""

import base64
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.database import query
from tests.support.dropping import DroppingClient, create
from tests.support.forking import Forks, clean_environment
from tests.support.server import FUNCTION_APP, HEADERS, Server, message, parse_native, serve, text_of

IMPORTS = """
import asyncio
from contextlib import asynccontextmanager

from chatkit import types as sdk
from chatkit.errors import CustomStreamError, ErrorCode, StreamError
from chatkit.widgets import Button, Card, Text
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse
from starlette.middleware.base import BaseHTTPMiddleware

from fastapi_chatkit import Agent, ChatKit, RequestContext, Turn, create_app
from fastapi_chatkit.settings import Settings
from fastapi_chatkit.store import SQLiteStore
"""

ECHO = """

@chat.respond
async def reply(turn: Turn):
    yield f"You said: {turn.text}"
"""

Start = Callable[..., AbstractContextManager[Server]]


@pytest.fixture
def start(forks: Forks, tmp_path: Path) -> Start:
    """Serve an application from its source."""

    def serve(source: str, **env: str) -> AbstractContextManager[Server]:
        return forks.serve_app(tmp_path, IMPORTS + source, **env)

    return serve


def post(server: Server, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
    return server.client.post(server.url + path, content=json.dumps(body), headers={**HEADERS, **(headers or {})})


def say(server: Server, text: str, path: str = "/chatkit", headers: dict[str, str] | None = None) -> list[Any]:
    response = post(server, path, {"type": "threads.create", "params": {"input": message(text)}}, headers)
    assert response.status_code == 200, response.text
    return parse_native(response.content)


def unavailable(server: Server, path: str = "/chatkit") -> bool:
    response = post(server, path, {"type": "threads.list", "params": {}})
    return response.status_code == 503 and response.json()["code"] == "not_initialized"


# --- beside an application's own parts --------------------------------------------------------------------------------


def test_it_lives_beside_routes_lifespan_handlers_and_middlewares(start: Start) -> None:
    source = (
        """
events = []


@asynccontextmanager
async def lifespan(app):
    events.append("opened")
    yield {"answer": 42}
    print("lifespan closed", flush=True)


app = FastAPI(lifespan=lifespan)
chat = ChatKit(app, path="/api/v1/assistant")


class Tagging(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        response = await call_next(request)
        response.headers["X-Tagged"] = "yes"
        return response


app.add_middleware(Tagging)
app.add_middleware(GZipMiddleware, minimum_size=10)
app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"], allow_methods=["*"], allow_headers=["*"])


@app.get("/own")
async def own(request: Request):
    return {"events": events, "answer": request.state.answer}


@app.get("/broken")
async def broken():
    raise ValueError("of the application")


@app.exception_handler(ValueError)
async def handle(request, error):
    return JSONResponse({"handled": str(error)}, status_code=418)


@app.exception_handler(404)
async def lost(request, error):
    return JSONResponse({"lost": True}, status_code=404)
"""
        + ECHO
    )
    path = "/api/v1/assistant"
    with start(source) as server:
        assert server.client.get(f"{server.url}/own").json() == {"events": ["opened"], "answer": 42}
        assert server.client.get(f"{server.url}/broken").status_code == 418
        assert server.client.get(f"{server.url}/nowhere").json() == {"lost": True}
        body = {"type": "threads.create", "params": {"input": message("hello")}}
        response = post(server, path, body, {"Origin": "http://localhost:3000", "Accept-Encoding": "gzip"})
        events = parse_native(response.content)
        assert text_of(events) == "You said: hello"
        assert response.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in response.headers, "a compressed stream is held back"
        assert response.headers["x-tagged"] == "yes"
        assert response.headers["access-control-allow-origin"] == "http://localhost:3000"
        # The application's handler for 404 does not take our errors away.
        unknown = post(server, path, {"type": "threads.get_by_id", "params": {"thread_id": "thr_unknown"}})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "thread_not_found")
        preflight = server.client.options(
            server.url + path,
            headers={
                "Origin": "http://localhost:3000",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "x-user-id,authorization,content-type",
            },
        )
        assert preflight.status_code == 200
        assert path in server.client.get(f"{server.url}/openapi.json").json()["paths"]
        server.stop()
        assert "lifespan closed" in server.log
        assert "Traceback" not in server.log


def test_a_middleware_does_not_hold_streams_back_or_hide_disconnects(start: Start, tmp_path: Path) -> None:
    source = """
app = FastAPI()
chat = ChatKit(app)


class Passing(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        return await call_next(request)


app.add_middleware(Passing)
app.add_middleware(GZipMiddleware, minimum_size=10)


@chat.respond
async def reply(turn: Turn):
    for index in range(200):
        await asyncio.sleep(0.05)
        yield f"word{index} "
"""
    with start(source) as server, DroppingClient(server.endpoint, create("go"), {"Accept-Encoding": "gzip"}) as client:
        client.read_until(b"word1 ", timeout=3)
        client.close()
        deadline = time.monotonic() + 5
        while query(tmp_path / "chatkit.db", "SELECT status FROM runs") == [("running",)]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert query(tmp_path / "chatkit.db", "SELECT status, stop_reason FROM runs") == [("cancelled", "disconnected")]


def test_two_in_one_application_keep_apart(start: Start) -> None:
    source = """
app = FastAPI()
first = ChatKit(app, path="/one", store=SQLiteStore("one.db"))
second = ChatKit(app, path="/two", settings=Settings.load(database_url="sqlite:///two.db"))


@first.respond
async def one(turn: Turn):
    yield "one"


@second.respond
async def two(turn: Turn):
    yield "two"
"""
    with start(source) as server:
        ones, twos = say(server, "hello", "/one"), say(server, "hello", "/two")
        assert (text_of(ones), text_of(twos)) == ("one", "two")
        lists = [post(server, path, {"type": "threads.list", "params": {}}).json()["data"] for path in ("/one", "/two")]
        assert [[thread["id"] for thread in data] for data in lists] == [
            [ones[0]["thread"]["id"]],
            [twos[0]["thread"]["id"]],
        ]
        document = server.client.get(f"{server.url}/openapi.json").json()
        ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
        assert len(ids) == len(set(ids)) >= 2
        assert server.client.get(f"{server.url}/docs").status_code == 200
        assert "Duplicate Operation ID" not in server.log


def test_a_store_that_the_application_opened_is_not_closed_by_us(start: Start) -> None:
    source = (
        """
store = SQLiteStore("shared.db")


@asynccontextmanager
async def lifespan(app):
    await store.initialize_schema()
    yield
    print("open after chat:", store.is_open, flush=True)
    await store.ping()
    await store.close()
    print("closed by its owner", flush=True)


app = FastAPI(lifespan=lifespan)
chat = ChatKit(app, store=store)


@app.get("/count")
async def count():
    page = await store.load_threads(10, None, "desc", {"user_id": "alice"})
    return len(page.data)
"""
        + ECHO
    )
    with start(source) as server:
        say(server, "hello")
        assert server.client.get(f"{server.url}/count").json() == 1
        server.stop()
        assert "open after chat: True" in server.log
        assert "closed by its owner" in server.log


def test_a_mounted_application_serves_where_its_lifespan_is_run(start: Start) -> None:
    """Starlette does not run a mounted application's lifespan: its owner has to, by ``chat.running()``."""
    source = (
        """
inner = FastAPI()
chat = ChatKit(inner)
asleep = FastAPI()
other = ChatKit(asleep, settings=Settings.load(database_url="sqlite:///other.db"))


@asynccontextmanager
async def lifespan(app):
    async with chat.running():
        yield


app = FastAPI(lifespan=lifespan)
app.mount("/inner", inner)
app.mount("/asleep", asleep)
"""
        + ECHO
    )
    with start(source) as server:
        assert text_of(say(server, "hello", "/inner/chatkit")) == "You said: hello"
        assert unavailable(server, "/asleep/chatkit")


def test_it_can_be_added_to_an_application_with_a_router_prefix_and_dependencies(start: Start) -> None:
    source = (
        """
async def refuse():
    raise HTTPException(418)


app = FastAPI(dependencies=[Depends(refuse)], root_path="/behind/a/proxy")
router = APIRouter(prefix="/api")


@router.get("/own")
async def own():
    return {}


app.include_router(router)
chat = ChatKit(app, path="/api/chatkit")
"""
        + ECHO
    )
    with start(source) as server:
        assert server.client.get(f"{server.url}/api/own").status_code == 418
        # Dependencies belong to FastAPI's own routes; this endpoint has an authenticator for that.
        assert text_of(say(server, "hello", "/api/chatkit")) == "You said: hello"


@pytest.mark.parametrize("case", ["empty", "broken"])
def test_without_a_database_the_application_works_and_chat_answers_503(start: Start, tmp_path: Path, case: str) -> None:
    source = (
        """
app = FastAPI()
chat = ChatKit(app)


@app.get("/own")
async def own():
    return {"works": True}
"""
        + ECHO
    )
    url = ""
    if case == "broken":
        (tmp_path / "broken.db").write_bytes(b"this is no database" * 1000)
        url = "sqlite:///broken.db"
    with start(source, CHATKIT_DATABASE_URL=url) as server:
        assert server.client.get(f"{server.url}/own").json() == {"works": True}
        assert unavailable(server)
        refused = post(server, "/chatkit", {}, {"X-User-ID": ""})
        assert refused.status_code == 503, "the order of the error table"
        assert "503" in server.log
        assert not list(tmp_path.glob("chatkit.db"))


def test_create_app_tells_readiness(start: Start) -> None:
    with start("app = create_app()") as server:
        assert server.client.get(f"{server.url}/healthz").status_code == 200
        assert server.client.get(f"{server.url}/readyz").json() == {
            "status": "ok",
            "checks": {"store": "ok", "replicas": "ok"},
        }
    with start("app = create_app()", CHATKIT_DATABASE_URL="") as server:
        assert server.client.get(f"{server.url}/healthz").status_code == 200
        assert server.client.get(f"{server.url}/readyz").status_code == 503


# --- the functions that answer ----------------------------------------------------------------------------------------

FUNCTIONS = """
app = FastAPI()
chat = ChatKit(app)
calls = []


@app.get("/calls")
async def get_calls():
    return calls


class Odd(Exception):
    pass


def card(text):
    return Card(id="card", children=[Text(id="text", value=text)])


@chat.respond
async def reply(turn: Turn):
    calls.append({"kind": turn.kind, "text": turn.text, "user": turn.context.user_id, "locale": turn.context.locale,
                  "metadata": dict(turn.context.metadata), "history": [i.type for i in await turn.history()]})
    match turn.text:
        case "widget":
            yield "before"
            yield card("stored")
            yield "after"
        case "asides":
            yield "one "
            yield turn.progress("working", icon="search")
            yield turn.notice("careful", title="Note", level="warning")
            yield turn.client_effect("flash", {"n": 1})
            yield "message"
        case "title":
            turn.thread.title = "A new title"
            turn.thread.metadata["private"] = "secret"
            yield "titled"
        case "hidden":
            yield sdk.ThreadItemDoneEvent(item=sdk.HiddenContextItem(
                id=turn.new_id(), thread_id=turn.thread.id, created_at=turn.thread.created_at, content="hidden words"))
        case "nothing":
            return
        case "empty":
            yield ""
        case "boom":
            yield "kept "
            raise RuntimeError("a secret of the server")
        case "boom at once":
            raise RuntimeError("a secret of the server")
        case "custom":
            yield "kept "
            raise CustomStreamError("Shown to the user", allow_retry=False)
        case "stream error":
            raise StreamError(ErrorCode.STREAM_ERROR, allow_retry=False)
        case "cancelled error":
            raise asyncio.CancelledError
        case "system exit":
            raise SystemExit(3)
        case "int":
            yield "kept "
            yield 5
        case "none":
            yield None
        case "bytes":
            yield b"bytes"
        case "dict":
            yield {"type": "progress_update", "text": "x"}
        case "item":
            yield sdk.HiddenContextItem(id="x", thread_id=turn.thread.id, created_at=turn.thread.created_at, content="")
        case "group":
            raise ExceptionGroup("a secret of the server", [ValueError("a secret of the server")])
        case _:
            yield "answer"


@chat.action
async def act(turn: Turn):
    assert turn.sender is not None
    yield f"{turn.action.type} of {turn.sender.id} with {turn.action.payload}"
    yield sdk.ThreadItemReplacedEvent(item=turn.sender.model_copy(update={"widget": card("replaced")}))


@chat.sync_action
async def sync(turn: Turn):
    if turn.action.type == "nothing":
        return None
    return turn.sender.model_copy(update={"widget": card(str(turn.action.payload))})


@chat.feedback
async def feedback(thread_id, item_ids, kind, context: RequestContext):
    calls.append({"feedback": kind, "items": item_ids, "user": context.user_id})


@chat.transcribe
async def transcribe(audio, context: RequestContext) -> str:
    return f"{audio.mime_type}: {audio.data.decode()}"
"""


@pytest.fixture(scope="module")
def functions(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with forks.serve_app(tmp_path_factory.mktemp("functions"), IMPORTS + FUNCTIONS) as server:
        yield server


def types_of(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def items_of(server: Server, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    thread_id = events[0]["thread"]["id"]
    return server.op("items.list", thread_id=thread_id, order="asc", limit=100)["data"]


def calls_of(server: Server) -> list[dict[str, Any]]:
    return server.client.get(f"{server.url}/calls").json()


def test_text_around_a_widget_is_two_messages(functions: Server) -> None:
    items = items_of(functions, say(functions, "widget"))
    assert [item["type"] for item in items] == ["user_message", "assistant_message", "widget", "assistant_message"]
    assert items[1]["content"][0]["text"] == "before"
    assert items[3]["content"][0]["text"] == "after"


def test_asides_do_not_split_a_message_and_are_not_stored(functions: Server) -> None:
    events = say(functions, "asides")
    assert text_of(events) == "one message"
    asides = [event for event in events if event["type"] in ("progress_update", "notice", "client_effect")]
    assert asides == [
        {"type": "progress_update", "icon": "search", "text": "working"},
        {"type": "notice", "level": "warning", "message": "careful", "title": "Note"},
        {"type": "client_effect", "name": "flash", "data": {"n": 1}},
    ]
    assert [item["type"] for item in items_of(functions, events)] == ["user_message", "assistant_message"]


def test_a_changed_thread_is_announced_and_its_metadata_stays_private(functions: Server) -> None:
    events = say(functions, "title")
    updated = next(event for event in events if event["type"] == "thread.updated")
    assert updated["thread"]["title"] == "A new title"
    thread = functions.op("threads.get_by_id", thread_id=events[0]["thread"]["id"])
    assert (thread["title"], thread["metadata"]) == ("A new title", {})
    assert "secret" not in json.dumps(events)
    kept = query(functions.cwd / "chatkit.db", "SELECT metadata FROM threads WHERE id = ?", thread["id"])
    assert json.loads(kept[0][0]) == {"private": "secret"}


def test_hidden_items_are_for_the_agent_alone(functions: Server) -> None:
    events = say(functions, "hidden")
    assert "hidden words" not in json.dumps(events)
    assert [item["type"] for item in items_of(functions, events)] == ["user_message"]
    functions.send("again", events[0]["thread"]["id"])
    assert calls_of(functions)[-1]["history"] == ["user_message", "hidden_context_item", "user_message"]


@pytest.mark.parametrize("text", ["nothing", "empty"])
def test_an_answer_may_be_nothing(functions: Server, text: str) -> None:
    events = say(functions, text)
    assert "error" not in types_of(events)
    assert items_of(functions, events)[0]["type"] == "user_message"


def test_the_context_reaches_the_function(functions: Server) -> None:
    body = {"type": "threads.create", "params": {"input": message("hello")}, "metadata": {"page": 7}}
    response = post(functions, "/chatkit", body, {"Accept-Language": "de-CH, de;q=0.9", "X-User-ID": "bob"})
    assert response.status_code == 200
    call = calls_of(functions)[-1]
    assert (call["user"], call["locale"], call["metadata"]) == ("bob", "de-CH", {"page": 7})


@pytest.mark.parametrize("text", ["boom", "boom at once", "int", "none", "bytes", "dict", "item", "group"])
def test_a_mistake_in_the_function_ends_with_an_error_and_a_traceback_in_the_log(functions: Server, text: str) -> None:
    events = say(functions, text)
    errors = [event for event in events if event["type"] == "error"]
    assert errors == [{"type": "error", "code": "stream.error", "allow_retry": True}]
    assert "secret" not in json.dumps(events)
    run_id = query(functions.cwd / "chatkit.db", "SELECT id, status FROM runs ORDER BY created_at")[-1]
    assert run_id[1] == "failed"
    log = functions.log.partition(run_id[0])[2]
    assert "Traceback" in log
    if text in ("int", "none", "bytes", "dict", "item"):
        assert "a responder may yield str, an event or a widget, not" in log
    kept = [item for item in items_of(functions, events) if item["type"] == "assistant_message"]
    assert [item["content"][0]["text"] for item in kept] == (["kept "] if text in ("boom", "int") else [])


def test_a_custom_error_is_shown(functions: Server) -> None:
    events = say(functions, "custom")
    assert {"type": "error", "code": "custom", "message": "Shown to the user", "allow_retry": False} in events
    assert items_of(functions, events)[-1]["content"][0]["text"] == "kept "
    assert "error" in types_of(say(functions, "stream error"))


def test_a_cancellation_from_inside_the_function_is_a_failure_of_it(functions: Server) -> None:
    """As when it awaits a task that somebody cancelled: nobody stopped this run, and no server was restarted."""
    events = say(functions, "cancelled error")
    assert events[-1] == {"type": "error", "code": "stream.error", "allow_retry": True}
    statuses = query(functions.cwd / "chatkit.db", "SELECT status FROM runs ORDER BY created_at")
    assert statuses[-1] == ("failed",)


def test_a_function_that_exits_ends_its_run_and_not_the_server(start: Start) -> None:
    with start(FUNCTIONS) as server:
        operation = {"type": "threads.create", "params": {"input": message("system exit")}}
        try:
            answer = server.post(operation).content
        except httpx2.TransportError:
            answer = b""
        assert server.process.poll() is None, "sys.exit() in an agent took the server down"
        assert parse_native(answer)[-1]["type"] == "error"
        assert text_of(say(server, "hello")) == "answer"


def test_actions_of_a_widget(functions: Server) -> None:
    events = say(functions, "widget")
    thread_id, widget = events[0]["thread"]["id"], items_of(functions, events)[2]
    action = {"type": "press", "payload": {"n": 1}}
    answer = functions.events("threads.custom_action", thread_id=thread_id, item_id=widget["id"], action=action)
    assert text_of(answer) == f"press of {widget['id']} with {{'n': 1}}"
    assert items_of(functions, events)[2]["widget"]["children"][0]["value"] == "replaced"
    sync = functions.op("threads.sync_custom_action", thread_id=thread_id, item_id=widget["id"], action=action)
    assert sync["updated_item"]["widget"]["children"][0]["value"] == "{'n': 1}"
    assert items_of(functions, events)[2] == sync["updated_item"], "the updated item is kept"
    nothing = {"type": "nothing"}
    assert functions.op("threads.sync_custom_action", thread_id=thread_id, item_id=widget["id"], action=nothing) == {}


def test_feedback_is_stored_and_passed_on(functions: Server) -> None:
    events = say(functions, "hello")
    thread_id, item = events[0]["thread"]["id"], items_of(functions, events)[1]["id"]
    assert functions.op("items.feedback", thread_id=thread_id, item_ids=[item], kind="negative") == {}
    assert calls_of(functions)[-1] == {"feedback": "negative", "items": [item], "user": "alice"}
    assert query(functions.cwd / "chatkit.db", "SELECT kind FROM feedback WHERE item_id = ?", item) == [("negative",)]


def test_dictation(functions: Server) -> None:
    audio = base64.b64encode(b"spoken").decode()
    answer = functions.op("input.transcribe", audio_base64=audio, mime_type="audio/webm;codecs=opus")
    assert answer == {"text": "audio/webm;codecs=opus: spoken"}


def test_what_is_not_registered_is_refused_before_anything_is_stored(start: Start) -> None:
    source = "app = FastAPI()\nchat = ChatKit(app)\n" + ECHO
    with start(source) as server:
        thread_id = say(server, "hello")[0]["thread"]["id"]
        action = {"thread_id": thread_id, "action": {"type": "x"}}
        for name in ("threads.custom_action", "threads.sync_custom_action"):
            response = server.post({"type": name, "params": action})
            assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
        audio = {"audio_base64": "QQ==", "mime_type": "audio/webm"}
        assert server.post({"type": "input.transcribe", "params": audio}).status_code == 422
        file = {"name": "a.txt", "size": 1, "mime_type": "text/plain"}
        assert server.post({"type": "attachments.create", "params": file}).status_code == 422
        assert len(query(server.cwd / "chatkit.db", "SELECT id FROM runs")) == 1


@pytest.mark.parametrize(
    "function",
    [
        'async def reply(turn: Turn):\n    return "a string"',
        'def reply(turn: Turn):\n    return "a string"',
        'def reply(turn: Turn):\n    yield "a string"',
        'async def reply():\n    yield "no turn"',
    ],
    ids=["coroutine", "function", "plain generator", "no parameter"],
)
def test_a_function_that_is_no_async_generator_says_so(start: Start, function: str) -> None:
    """At the decorator, or with an error event and a log line that names what is expected; never a broken server."""
    source = f"""
app = FastAPI()
chat = ChatKit(app)
refused = None
{function}


try:
    chat.respond(reply)
except TypeError as error:
    refused = str(error)


@app.get("/refused")
async def get_refused():
    return refused
"""
    with start(source) as server:
        refused = server.client.get(f"{server.url}/refused").json()
        if refused is None:
            events = say(server, "hello")
            assert events[-1] == {"type": "error", "code": "stream.error", "allow_retry": True}
            refused = server.log
        assert "async generator" in refused
        assert "never awaited" not in server.log


def test_an_agent_of_ones_own(start: Start) -> None:
    source = """
class Own(Agent):
    async def respond(self, turn):
        from fastapi_chatkit.agents.text_message import TextMessage
        message = TextMessage()
        yield message.begin()
        yield message.delta("of my own")
        yield message.end()

    async def close(self):
        print("agent closed", flush=True)


app = FastAPI()
chat = ChatKit(app, agent=Own())
"""
    with start(source) as server:
        assert text_of(say(server, "hello")) == "of my own"
        server.stop()
        assert "agent closed" in server.log


def test_two_answers_are_refused(start: Start) -> None:
    source = """
class Own(Agent):
    async def respond(self, turn):
        yield "never"


app = FastAPI()
chat = ChatKit(app, agent=Own())
refused = None
try:
    @chat.respond
    async def reply(turn: Turn):
        yield "never"
except TypeError as error:
    refused = str(error)


@app.get("/refused")
async def get_refused():
    return refused
"""
    with start(source) as server:
        assert "agent= or server=" in server.client.get(f"{server.url}/refused").json()


# --- what an import does ----------------------------------------------------------------------------------------------


def test_importing_and_serving_a_function_leaves_the_heavy_parts_out_and_nothing_global_changed(tmp_path: Path) -> None:
    program = """
import asyncio, json, logging, signal, sys, warnings

logging.getLogger("chatkit").handlers  # as it is
def world():
    return {
        "hook": sys.excepthook is sys.__excepthook__,
        "unraisable": sys.unraisablehook is sys.__unraisablehook__,
        "policy": type(asyncio.get_event_loop_policy()).__name__,
        "root": len(logging.getLogger().handlers),
        "level": logging.getLogger().level,
        "ours": len(logging.getLogger("fastapi_chatkit").handlers),
        "signals": [str(signal.getsignal(s)) for s in (signal.SIGINT, signal.SIGTERM)],
        "filters": len(warnings.filters),
        "threads": __import__("threading").active_count(),
        "recursion": sys.getrecursionlimit(),
        "switch": sys.getswitchinterval(),
    }
before = world()
import fastapi, fastapi.testclient, pydantic_settings, sqlite3  # what is not ours to answer for
between = world()
from fastapi_chatkit import ChatKit, Turn
app = fastapi.FastAPI()
chat = ChatKit(app)
@chat.respond
async def reply(turn: Turn):
    yield "hi"
after = world()
imported = sorted(sys.modules)

def send():
    from starlette.testclient import TestClient
    headers = {"X-User-ID": "alice", "Authorization": "Bearer t"}
    body = {"type": "threads.create", "params": {"input": {
        "content": [{"type": "input_text", "text": "x"}], "attachments": [], "inference_options": {}}}}
    with TestClient(app, client=("127.0.0.1", 1)) as client:
        return client.post("/chatkit", json=body, headers=headers).text
reply_ = send()
first = sorted(sys.modules)
served = world()
print(json.dumps({"between": between, "after": after, "served": served, "reply": reply_, "imported": imported}))
"""
    result = _python(program, tmp_path)
    assert '"delta":"hi"' in result["reply"]
    assert result["after"] == result["between"]
    assert result["served"] == result["between"]
    heavy = {"agents", "openai", "mcp", "alembic", "sqlalchemy", "click", "rich", "uvicorn", "prompt_toolkit", "redis"}
    assert heavy & {name.partition(".")[0] for name in result["imported"]} == set()
    assert not list(tmp_path.glob("*.db-journal"))


def test_serving_from_an_existing_database_loads_no_alembic_and_no_model_library(tmp_path: Path) -> None:
    program = """
import asyncio, json, sys
import fastapi
from fastapi_chatkit import ChatKit
app = fastapi.FastAPI()
chat = ChatKit(app)
@chat.respond
async def reply(turn):
    yield "hi"
async def main():
    async with chat.running():
        await chat.check()
asyncio.run(main())
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
    first, second = (set(_python(program, tmp_path)) for _ in range(2))
    assert "alembic" in first, "the first start migrates"
    assert {"agents", "openai", "mcp", "alembic", "sqlalchemy", "redis"} & second == set()


def test_importing_starts_nothing_and_touches_no_file(tmp_path: Path) -> None:
    program = """
import json, os, threading
import fastapi_chatkit, fastapi_chatkit.store, fastapi_chatkit.chatkit
app = __import__("fastapi").FastAPI()
fastapi_chatkit.ChatKit(app)
print(json.dumps([threading.active_count(), os.listdir(".")]))
"""
    assert _python(program, tmp_path) == [1, []]


def _python(program: str, cwd: Path) -> Any:
    """The JSON on the last line that the program prints."""
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", program]
    done = subprocess.run(command, cwd=cwd, env=clean_environment(), capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout.splitlines()[-1])


def test_serve_runs_an_application_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(FUNCTION_APP)
    with serve(tmp_path, "--app", "own:app", PYTHONPATH=str(tmp_path)) as server:
        assert text_of(server.send("say 2")) == "word0 word1 "
        streaming = threading.Thread(target=lambda: answers.append(server.send("slow 20")))
        answers: list[list[dict[str, Any]]] = []
        streaming.start()
        while "run running" not in server.log.rpartition("run completed")[2]:
            time.sleep(0.02)
        assert server.stop() == 0
        streaming.join()
    assert text_of(answers[0]).endswith("word19 "), "the answer under way finished"
