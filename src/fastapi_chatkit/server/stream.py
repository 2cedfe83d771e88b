"""A run as the SDK's ``StreamingResult``: an iterator whose end, however it comes, is the reader's."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncGenerator

from chatkit.server import StreamingResult

from ..dialects.native import NativeEncoder
from ..identity import RequestContext
from ..runs.engine import RunEngine
from ..runs.live import LiveRun
from .contexts import serving_for

_ENCODER = NativeEncoder(resumable=False)


class _Result(StreamingResult):
    """The SDK's, except that closing what it iterates over closes the stream."""

    def __aiter__(self) -> AsyncGenerator[bytes, None]:
        return self.json_events


class RunStream:
    """One reader of a run. Yields one frame per event, as the SDK does, and nothing else: no heartbeat."""

    def __init__(self, engine: RunEngine, run: LiveRun, context: RequestContext) -> None:
        self._engine = engine
        self._run = run
        self._context = context
        self._reader = engine.read(run)
        self._has_left = False

    def result(self) -> StreamingResult:
        """The stream; dropping it before its first event stops the run, as closing it does."""
        frames = self._frames()
        weakref.finalize(frames, self._abandoned, asyncio.get_running_loop()).atexit = False
        return _Result(frames)

    async def _frames(self) -> AsyncGenerator[bytes, None]:
        finished = False
        try:
            async for events in self._reader:
                for event in events:
                    if frame := _ENCODER.frames((event,)):
                        yield frame
            finished = True
        finally:
            self._leave(dropped=not finished)
            if not finished:
                await self._engine.ended(self._run)  # whoever closed this finds the text stored
        if self._run.stop_reason == "cancelled":
            raise asyncio.CancelledError

    def _abandoned(self, loop: asyncio.AbstractEventLoop) -> None:
        """The stream was garbage: on any thread, at any time."""
        if not self._has_left and not loop.is_closed():
            loop.call_soon_threadsafe(lambda: self._leave(dropped=True))

    def _leave(self, *, dropped: bool) -> None:
        if self._has_left:
            return
        self._has_left = True
        self._reader.close()
        with serving_for(self._context):
            self._engine.detach(self._run, dropped=dropped)
