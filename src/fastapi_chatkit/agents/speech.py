"""An assistant message that grows: the SDK's events for it, in the SDK's order."""

from __future__ import annotations

from datetime import datetime

from chatkit import types as sdk

from ..events import AgentEvent, TextDelta
from ..ids import new_id


class Speech:
    """One message with one text part. ``begin()``, then ``delta(text)`` any number of times, then ``end()``."""

    def __init__(self, thread_id: str) -> None:
        self.id = new_id("message")
        self._thread_id = thread_id
        self._created_at = datetime.now()
        self._chunks: list[str] = []

    def begin(self) -> list[AgentEvent]:
        """The message appears, empty."""
        part = sdk.AssistantMessageContentPartAdded(
            content_index=0, content=sdk.AssistantMessageContent(text="", annotations=[])
        )
        return [
            sdk.ThreadItemAddedEvent(item=self._item([])),
            sdk.ThreadItemUpdatedEvent(item_id=self.id, update=part),
        ]

    def delta(self, text: str) -> TextDelta:
        """More text."""
        self._chunks.append(text)
        return TextDelta(self.id, 0, text)

    def end(self) -> list[AgentEvent]:
        """The message is complete."""
        content = sdk.AssistantMessageContent(text="".join(self._chunks), annotations=[])
        done = sdk.AssistantMessageContentPartDone(content_index=0, content=content)
        return [
            sdk.ThreadItemUpdatedEvent(item_id=self.id, update=done),
            sdk.ThreadItemDoneEvent(item=self._item([content])),
        ]

    def _item(self, content: list[sdk.AssistantMessageContent]) -> sdk.AssistantMessageItem:
        return sdk.AssistantMessageItem(
            id=self.id, thread_id=self._thread_id, created_at=self._created_at, content=content
        )
