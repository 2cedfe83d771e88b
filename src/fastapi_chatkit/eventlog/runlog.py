"""One run's events in this process's memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Protocol

from ..events import EventType, LoggedEvent, Offset, json_text, text_delta_json
from .base import MAX_BATCH, MAX_BATCH_BYTES
from .blocks import BLOCK_BYTES, Other, Piece, Text


class Follower(Protocol):
    """Who is told of every event of a run, while it is among the log's ``followers``."""

    def wake(self) -> None:
        """There is something new. Called within ``append``, so it does next to nothing."""
        ...


class MemoryRunLog:
    """One run's events, text in blocks. A reader is an index into them, so a slow one costs nothing more."""

    __slots__ = ("_attempt", "_blocks", "_on_end", "_starts", "_text", "count", "ended", "followers")

    def __init__(self, attempt: int, on_end: Callable[[MemoryRunLog], None]) -> None:
        self._attempt = attempt
        self._on_end = on_end
        self._blocks: list[Text | Other] = []
        self._starts: list[int] = []
        """The index of each block's first event."""
        self._text: Text | None = None
        """The last block, where it takes more text."""
        self.count = 0
        self.followers: set[Follower] = set()
        """Those who are told that there is something new."""
        self.ended = False

    def append(self, kind: EventType, data: bytes) -> Offset:
        """Add an event and wake the readers."""
        self._begin(Other(kind, data))
        self._text = None
        self.count += 1
        self.ended = kind == "run.ended"
        for follower in self.followers:
            follower.wake()
        if self.ended:
            self._on_end(self)
        return Offset(self._attempt, self.count)

    def append_text(self, item_id: str, content_index: int, text: str) -> None:
        """Add a text delta and wake the readers."""
        block, encoded = self._text, json_text(text)
        if len(encoded) > BLOCK_BYTES:
            self.append("thread.item.updated", text_delta_json(item_id, content_index, text))
            return
        if block is None or block.part != (item_id, content_index) or len(block.text) + len(encoded) > BLOCK_BYTES:
            block = Text(item_id, content_index)
            self._begin(block)
            self._text = block
        block.add(encoded)
        self.count += 1
        for follower in self.followers:
            follower.wake()

    def _begin(self, block: Text | Other) -> None:
        if self.ended:
            raise RuntimeError("the run's log has ended")
        self._blocks.append(block)
        self._starts.append(self.count)

    def size(self) -> int:
        """What it takes in memory, in bytes."""
        return sum(block.size() for block in self._blocks)

    @property
    def last(self) -> Offset:
        """The newest event's offset."""
        return Offset(self._attempt, self.count)

    def batch(self, index: int) -> list[LoggedEvent]:
        """The events from an index on, as many as a reader may be given at once."""
        if index == self.count - 1:  # whoever follows has all but the newest
            kind, data = self._blocks[-1].event(index - self._starts[-1])
            return [LoggedEvent(Offset(self._attempt, self.count), kind, data)]
        events: list[LoggedEvent] = []
        starts, room = self._starts, MAX_BATCH_BYTES
        at = bisect_right(starts, index) - 1
        for seq in range(index + 1, min(index + MAX_BATCH, self.count) + 1):
            if at + 1 < len(starts) and starts[at + 1] < seq:
                at += 1
            kind, data = self._blocks[at].event(seq - 1 - starts[at])
            room -= len(data)
            if room < 0 and events:
                break
            events.append(LoggedEvent(Offset(self._attempt, seq), kind, data))
        return events

    def pieces(self, index: int) -> list[Piece]:
        """The events from an index on, as many as :meth:`batch` gives, as they are kept; there must be one."""
        blocks, starts = self._blocks, self._starts
        first = len(blocks) - 1 if index == self.count - 1 else bisect_right(starts, index) - 1
        pieces, events, room = list[Piece](), MAX_BATCH, MAX_BATCH_BYTES
        for at in range(first, len(blocks)):
            if starts[at] > index or not events:
                break  # the block before has more, or there is enough
            piece, size = blocks[at].piece(index - starts[at], events, room)
            if size > room and pieces:
                break
            pieces.append(piece)
            index += len(piece[1])
            events -= len(piece[1])
            room -= size
        return pieces
