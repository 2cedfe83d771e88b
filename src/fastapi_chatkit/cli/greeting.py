"""What ``serve`` says on standard error when it is there: what runs where."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

import click
from fastapi import FastAPI

from ..chatkit import ChatKit

if TYPE_CHECKING:
    from ..eventlog.redis.probe import Probe

NO_THREADS = "none: CHATKIT_DATABASE_URL is empty, chat is off"


def greet(app: FastAPI, chats: list[ChatKit], redis: Mapping[str, Probe], workers: int) -> None:
    """Say it. ``redis`` has what was found at each URL."""
    url: str = app.state.server_url
    click.echo(f"fastapi-chatkit {version('fastapi-chatkit')}", err=True)
    for chat in chats:
        endpoint = f"{url}{chat.path}"
        is_default = endpoint == "http://127.0.0.1:8000/chatkit"
        if chat is chats[0]:
            _say("page", f"{url}/")
        _say("endpoint", endpoint)
        _say("try it", f"fastapi-chatkit chat{'' if is_default else f' --url {endpoint}'}")
        if chat.kept_in or not chat.settings.chat_enabled:
            _say("threads", chat.kept_in or NO_THREADS)
        if chat.settings.redis_url:
            _say("tokens", _told(redis[chat.settings.redis_url.get_secret_value()]))
        _say("answers", chat.answers)
    if not chats:
        _say("address", url)
    if workers > 1:
        _say("workers", str(workers))
    if app.openapi_url and app.docs_url:
        _say("docs", f"{url}{app.docs_url}")


def _told(found: Probe) -> str:
    if found.problem is None:
        return f"{found.server} at {found.shown}"
    where = f"{found.server} at {found.shown}, not usable" if found.server else f"{found.shown} not reachable"
    return f"{where}: {found.problem}. Until then, answers of other processes are followed by snapshots"


def _say(name: str, value: str) -> None:
    click.echo(f"  {name:9} {value}", err=True)
