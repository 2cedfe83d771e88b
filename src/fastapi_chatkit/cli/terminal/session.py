"""One user's session: the open thread, and every exchange with the server that changes it."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import aclosing

from rich.text import Text

from .conversation import Conversation
from .failures import ClientFailure
from .fields import Json, one_line, printable
from .items import Note, Questions, ToolCall
from .keyboard import Interrupted, interruptible
from .lines import Reader
from .screen import Screen
from .tools import CLIENT_TOOLS, submission, tool_result
from .transport import Connection

_SHOWN_ITEMS = 20


class Session:
    """``conversation`` is the open thread; a new one gets its id from the server with its first message.

    The methods that make the assistant answer return whether the answer came to its end. They print why it did not.
    """

    def __init__(self, connection: Connection, screen: Screen, reader: Reader) -> None:
        self.connection = connection
        self.screen = screen
        self.reader = reader
        self.conversation = Conversation()

    async def call(self, operation: str, **params: Json) -> dict[str, Json]:
        """An operation that does not stream. Raises ClientFailure, and Interrupted on Ctrl-C."""
        return (await interruptible(self.connection.call(operation, params))).raw

    async def say(self, text: str) -> bool:
        """Send a message and show the answer."""
        message: Json = {
            "content": [{"type": "input_text", "text": text}],
            "attachments": [],
            "inference_options": {},
        }
        thread_id = self.conversation.thread_id
        if thread_id:
            return await self._converse("threads.add_user_message", {"thread_id": thread_id, "input": message})
        return await self._converse("threads.create", {"input": message})

    async def retry(self) -> bool:
        """Have the newest message answered again."""
        thread_id, item_id = self.conversation.thread_id, self.conversation.last_question
        if not thread_id or not item_id:
            self.screen.remark(Note("warning", "Nothing was asked here yet."))
            return False
        self.conversation.rewind(item_id)
        return await self._converse("threads.retry_after_item", {"thread_id": thread_id, "item_id": item_id})

    def start_new(self) -> None:
        """Leave the open thread. The next message creates one."""
        self.conversation = Conversation()

    async def open(self, thread_id: str) -> bool:
        """Make a thread the open one, print its newest items, and go on where it waits for the user.

        Raises ClientFailure when it cannot be loaded.
        """
        thread = await interruptible(self.connection.call("threads.get_by_id", {"thread_id": thread_id}))
        params: dict[str, Json] = {"thread_id": thread_id, "limit": _SHOWN_ITEMS, "order": "desc"}
        page = await interruptible(self.connection.call("items.list", params))
        self.conversation = Conversation(thread_id, thread.text("title"))
        self.conversation.load(page.children("data")[::-1])
        title = one_line(self.conversation.title or "Untitled")
        self.screen.remark(Note("dim", f"Continuing “{title}”. /new starts another."))
        if page.flag("has_more"):
            self.screen.remark(Note("dim", f"… and earlier messages: these are the newest {_SHOWN_ITEMS} items."))
        self.screen.show(self.conversation)
        return await self._go_on()

    async def _converse(self, operation: str, params: Mapping[str, Json]) -> bool:
        return await self._exchange(operation, params) and await self._go_on()

    async def _go_on(self) -> bool:
        """Answer what the assistant waits for, as often as it asks."""
        while (pending := self.conversation.pending) is not None:
            try:
                operation, params = await self._reply(pending)
            except (EOFError, Interrupted):
                self.screen.remark(Note("dim", "left unanswered"))
                return False
            pending.pending = False
            if not await self._exchange(operation, params):
                return False
        return True

    async def _reply(self, pending: ToolCall | Questions) -> tuple[str, dict[str, Json]]:
        thread_id = self.conversation.thread_id
        if isinstance(pending, Questions):
            answers = await submission(pending, self._ask)
            params: dict[str, Json] = {"thread_id": thread_id, "item_id": pending.id, "input": answers}
            return "threads.add_structured_input", params
        if pending.name in CLIENT_TOOLS:
            result = CLIENT_TOOLS[pending.name]()
            self.screen.remark(Note("dim", f"→ {one_line(printable(json.dumps(result, ensure_ascii=False)))}"))
        else:
            question = f"The assistant calls {pending.name}. Type its result: JSON or text, empty for {{}}."
            result = tool_result(await self._ask(question, "  result: "))
        return "threads.add_client_tool_output", {"thread_id": thread_id, "result": result}

    async def _ask(self, question: str, prompt: str) -> str:
        self.screen.ask(question)
        typed = printable(await self.reader.answer(prompt)).strip()
        self.screen.heard(typed)
        return typed

    async def _exchange(self, operation: str, params: Mapping[str, Json]) -> bool:
        """One streaming operation, shown while it runs. Ctrl-C hangs up: to the server that is "stop"."""
        try:
            await interruptible(self._stream(operation, params))
        except Interrupted:
            return False
        return not self.conversation.failed

    async def _stream(self, operation: str, params: Mapping[str, Json]) -> None:
        conversation = self.conversation
        conversation.begin()
        async with self.screen.following(conversation) as changed:
            try:
                async with aclosing(self.connection.stream(operation, params)) as events:
                    async for event in events:
                        conversation.apply(event)
                        changed()
            except asyncio.CancelledError:
                conversation.end(stopped=True)
                raise
            except ClientFailure as failure:
                conversation.end(failure=failure)
            else:
                conversation.end()


def status_line(conversation: Conversation) -> str:
    """What stands below the prompt."""
    title = conversation.title or ("Untitled" if conversation.thread_id else "New conversation")
    return f"  {one_line(title, 50)} · /help · Alt-Enter for a new line"


def greeting(url: str, user: str) -> Text:
    """The first line of an interactive session."""
    return Text.assemble(("ChatKit", "bold"), (f"  {url} as {user} · /help lists the commands, Ctrl-D leaves", "dim"))
