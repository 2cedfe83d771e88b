"""Merging of text deltas: those of one content part that wait together become one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

Emit = Callable[[str, int, str], None]

MAX_TEXT = 32 * 1024
"""How many characters are emitted at once: what is handed on in small pieces can be sent, and held, in small pieces."""


class Coalescer:
    """Holds text back for at most ``window`` seconds; a part's first delta, and one after a silence, never waits.

    ``emit(item_id, content_index, text)`` is called with what is due. Anything that must come after the text calls
    :meth:`flush` first.
    """

    __slots__ = ("_chunks", "_emit", "_index", "_item_id", "_loop", "_not_before", "_timer", "_window")

    def __init__(self, window: float, emit: Emit) -> None:
        self._loop = asyncio.get_running_loop()
        self._window = window
        self._emit = emit
        self._item_id = ""
        self._index: int = 0
        self._chunks: list[str] = []
        self._not_before = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, item_id: str, index: int, delta: str) -> None:
        """Take a delta."""
        if not delta:  # many models send some, also between the halves of a pair
            return
        if item_id != self._item_id or index != self._index:
            self.flush()
            self._item_id, self._index = item_id, index
            self._not_before = 0.0
        now = self._loop.time()
        if now >= self._not_before and not self._chunks and _is_whole(delta):
            self._not_before = now + self._window
            self._emit(item_id, index, delta)
            return
        self._chunks.append(delta)
        if now >= self._not_before:
            self._flush_due()
        elif self._timer is None:
            self._timer = self._loop.call_at(self._not_before, self._flush_due)

    def flush(self) -> None:
        """Emit what is held back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        text = "".join(self._chunks)
        self._chunks = []
        if text:
            self._not_before = self._loop.time() + self._window
            if len(text) <= MAX_TEXT:
                self._emit(self._item_id, self._index, text)
            else:
                for piece in _pieces(text):
                    self._emit(self._item_id, self._index, piece)

    def flush_whole(self) -> bool:
        """Emit what is held back, but no half of a surrogate pair; whether nothing is held back any more."""
        if self._chunks:
            self._flush_due()
        return not self._chunks

    def _flush_due(self) -> None:
        """Emit what is due, but no half of a surrogate pair whose other half comes with the next delta."""
        last = self._chunks[-1] if self._chunks else ""
        if not "\ud800" <= last[-1:] <= "\udbff":
            self.flush()
            return
        self._chunks[-1] = last[:-1]
        self.flush()
        self._chunks = [last[-1]]


def _is_whole(delta: str) -> bool:
    """Whether a delta can be emitted as it is: there is something in it, not too much, and no half of a pair last."""
    return 0 < len(delta) <= MAX_TEXT and not "\ud800" <= delta[-1] <= "\udbff"


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces of at most :data:`MAX_TEXT` characters, no surrogate pair cut in two."""
    start = 0
    while start < len(text):
        end = start + MAX_TEXT
        if "\ud800" <= text[end - 1 : end] <= "\udbff" and end < len(text):
            end -= 1
        yield text[start:end]
        start = end
