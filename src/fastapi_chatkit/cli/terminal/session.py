"""One user's session: the open thread, and every exchange with the server that changes it."""

import asyncio
import json

from rich.text import Text

from ...client import Answer, AsyncChatKitClient, BadReply, ClientError, Reconnecting, Refused, Run
from .conversation import Conversation
from .failures import ClientFailure, explain, explained
from .fields import Fields, Json, one_line, printable
from .items import Note, Questions, ToolCall
from .keyboard import Interrupted, interruptible
from .lines import Reader
from .screen import Screen
from .tools import CLIENT_TOOLS, submission, tool_result

_SHOWN_ITEMS = 20


class Session:
    """``conversation`` is the open thread; a new one gets its id from the server with its first message.

    The methods that make the assistant answer return whether the answer came to its end. They print why it did not.
    """

    def __init__(self, client: AsyncChatKitClient, screen: Screen, reader: Reader) -> None:
        self.client = client
        self.screen = screen
        self.reader = reader
        self.conversation = Conversation()

    async def call(self, operation: str, **params: Json) -> dict[str, Json]:
        """An operation that does not stream. Raises ClientFailure, and Interrupted on Ctrl-C."""
        with explained(self.client.url):
            return await interruptible(self.client.call(operation, params))

    async def say(self, text: str) -> bool:
        """Send a message and show the answer."""
        return await self._converse(self.client.send(text, thread_id=self.conversation.thread_id or None))

    async def retry(self) -> bool:
        """Have the newest message answered again."""
        thread_id, item_id = self.conversation.thread_id, self.conversation.last_question
        if not thread_id or not item_id:
            self.screen.remark(Note("warning", "Nothing was asked here yet."))
            return False
        self.conversation.rewind(item_id)
        return await self._converse(self.client.retry(thread_id, item_id))

    def start_new(self) -> None:
        """Leave the open thread. The next message creates one."""
        self.conversation = Conversation()

    async def open(self, thread_id: str) -> bool:
        """Make a thread the open one, print its newest items, and go on where it waits for the user.

        An answer that is under way is shown to its end. Raises ClientFailure when the thread cannot be loaded.
        """
        run = await self._under_way(thread_id)
        thread = Fields(await self.call("threads.get_by_id", thread_id=thread_id))
        page = Fields(await self.call("items.list", thread_id=thread_id, limit=_SHOWN_ITEMS, order="desc"))
        self.conversation = Conversation(thread_id, thread.text("title"))
        self.conversation.load(page.children("data")[::-1], growing=run is not None)
        title = one_line(self.conversation.title or "Untitled")
        self.screen.remark(Note("dim", f"Continuing “{title}”. /new starts another."))
        if page.flag("has_more"):
            self.screen.remark(Note("dim", f"… and earlier messages: these are the newest {_SHOWN_ITEMS} items."))
        self.screen.show(self.conversation)
        if run is not None:
            return await self._converse(self.client.runs.attach(thread_id, run.id))
        return await self._go_on()

    async def _under_way(self, thread_id: str) -> Run | None:
        """The run that works on the thread, asked before its items are: one that has ended has stored them all."""
        with explained(self.client.url):
            try:
                run = await interruptible(self.client.runs.get(thread_id))
            except (Refused, BadReply):  # it has had none, or the server keeps none
                return None
        return run if run.active else None

    async def _converse(self, answer: Answer) -> bool:
        return await self._exchange(answer) and await self._go_on()

    async def _go_on(self) -> bool:
        """Answer what the assistant waits for, as often as it asks."""
        while (pending := self.conversation.pending) is not None:
            try:
                answer = await self._reply(pending)
            except (EOFError, Interrupted):
                self.screen.remark(Note("dim", "left unanswered"))
                return False
            pending.pending = False
            if not await self._exchange(answer):
                return False
        return True

    async def _reply(self, pending: ToolCall | Questions) -> Answer:
        thread_id = self.conversation.thread_id
        if isinstance(pending, Questions):
            params: dict[str, Json] = {"thread_id": thread_id, "item_id": pending.id}
            params["input"] = await submission(pending, self._ask)
            return self.client.stream("threads.add_structured_input", params)
        if pending.name in CLIENT_TOOLS:
            result = CLIENT_TOOLS[pending.name]()
            self.screen.remark(Note("dim", f"→ {one_line(printable(json.dumps(result, ensure_ascii=False)))}"))
        else:
            question = f"The assistant calls {pending.name}. Type its result: JSON or text, empty for {{}}."
            result = tool_result(await self._ask(question, "  result: "))
        return self.client.tool_output(thread_id, result)

    async def _ask(self, question: str, prompt: str) -> str:
        self.screen.ask(question)
        typed = printable(await self.reader.answer(prompt)).strip()
        self.screen.heard(typed)
        return typed

    async def _exchange(self, answer: Answer) -> bool:
        """Show an answer while it comes. Ctrl-C stops it, and once more leaves it to itself."""
        stops: list[asyncio.Task[None]] = []

        def stop() -> bool:
            if answer.outcome is None:
                stops.append(asyncio.create_task(self._stop(answer)))
            return answer.outcome is None

        try:
            await interruptible(self._follow(answer), stop)
        except Interrupted:
            return False
        finally:
            for task in stops:
                task.cancel()
            await asyncio.gather(*stops, return_exceptions=True)
        return not stops and not self.conversation.failed

    async def _follow(self, answer: Answer) -> None:
        conversation = self.conversation
        conversation.begin()
        async with self.screen.following(conversation) as changed:

            def away(_: Reconnecting) -> None:
                conversation.away()
                changed()

            answer.on_reconnect = away
            try:
                with explained(self.client.url):
                    async with answer:
                        async for event in answer.json():
                            conversation.apply(Fields(event))
                            changed()
            except asyncio.CancelledError:
                conversation.end()
                conversation.note(Note("dim", "left; the server may go on with it"))
                raise
            except ClientFailure as failure:
                conversation.end(failure=failure)
            else:
                conversation.end(stopped=answer.outcome is not None and answer.outcome.status == "cancelled")

    async def _stop(self, answer: Answer) -> None:
        self.conversation.stopping = True
        try:
            await answer.stop()
        except ClientError as error:
            self.conversation.note(
                Note("warning", f"It could not be stopped: {explain(error, self.client.url).message}")
            )


def status_line(conversation: Conversation) -> str:
    """What stands below the prompt."""
    title = conversation.title or ("Untitled" if conversation.thread_id else "New conversation")
    return f"  {one_line(title, 50)} · /help · Alt-Enter for a new line"


def greeting(url: str, user: str) -> Text:
    """The first line of an interactive session."""
    return Text.assemble(("ChatKit", "bold"), (f"  {url} as {user} · /help lists the commands, Ctrl-D leaves", "dim"))
