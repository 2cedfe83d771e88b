"""``fastapi-chatkit chat``: talk to a ChatKit server from a terminal."""

import asyncio
import sys
from io import TextIOWrapper
from urllib.parse import urlsplit

import click

from ..hosts import is_loopback, login
from .terminal.repl import Options, chat_with

_HELP = """Talk to a ChatKit server.

Without a QUESTION this is a conversation: at a terminal it goes on with your newest thread, from a pipe each line is a
message. With one, the answer is printed and that is all; - reads the question from standard input.
"""


def endpoint(url: str) -> str:
    """``url`` as the endpoint's address: one without a path means ``/chatkit``."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError
    except ValueError as error:
        raise click.BadParameter(f"{url!r} is no http:// or https:// URL.", param_hint="--url") from error
    return parts._replace(path="/chatkit").geturl() if parts.path in ("", "/") else url


def development_token(url: str, user: str) -> str:
    """A token of the user where the server is on this machine and the key is at hand; ``local`` says nothing.

    :raises SettingsError: the key is wrong.
    """
    from ..auth.development_key import key_in
    from ..settings import TokenConfig

    key = (TokenConfig.read().token_key or key_in()) if is_loopback(urlsplit(url).hostname or "") else None
    if key is None:
        return "local"
    from ..auth.development import DevelopmentTokens

    try:
        return DevelopmentTokens(key).sign(user)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--user") from None


@click.command(help=_HELP)
@click.argument("question", nargs=-1)
@click.option(
    "--url",
    default="http://127.0.0.1:8000/chatkit",
    envvar="CHATKIT_URL",
    show_envvar=True,
    show_default=True,
    help="The endpoint.",
)
@click.option("--user", default=login, show_default="your login name", help="Whose threads: X-User-ID.")
@click.option(
    "--token",
    envvar="CHATKIT_TOKEN",
    show_envvar=True,
    show_default="a development token on this machine, else local",
    help="The bearer token.",
)
@click.option("--thread", default="", metavar="ID", help="Continue this thread.")
@click.option("--new", is_flag=True, help="Start a new thread instead of continuing the newest.")
def chat(question: tuple[str, ...], url: str, user: str, token: str | None, thread: str, new: bool) -> None:
    """The command. Exit codes: 0, 1 when an answer failed, 2 for wrong usage."""
    if thread and new:
        raise click.UsageError("--thread and --new exclude each other.")
    url = endpoint(url)
    token = development_token(url, user) if token is None else token
    for name, value in (("--user", user), ("--token", token)):
        if not value.strip() or not value.isprintable():
            raise click.BadParameter("must be printable and not empty.", param_hint=name)
    text = sys.stdin.read() if question == ("-",) else " ".join(question)
    if question and not text.strip():
        raise click.UsageError("The question is empty.")
    # A model may say what the terminal's encoding cannot.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = Options(url, user, token, thread, new, text.strip())
    sys.exit(asyncio.run(chat_with(options)))
