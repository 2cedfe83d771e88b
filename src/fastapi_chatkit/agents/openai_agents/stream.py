"""From the events of a model's responses to ours.

The Agents SDK gives every model's stream in the form of the Responses API. Text deltas, of which there may be
thousands, become :class:`~fastapi_chatkit.events.TextDelta` without a model in between.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chatkit import types as sdk
from openai.types.responses import ResponseOutputMessage, ResponseOutputRefusal, ResponseOutputText
from openai.types.responses.response_output_item import ImageGenerationCall

from ...events import TextDelta
from ...ids import new_id
from .activity import Activity
from .context import TurnContext
from .message import Message
from .tools import hosted_task

NO_MORE = ("response.completed", "response.incomplete", "response.failed", "response.error", "error")
"""The events that end a response."""


class ModelStream:
    """All responses of one turn, in order. Call :meth:`begin` for each, then :meth:`text` and :meth:`take`.

    Output items are told apart by their index in the response: providers' item ids repeat. ``activity`` is ``None``
    where thoughts and tool calls are not to be shown.
    """

    def __init__(self, context: TurnContext, activity: Activity | None) -> None:
        self._context = context
        self._activity = activity
        self._response = 0
        self._messages: dict[int, Message] = {}
        self._images: dict[int, sdk.GeneratedImageItem] = {}
        self._current: tuple[int, int] = (-1, -1)
        self._current_id = ""
        self._current_part = 0
        self._chunks: list[str] = []
        self._put = context.outbox.put
        self._handlers: dict[str, Callable[[Any], None]] = {
            "response.output_item.added": self._item_added,
            "response.output_item.done": self._item_done,
            "response.content_part.added": self._part_added,
            "response.content_part.done": self._part_done,
            "response.output_text.annotation.added": self._annotated,
            "response.output_text.delta": self.text,
            "response.refusal.delta": self.text,
            "response.completed": self._completed,
        }
        if activity is not None:
            self._handlers |= {
                "response.reasoning_summary_text.delta": self._thinking,
                "response.reasoning_summary_text.done": self._thought,
                "response.reasoning_text.delta": self._thinking,
                "response.reasoning_text.done": self._thought,
            }
        self.ending: Any = None
        """The event that ended the newest response, once it has come."""
        self.heard = False
        """Whether the newest response has said anything."""

    def begin(self) -> None:
        """A new response: its indexes start again."""
        self._response += 1
        self._messages.clear()
        self._images.clear()
        self._current = (-1, -1)
        self.ending = None
        self.heard = False

    def text(self, event: Any) -> None:
        """A delta of text or of a refusal."""
        if (event.output_index, event.content_index) != self._current:
            self._turn_to(event.output_index, event.content_index)
        delta = event.delta
        self._chunks.append(delta)
        self._put(TextDelta(self._current_id, self._current_part, delta))

    def take(self, event: Any) -> None:
        """Any other event; those that say nothing to a user are ignored."""
        self.heard = True
        if event.type in NO_MORE:
            self.ending = event
        handler = self._handlers.get(event.type)
        if handler is not None:
            handler(event)

    # --- messages -------------------------------------------------------------------------------------------------

    def _turn_to(self, output_index: int, part: int) -> None:
        message = self._message(output_index)
        self._chunks = message.chunks(part)
        self._current = (output_index, part)
        self._current_id, self._current_part = message.id, part

    def _message(self, output_index: int) -> Message:
        message = self._messages.get(output_index)
        if message is None:
            if self._activity is not None:
                self._activity.end_thoughts()
            message = self._messages[output_index] = Message(self._context.thread.id, self._context.emit)
        return message

    def _item_added(self, event: Any) -> None:
        item = event.item
        match item.type:
            case "message":
                self._message(event.output_index)
            case "reasoning" if self._activity is not None:
                self._activity.begin_thinking()
            case "image_generation_call":
                self._begin_image(event.output_index)
            case _:
                task = hosted_task(item) if self._activity is not None else None
                if self._activity is not None and task is not None:
                    self._activity.start((self._response, event.output_index), task)

    def _item_done(self, event: Any) -> None:
        item, index = event.item, event.output_index
        if item.type == "message":
            self._finish(index, item)
        elif isinstance(item, ImageGenerationCall):
            self._finish_image(index, item)
        elif self._activity is not None and (task := hosted_task(item)) is not None:
            self._activity.finish((self._response, index), task)

    def _finish(self, index: int, item: ResponseOutputMessage | None) -> None:
        message = self._messages.get(index)
        if message is None:
            if item is None or not item.content:
                return
            message = self._message(index)
        message.finish(item)
        del self._messages[index]
        self._current = (-1, -1)

    def _part_added(self, event: Any) -> None:
        if isinstance(event.part, ResponseOutputText | ResponseOutputRefusal):
            self._message(event.output_index).begin_part(event.content_index)

    def _part_done(self, event: Any) -> None:
        if isinstance(event.part, ResponseOutputText | ResponseOutputRefusal):
            self._message(event.output_index).finish_part(event.content_index, event.part)

    def _annotated(self, event: Any) -> None:
        self._message(event.output_index).annotate(event.content_index, event.annotation)

    def _completed(self, event: Any) -> None:
        """A model that does not say when its items are done: the response is, so they are."""
        for index in list(self._messages):
            self._finish(index, None)

    # --- thoughts and images --------------------------------------------------------------------------------------

    def _thinking(self, event: Any) -> None:
        if self._activity is not None:
            self._activity.think(self._thought_key(event), event.delta)

    def _thought(self, event: Any) -> None:
        if self._activity is not None:
            self._activity.thought(self._thought_key(event), event.text)

    def _thought_key(self, event: Any) -> tuple[object, ...]:
        index = getattr(event, "summary_index", None)
        part = ("summary", index) if index is not None else ("text", event.content_index)
        return (self._response, event.output_index, *part)

    def _begin_image(self, index: int) -> None:
        item = self._images[index] = sdk.GeneratedImageItem(
            id=new_id("message"),
            thread_id=self._context.thread.id,
            created_at=datetime.now(),  # naive local time, as in the SDK's models
            image=None,
        )
        self._context.emit(sdk.ThreadItemAddedEvent(item=item))

    def _finish_image(self, index: int, call: ImageGenerationCall) -> None:
        if index not in self._images:
            self._begin_image(index)
        item = self._images.pop(index)
        if not call.result:
            self._context.emit(sdk.ThreadItemRemovedEvent(item_id=item.id))
            return
        item.image = sdk.GeneratedImage(id=call.id, url=f"data:image/png;base64,{call.result}")
        self._context.emit(sdk.ThreadItemDoneEvent(item=item))
