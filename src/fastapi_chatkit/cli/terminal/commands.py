"""The lines that begin with a slash."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text

from .failures import ClientFailure
from .fields import Fields, Json, one_line
from .items import Level, Note
from .keyboard import Interrupted
from .session import Session

_PAGE = 20

Run = Callable[[str], Awaitable[None]]


def is_command(line: str) -> bool:
    """``/word ...`` is a command; ``/etc/passwd`` is something to talk about."""
    return re.match(r"/[a-z?]+(\s|$)", line) is not None


class Commands:
    """What the commands do to ``session``. ``listed`` are the ids that ``/threads`` numbered last."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._listed: list[Fields] = []
        self._after = ""
        self._table: dict[str, tuple[str, str, Run]] = {
            "/threads": ("", "your conversations, newest first (/threads more: older ones)", self._threads),
            "/open": ("N", "continue conversation N of /threads, or the one with an id", self._open),
            "/new": ("", "start a new conversation", self._new),
            "/rename": ("TITLE", "name this conversation", self._rename),
            "/delete": ("N", "delete conversation N of /threads", self._delete),
            "/retry": ("", "have your last message answered again", self._retry),
            "/help": ("", "this list", self._help),
        }

    @property
    def names(self) -> list[str]:
        """Every command, for completion."""
        return [*self._table, "/quit"]

    async def run(self, line: str) -> bool:
        """Do what ``line`` says; False when that is to leave. Raises ClientFailure and Interrupted."""
        name, _, rest = line.partition(" ")
        if name in ("/quit", "/exit"):
            return False
        known = self._table.get(name)
        if known is None:
            self._remark("warning", f"There is no command {name}. /help lists them.")
        elif known[0] and not rest.strip():
            self._remark("warning", f"{name} {known[0]}: {known[1]}.")
        else:
            await known[2](rest.strip())
        return True

    async def _threads(self, rest: str) -> None:
        params: dict[str, Json] = {"limit": _PAGE, "order": "desc"}
        older = rest == "more" and bool(self._after)
        if older:
            params["after"] = self._after
        page = Fields(await self._session.call("threads.list", **params))
        found = page.children("data")
        self._listed = self._listed + found if older else found
        self._after = page.text("after") if page.flag("has_more") else ""
        if not self._listed:
            self._remark("dim", "No conversations yet.")
            return
        lines = Table.grid(padding=(0, 2))
        first = len(self._listed) - len(found) + 1
        for number, thread in enumerate(found, first):
            here = thread.text("id") == self._session.conversation.thread_id
            lines.add_row(
                Text(f"{number:>3}", style="cyan"),
                Text(_title(thread), style="bold" if here else ""),
                Text(age(thread.text("created_at"), datetime.now(UTC)), style="dim"),
            )
        more = [Text("     /threads more: older ones", style="dim")] if self._after else []
        self._session.screen.write(Group(lines, *more))

    async def _open(self, rest: str) -> None:
        await self._session.open(self._which(rest))

    async def _new(self, rest: str) -> None:
        self._session.start_new()
        self._remark("dim", "A new conversation.")

    async def _rename(self, rest: str) -> None:
        conversation = self._session.conversation
        if not conversation.thread_id:
            self._remark("warning", "This conversation has not begun yet.")
            return
        await self._session.call("threads.update", thread_id=conversation.thread_id, title=rest)
        conversation.title = rest
        self._remark("dim", f"Renamed to {rest}.")

    async def _delete(self, rest: str) -> None:
        thread_id = self._which(rest)
        title = next((_title(one) for one in self._listed if one.text("id") == thread_id), thread_id)
        if self._session.reader.interactive and not await self._confirmed(f"Delete “{title}” for good? [y/N] "):
            return
        await self._session.call("threads.delete", thread_id=thread_id)
        self._listed = []
        if thread_id == self._session.conversation.thread_id:
            self._session.start_new()
        self._remark("dim", f"Deleted {title}.")

    async def _retry(self, rest: str) -> None:
        await self._session.retry()

    async def _help(self, rest: str) -> None:
        lines = Table.grid(padding=(0, 2))
        for name, (argument, meaning, _) in self._table.items():
            lines.add_row(Text(f"  {name} {argument}".rstrip(), style="cyan"), Text(meaning))
        lines.add_row(Text("  /quit", style="cyan"), Text("leave; so do Ctrl-D, and Ctrl-C twice"))
        keys = "  Ctrl-C stops an answer, Alt-Enter begins a new line, Up recalls what you asked."
        self._session.screen.write(Group(lines, Text(keys, style="dim")))

    async def _confirmed(self, question: str) -> bool:
        try:
            return (await self._session.reader.answer(question)).strip().lower() in ("y", "yes")
        except (EOFError, Interrupted):
            return False

    def _which(self, rest: str) -> str:
        """The thread id that ``rest`` means: a number of the last list, or the id itself."""
        if not rest.isdecimal():
            return rest
        if not 1 <= int(rest) <= len(self._listed):
            raise ClientFailure(f"There is no conversation {rest}.", "/threads numbers them.")
        return self._listed[int(rest) - 1].text("id")

    def _remark(self, level: Level, text: str) -> None:
        self._session.screen.remark(Note(level, text))


def _title(thread: Fields) -> str:
    return one_line(thread.text("title") or "Untitled", 60)


def age(created: str, now: datetime) -> str:
    """How long ago an ISO time was, roughly; "" when it is no time. One without an offset is UTC."""
    try:
        then = datetime.fromisoformat(created)
    except ValueError:
        return ""
    seconds = (now - (then if then.tzinfo else then.replace(tzinfo=UTC))).total_seconds()
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit} ago"
    return "now"
