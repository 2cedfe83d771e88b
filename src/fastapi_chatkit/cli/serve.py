"""``fastapi-chatkit serve``: the server on uvicorn, in one process or in several."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

import click

from ..backend import store_from
from ..hosts import is_loopback
from ..settings import Settings, variable_of
from .logs import configure_logging
from .serving import Job, application, run
from .workers import Workers


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
@click.option("--redis-url", help="Redis, through which several processes follow each other, e.g. redis://host:6379/0")
@click.option("--auth", type=click.Choice(["local", "trust"]), help="Who may call.")
@click.option("--model", help="The model that answers.")
@click.option("--mcp", multiple=True, metavar="NAME=URL", help="A server of tools for the model; may be repeated.")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 512),
    help="How many processes; several need Redis.",
)
@click.option("--log-format", type=click.Choice(["text", "json"]), help="How log lines are written.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="From which level on.")
def serve(host: str, port: int, app_name: str | None, mcp: tuple[str, ...], workers: int, **flags: str | None) -> None:
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
    job = Job(settings, app_name, workers)
    app = application(job) if app_name is None or workers == 1 else None  # each worker makes its own
    if app_name is None:
        asyncio.run(_check_store(settings))
    listener = _listen(host, port)
    if app is not None and workers == 1:
        run(job, app, listener, greets=True)
    else:
        raise SystemExit(Workers(job, listener).run())


_UNSEEN = {
    "database_url": "database_url",
    "redis_url": "redis_url",
    "auth": "auth",
    "model": "model",
    "mcp": "mcp_servers",
}
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


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        hint = "; choose another with --port" if "in use" in str(error) else ""
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror or error}{hint}") from None
