"""The event log in this process's memory: for one process, gone with it."""

from __future__ import annotations

import asyncio
import time
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from ..events import TEXT_DELTA_TAIL, EventType, LoggedEvent, Offset, json_text, text_delta_head, text_delta_json
from .base import MAX_BATCH, MAX_BATCH_BYTES, LogGap
from .waiting import Waiting

EVENT_BYTES = 200
"""What an event that is no text takes in memory besides its data."""

TEXT_BYTES = 2
"""What a text delta takes besides its text."""

TIDY_SECONDS = 0.05
"""How far apart looks for what is old are at least, so that runs that ended one after the other go together."""

BLOCK_BYTES = 2**16 - 1
"""How long a block of text may be: a delta's end in it takes two bytes."""


Part: TypeAlias = tuple[str, int]
"""A content part: an item's id, and the part's index in it."""

Piece: TypeAlias = tuple[EventType | Part, list[bytes]]
"""Consecutive events as they are kept: of a part, the texts of its deltas as they stand in JSON; or one other event."""


class Follower(Protocol):
    """Who is told of every event of a run, while it is among the log's ``followers``."""

    def wake(self) -> None:
        """There is something new. Called within ``append``, so it does next to nothing."""
        ...


class _Text:
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


class _Other(NamedTuple):
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


class MemoryRunLog:
    """One run's events, text in blocks. A reader is an index into them, so a slow one costs nothing more."""

    __slots__ = ("_attempt", "_blocks", "_on_end", "_starts", "_text", "count", "ended", "followers")

    def __init__(self, attempt: int, on_end: Callable[[MemoryRunLog], None]) -> None:
        self._attempt = attempt
        self._on_end = on_end
        self._blocks: list[_Text | _Other] = []
        self._starts: list[int] = []
        """The index of each block's first event."""
        self._text: _Text | None = None
        """The last block, where it takes more text."""
        self.count = 0
        self.followers: set[Follower] = set()
        """Those who are told that there is something new."""
        self.ended = False

    def append(self, kind: EventType, data: bytes) -> Offset:
        """Add an event and wake the readers."""
        self._begin(_Other(kind, data))
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
            block = _Text(item_id, content_index)
            self._begin(block)
            self._text = block
        block.add(encoded)
        self.count += 1
        for follower in self.followers:
            follower.wake()

    def _begin(self, block: _Text | _Other) -> None:
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


class MemoryReader(Waiting):
    """Replays from an index, then follows."""

    __slots__ = ("_log", "_next")

    def __init__(self, log: MemoryRunLog, start: int, heartbeat: float) -> None:
        super().__init__(heartbeat)
        self._log = log
        self._next = start
        log.followers.add(self)

    def __aiter__(self) -> AsyncIterator[Sequence[LoggedEvent]]:
        return self

    async def __anext__(self) -> Sequence[LoggedEvent]:
        log = self._log
        if self._next >= log.count and not log.ended and not self._closed:
            await self._woken()
        batch = log.batch(self._next)
        if self._closed or (not batch and log.ended):
            self.close()
            raise LogGap if self._next > log.count else StopAsyncIteration
        self._next += len(batch)
        self._quiet_since = self._loop.time()
        return batch

    def close(self) -> None:
        """Stop, also while waiting."""
        super().close()
        self._log.followers.discard(self)


class SilentDoorbell:
    """Nobody else shares this process's memory."""

    def ring(self, name: str) -> None:
        """There is nobody to hear it."""

    def listen(self, name: str, call: Callable[[], None]) -> Callable[[], None]:
        """There is nobody to ring."""
        return _nothing


def _nothing() -> None:
    pass


class MemoryEventLog:
    """Logs by run id. Those of ended runs are kept for ``retain_seconds``, and the newest ``retain_bytes`` of them."""

    def __init__(self, retain_seconds: float = 1800.0, retain_bytes: int = 64 * 2**20) -> None:
        self._retain_seconds = retain_seconds
        self._retain_bytes = retain_bytes
        self._runs: dict[str, MemoryRunLog] = {}
        self._ended: OrderedDict[str, tuple[float, int]] = OrderedDict()
        """When it is to be forgotten, and how many bytes that frees; the oldest first."""
        self._bytes = 0
        self._timed_by: asyncio.AbstractEventLoop | None = None
        """The loop that will call :meth:`_tidy`, while anything is kept."""
        self.doorbell = SilentDoorbell()

    @property
    def is_shared(self) -> bool:
        """Nobody else sees it."""
        return False

    @property
    def identity(self) -> str | None:
        """There is no other that could be meant."""
        return None

    async def start(self) -> None:
        """There is nothing to begin."""

    async def close(self) -> None:
        """There is nothing to let go."""

    async def check(self) -> None:
        """It can be used always."""

    def fence(self, run_id: str, attempt: int) -> None:
        """Whoever wrote earlier attempts was another process, which does not read this log."""

    def open(self, run_id: str, attempt: int, refused: Callable[[], None] | None = None) -> MemoryRunLog:
        """Begin the log of an attempt. None is refused: there is no other writer."""
        self._forget_old()
        self.drop(run_id)
        log = self._runs[run_id] = MemoryRunLog(attempt, lambda ended: self._keep(run_id, ended))
        return log

    def is_here(self, run_id: str) -> bool:
        """Whether the log is kept."""
        self._forget_old()
        return run_id in self._runs

    async def last(self, run_id: str) -> Offset | None:
        """The offset of a run's newest event."""
        log = self.find(run_id)
        return log.last if log is not None and log.count else None

    async def end(self, run_id: str) -> Offset | None:
        """The offset of a run's end."""
        log = self.find(run_id)
        return log.last if log is not None and log.ended else None

    def find(self, run_id: str) -> MemoryRunLog | None:
        """The log of a run, while it is kept."""
        self._forget_old()
        return self._runs.get(run_id)

    def read(self, run_id: str, after: Offset | None, heartbeat: float) -> MemoryReader:
        """A reader of the run's events after ``after``. :raises LogGap: there is no log of them, also right here."""
        log = self._runs.get(run_id)
        if log is None or (after is not None and after.attempt != log.last.attempt):
            raise LogGap
        return MemoryReader(log, after.seq if after else 0, heartbeat)

    def drop(self, run_id: str) -> None:
        """Forget a run."""
        self._runs.pop(run_id, None)
        _, size = self._ended.pop(run_id, (0.0, 0))
        self._bytes -= size

    def _keep(self, run_id: str, log: MemoryRunLog) -> None:
        if self._runs.get(run_id) is not log:
            return  # dropped while it went on
        size = log.size()
        self._ended[run_id] = time.monotonic() + self._retain_seconds, size
        self._bytes += size
        self._forget_old()
        loop = asyncio.get_running_loop()
        if self._ended and self._timed_by is not loop:
            self._timed_by = loop
            loop.call_later(self._retain_seconds, self._tidy)

    def _tidy(self) -> None:
        """Forget what is old though nobody asks for anything; look again when the next one is."""
        self._forget_old()
        self._timed_by = asyncio.get_running_loop() if self._ended else None
        if self._timed_by is not None:
            until, _ = next(iter(self._ended.values()))
            self._timed_by.call_later(max(until - time.monotonic(), TIDY_SECONDS), self._tidy)

    def _forget_old(self) -> None:
        while self._ended:
            run_id, (until, _) = next(iter(self._ended.items()))
            if until > time.monotonic() and self._bytes <= self._retain_bytes:
                return
            self.drop(run_id)
