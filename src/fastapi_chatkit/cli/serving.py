"""One process of ``serve``: an application on uvicorn."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

import click
import uvicorn
from fastapi import FastAPI
from uvicorn.importer import ImportFromStringError, import_from_string

from ..chatkit import ChatKit, chatkits_in, create_app
from ..page import add_page
from ..settings import Settings
from .draining import STOPS, DrainingServer, end_at_once_at_the_next_signal
from .greeting import greet

if TYPE_CHECKING:
    from ..eventlog.redis.probe import Probe

SOCKET_CLOSE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Job:
    """What to run: the application named so, or else the one that the settings make; ``workers`` processes of it."""

    settings: Settings
    app_name: str | None = None
    workers: int = 1


def application(job: Job) -> FastAPI:
    """The application, with a page at ``/`` where it has none of its own.

    :raises UsageError: there is none of that name, or it cannot be run in so many processes.
    """
    app = create_app(job.settings) if job.app_name is None else _import(job.app_name)
    chats = chatkits_in(app)
    _refuse_deaf(chats, job.workers)
    if job.app_name is not None and chats:
        add_page(app, chats[0].path, chats[0].settings)
    return app


def run(
    job: Job, app: FastAPI, listener: socket.socket, *, greets: bool, started: Callable[[], None] | None = None
) -> None:
    """Serve until a signal says to stop. ``started`` is called when requests are answered.

    :raises LogUnavailable: where it ``greets``: the Redis of a chat cannot be used before somebody corrects something.
    :raises UsageError: the application cannot be run in so many processes, which is known now that it has begun.
    """
    chats = chatkits_in(app)
    for stop in STOPS:
        signal.signal(stop, _leave)
    redis = asyncio.run(_look_at_redis(chats)) if greets else {}
    app.state.server_url = _url_of(*listener.getsockname()[:2])
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SOCKET_CLOSE_SECONDS,
    )

    def on_start() -> None:
        _refuse_deaf(chats, job.workers)  # once more: a store may be made when the application begins
        if greets:
            greet(app, chats, redis, job.workers)
        if started is not None:
            started()

    server = DrainingServer(config, chats, job.settings.drain_seconds, on_start)
    try:
        server.run(sockets=[listener])
    except SystemExit:
        if server.started and server.refusal is None:
            raise
    if server.refusal is not None:
        raise server.refusal
    if not server.started:  # uvicorn has said why; its own code for that is 3
        raise SystemExit(1)


def _import(name: str) -> FastAPI:
    sys.path.insert(0, "")  # as uvicorn does: the working directory's modules
    try:
        app = import_from_string(name)
    except ImportFromStringError as error:
        raise click.UsageError(f"--app {name}: {error}") from None
    if not isinstance(app, FastAPI) and callable(app):
        app = app()
    if not isinstance(app, FastAPI):
        raise click.UsageError(f"--app {name} is no FastAPI application, and no function that makes one")
    return app


def _refuse_deaf(chats: list[ChatKit], workers: int) -> None:
    """:raises UsageError: the processes would not hear each other, or not see the same threads."""
    if workers == 1:
        return
    for chat in chats:
        if chat.is_alone:
            raise click.UsageError(
                f"--workers {workers}: each worker is a process, and the others would not know what it does in "
                f"{chat.kept_in}.\n"
                "Use a database that they share: set CHATKIT_DATABASE_URL=postgresql://USER@HOST/DATABASE, or, where "
                "the application brings a store of its own, make it a PostgresStore."
            )
        if chat.settings.redis_url is None and chat.settings.chat_enabled:
            raise click.UsageError(
                f"--workers {workers} needs Redis: each worker is a process, and an answer that one of them writes is "
                "followed in the others through it.\n"
                "Set CHATKIT_REDIS_URL (redis://HOST:6379), or leave --workers out."
            )


async def _look_at_redis(chats: list[ChatKit]) -> dict[str, Probe]:
    """What is at each URL that the chats have."""
    urls = {chat.settings.redis_url.get_secret_value() for chat in chats if chat.settings.redis_url}
    if not urls:
        return {}
    from ..eventlog.redis.probe import probe

    return {url: await probe(url) for url in urls}


def _leave(number: int, frame: FrameType | None) -> None:
    """End with code 0: uvicorn raises the signal that stopped it once more when it is done."""
    end_at_once_at_the_next_signal()
    raise SystemExit(0)


def _url_of(host: str, port: int) -> str:
    """Where to call what listens there; what listens everywhere is on this machine, too."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not listened on
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
