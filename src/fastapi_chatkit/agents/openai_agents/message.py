"""One assistant message as the model writes it: the SDK's events for it, in the SDK's order, under an id of our own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from chatkit import types as sdk
from openai.types.responses import ResponseOutputMessage, ResponseOutputRefusal, ResponseOutputText

from ...events import well_formed
from ...ids import new_id
from .annotations import annotation_of, annotations_of

Emit = Callable[[sdk.ThreadStreamEvent], None]


class _Part:
    """A content part: what was streamed of it, and its final content once it is done."""

    __slots__ = ("annotations", "chunks", "content")

    def __init__(self) -> None:
        self.chunks: list[str] = []
        self.annotations: list[sdk.Annotation] = []
        self.content: sdk.AssistantMessageContent | None = None


class Message:
    """A message with any number of text parts. The id is fresh: providers' ids repeat (``__fake_id__``)."""

    def __init__(self, thread_id: str, emit: Emit) -> None:
        self.id = new_id("message")
        self._thread_id = thread_id
        self._created_at = datetime.now()  # naive local time, as in the SDK's models
        self._emit = emit
        self._parts: dict[int, _Part] = {}
        emit(sdk.ThreadItemAddedEvent(item=self._item([])))

    def chunks(self, index: int) -> list[str]:
        """Where the part's streamed text is kept; the part begins with the first call."""
        return self._part(index).chunks

    def begin_part(self, index: int) -> None:
        """A part begins, empty."""
        self._part(index)

    def annotate(self, index: int, citation: object) -> None:
        """A citation in the text so far."""
        annotation = annotation_of(citation)
        if annotation is None:
            return
        annotations = self._part(index).annotations
        annotations.append(annotation)
        self._update(
            sdk.AssistantMessageContentPartAnnotationAdded(
                content_index=index, annotation_index=len(annotations) - 1, annotation=annotation
            )
        )

    def finish_part(self, index: int, source: ResponseOutputText | ResponseOutputRefusal | None = None) -> None:
        """The part is complete; ``source`` is the model's final word on it."""
        part = self._part(index)
        if part.content is not None:
            return
        text, annotations = "".join(part.chunks), part.annotations
        if isinstance(source, ResponseOutputText):
            text, annotations = source.text or text, annotations_of(source.annotations) or annotations
        elif isinstance(source, ResponseOutputRefusal):
            text = source.refusal or text
        part.content = sdk.AssistantMessageContent(text=well_formed(text), annotations=annotations)
        self._update(sdk.AssistantMessageContentPartDone(content_index=index, content=part.content))

    def finish(self, source: ResponseOutputMessage | None = None) -> None:
        """The message is complete, with every part that was begun or that ``source`` has; an empty one disappears."""
        for index, content in enumerate(source.content if source else ()):
            self.finish_part(index, content)
        for index in sorted(self._parts):
            self.finish_part(index)
        contents = [part.content for _, part in sorted(self._parts.items()) if part.content is not None]
        if any(content.text for content in contents):
            self._emit(sdk.ThreadItemDoneEvent(item=self._item(contents)))
        else:
            self._emit(sdk.ThreadItemRemovedEvent(item_id=self.id))

    def _part(self, index: int) -> _Part:
        part = self._parts.get(index)
        if part is None:
            part = self._parts[index] = _Part()
            empty = sdk.AssistantMessageContent(text="", annotations=[])
            self._update(sdk.AssistantMessageContentPartAdded(content_index=index, content=empty))
        return part

    def _item(self, content: list[sdk.AssistantMessageContent]) -> sdk.AssistantMessageItem:
        return sdk.AssistantMessageItem(
            id=self.id, thread_id=self._thread_id, created_at=self._created_at, content=content
        )

    def _update(self, update: sdk.ThreadItemUpdate) -> None:
        self._emit(sdk.ThreadItemUpdatedEvent(item_id=self.id, update=update))
