"""What stands behind a ``ChatKit``: a server that the application makes, and what the settings say."""

import json
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from chatkit.server import ChatKitServer
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from fastapi_chatkit import Agent, ChatKit, Turn, create_app
from fastapi_chatkit.agents.text_message import TextMessage
from fastapi_chatkit.backend import OFFLINE, log_from
from fastapi_chatkit.errors import NotInitialized
from fastapi_chatkit.eventlog.base import LogUnavailable
from fastapi_chatkit.events import AgentEvent
from fastapi_chatkit.server import AgentServer
from fastapi_chatkit.settings import Settings, SettingsError
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.memory_store import MemoryStore
from tests.support.redis import RedisServer
from tests.support.server import HEADERS, free_port, message, parse_native, text_of

NO_MODEL = {"openai_api_key": None, "openai_base_url": None}


class Named(Agent):
    """Says its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = False

    async def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        text = TextMessage()
        yield text.begin()
        yield text.delta(self.name)
        yield text.end()

    async def close(self) -> None:
        self.closed = True


def settings(**changes: Any) -> Settings:
    return Settings(**{"database_url": "sqlite:///:memory:", **NO_MODEL, **changes})


def say(client: TestClient) -> Any:
    body = {"type": "threads.create", "params": {"input": message("hi")}}
    return client.post("/chatkit", content=json.dumps(body), headers=HEADERS)


# --- a server that the application makes ------------------------------------------------------------------------------


class Application:
    """Makes a server at each start, if ``makes`` says so."""

    def __init__(self, makes: Callable[[SQLiteStore, Named], Any]) -> None:
        self.agents: list[Named] = []
        self.open_at_the_end: list[bool] = []
        self._makes = makes
        self.app = FastAPI(lifespan=self._lifespan)
        self.app.add_api_route("/own", lambda: "works")
        self.chat = ChatKit(self.app, settings=settings(), server=lambda: self.app.state.chatkit_server)

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        store = SQLiteStore(":memory:")
        await store.initialize_schema()
        self.agents.append(Named(f"server {len(self.agents) + 1}"))
        app.state.chatkit_server = self._makes(store, self.agents[-1])
        yield
        self.open_at_the_end.append(store.is_open)
        await store.close()


def test_a_server_is_made_anew_each_time_the_application_begins() -> None:
    made = Application(AgentServer)
    assert made.chat.answers == "a server that the application makes when it begins"
    assert made.chat.kept_in is None
    for number in (1, 2):
        with TestClient(made.app) as client:
            assert text_of(parse_native(say(client).content)) == f"server {number}"
            listed = client.post("/chatkit", content=b'{"type":"threads.list","params":{}}', headers=HEADERS)
            assert len(listed.json()["data"]) == 1, "the store is the server's"
            assert (made.chat.answers, made.chat.kept_in) == ("Named", "sqlite:///:memory:")
    assert [agent.closed for agent in made.agents] == [True, True]
    assert made.open_at_the_end == [True, True], "the application's store is the application's to close"
    assert made.chat.kept_in is None


async def test_where_it_makes_none_chat_is_off_and_the_rest_works(caplog: pytest.LogCaptureFixture) -> None:
    made = Application(lambda store, agent: None)
    with caplog.at_level(logging.WARNING), TestClient(made.app) as client:
        response = say(client)
        assert (response.status_code, response.json()["code"]) == (503, "not_initialized")
        assert client.get("/own").json() == "works"
        with pytest.raises(NotInitialized):
            await made.chat.check()
    assert "has made no server" in caplog.text


def test_what_it_raises_ends_the_start() -> None:
    def fails() -> Any:
        raise RuntimeError("no such thing")

    app = FastAPI()
    ChatKit(app, settings=settings(), server=fails)
    with pytest.raises(RuntimeError, match="no such thing"), TestClient(app):
        pass


@pytest.mark.parametrize("wrong", [Named("agent"), AgentServer, "text"])
def test_what_is_no_server_ends_the_start(wrong: Any) -> None:
    made = Application(lambda store, agent: wrong)
    with pytest.raises(TypeError, match="ChatKitServer or None"), TestClient(made.app):
        pass


def test_functions_are_refused_beside_it() -> None:
    chat = Application(AgentServer).chat

    async def reply(turn: Turn) -> AsyncIterator[str]:
        yield "no"

    with pytest.raises(TypeError, match="they answer already"):
        chat.respond(reply)
    with pytest.raises(TypeError, match="not both"):
        ChatKit(FastAPI(), settings=settings(), agent=Named("x"), server=lambda: None)


# --- what it says of itself -------------------------------------------------------------------------------------------


def test_what_answers_and_where_threads_are_kept() -> None:
    url = "sqlite:///./team.db"
    plain = ChatKit(FastAPI(), settings=settings(database_url=url))
    assert (plain.answers, plain.kept_in) == (OFFLINE, url)
    model = ChatKit(FastAPI(), settings=settings(openai_api_key="key", model="gpt-x"))
    assert model.answers == "gpt-x"
    off = ChatKit(FastAPI(), settings=settings(database_url=""))
    assert off.kept_in is None
    given = ChatKit(FastAPI(), settings=settings(), agent=Named("x"), store=SQLiteStore(":memory:"))
    assert (given.answers, given.kept_in) == ("Named", "sqlite:///:memory:")

    @plain.respond
    async def reply(turn: Turn) -> AsyncIterator[str]:
        yield "yes"

    assert plain.answers == "the function reply"


# --- MCP servers in the settings --------------------------------------------------------------------------------------


def test_mcp_servers_that_are_written_wrongly_stop_the_start_and_are_not_shown() -> None:
    with pytest.raises(SettingsError) as refused:
        create_app(settings(mcp_servers="tools=ftp://s3cret"))
    assert str(refused.value).startswith("CHATKIT_MCP_SERVERS: ")
    assert "s3cret" not in str(refused.value)
    assert "s3cret" not in repr(settings(mcp_servers="tools=https://s3cret.example/mcp"))


@pytest.mark.parametrize("module", ["mcp", "httpx2"])
def test_mcp_servers_without_what_calls_them_stop_the_start(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SettingsError, match=r"pip install 'fastapi-chatkit\[mcp\]'"):
        create_app(settings(mcp_servers="tools=https://tools.example/mcp"))
    create_app(settings())


def test_without_a_model_mcp_servers_are_of_no_use_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(settings(mcp_servers="tools=https://tools.example/mcp"))
    with caplog.at_level(logging.WARNING), TestClient(app):
        pass
    assert "the offline agent uses no tools" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING), TestClient(create_app(settings())):
        pass
    assert caplog.text == ""


# --- Redis in the settings --------------------------------------------------------------------------------------------


def test_without_redis_the_log_is_this_processs_own() -> None:
    assert not log_from(settings()).is_shared
    assert not log_from(settings(redis_url="")).is_shared


def test_redis_is_connected_to_when_the_application_begins(redis_server: RedisServer) -> None:
    made = create_app(settings(database_url="sqlite:///chat.db", redis_url=redis_server.url))
    with TestClient(made, client=("127.0.0.1", 1)) as client:
        assert text_of(parse_native(say(client).content))
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()) == (
            200,
            {"status": "ok", "checks": {"store": "ok", "redis": "ok", "replicas": "ok"}},
        )
    assert redis_server.do("KEYS", "{ck*"), "what was said is in it, also of a run that ended as the process did"
    with TestClient(made, client=("127.0.0.1", 1)) as client:  # and once more
        assert client.get("/readyz").json()["status"] == "ok"


def test_without_its_redis_it_serves_and_says_what_is_wrong() -> None:
    url = f"redis://:s3cret@127.0.0.1:{free_port()}"
    with TestClient(create_app(settings(redis_url=url)), client=("127.0.0.1", 1)) as client:
        assert text_of(parse_native(say(client).content))
        ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert ready.json()["checks"]["store"] == "ok"
    assert "nothing listens there" in ready.json()["checks"]["redis"]
    assert "s3cret" not in ready.text


def test_a_url_of_no_redis_stops_the_start_and_its_password_is_not_shown() -> None:
    with pytest.raises(SettingsError, match=r"CHATKIT_REDIS_URL .* must begin with one of redis://") as refused:
        create_app(settings(redis_url="http://:s3cret@host"))
    assert "s3cret" not in str(refused.value)
    assert "s3cret" not in repr(settings(redis_url="redis://:s3cret@host"))


def test_redis_without_what_speaks_to_it_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "fastapi_chatkit.eventlog.redis", raising=False)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(SettingsError, match=r"CHATKIT_REDIS_URL: .*pip install 'fastapi-chatkit\[redis\]'"):
        create_app(settings(redis_url="redis://host"))
    create_app(settings())


async def test_a_store_that_keeps_runs_to_itself_is_said_to_be_for_one_process(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    class Server(ChatKitServer[Any]):
        async def respond(self, thread: Any, input_user_message: Any, context: Any) -> AsyncIterator[Any]:
            return
            yield

    app = FastAPI()
    chat = ChatKit(app, settings=Settings(redis_url=SecretStr(redis_server.url)), server=Server(MemoryStore()))
    assert chat.is_alone
    async with chat.running():
        assert "Run one process, or use PostgresStore" in caplog.text
        with pytest.raises(LogUnavailable, match="Run one process, or use PostgresStore"):
            await chat.check_replicas()
    assert not ChatKit(FastAPI(), settings=Settings()).is_alone
