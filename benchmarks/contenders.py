"""The servers that are compared, by the work they can do."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from benchmarks.figures import LIMIT, OURS, PATTERN
from benchmarks.harness import Contender

BATCHED = "limit, 64 a send"
WITHOUT_REDIS = "ours without Redis"
TOKEN_KEY = "a key that only the benchmarks know"

_OURS_ENV = {"CHATKIT_DATABASE_URL": "sqlite:///{dir}/chatkit.db", "CHATKIT_AUTH": "local"}
_PATTERN_ENV = {"PATTERN_DATABASE_URL": "sqlite+aiosqlite:///{dir}/pattern.db"}
_PATTERN_APP = "benchmarks.pattern.app:app"
_MIGRATE = ("-m", "fastapi_chatkit.cli.main", "migrate", "--database-url", "postgresql://{place}")
_AGENTS_ENV = {"OPENAI_API_KEY": "benchmark", "OPENAI_AGENTS_DISABLE_TRACING": "1"}
_MODEL = "gpt-4.1-mini"


class Database(StrEnum):
    """Where threads are kept."""

    SQLITE = "SQLite"
    POSTGRES = "PostgreSQL"

    @property
    def suffix(self) -> str:
        """What distinguishes a name of a case or a figure; nothing for SQLite."""
        return "-postgres" if self is Database.POSTGRES else ""


def function_agents() -> tuple[Contender, ...]:
    """Each with an agent that is a function; the limit sends frames and keeps nothing."""
    return _ours(), _pattern(), Contender(LIMIT, "benchmarks.limit.frames:app")


def batched(name: str = BATCHED) -> Contender:
    """The limit of a server that puts 64 frames into a send."""
    return Contender(name, "benchmarks.limit.frames:batched")


def replica() -> Contender:
    """Ours with a function agent on PostgreSQL and Redis: one of as many processes as are started with this place."""
    ours = _ours()
    env = {"CHATKIT_DATABASE_URL": "postgresql://{place}", "CHATKIT_REDIS_URL": "{redis}"}
    return replace(ours, env=ours.env | env, before=_MIGRATE)


def durable() -> tuple[Contender, ...]:
    """Ours on PostgreSQL and Redis; without Redis; and the others on PostgreSQL."""
    alone, *others = _on_postgres()
    return replica(), replace(alone, name=WITHOUT_REDIS), *others


def unmerged() -> Contender:
    """Ours with a function agent each of whose deltas is an event of its own."""
    ours = _ours()
    return replace(ours, env=ours.env | {"CHATKIT_COALESCE_MS": "0"})


def through_redis() -> tuple[Contender, ...]:
    """Each a way to have tokens said and read through Redis; nothing else is around them."""
    env = {"BENCHMARK_REDIS_URL": "{redis}"}
    apps = {OURS: "ours", PATTERN: "pattern", LIMIT: "limit"}
    return tuple(Contender(name, f"benchmarks.{folder}.redis_log:app", env) for name, folder in apps.items())


def log_alone() -> Contender:
    """Ours, without anything around its event log."""
    return Contender(OURS, "benchmarks.ours.log:app")


def stores(database: Database) -> tuple[Contender, ...]:
    """Each with its database; the limit keeps JSON as text."""
    if database is Database.POSTGRES:
        return _on_postgres()
    limit = Contender(LIMIT, "benchmarks.limit.store:app", {"LIMIT_DATABASE": "{dir}/limit.db"})
    return _ours(), _pattern(), limit


def _on_postgres() -> tuple[Contender, ...]:
    """Each with a database of its own on the run's PostgreSQL."""
    ours = _ours()
    ours_env = ours.env | {"CHATKIT_DATABASE_URL": "postgresql://{place}"}
    pattern_env = {"PATTERN_DATABASE_URL": "postgresql+asyncpg://{place}"}
    return (
        Contender(OURS, ours.app, ours_env, serve=True, before=_MIGRATE),
        Contender(PATTERN, _PATTERN_APP, pattern_env),
        Contender(LIMIT, "benchmarks.limit.postgres:app", {"LIMIT_DATABASE": "postgresql://{place}"}),
    )


def agents_sdk() -> tuple[Contender, ...]:
    """Each with an Agents SDK agent whose model is in the process; the limit is the Agents SDK behind FastAPI."""
    env = _AGENTS_ENV
    ours = Contender(OURS, "benchmarks.ours.agents:app", _OURS_ENV | env)
    pattern = Contender(PATTERN, _PATTERN_APP, _PATTERN_ENV | env | {"PATTERN_AGENT": "scripted agents"})
    return ours, pattern, Contender(LIMIT, "benchmarks.limit.agents:scripted", env)


def agents_sdk_over_http(model_port: int) -> tuple[Contender, ...]:
    """The same, and the model is on the other side of OpenAI's client, at `model_port`."""
    env = _AGENTS_ENV | {"OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1"}
    ours = Contender(OURS, "benchmarks.ours.wire:app", _OURS_ENV | env)
    pattern_env = _PATTERN_ENV | env | {"PATTERN_AGENT": "agents", "PATTERN_MODEL": _MODEL}
    return ours, Contender(PATTERN, _PATTERN_APP, pattern_env), Contender(LIMIT, "benchmarks.limit.agents:app", env)


def agents_with_tools(mcp_server_url: str) -> tuple[Contender, ...]:
    """Each with an Agents SDK agent whose model is in the process, and whose tool is at this URL.

    The limit calls it with a request made by hand.
    """
    env = _AGENTS_ENV
    ours_env = _OURS_ENV | env | {"MCP_SERVER_URL": mcp_server_url, "CHATKIT_DRAIN_SECONDS": "0"}
    ours = Contender(OURS, "benchmarks.ours.tools:app", ours_env, serve=True)
    pattern_env = {"PATTERN_AGENT": "scripted tools", "PATTERN_MCP_SERVER_URL": mcp_server_url}
    pattern = Contender(PATTERN, _PATTERN_APP, _PATTERN_ENV | env | pattern_env)
    return ours, pattern, Contender(LIMIT, "benchmarks.limit.tools:app", env | {"LIMIT_MCP_SERVER_URL": mcp_server_url})


def taskflow() -> Contender:
    """TaskFlow in one process, with its offline model; tokens are signed with `TOKEN_KEY`."""
    no_model = {"OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}
    env = _OURS_ENV | no_model | {"CHATKIT_TOKEN_KEY": TOKEN_KEY, "CHATKIT_DRAIN_SECONDS": "0"}
    return Contender(OURS, "benchmarks.ours.taskflow:app", env, serve=True)


def in_browser(database: Path | None = None, *, merged: bool = True) -> Contender:
    """Ours with the page of `serve`, on this SQLite database if it is there already; each delta is an event of its own
    unless they are `merged`.
    """
    env = {"CHATKIT_TOKEN_KEY": TOKEN_KEY, "CHATKIT_DRAIN_SECONDS": "0"}
    if database is not None:
        env["CHATKIT_DATABASE_URL"] = f"sqlite:///{database}"
    if not merged:
        env["CHATKIT_COALESCE_MS"] = "0"
    return Contender(OURS, "benchmarks.ours.talk:app", _OURS_ENV | env, serve=True)


def _ours() -> Contender:
    return Contender(OURS, "benchmarks.ours.app:app", _OURS_ENV | {"CHATKIT_DRAIN_SECONDS": "0"}, serve=True)


def _pattern() -> Contender:
    return Contender(PATTERN, _PATTERN_APP, _PATTERN_ENV)
