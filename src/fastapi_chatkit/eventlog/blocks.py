"""Consecutive events as they are kept in memory: text in blocks, at two bytes a delta besides what it says."""

from __future__ import annotations

from array import array
from typing import NamedTuple, TypeAlias

from ..events import TEXT_DELTA_TAIL, EventType, text_delta_head

EVENT_BYTES = 200
"""What an event that is no text takes in memory besides its data."""

TEXT_BYTES = 2
"""What a text delta takes besides its text."""

BLOCK_BYTES = 2**16 - 1
"""How long a block of text may be: a delta's end in it takes two bytes."""

Part: TypeAlias = tuple[str, int]
"""A content part: an item's id, and the part's index in it."""

Piece: TypeAlias = tuple[EventType | Part, list[bytes]]
"""Consecutive events as they are kept: of a part, the texts of its deltas as they stand in JSON; or one other event."""


class Text:
    """Consecutive deltas of one content part: their text as it stands in JSON, end to end, and where each one ends."""

    __slots__ = ("ends", "head", "part", "text")

    def __init__(self, item_id: str, content_index: int) -> None:
        self.part: Part = item_id, content_index
        self.head = text_delta_head(item_id, content_index)
        self.text = bytearray()
        self.ends = array("H")

    def add(self, text: bytes) -> None:
        """Add a delta, which must have room."""
        self.text += text
        self.ends.append(len(self.text))

    def event(self, index: int) -> tuple[EventType, bytes]:
        """The type and the JSON of one of the events."""
        start = self.ends[index - 1] if index else 0
        return "thread.item.updated", b"%b%b%b" % (self.head, self.text[start : self.ends[index]], TEXT_DELTA_TAIL)

    def piece(self, index: int, events: int, room: int) -> tuple[Piece, int]:
        """At most so many events from an index on, with ``room`` for their JSON, but one at least; its length."""
        start, frame = self.ends[index - 1] if index else 0, len(self.head) + len(TEXT_DELTA_TAIL)
        texts, size = list[bytes](), 0
        for end in self.ends[index : index + events]:
            if size + frame + end - start > room and texts:
                break
            size += frame + end - start
            texts.append(bytes(self.text[start:end]))
            start = end
        return (self.part, texts), size

    def size(self) -> int:
        """What it takes in memory, in bytes."""
        return EVENT_BYTES + len(self.text) + TEXT_BYTES * len(self.ends)


class Other(NamedTuple):
    """Any other event."""

    kind: EventType
    data: bytes

    def event(self, index: int) -> tuple[EventType, bytes]:
        """The type and the JSON of the event."""
        return self

    def piece(self, index: int, events: int, room: int) -> tuple[Piece, int]:
        """The event, and its JSON's length."""
        return (self.kind, [self.data]), len(self.data)

    def size(self) -> int:
        """What it takes in memory, in bytes."""
        return EVENT_BYTES + len(self.data)
