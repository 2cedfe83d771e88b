"""The loop: a line from the user, an answer to it, until the user leaves."""

import locale
import re
import sys
from contextlib import nullcontext
from dataclasses import dataclass

from rich.console import Console

from ...client import AsyncChatKitClient
from .commands import Commands, is_command
from .failures import ClientFailure
from .fields import Fields, printable
from .items import Note
from .keyboard import Interrupted, unechoed
from .lines import LineReader, Reader
from .live import LiveScreen
from .plain import PlainScreen
from .render import THEME
from .screen import Screen
from .session import Session, greeting, status_line


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. ``question``: ask only this; ``thread``: continue this one, "" for none."""

    url: str
    user: str
    token: str
    thread: str = ""
    new: bool = False
    question: str = ""


async def chat_with(options: Options) -> int:
    """Ask the one question, or converse until the user leaves. The exit code: 0, or 1 when an answer failed."""
    reader = _reader()
    with nullcontext() if isinstance(reader, LineReader) else unechoed():
        return await _chat(options, reader)


async def _chat(options: Options, reader: Reader) -> int:
    screen = _screen(reader, once=bool(options.question))
    client = AsyncChatKitClient(options.url, user=options.user, token=options.token, locale=language())
    async with client:
        session = Session(client, screen, reader)
        try:
            if options.question:
                return await _ask(session, options)
            await _begin(session, options)
        except ClientFailure as failure:
            screen.remark(Note("danger", failure.text))
            return 1
        except Interrupted:
            return 1
        return await converse(session)


async def converse(session: Session) -> int:
    """Answer line after line. A failed answer ends nothing, but the exit code of a pipe tells of it."""
    commands = Commands(session)
    failed = False
    while (line := await _line(session, commands.names)) is not None:
        text = printable(line).strip()
        if not text:
            continue
        session.screen.heard(text)
        try:
            if not is_command(text):
                failed = not await session.say(text) or failed
            elif not await commands.run(text):
                break
        except ClientFailure as failure:
            failed = True
            session.screen.remark(Note("danger", failure.text))
        except Interrupted:
            session.screen.remark(Note("dim", "stopped"))
    return 1 if failed and not session.reader.interactive else 0


async def _line(session: Session, commands: list[str]) -> str | None:
    """The user's next line; None when the user leaves, by Ctrl-D or by Ctrl-C twice."""
    conversation = session.conversation
    for attempt in (1, 2):
        try:
            return await session.reader.message(
                recall=conversation.asked, commands=commands, status=status_line(conversation)
            )
        except EOFError:
            break
        except Interrupted:
            if attempt == 2 or not session.reader.interactive:
                break
            session.screen.remark(Note("dim", "Ctrl-C again leaves, and so does Ctrl-D."))
    return None


async def _ask(session: Session, options: Options) -> int:
    session.conversation.thread_id = options.thread
    return 0 if await session.say(options.question) else 1


async def _begin(session: Session, options: Options) -> None:
    """Open what the user means to continue: at a terminal that is the newest thread, unless told otherwise."""
    if session.reader.interactive:
        session.screen.write(greeting(options.url, options.user))
    if options.thread:
        await session.open(options.thread)
    elif session.reader.interactive:
        page = Fields(await session.call("threads.list", limit=1, order="desc"))
        newest = page.children("data")
        if newest and not options.new:
            await session.open(newest[0].text("id"))


def _reader() -> Reader:
    if not sys.stdin.isatty():
        return LineReader(sys.stdin, None)
    if not sys.stdout.isatty() or Console().is_dumb_terminal:
        return LineReader(sys.stdin, sys.stderr)
    from .prompt import PromptReader  # a pipe does not need the line editor, and starts faster without it

    return PromptReader()


def _screen(reader: Reader, *, once: bool) -> Screen:
    console = Console(theme=THEME, highlight=False)
    if console.is_terminal and not console.is_dumb_terminal and (once or reader.interactive):
        return LiveScreen(console, commands=not once)
    return PlainScreen(sys.stdout, sys.stderr)


def language() -> str:
    """The language tag of this process's locale, ``en`` where it has none."""
    name = re.match(r"([a-z]{2,3})(?:_([A-Z]{2}))?$", locale.getlocale()[0] or "")
    return "-".join(part for part in name.groups() if part) if name else "en"
