"""``fastapi-chatkit serve``: the server on uvicorn."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from types import FrameType

import click
import uvicorn
from fastapi import FastAPI
from uvicorn.importer import ImportFromStringError, import_from_string

from ..backend import store_from
from ..chatkit import ChatKit, chatkits_in, create_app
from ..hosts import is_loopback
from ..settings import Settings, variable_of
from .logs import configure_logging

logger = logging.getLogger(__name__)

SOCKET_CLOSE_SECONDS = 5

NO_THREADS = "none: CHATKIT_DATABASE_URL is empty, chat is off"


@click.command()
@click.option(
    "--host", envvar="HOST", default="127.0.0.1", show_default=True, show_envvar=True, help="Address to listen on."
)
@click.option(
    "--port",
    envvar="PORT",
    default=8000,
    show_default=True,
    show_envvar=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 is any free one.",
)
@click.option(
    "--app",
    "app_name",
    metavar="MODULE:NAME",
    help="Run this FastAPI application (or what makes one) instead.",
)
@click.option(
    "--database-url", help="Where threads are kept, e.g. sqlite:///./chatkit.db or postgresql://user@host/database"
)
@click.option("--auth", type=click.Choice(["local", "trust"]), help="Who may call.")
@click.option("--model", help="The model that answers.")
@click.option("--mcp", multiple=True, metavar="NAME=URL", help="A server of tools for the model; may be repeated.")
@click.option("--log-format", type=click.Choice(["text", "json"]), help="How log lines are written.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="From which level on.")
def serve(host: str, port: int, app_name: str | None, mcp: tuple[str, ...], **flags: str | None) -> None:
    """Run the server until Ctrl-C or SIGTERM; answers under way may finish first."""
    if app_name is not None:
        _refuse_unseen({"mcp": mcp, **flags})
    settings = Settings.load(mcp_servers=",".join(mcp) or None, **flags)
    configure_logging(settings.log_format, settings.log_level)
    if settings.auth == "local" and not is_loopback(host):
        raise click.UsageError(
            f"AUTH=local trusts the headers of callers on this machine, so it does not listen on {host}.\n"
            "Listen on 127.0.0.1, or put a gateway that verifies users in front and set CHATKIT_AUTH=trust."
        )
    app = create_app(settings) if app_name is None else _import(app_name)
    if app_name is None:
        asyncio.run(_check_store(settings))
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SOCKET_CLOSE_SECONDS,
    )
    chats = chatkits_in(app)
    app.state.server_url = _url_of(*listener.getsockname()[:2])
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _leave)
    server = DrainingServer(config, chats, settings.drain_seconds, greet=lambda: _greet(app, chats))
    server.run(sockets=[listener])
    if not server.started:
        raise SystemExit(1)


class DrainingServer(uvicorn.Server):
    """Uvicorn that lets answers under way finish before it closes their connections."""

    def __init__(
        self, config: uvicorn.Config, chats: list[ChatKit], drain_seconds: float, greet: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._chats = chats
        self._drain_seconds = drain_seconds
        self._greet = greet

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say what is there now. Then take what is loaded out of garbage collection: it stays, and looking
        at it costs a quarter of the time in which 1,000 streams open.
        """
        await super().startup(sockets)
        if self.started:
            self._greet()
        gc.freeze()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more runs, wait, interrupt the rest, then close. A second Ctrl-C ends the waiting."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._drain_seconds
        for chat in self._chats:
            chat.drain()
        if running := self._active_runs():
            logger.info(
                "waiting up to %g s for %d answers to finish; Ctrl-C again to stop now", self._drain_seconds, running
            )
        while self._active_runs() and not self.force_exit and clock() < deadline:  # noqa: ASYNC110 - a signal sets force_exit
            await asyncio.sleep(0.1)
        for chat in self._chats:
            await chat.interrupt()
        await super().shutdown(sockets)

    def _active_runs(self) -> int:
        return sum(chat.active_runs for chat in self._chats)


_UNSEEN = {"database_url": "database_url", "auth": "auth", "model": "model", "mcp": "mcp_servers"}
"""Options that an application of one's own does not see, with their settings."""


def _refuse_unseen(flags: Mapping[str, object]) -> None:
    """:raises UsageError: an option would have no effect."""
    given = [name for name in _UNSEEN if flags.get(name) not in (None, ())]
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        variables = ", ".join(variable_of(_UNSEEN[name]) for name in given)
        raise click.UsageError(
            f"{options}: not with --app, for your application reads its settings itself.\n"
            f"Set {variables} in the environment or in .env, or decide it in the application."
        )


async def _check_store(settings: Settings) -> None:
    """Open the store and close it: what is wrong with it is said now, before anything listens.

    :raises StoreError: it cannot be used; the message says what to do.
    """
    store = store_from(settings)
    if store is not None:
        await store.open()
        await store.close()


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


def _leave(number: int, frame: FrameType | None) -> None:
    """End with code 0: uvicorn raises the signal that stopped it once more when it is done."""
    raise SystemExit(0)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        hint = "; choose another with --port" if "in use" in str(error) else ""
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror or error}{hint}") from None


def _url_of(host: str, port: int) -> str:
    """Where to call what listens there; what listens everywhere is on this machine, too."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not listened on
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _greet(app: FastAPI, chats: list[ChatKit]) -> None:
    """Say on standard error what runs where."""
    url: str = app.state.server_url
    click.echo(f"fastapi-chatkit {version('fastapi-chatkit')}", err=True)
    for chat in chats:
        endpoint = f"{url}{chat.path}"
        is_default = endpoint == "http://127.0.0.1:8000/chatkit"
        _say("endpoint", endpoint)
        _say("try it", f"fastapi-chatkit chat{'' if is_default else f' --url {endpoint}'}")
        if chat.kept_in or not chat.settings.chat_enabled:
            _say("threads", chat.kept_in or NO_THREADS)
        _say("answers", chat.answers)
    if not chats:
        _say("address", url)
    if app.openapi_url and app.docs_url:
        _say("docs", f"{url}{app.docs_url}")


def _say(name: str, value: str) -> None:
    click.echo(f"  {name:9} {value}", err=True)
