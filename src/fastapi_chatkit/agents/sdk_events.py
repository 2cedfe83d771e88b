"""An agent's events for code that knows the SDK's alone: text in short form is written out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from chatkit import types as sdk

from ..events import AgentEvent, MessageBegin, MessageEnd, TextDelta
from .base import closing_stream


async def sdk_events(thread_id: str, stream: AsyncIterator[AgentEvent]) -> AsyncIterator[sdk.ThreadStreamEvent]:
    """The same answer, as the run would send it."""
    messages: dict[str, sdk.AssistantMessageItem] = {}
    async with closing_stream(stream):
        async for event in stream:
            match event:
                case MessageBegin(item_id):
                    # the SDK's models carry naive local times
                    item = sdk.AssistantMessageItem(
                        id=item_id, thread_id=thread_id, created_at=datetime.now(), content=[]
                    )
                    part = sdk.AssistantMessageContent(text="")
                    messages[item_id] = item.model_copy(update={"content": [part]})
                    yield sdk.ThreadItemAddedEvent(item=item)
                    added = sdk.AssistantMessageContentPartAdded(content_index=0, content=part.model_copy())
                    yield sdk.ThreadItemUpdatedEvent(item_id=item_id, update=added)
                case TextDelta(item_id, index, text):
                    if item_id in messages:
                        messages[item_id].content[0].text += text
                    delta = sdk.AssistantMessageContentPartTextDelta(content_index=index, delta=text)
                    yield sdk.ThreadItemUpdatedEvent(item_id=item_id, update=delta)
                case MessageEnd(item_id):
                    item = messages.pop(item_id)
                    done = sdk.AssistantMessageContentPartDone(content_index=0, content=item.content[0])
                    yield sdk.ThreadItemUpdatedEvent(item_id=item_id, update=done)
                    yield sdk.ThreadItemDoneEvent(item=item)
                case _:
                    yield event
