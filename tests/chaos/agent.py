"""The application that the replicas serve: its agent says what it is told to (:mod:`tests.chaos.script`)."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime

from chatkit import types as sdk
from chatkit.errors import CustomStreamError
from chatkit.widgets import Card, Text

from fastapi_chatkit import Turn
from fastapi_chatkit.agents.function import Yielded
from fastapi_chatkit.chatkit import chatkits_in, create_app
from tests.chaos.script import FAILURE, Script

app = create_app()
(chat,) = chatkits_in(app)


@chat.respond
async def reply(turn: Turn) -> AsyncIterator[Yielded]:
    script = Script.parse(turn.text)
    for at in range(len(script.parts)):
        async for event in play(turn, script, at):
            yield event


async def play(turn: Turn, script: Script, at: int) -> AsyncIterator[Yielded]:
    """One part of a script."""
    part = script.parts[at]
    match part.kind:
        case "text":
            for index in range(part.count):
                yield script.token(at, index)
                if part.pause:
                    await asyncio.sleep(part.pause)
        case "card":
            yield Card(children=[Text(value=script.value(at))])
        case "swap":
            card = widget(turn, script.value(at))
            yield sdk.ThreadItemDoneEvent(item=card)
            await asyncio.sleep(0.1)
            changed = widget(turn, script.value(at, 2)).model_copy(
                update={"id": card.id, "created_at": card.created_at}
            )
            yield sdk.ThreadItemReplacedEvent(item=changed)
        case "gone":
            card = widget(turn, script.value(at))
            yield sdk.ThreadItemDoneEvent(item=card)
            await asyncio.sleep(0.1)
            yield sdk.ThreadItemRemovedEvent(item_id=card.id)
        case "tool":
            yield turn.progress("working")
            await asyncio.sleep(part.pause)
        case "block":
            time.sleep(part.pause)  # noqa: ASYNC251 - this is what it is for
        case "fail":
            raise CustomStreamError(FAILURE, allow_retry=True)


def widget(turn: Turn, value: str) -> sdk.WidgetItem:
    """A card of its own id."""
    card = Card(children=[Text(value=value)])
    now = datetime.now()  # the SDK's models carry naive local times
    return sdk.WidgetItem(id=turn.new_id(), thread_id=turn.thread.id, created_at=now, widget=card)
